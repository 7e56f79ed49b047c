"""Hexadecimal text, read strictly: the vendor's examples mix upper and lower case, with and without 0x."""

from __future__ import annotations

import re
from typing import Final

# `\A...\Z` and an explicit class: bytes.fromhex() alone would accept blanks between the digits.
_HEX: Final = re.compile(r"\A(?:0x)?([0-9a-fA-F]*)\Z")


class HexError(ValueError):
    """The text is not an even number of hexadecimal digits."""


def decode_hex(text: str) -> bytes:
    """Decode hexadecimal text with or without `0x`.

    An odd number of digits and any other character are refused: the official server cuts an undecodable tail and hashes
    the rest (protocol g.2, G11).

    Args:
        text: Digits of either case.

    Returns:
        The bytes; empty for an empty text and for `0x`.

    Raises:
        HexError: The text is not hexadecimal.
    """
    match = _HEX.match(text)
    if match is None or len(match.group(1)) % 2:
        raise HexError
    return bytes.fromhex(match.group(1))


def encode_hex(data: bytes) -> str:
    """`0x` and lower-case digits, the one form Placet writes."""
    return "0x" + data.hex()
