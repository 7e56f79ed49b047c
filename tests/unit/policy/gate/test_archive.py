"""Bundle files as archives: strict limits when read, reproducible when written."""

import gzip
import io
import tarfile

import pytest
from bundles import tar_gz
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.errors import BundleRefused
from placet_policy.gate import archive
from placet_policy.gate.archive import pack, unpack

names = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,3}\.(rego|json)", fullmatch=True)


def special(name: str, kind: bytes, **fields: str) -> tarfile.TarInfo:
    """A member that is no plain file."""
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


@given(members=st.dictionaries(names, st.binary(max_size=200), max_size=6))
def test_what_is_packed_is_what_is_unpacked(members: dict[str, bytes]) -> None:
    """Packing loses nothing, and the order of arrival changes no byte."""
    packed = pack(members)

    assert unpack(packed) == members
    assert pack(dict(reversed(members.items()))) == packed


def test_packed_bytes_are_the_same_on_every_machine() -> None:
    """No time, owner or name of a machine is inside: the digest is a literal."""
    members = unpack(pack({"a": b"1"}))

    with tarfile.open(fileobj=io.BytesIO(pack({"b": b"2", "a": b"1"}))) as packed:
        infos = [(info.name, info.mtime, info.uid, info.uname, info.mode) for info in packed]
    assert members == {"a": b"1"}
    assert infos == [("a", 0, 0, "", 0o444), ("b", 0, 0, "", 0o444)]
    assert pack({"a": b"1"})[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"


def test_one_leading_slash_is_how_opa_build_writes_names() -> None:
    """The slash is taken off; the name is otherwise unchanged."""
    assert unpack(tar_gz({"/data.json": b"{}", "/.manifest": b"{}"})) == {"data.json": b"{}", ".manifest": b"{}"}


@pytest.mark.parametrize(
    "name",
    [
        "../x.rego",
        "a/../x.rego",
        "./x.rego",
        "a/./x",
        "//x.rego",
        "a//x",
        "/",
        "a/",
        "..",
        "a\\b",
        "C:x",
        "a b",
        "a\nb",
    ],
)
def test_names_that_are_not_plain_are_refused(name: str) -> None:
    """Absolute, climbing or strange names never get past the gate."""
    with pytest.raises(BundleRefused):
        unpack(tar_gz({name: b""}))


@pytest.mark.parametrize(
    "member",
    [
        special("x.rego", tarfile.SYMTYPE, linkname="/etc/passwd"),
        special("x.rego", tarfile.LNKTYPE, linkname="data.json"),
        special("x.rego", tarfile.DIRTYPE),
        special("x.rego", tarfile.FIFOTYPE),
        special("x.rego", tarfile.CHRTYPE),
        special("x.rego", tarfile.BLKTYPE),
        special("x.rego", tarfile.CONTTYPE),
    ],
    ids=["symlink", "hardlink", "directory", "fifo", "character", "block", "contiguous"],
)
def test_members_that_are_not_plain_files_are_refused(member: tarfile.TarInfo) -> None:
    """A link, a folder or a device is no part of a bundle."""
    with pytest.raises(BundleRefused) as refused:
        unpack(tar_gz({"data.json": b"{}", "x.rego": member}))

    assert (refused.value.reason, refused.value.path) == ("not a plain file", "x.rego")


def test_a_name_twice_is_refused() -> None:
    """Two readers could take different ones; with and without the slash is the same name."""
    with pytest.raises(BundleRefused) as refused:
        unpack(tar_gz({"/data.json": b"{}", "data.json": b"[]"}))

    assert refused.value.reason == "two members have this name"


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of members is bounded."""
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    assert len(unpack(tar_gz({f"{number}.rego": b"" for number in range(3)}))) == 3

    with pytest.raises(BundleRefused):
        unpack(tar_gz({f"{number}.rego": b"" for number in range(4)}))


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that grows without end is cut off at the limit."""
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 100_000)

    with pytest.raises(BundleRefused) as refused:
        unpack(gzip.compress(b"\0" * 10_000_000))

    assert refused.value.reason == "unpacks to more than 100000 bytes"


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packed size is bounded too."""
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 50)

    with pytest.raises(BundleRefused) as refused:
        unpack(tar_gz({"data.json": b"{}"}))

    assert refused.value.reason == "the file is larger than 50 bytes"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        gzip.compress(b""),
        tar_gz({"data.json": b"{}"})[:-9],
        tar_gz({"data.json": b"{}"}) + b"x",
        tar_gz({"data.json": b"{}"}) * 2,
        gzip.compress(b"x" * 5000),
        gzip.compress(b"\xff" * 512),
    ],
    ids=["empty", "zip", "gzip of nothing", "cut", "trailing", "two streams", "no tar", "bad header"],
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    """Only one whole gzip stream around one tar archive is read."""
    with pytest.raises(BundleRefused):
        unpack(content)


def test_a_member_that_is_cut_short_is_refused() -> None:
    """A header that promises more bytes than there are is not believed."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as packed:
        info = tarfile.TarInfo("data.json")
        info.size = 2
        packed.addfile(info, io.BytesIO(b"{}"))
    with pytest.raises(BundleRefused):
        unpack(gzip.compress(raw.getvalue()[:513]))


@given(junk=st.binary(max_size=2000))
def test_junk_is_refused_and_nothing_else_happens(junk: bytes) -> None:
    """Random bytes, packed or not, never raise anything but a refusal."""
    for content in (junk, gzip.compress(junk)):
        try:
            unpack(content)
        except BundleRefused:
            continue
        assert not junk.strip(b"\0")
