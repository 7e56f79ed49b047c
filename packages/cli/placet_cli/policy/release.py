"""A release to ask: a bundle as it is, or one that is built of a policy folder, with other data to try."""

import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.policy.build import build_bundle
from placet_cli.policy.folder import BrokenInputError, usable
from placet_cli.policy.overlay import lay_over, read_object, read_tree
from placet_cli.reproducible_archive import read_tar_gz

_DATA = "data.json"
_ROOT = "placet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is asked.

    Attributes:
        name: As the user named it.
        bundle: The ``bundle.tar.gz``.
        folder: The policy folder that it was built of; None for a bundle.
        revision: ``sha256:`` and the digest of a bundle that was built; empty for one that was given.
    """

    name: str
    bundle: Path
    folder: Path | None
    revision: str = ""

    @property
    def modules(self) -> dict[PurePosixPath, bytes]:
        """The bundle's Rego, by its path."""
        return {name: content for name, content in self._files().items() if name.suffix == ".rego"}

    @property
    def data(self) -> dict[str, Any]:
        """``data.placet`` without Rego, as ``opa build`` packed it.

        Raises:
            BrokenInputError: There is none.
        """
        content = self._files().get(PurePosixPath(_DATA), b"{}")
        data = read_object(content, f"{self.name}: {_DATA}").get(_ROOT, {})
        if not isinstance(data, dict):
            raise BrokenInputError(f"{self.name}: data.placet is not an object")
        return data

    def _files(self) -> dict[PurePosixPath, bytes]:
        try:
            return {PurePosixPath(name.lstrip("/")): content for name, content in read_tar_gz(self.bundle).items()}
        except (OSError, tarfile.TarError, EOFError) as error:
            raise BrokenInputError(f"{self.name}: is no bundle: {error}") from error


def open_release(
    path: Path, work: Path, *, opa: Path, demo: bool = False, data: Mapping[str, Any] | None = None
) -> Release:
    """Return a release, building it where the path is a folder.

    Args:
        path: A bundle or a policy folder.
        work: An empty folder for what is built.
        opa: The pinned OPA.
        demo: Lay the folder's demonstration data over its data, where it has some.
        data: Members of ``data.placet`` that take the place of the folder's own.

    Raises:
        BrokenInputError: The path is neither, the folder cannot be built, or data are given for a bundle.
    """
    if not path.is_dir():
        if data is not None:
            raise BrokenInputError(f"{path}: other data need a policy folder; a bundle is taken as it is")
        if not path.is_file():
            raise BrokenInputError(f"{path}: is neither a bundle nor a policy folder")
        return Release(name=str(path), bundle=path, folder=None)
    demo = demo and (path / "demo").is_dir()
    with usable():
        folder = path if data is None else _with_data(path, work / "policies", demo=demo, data=data)
        built = build_bundle(folder, opa=opa, demo=demo and folder == path)
    bundle = work / "bundle.tar.gz"
    bundle.write_bytes(built.data)
    return Release(name=str(path), bundle=bundle, folder=path, revision=built.revision)


def _with_data(policies: Path, copy: Path, *, demo: bool, data: Mapping[str, Any]) -> Path:
    """Copy a folder with other data; the schemas judge them as they judge the folder's own."""
    shutil.copytree(policies, copy)
    files = read_tree(copy / "bundle")
    if demo:
        files = lay_over(files, read_tree(copy / "demo"))
    left = dict(data)
    for name in sorted((name for name in files if name.name == _DATA), key=lambda each: -len(each.parts)):
        changes = _taken(left, name.parts[1:-1])
        content = files[name]
        if changes is not None:
            merged = merge(read_object(content, f"bundle/{name}"), changes)
            content = json.dumps(merged, indent=2).encode()
        (copy / "bundle" / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / "bundle" / name).write_bytes(content)
    if left:
        raise BrokenInputError(f"the data name {', '.join(_left(left))}, for which the bundle has no data.json")
    return copy


def _left(data: Mapping[str, Any]) -> list[str]:
    """Name what was not taken: rules by their own names, which is where people misspell."""
    return sorted(
        f"{name}/{inner}" if inner else name
        for name, content in data.items()
        for inner in (content if isinstance(content, dict) and content else ("",))
    )


def _taken(data: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any] | None:
    """Take what stands at a path out of the data, with the containers that are empty then."""
    first, *rest = steps or ("",)
    found = data.get(first)
    if not isinstance(found, dict):
        return None
    if not rest:
        return data.pop(first)  # type: ignore[no-any-return]  # an object, as was looked at
    taken = _taken(found, tuple(rest))
    if not found:
        del data[first]
    return taken


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay objects over objects; any other value takes the place of what was there."""
    merged = dict(base)
    for name, value in over.items():
        before = merged.get(name)
        merged[name] = merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
