"""RLP, read strictly: the one canonical encoding, bounded before anything recurses into it.

Yellow Paper, appendix B: RLP has one encoding for every item, and integers have no leading zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import rlp  # type: ignore[import-untyped]  # the library has annotations but no py.typed
from rlp.codec import consume_length_prefix  # type: ignore[import-untyped]  # see above

if TYPE_CHECKING:
    from collections.abc import Sequence

Item: TypeAlias = "bytes | Sequence[Item]"

UINT64: Final = 8
UINT256: Final = 32
"""Most bytes of an integer of these widths."""

# Transaction, access list, its entry, the entry's storage keys: nothing in EIP-2930 lies deeper.
_MAX_DEPTH: Final = 4
# Decoding costs time for each item, and 128 KiB of access list hold fewer than 4,000 keys.
_MAX_ITEMS: Final = 8_192


class EvmError(Exception):
    """The bytes cannot be taken as one of the known unsigned transactions."""


class NotCanonicalError(EvmError):
    """The bytes are not the canonical encoding of a transaction."""


class TooLargeError(EvmError):
    """More items than any transaction of this size needs."""


def fields(encoded: bytes) -> Sequence[Item]:
    """Decode one RLP list and prove that it is the canonical encoding of what it says.

    Raises:
        NotCanonicalError: It is not.
        TooLargeError: Too many items.
    """
    try:
        _check_shape(encoded)
        item: Item = rlp.decode(encoded)
    # The library looks at the byte behind a prefix 0x81 without asking whether there is one.
    except (rlp.exceptions.DecodingError, IndexError) as error:
        raise NotCanonicalError("not RLP") from error
    if isinstance(item, bytes):
        raise NotCanonicalError("not a list")
    if rlp.encode(item) != encoded:
        raise NotCanonicalError("another encoding says the same")
    return item


def _check_shape(encoded: bytes) -> None:
    """Refuse deep nesting and endless items before `rlp.decode`, which recurses into each, meets them."""
    ends: list[int] = []
    position = count = 0
    while position < len(encoded):
        count += 1
        if count > _MAX_ITEMS:
            raise TooLargeError
        while ends and position >= ends[-1]:
            ends.pop()
        _, kind, length, start = consume_length_prefix(encoded, position)
        if kind is list:
            ends.append(start + length)
            if len(ends) > _MAX_DEPTH:
                raise NotCanonicalError("nested too deeply")
            position = start
        else:
            position = start + length


def integer(item: Item, max_bytes: int) -> int:
    """A scalar: big-endian, no leading zero, empty for zero, at most `max_bytes` bytes.

    Raises:
        NotCanonicalError: It is none.
    """
    data = octets(item)
    if len(data) > max_bytes or data[:1] == b"\x00":
        raise NotCanonicalError("integer")
    return int.from_bytes(data, "big")


def items(item: Item) -> Sequence[Item]:
    """An item that is a list.

    Raises:
        NotCanonicalError: It is a byte string.
    """
    if isinstance(item, bytes):
        raise NotCanonicalError("bytes where a list belongs")
    return item


def octets(item: Item) -> bytes:
    """An item that is a byte string.

    Raises:
        NotCanonicalError: It is a list.
    """
    if not isinstance(item, bytes):
        raise NotCanonicalError("a list where bytes belong")
    return item
