"""Running a program to its end, with its words in the error when it fails and what to install when it is not there."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

DEBIAN_PACKAGES: Mapping[str, str] = {
    "apt-config": "apt",
    "buildah": "buildah",
    "dpkg-deb": "dpkg",
    "mmdebstrap": "mmdebstrap",
}
"""Which Debian package has a program that is needed here."""
_LINES_SHOWN = 20


class MissingProgramError(Exception):
    """A program is not on PATH; the text names the Debian package that has it."""


class CommandFailedError(Exception):
    """A program ended with an error; the text has its last words."""


def need(programs: Sequence[str]) -> None:
    """Refuse to begin without one of these.

    Raises:
        MissingProgramError: names all that are missing.
    """
    missing = sorted({DEBIAN_PACKAGES[program] for program in programs if shutil.which(program) is None})
    if missing:
        raise MissingProgramError(
            f"missing Debian packages: apt-get install --no-install-recommends {' '.join(missing)}"
        )


def output(
    command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> str:
    """What a program prints on standard output.

    Args:
        command: the program and its arguments.
        environment: added to this process's.
        log: keeps all that the program says; None for nothing kept.

    Raises:
        CommandFailedError: It ended with an error.
    """
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **(environment or {})},
        check=False,
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr
    if log is not None:
        log.write_text(said, encoding="utf-8")
    if done.returncode != 0:
        words = "\n".join(said.splitlines()[-_LINES_SHOWN:])
        raise CommandFailedError(f"{' '.join(str(part) for part in command[:6])} … failed:\n{words}")
    return done.stdout
