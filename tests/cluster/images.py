"""Builds the images of Placet from their Dockerfiles, and a PostgreSQL for tests, without any image registry.

``.venv/bin/python -m tests.cluster.images FOLDER`` does it by itself. It needs root, and Debian packages that it names.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from placet_cli.opa_binary import pinned_opa

from scripts.image_archive import read_image
from scripts.sbom import bill_of_materials
from scripts.steps import ROOT
from tests.cluster.building.bases import EPOCH, HOOK, build_base, run_base
from tests.cluster.building.buildah import Buildah
from tests.cluster.building.commands import DEBIAN_PACKAGES, CommandFailedError, MissingProgramError, need
from tests.cluster.mounts import unmount_below
from tests.cluster.node.folders import Folders

DOCKERFILES: Mapping[str, Path] = {
    "placet-edge": ROOT / "services/edge/Dockerfile",
    "placet-policy": ROOT / "services/policy/Dockerfile",
    "placet-cli": ROOT / "packages/cli/Dockerfile",
    "postgresql": ROOT / "tests/cluster/postgresql/Dockerfile",
}
TAG = "test"
_COPIED = re.compile(r"^COPY (?!--from)(.+)$", re.MULTILINE)
_UNUSED = {"__pycache__", ".pytest_cache"}


def build(folder: Path, names: Collection[str] = tuple(DOCKERFILES)) -> Mapping[str, Path]:
    """Build what is not there or was built of other sources, and list what is in it beside it (``scripts.sbom``).

    Args:
        folder: gets the archives, the bases and a store of images; what is in it is used again.
        names: which images.

    Returns:
        A docker archive of each image by its name; the image in it is ``localhost/<name>:test``.

    Raises:
        MissingProgramError: names the Debian packages to install.
        CommandFailedError: with the last words of the program that failed.
    """
    need(tuple(DEBIAN_PACKAGES))
    folder.mkdir(parents=True, exist_ok=True)
    archives = {name: folder / f"{name}.tar" for name in names}
    wanted = {name: _inputs(DOCKERFILES[name]) for name in names}
    stale = [name for name, archive in archives.items() if not _is_fresh(archive, wanted[name])]
    if stale:
        try:
            store = Buildah(folder / "store")
            bases = _bases(store, folder)
            for name in stale:
                _build_one(store, name, archives[name], bases)
                archives[name].with_suffix(".inputs").write_text(wanted[name], encoding="utf-8")
        finally:
            # buildah leaves file systems mounted, and a folder below which they are cannot be deleted.
            unmount_below(folder.resolve() / "store")
    return archives


def image(name: str) -> str:
    """The whole name of an image that ``build`` makes."""
    return f"localhost/{name}:{TAG}"


def _bases(store: Buildah, folder: Path) -> Mapping[str, str]:
    return {
        "BUILD_IMAGE": store.base("build-base", build_base(folder, _say), registries=True),
        "RUN_IMAGE": store.base("run-base", run_base(folder, _say)),
        "OPA_IMAGE": store.base("opa", pinned_opa()),
    }


def _build_one(store: Buildah, name: str, archive: Path, bases: Mapping[str, str]) -> None:
    """Build an image, keep its archive and forget the image: the store is copies of whole file systems."""
    started = time.monotonic()
    _say(f"building {image(name)}")
    dockerfile = DOCKERFILES[name]
    arguments = {each: bases[each] for each in bases if f"ARG {each}=" in dockerfile.read_text(encoding="utf-8")}
    arguments["SOURCE_DATE_EPOCH"] = str(EPOCH)
    store.build(dockerfile, image=image(name), context=ROOT, arguments=arguments)
    store.save(image(name), archive)
    store.forget(image(name))
    archive.with_suffix(".cdx.json").write_text(bill_of_materials(read_image(archive)), encoding="utf-8")
    _say(f"{archive.name}: {archive.stat().st_size / 1e6:.0f} MB ({time.monotonic() - started:.0f} s)")


def _is_fresh(archive: Path, inputs: str) -> bool:
    told = archive.with_suffix(".inputs")
    return archive.is_file() and told.is_file() and told.read_text(encoding="utf-8") == inputs


def _inputs(dockerfile: Path) -> str:
    """A digest of all that an image is made of, apart from what registries give for the locked names."""
    total = sha256()
    for file in sorted({dockerfile, ROOT / ".dockerignore", HOOK, *_sources(dockerfile)}):
        total.update(f"{file.relative_to(ROOT)}\n{file.stat().st_mode & 0o111}\n".encode())
        total.update(sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _sources(dockerfile: Path) -> Iterator[Path]:
    """The files that the Dockerfile copies from the tree."""
    for copied in _COPIED.findall(dockerfile.read_text(encoding="utf-8")):
        for source in copied.split()[:-1]:
            path = ROOT / source
            found = [path] if path.is_file() else path.rglob("*")
            yield from (each for each in found if each.is_file() and not _UNUSED & set(each.parts))


def _say(line: str) -> None:
    print(f"→ {line}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Build into a folder, else into the cluster's, the images that are named, else all; print where they are."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.images", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Folders.of_environment().images)
    parser.add_argument(
        "names", nargs="*", metavar="IMAGE", help=f"of {', '.join(DOCKERFILES)}; all when none is named"
    )
    asked = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("✗ root is needed: the images' files belong to other users", file=sys.stderr)
        return 1
    try:
        archives = build(asked.folder, asked.names or tuple(DOCKERFILES))
    except (MissingProgramError, CommandFailedError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    for archive in archives.values():
        print(archive)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
