"""A tar.gz whose bytes depend on the names and contents of its files and on nothing else.

People who sign a release build it each on their own machine and compare digests. Compressors differ between machines
(zlib, zlib-ng and their versions give different bytes for one input), so the gzip container holds its data in stored,
uncompressed blocks, as RFC 1951 section 3.2.4 allows.
"""

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

# RFC 1952 section 2.3: magic, deflate, no flags, no modification time, no extra flags, unknown operating system.
_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))
_LARGEST_STORED_BLOCK = 0xFFFF
_MODULUS = 1 << 32


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    """Pack files, sorted by name, each with mode 0644, no owner and the time 0.

    Args:
        files: Name inside the archive to content.

    Returns:
        The archive; the same for the same files on every machine.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return _gzip_stored(buffer.getvalue())


def read_tar_gz(archive: Path) -> dict[str, bytes]:
    """Read the files of any tar.gz, by the names that stand in it.

    Raises:
        OSError, tarfile.TarError, EOFError: It cannot be read, or is none.
    """
    with tarfile.open(archive, "r:gz") as packed:
        opened = ((entry.name, packed.extractfile(entry)) for entry in packed)
        return {name: file.read() for name, file in opened if file is not None}


def _gzip_stored(data: bytes) -> bytes:
    """Wrap data into gzip without compressing it (RFC 1951 section 3.2.4, RFC 1952)."""
    parts = [_GZIP_HEADER]
    for start in range(0, max(len(data), 1), _LARGEST_STORED_BLOCK):
        block = data[start : start + _LARGEST_STORED_BLOCK]
        last = start + _LARGEST_STORED_BLOCK >= len(data)
        parts += [struct.pack("<BHH", int(last), len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack("<II", zlib.crc32(data), len(data) % _MODULUS))
    return b"".join(parts)
