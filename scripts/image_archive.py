"""Reading a container image from the archive that `docker save` or `buildah push docker-archive:` writes."""

import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

_GONE = ".wh."
_GONE_CONTENTS = ".wh..wh..opq"


class BadArchiveError(Exception):
    """A file is no image archive; the text names the file and what is missing in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, folder or link of an image.

    Attributes:
        layer: the member of the archive that holds it.
        member: what the layer's tar says of it.
    """

    layer: str
    member: tarfile.TarInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What an archive holds, as a container would see it.

    Attributes:
        archive: where it is.
        name: the first name that it is tagged with.
        created: the time that the image gives itself, ISO 8601.
        config: user, labels, entry point and so on, in the OCI's format ("image configuration").
        layers: ``sha256:…`` of every layer, uncompressed, from the base upwards.
        files: entries by path, without a leading slash.
    """

    archive: Path
    name: str
    created: str
    config: Mapping[str, Any]
    layers: tuple[str, ...]
    files: Mapping[str, Entry]

    def content(self, path: str) -> bytes:
        """The bytes of a regular file.

        Raises:
            KeyError: the image has no such file.
        """
        entry = self.files[path]
        with tarfile.open(self.archive) as outer, tarfile.open(fileobj=outer.extractfile(entry.layer)) as layer:
            file = layer.extractfile(entry.member)
            if file is None:
                raise KeyError(path)
            return file.read()

    def under(self, folder: str) -> Iterator[str]:
        """The paths of everything below a folder, sorted."""
        return iter(sorted(path for path in self.files if path.startswith(f"{folder}/")))


def read_image(archive: Path) -> Image:
    """Read the only image of an archive.

    Raises:
        BadArchiveError: It is no docker archive of exactly one image.
        OSError: It cannot be read.
    """
    try:
        with tarfile.open(archive) as outer:
            (manifest,) = json.loads(_member(outer, "manifest.json"))
            config = json.loads(_member(outer, manifest["Config"]))
            files: dict[str, Entry] = {}
            for layer in manifest["Layers"]:
                _lay(files, layer, outer)
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise BadArchiveError(f"{archive}: not an archive of one image ({error})") from error
    return Image(
        archive=archive,
        name=manifest["RepoTags"][0],
        created=config["created"],
        config=config["config"],
        layers=tuple(config["rootfs"]["diff_ids"]),
        files=files,
    )


def _member(outer: tarfile.TarFile, name: str) -> bytes:
    file = outer.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file.read()


def _lay(files: dict[str, Entry], layer: str, outer: tarfile.TarFile) -> None:
    """Put a layer over those before it; a file ``.wh.NAME`` takes NAME away (OCI image layer, whiteouts)."""
    with tarfile.open(fileobj=outer.extractfile(layer)) as inner:
        for member in inner:
            path = PurePosixPath(member.name)
            if path.name == _GONE_CONTENTS:
                _take_away(files, f"{path.parent}/")
            elif path.name.startswith(_GONE):
                gone = str(path.parent / path.name.removeprefix(_GONE))
                files.pop(gone, None)
                _take_away(files, f"{gone}/")
            else:
                files[str(path)] = Entry(layer=layer, member=member)


def _take_away(files: dict[str, Entry], start: str) -> None:
    for path in [each for each in files if each.startswith(start)]:
        del files[path]
