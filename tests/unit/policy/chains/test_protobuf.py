"""The strict reading of Protocol Buffers: one encoding only, and work bounded."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.protobuf import MAX_FIELDS, Message, MessageType, WireError, read_message, write_message

_KIND = MessageType(integers={2: "number"}, texts={1: "text", 16: "far"}, lists={3: "list"})


def _message(number: int = 0, text: bytes = b"", far: bytes = b"", entries: tuple[bytes, ...] = ()) -> Message:
    return Message(integers={"number": number}, texts={"text": text, "far": far}, lists={"list": list(entries)})


def test_every_kind_of_field() -> None:
    """The encodings of protobuf.dev: tag with number and wire type, varint, length and bytes."""
    data = bytes.fromhex("0a026869109601" + "1a0161" + "1a00" + "820101ff")

    assert read_message(data, _KIND) == _message(150, b"hi", b"\xff", (b"a", b""))


def test_nothing_is_a_message_of_defaults() -> None:
    """The canonical encoding of defaults is empty."""
    assert read_message(b"", _KIND) == _message()


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("order", "1096010a026869"),
        ("twice", "10011002"),
        ("a list apart", "1a01610a026869"),
        ("long varint", "10968100"),
        ("long tag", "90000a"),
        ("written default", "1000"),
        ("written empty text", "0a00"),
        ("unknown field", "2001"),
        ("unknown wire type", "1501000000"),
        ("number as text", "12016a"),
        ("text as number", "0801"),
        ("cut in a text", "0a0268"),
        ("cut in a tag", "82"),
        ("cut before a value", "10"),
        ("negative", "10ffffffffffffffffff01"),
        ("endless", "10ffffffffffffffffffff01"),
        ("field number zero", "0001"),
        ("group", "0b0c"),
    ],
)
def test_other_encodings_are_refused(why: str, data: str) -> None:
    """What a serializer would not have written is not canonical."""
    assert why
    with pytest.raises(WireError):
        read_message(bytes.fromhex(data), _KIND)


def test_the_number_of_fields_is_bounded() -> None:
    """A list may have so many entries and no more, however short they are."""
    assert len(read_message(b"\x1a\x00" * MAX_FIELDS, _KIND).lists["list"]) == 256
    with pytest.raises(WireError, match="too many"):
        read_message(b"\x1a\x00" * (MAX_FIELDS + 1), _KIND)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_are_refused_or_are_what_is_written(data: bytes) -> None:
    """Whatever can be read is exactly what writing it gives."""
    with contextlib.suppress(WireError):
        assert write_message(read_message(data, _KIND), _KIND) == data
