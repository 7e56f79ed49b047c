"""What a policy folder must have before anything can be said about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from placet_cli.errors import CliError

EXIT_FINDINGS = 1
"""The bench found something."""
EXIT_BROKEN = 2
"""The command line is wrong, or the folder is none that the bench can judge."""

_NEEDED = ("bundle", "schemas", "checks", "cases/inputs.yaml", "capabilities.json")


class BrokenFolderError(CliError):
    """A folder that the bench cannot judge."""

    exit_code = EXIT_BROKEN


@contextmanager
def judging(policies: Path) -> Iterator[None]:
    """Require the layout of a policy folder, and let every error of the block end as that of a broken folder.

    Raises:
        BrokenFolderError: Something is missing, or the block could not judge the folder.
    """
    for name in _NEEDED:
        if not (policies / name).exists():
            raise BrokenFolderError(f"{policies}: is no policy folder; it has no {name}")
    try:
        yield
    except BrokenFolderError:
        raise
    except CliError as error:
        raise BrokenFolderError(str(error)) from error
