"""What git says has changed below a folder."""

import subprocess
from pathlib import Path, PurePosixPath

from placet_cli.errors import CliError

_SECONDS = 60.0


def changed_since(folder: Path, ref: str) -> set[PurePosixPath]:
    """The files below a folder that differ from a commit, or are new; paths are below the folder.

    Raises:
        CliError: The folder is in no git repository, or there is no such commit; the text is git's.
    """
    differing = _lines(folder, ["diff", "--name-only", "--relative", ref, "--", "."])
    new = _lines(folder, ["ls-files", "--others", "--exclude-standard", "--", "."])
    return {PurePosixPath(line) for line in [*differing, *new]}


def _lines(folder: Path, arguments: list[str]) -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603 - arguments of ours and a commit that git itself judges
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - git is the user's own
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CliError(f"git could not be run: {error}") from error
    if done.returncode != 0:
        raise CliError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.splitlines()
