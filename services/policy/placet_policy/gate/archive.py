"""Bundle files as archives: read with strict limits, written reproducibly. What the members mean is ``bundle``'s."""

from __future__ import annotations

import io
import re
import tarfile
import zlib
from typing import TYPE_CHECKING

from placet_policy.errors import BundleRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

# A release of 100,000 destinations is about 8 MiB of data; the limits leave room and still bound the memory of a start.
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_MEMBERS = 2000
_GZIP_WBITS = 31
# `opa build` writes names with exactly one leading slash. Everything after it is a plain relative path.
_NAME = re.compile(r"/?((?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_.-]+)", re.ASCII)


def unpack(packed: bytes) -> dict[str, bytes]:
    """Return the members of a ``.tar.gz`` by name, without a leading slash.

    Raises:
        BundleRefused: too large, not gzip, bytes after the end, too many members, a member that is not a plain file
            (link, directory, device, sparse), a name that leaves the archive or occurs twice.
    """
    members: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflate(packed)), mode="r:") as archive:
            for info in archive:
                name = _name(info)
                if name in members:
                    raise BundleRefused("two members have this name", name)
                if len(members) >= MAX_MEMBERS:
                    raise BundleRefused(f"more than {MAX_MEMBERS} members")
                members[name] = _content(archive, info)
    except (tarfile.TarError, UnicodeError, ValueError) as e:
        raise BundleRefused("not a tar archive") from e
    return members


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return a ``.tar.gz`` that depends on names and contents only: no times, owners or order of arrival."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(members):
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(members[name]), 0o444, 0
            archive.addfile(info, io.BytesIO(members[name]))
    # zlib's own gzip wrapper writes no time and no name, unlike the gzip module's defaults.
    deflate = zlib.compressobj(level=6, wbits=_GZIP_WBITS)
    return deflate.compress(raw.getvalue()) + deflate.flush()


def _inflate(packed: bytes) -> bytes:
    if len(packed) > MAX_FILE_BYTES:
        raise BundleRefused(f"the file is larger than {MAX_FILE_BYTES} bytes")
    inflate = zlib.decompressobj(wbits=_GZIP_WBITS)
    try:
        unpacked = inflate.decompress(packed, MAX_UNPACKED_BYTES + 1)
    except zlib.error as e:
        raise BundleRefused("not a gzip file") from e
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise BundleRefused(f"unpacks to more than {MAX_UNPACKED_BYTES} bytes")
    if not inflate.eof or inflate.unused_data:
        raise BundleRefused("the gzip stream is cut short, or something follows it")
    return unpacked


def _name(info: tarfile.TarInfo) -> str:
    match = _NAME.fullmatch(info.name)
    if match is None or any(part in {".", ".."} for part in match[1].split("/")):
        raise BundleRefused("not a plain relative name", info.name)
    if info.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or info.issparse():
        raise BundleRefused("not a plain file", info.name)
    return match[1]


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    # A plain file always has a stream, and tarfile itself raises ReadError when the content is cut short.
    stream = archive.extractfile(info)
    return stream.read() if stream is not None else b""
