"""A policy folder taken apart: the Rego that ships, and its data as one document."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.overlay import lay_over, read_object, read_tree

DATA_NAMES = ("shipped", "demo")
"""The two sets of data: what ships, and the demonstration data laid over it."""

_DATA = "data.json"
_ROOT = "placet"


def is_test(name: PurePosixPath) -> bool:
    """Tell a module that tests from one that ships."""
    return name.name.endswith("_test.rego")


def read_modules(policies: Path) -> dict[PurePosixPath, bytes]:
    """Read the Rego that ships, by its path below ``bundle``.

    Raises:
        CliError: The folder has no bundle, or a file cannot be read.
    """
    files = read_tree(policies / "bundle")
    return {name: content for name, content in files.items() if name.suffix == ".rego" and not is_test(name)}


def stage_files(files: Mapping[PurePosixPath, bytes], folder: Path) -> Path:
    """Write modules, and data where there are some, below a folder, as OPA loads them."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def read_data(policies: Path, name: str) -> dict[str, Any]:
    """Read ``data.placet`` without Rego: ``shipped``, or ``demo`` with the demonstration data laid over it.

    Raises:
        CliError: There are no data of that name, a file is no JSON object, or the overlay replaces something.
    """
    if name not in DATA_NAMES:
        raise CliError(f"data is shipped or demo, not {name!r}")
    files = {file: content for file, content in read_tree(policies / "bundle").items() if file.name == _DATA}
    if name == "demo" and (policies / "demo").is_dir():
        files = lay_over(files, read_tree(policies / "demo"))
    tree: dict[str, Any] = {}
    for file in sorted(files):
        if file.parts[0] != _ROOT:
            raise CliError(f"bundle/{file}: everything in a bundle lies under placet")
        place = tree
        for step in file.parts[1:-1]:
            place = place.setdefault(step, {})
        place.update(read_object(files[file], f"bundle/{file}"))
    return tree
