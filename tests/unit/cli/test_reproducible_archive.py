"""The tar.gz whose bytes depend on its files and on nothing else."""

import gzip
import hashlib
import io
import tarfile

import pytest
from placet_cli.reproducible_archive import tar_gz


def test_the_bytes_are_these() -> None:
    """The digest of a small archive is a constant: on another machine, with another zlib, it must be the same."""
    archive = tar_gz({"/data.json": b"{}\n", "/.manifest": b'{"roots":["placet"]}\n'})
    assert hashlib.sha256(archive).hexdigest() == "5fd7678a6736364244258be5286a1573f28b91a8f297102dec6d7cc7e636542e"


def test_the_order_of_the_files_does_not_matter() -> None:
    """Files are sorted by name."""
    assert tar_gz({"b": b"2", "a": b"1"}) == tar_gz({"a": b"1", "b": b"2"})


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 200_000])
def test_other_programs_read_it(size: int) -> None:
    """Python's gzip, which checks length and CRC, and tarfile read every size; 65,535 bytes fill a block."""
    content = bytes(index % 251 for index in range(size))
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(tar_gz({"/file": content})))) as archive:
        (entry,) = archive.getmembers()
        file = archive.extractfile(entry)
        assert file is not None
        assert file.read() == content
    assert (entry.name, entry.mtime, entry.uid, entry.gid, entry.mode) == ("/file", 0, 0, 0, 0o644)
