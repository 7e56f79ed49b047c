"""Protocol Buffers, read strictly: only known fields, and only bytes that encoding what was read gives again.

Protocol Buffers allow many encodings of one message ("Encoding", protobuf.dev): fields in any order and several times,
long varints, written defaults, unknown fields. A wallet writes the one that every serializer writes: fields by number,
each once, shortest varints, no defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FIELDS: Final = 256
"""Fields of one message, repeated ones counted each time; a wallet's have fewer than twenty."""
_MAX_VARINT_BYTES: Final = 10
_INT64_END: Final = 2**63
_VARINT: Final = 0
_LENGTH: Final = 2
_MORE: Final = 0x80


class WireError(ValueError):
    """The bytes are not the canonical encoding of a message of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """The fields of a message by number.

    Attributes:
        integers: int32, int64 and enumerations; negative numbers are refused.
        texts: bytes, strings and messages inside.
        lists: Those of `texts` that are repeated.
    """

    integers: Mapping[int, str] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that was read; absent fields have their defaults.

    Attributes:
        integers: By name.
        texts: By name.
        lists: By name.
    """

    integers: dict[str, int]
    texts: dict[str, bytes]
    lists: dict[str, list[bytes]]


def read_message(data: bytes, kind: MessageType) -> Message:
    """Read a message.

    Raises:
        WireError: An unknown field, a wrong wire type, a negative number, too many fields, or an encoding that is not
            the canonical one.
    """
    message = Message(
        integers=dict.fromkeys(kind.integers.values(), 0),
        texts=dict.fromkeys(kind.texts.values(), b""),
        lists={name: [] for name in kind.lists.values()},
    )
    position = count = 0
    while position < len(data):
        count += 1
        if count > MAX_FIELDS:
            raise WireError("too many fields")
        tag, position = _varint(data, position)
        position = _read_field(data, position, tag, kind, message)
    if write_message(message, kind) != data:
        raise WireError("another encoding says the same")
    return message


def write_message(message: Message, kind: MessageType) -> bytes:
    """The canonical encoding."""
    encoded = bytearray()
    for number in sorted([*kind.integers, *kind.texts, *kind.lists]):
        if number in kind.integers:
            value = message.integers[kind.integers[number]]
            if value:
                encoded += _encode_varint(number << 3 | _VARINT) + _encode_varint(value)
            continue
        texts = message.lists[kind.lists[number]] if number in kind.lists else [message.texts[kind.texts[number]]]
        for text in texts:
            # An element of a list is written even if it is empty; a single default is not.
            if text or number in kind.lists:
                encoded += _encode_varint(number << 3 | _LENGTH) + _encode_varint(len(text)) + text
    return bytes(encoded)


def _read_field(data: bytes, position: int, tag: int, kind: MessageType, message: Message) -> int:
    """Read one field's value and return the position after it."""
    number, wire_type = tag >> 3, tag & 7
    value, position = _varint(data, position)
    if wire_type == _VARINT and number in kind.integers:
        message.integers[kind.integers[number]] = value
        return position
    if wire_type != _LENGTH or not (number in kind.texts or number in kind.lists):
        raise WireError("an unknown field")
    end = position + value
    if end > len(data):
        raise WireError("cut off")
    text = data[position:end]
    if number in kind.lists:
        message.lists[kind.lists[number]].append(text)
    else:
        message.texts[kind.texts[number]] = text
    return end


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data[position : position + _MAX_VARINT_BYTES]):
        value |= (byte & (_MORE - 1)) << (7 * index)
        if byte < _MORE:
            if value >= _INT64_END:
                raise WireError("a negative or too large number")
            return value, position + index + 1
    raise WireError("a number without an end")


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= _MORE:
        encoded.append(value & (_MORE - 1) | _MORE)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
