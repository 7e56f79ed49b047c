"""Laying demonstration data over the shipped data, without ever replacing any of it."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.errors import CliError


def lay_over(
    shipped: Mapping[PurePosixPath, bytes], overlay: Mapping[PurePosixPath, bytes]
) -> dict[PurePosixPath, bytes]:
    """Merge the overlay's ``data.json`` files into the shipped ones of the same name.

    Args:
        shipped: The bundle's files.
        overlay: Files laid out alike; ``data.json`` only, because an overlay with rules would be another policy.

    Returns:
        The shipped files, with the overlay's objects merged in; untouched ones keep their bytes.

    Raises:
        CliError: The overlay has other files, or both state a value for one name, even the same value.
    """
    merged = dict(shipped)
    for name, content in sorted(overlay.items()):
        if name.name != "data.json":
            raise CliError(f"demo/{name}: an overlay holds data.json files only")
        data = read_object(content, f"demo/{name}")
        if name in shipped:
            data = _merge(read_object(shipped[name], f"bundle/{name}"), data, f"demo/{name}", ())
        merged[name] = (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
    return merged


def read_object(content: bytes, name: str) -> dict[str, Any]:
    """Read a data document.

    Raises:
        CliError: It is no JSON object, or a name occurs twice in one of its objects, of which OPA would keep the last.
    """

    def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name occurs twice in one object")
        return found

    try:
        data = json.loads(content, object_pairs_hook=without_duplicates, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CliError(f"{name}: {error}") from error
    if not isinstance(data, dict):
        raise CliError(f"{name}: is not a JSON object")
    return data


def read_tree(directory: Path) -> dict[PurePosixPath, bytes]:
    """Read all files below a folder; hidden ones count, and links are followed.

    Raises:
        CliError: A file cannot be read, or there is none.
    """
    try:
        files = {
            PurePosixPath(path.relative_to(directory).as_posix()): path.read_bytes()
            for path in sorted(directory.rglob("*"))
            if path.is_file()
        }
    except OSError as error:
        raise CliError(f"{error.filename}: {error.strerror}") from error
    if not files:
        raise CliError(f"{directory}: is not there, or holds no files")
    return files


def _merge(shipped: dict[str, Any], over: dict[str, Any], name: str, path: tuple[str, ...]) -> dict[str, Any]:
    merged = dict(shipped)
    for key, value in over.items():
        if key not in shipped:
            merged[key] = value
        elif isinstance(shipped[key], dict) and isinstance(value, dict):
            merged[key] = _merge(shipped[key], value, name, (*path, key))
        else:
            raise CliError(f"{name}: {'.'.join((*path, key))} is stated by the bundle already")
    return merged


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
