"""One run of the pinned OPA, and what it printed."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from placet_cli.errors import CliError

SECONDS = 120.0
"""The longest that one run may take on a busy machine."""


def opa_environment(**settings: str) -> dict[str, str]:
    """All that an OPA sees: nothing of ours, because policies could read it, and ``OPA_…`` would set OPA's own options.

    Args:
        settings: What this OPA needs beside ``PATH``.
    """
    return {"PATH": os.defpath, **settings}


def run_opa(
    opa: Path,
    arguments: Sequence[str],
    *,
    cwd: Path | None = None,
    stdin: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run OPA; the exit status is the caller's to judge.

    Args:
        opa: The pinned OPA.
        arguments: Of its command line.
        cwd: Where it runs; here when none is given.
        stdin: What it reads on standard input; what this process reads when none is given.
        settings: What it sees of an environment beside ``PATH``.

    Raises:
        CliError: It cannot be started, or does not end.
    """
    try:
        return subprocess.run(  # noqa: S603 - the pinned OPA
            [opa, *arguments],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env=opa_environment(**(settings or {})),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CliError(f"opa {arguments[0]} could not be run: {error}") from error


def opa_text(opa: Path, arguments: Sequence[str], *, cwd: Path) -> str:
    """Run OPA and return what it prints.

    Raises:
        CliError: As ``run_opa``, or OPA fails; the text is its own.
    """
    done = run_opa(opa, arguments, cwd=cwd)
    if done.returncode != 0:
        raise CliError(f"opa {arguments[0]} refuses the policies:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def opa_json(opa: Path, arguments: Sequence[str], *, cwd: Path) -> Any:
    """Run OPA and read the JSON that it prints; raises as ``opa_text``."""
    return json.loads(opa_text(opa, arguments, cwd=cwd))
