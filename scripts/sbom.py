"""Write what an image really holds, as CycloneDX 1.6: ``python -m scripts.sbom ARCHIVE [TARGET]``.

Read from the finished image's files, not from what it was built of: the metadata of every installed Python package, the
notes of every Debian package, and OPA with its digest. The same image gives the same bytes.
"""

import sys
from collections.abc import Iterator
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from placet_cli.opa_binary import VERSION as OPA_VERSION

from scripts.image_archive import BadArchiveError, Image, read_image

# Where packages are noted: one file a package in images without dpkg, or one file of all.
_STATUS_FOLDER = "var/lib/dpkg/status.d"
_STATUS_FILE = "var/lib/dpkg/status"
_OPA = "usr/local/bin/opa"
_LABEL = "org.opencontainers.image"


def bill_of_materials(image: Image) -> str:
    """The document as JSON that ends with a line break."""
    whole, parts = _itself(image), [*_python(image), *_debian(image), *_opa(image)]
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, " ".join(image.layers)),
        metadata=BomMetaData(component=whole, timestamp=datetime.fromisoformat(image.created)),
        components=parts,
    )
    bom.register_dependency(whole, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def python_packages(image: Image) -> Iterator[tuple[str, str]]:
    """Name and version of every Python package that is installed in the image."""
    for path in image.under("opt"):
        if path.endswith(".dist-info/METADATA"):
            told = _headers(image.content(path))
            yield told["Name"], told["Version"]


def debian_packages(image: Image) -> Iterator[Message]:
    """What Debian's packages say of themselves, one a package (deb-control(5))."""
    for path in image.under(_STATUS_FOLDER):
        if not path.endswith(".md5sums"):
            yield _headers(image.content(path))
    if _STATUS_FILE in image.files:
        for paragraph in image.content(_STATUS_FILE).split(b"\n\n"):
            if paragraph.strip():
                yield _headers(paragraph)


def _itself(image: Image) -> Component:
    labels = image.config.get("Labels") or {}
    name, version = labels.get(f"{_LABEL}.title", image.name), labels.get(f"{_LABEL}.version")
    return Component(name=name, version=version, type=ComponentType.CONTAINER, bom_ref=f"image:{name}")


def _python(image: Image) -> Iterator[Component]:
    for name, version in python_packages(image):
        yield _library(name, version, PackageURL("pypi", None, name.lower(), version))


def _debian(image: Image) -> Iterator[Component]:
    for told in debian_packages(image):
        name, version = told["Package"], told["Version"]
        where = {"arch": told["Architecture"]}
        yield _library(name, version, PackageURL("deb", "debian", name, version, where))


def _opa(image: Image) -> Iterator[Component]:
    if _OPA not in image.files:
        return
    address = PackageURL("golang", "github.com/open-policy-agent", "opa", f"v{OPA_VERSION}")
    digest = HashType(alg=HashAlgorithm.SHA_256, content=sha256(image.content(_OPA)).hexdigest())
    yield Component(
        name="opa",
        version=OPA_VERSION,
        type=ComponentType.APPLICATION,
        purl=address,
        bom_ref=str(address),
        hashes=[digest],
    )


def _library(name: str, version: str, address: PackageURL) -> Component:
    return Component(name=name, version=version, type=ComponentType.LIBRARY, purl=address, bom_ref=str(address))


def _headers(content: bytes) -> Message:
    return BytesHeaderParser().parsebytes(content)


def main(arguments: list[str]) -> int:
    """Write the document of an archive beside it, or where it is said to go."""
    if not arguments or len(arguments) > 2:  # noqa: PLR2004 - an archive and where the document goes
        print("usage: python -m scripts.sbom ARCHIVE [TARGET]", file=sys.stderr)
        return 2
    archive = Path(arguments[0])
    target = Path(arguments[1]) if arguments[1:] else archive.with_suffix(".cdx.json")
    try:
        target.write_text(bill_of_materials(read_image(archive)), encoding="utf-8")
    except (BadArchiveError, OSError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
