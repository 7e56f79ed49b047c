"""Reading images from archives, and the list of what they hold."""

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from scripts.image_archive import BadArchiveError, Image, read_image
from scripts.sbom import bill_of_materials, main

PACKAGE = "opt/placet/lib/python3.11/site-packages/Example_Lib-1.2.dist-info/METADATA"
METADATA = b"Metadata-Version: 2.4\nName: Example_Lib\nVersion: 1.2\n\nA text.\n"
DEBIAN = b"Package: libexample1\nVersion: 1:3.0-1\nArchitecture: amd64\nDescription: one\n two\n"


def packed(files: Mapping[str, bytes]) -> bytes:
    """A tar of files."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return held.getvalue()


def archived(folder: Path, *layers: Mapping[str, bytes]) -> Path:
    """An image of these layers, as `docker save` writes it."""
    config = {
        "created": "2023-11-14T22:13:20Z",
        "config": {"Labels": {"org.opencontainers.image.title": "one", "org.opencontainers.image.version": "0.1.0"}},
        "rootfs": {"diff_ids": [f"sha256:{number}" for number, _ in enumerate(layers)]},
    }
    names = [f"{number}.tar" for number, _ in enumerate(layers)]
    manifest = [{"Config": "c.json", "RepoTags": ["localhost/one:test"], "Layers": names}]
    held = {name: packed(layer) for name, layer in zip(names, layers, strict=True)}
    path = folder / "one.tar"
    path.write_bytes(
        packed(held | {"c.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()})
    )
    return path


def paths(image: Image) -> Sequence[str]:
    """What an image holds."""
    return sorted(image.files)


def test_a_later_layer_lies_over_an_earlier_one(tmp_path: Path) -> None:
    """The last content of a path counts, and a whiteout takes away what was there before."""
    first = {"a": b"old", "b/c": b"gone", "d/e": b"gone", "d/f": b"gone"}
    image = read_image(archived(tmp_path, first, {"a": b"new", "b/.wh.c": b"", "d/.wh..wh..opq": b"", "./g": b"there"}))

    assert (paths(image), image.content("a"), image.content("g")) == (["a", "g"], b"new", b"there")


@pytest.mark.parametrize("content", [b"", b"no tar", packed({"manifest.json": b"[]"}), packed({"x": b""})])
def test_what_is_no_image_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """The sentence names the file."""
    path = tmp_path / "other.tar"
    path.write_bytes(content)

    with pytest.raises(BadArchiveError, match=r"other\.tar: not an archive of one image"):
        read_image(path)


@pytest.mark.parametrize(
    "debian",
    [
        {"var/lib/dpkg/status.d/libexample1": DEBIAN, "var/lib/dpkg/status.d/libexample1.md5sums": b"0 a\n"},
        {"var/lib/dpkg/status": DEBIAN + b"\n"},
    ],
)
def test_the_list_names_what_is_installed(tmp_path: Path, debian: Mapping[str, bytes]) -> None:
    """Python's packages, Debian's from either way of noting them, and OPA by its digest; one image, one document."""
    image = read_image(archived(tmp_path, debian, {PACKAGE: METADATA, "usr/local/bin/opa": b"OPA"}))
    listed = json.loads(bill_of_materials(image))

    assert [each["purl"] for each in listed["components"]] == [
        "pkg:golang/github.com/open-policy-agent/opa@v1.22.2",
        "pkg:pypi/example-lib@1.2",
        "pkg:deb/debian/libexample1@1:3.0-1?arch=amd64",
    ]
    assert listed["components"][0]["hashes"] == [
        {"alg": "SHA-256", "content": "581f127fb797adbd97f21d2121f8319e1143c34e4faa611881df5b7045432a9e"}
    ]
    assert (listed["metadata"]["timestamp"], listed["metadata"]["component"]["name"]) == (
        "2023-11-14T22:13:20+00:00",
        "one",
    )
    assert bill_of_materials(image) == bill_of_materials(image)


def test_the_command_writes_beside_the_archive_or_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m scripts.sbom ARCHIVE` names the file that it wrote; a missing archive is one sentence."""
    assert main([str(archived(tmp_path, {PACKAGE: METADATA}))]) == 0
    assert (tmp_path / "one.cdx.json").is_file()
    assert main([str(tmp_path / "none.tar")]) == 1
    assert "none.tar" in capsys.readouterr().err
    assert main([]) == 2
