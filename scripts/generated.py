"""Generated files: written by `make generate`, proved fresh by `make check`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.steps import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A file and the text that it must have."""

    path: Path
    text: str


def write_or_check(
    files: Sequence[Generated], argv: Sequence[str], *, owned: Path | None = None, pattern: str = "*.yaml"
) -> int:
    """Write the files, or with ``--check`` compare them.

    Args:
        files: every file that is generated.
        argv: the arguments of the command.
        owned: a folder that must hold nothing else of its pattern.
        pattern: which files of the folder are meant.

    Returns:
        0 when the files are written or fresh, 1 when one is not; its name is printed.
    """
    strangers = sorted(set(owned.rglob(pattern)) - {file.path for file in files}) if owned else []
    if list(argv) != ["--check"]:
        for stranger in strangers:
            stranger.unlink()
        for file in files:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.path.write_text(file.text, encoding="utf-8")
        return 0
    stale = [*strangers, *(file.path for file in files if not _fresh(file))]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `make generate` and commit the result")
    return 1 if stale else 0


def _fresh(file: Generated) -> bool:
    return file.path.is_file() and file.path.read_text(encoding="utf-8") == file.text
