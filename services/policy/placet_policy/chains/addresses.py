"""How each kind of chain writes an address: text to bytes, strictly, and back in the one canonical form (design 5).

Addresses are compared as bytes, never as text. The bytes are what the chain's transactions carry: 20 bytes for EVM, 21
with the leading 0x41 for TRON, 32 for Solana, and the output script for Bitcoin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import base58

from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex

if TYPE_CHECKING:
    from collections.abc import Callable

EVM_ADDRESS_BYTES: Final = 20
TRON_ADDRESS_BYTES: Final = 21
TRON_PREFIX: Final = b"\x41"
"""The first byte of every address of the main and test networks of TRON (TRON protocol, "Accounts")."""
SOLANA_ADDRESS_BYTES: Final = 32
MAX_BASE58CHECK: Final = 35
"""Characters: 25 bytes, which TRON's and Bitcoin's addresses have with their checksum, have no more."""
MAX_SOLANA: Final = 44
"""Characters: 32 bytes have no more. Decoding base58 takes quadratic time, so longer texts are refused unread."""
# Lists of 512 addresses are compared entry by entry; what is remembered is a function of text or bytes alone.
_REMEMBERED: Final = 1024


class AddressError(ValueError):
    """The text is no address of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressForm:
    """The way a chain writes addresses.

    Attributes:
        decode: Text to the address's bytes; raises `AddressError`. Accepts every spelling that honest traffic has.
        encode: Bytes that `decode` gave, or that are in a transaction, to the canonical text; raises `AddressError`
            for bytes that are no address.
    """

    decode: Callable[[str], bytes]
    encode: Callable[[bytes], str]

    def canonical(self, text: str) -> str:
        """The canonical spelling of an address.

        Raises:
            AddressError: The text is no address.
        """
        return self.encode(self.decode(text))

    def is_canonical(self, text: str) -> bool:
        """Whether the text is an address in its canonical spelling."""
        try:
            return self.canonical(text) == text
        except AddressError:
            return False


def _decode_evm(text: str) -> bytes:
    try:
        address = decode_hex(text)
    except HexError as error:
        raise AddressError("not hexadecimal") from error
    return _of_length(address, EVM_ADDRESS_BYTES)


def _encode_evm(address: bytes) -> str:
    return encode_hex(_of_length(address, EVM_ADDRESS_BYTES))


@lru_cache(maxsize=_REMEMBERED)
def _decode_tron(text: str) -> bytes:
    return _tron(base58check(text))


@lru_cache(maxsize=_REMEMBERED)
def _encode_tron(address: bytes) -> str:
    return base58.b58encode_check(_tron(address)).decode("ascii")


def _tron(address: bytes) -> bytes:
    if not address.startswith(TRON_PREFIX):
        raise AddressError("a TRON address starts with the byte 0x41")
    return _of_length(address, TRON_ADDRESS_BYTES)


@lru_cache(maxsize=_REMEMBERED)
def _decode_solana(text: str) -> bytes:
    if len(text) > MAX_SOLANA:
        raise AddressError("too long")
    try:
        address = base58.b58decode(text)
    except ValueError as error:
        raise AddressError("not base58") from error
    if base58.b58encode(address).decode("ascii") != text:  # The library cuts blanks.
        raise AddressError("not base58")
    return _of_length(address, SOLANA_ADDRESS_BYTES)


@lru_cache(maxsize=_REMEMBERED)
def _encode_solana(address: bytes) -> str:
    return base58.b58encode(_of_length(address, SOLANA_ADDRESS_BYTES)).decode("ascii")


def base58check(text: str) -> bytes:
    """Decode base58 with a checksum of four bytes; the text must be the one encoding of its bytes.

    Raises:
        AddressError: It is not.
    """
    if len(text) > MAX_BASE58CHECK:
        raise AddressError("too long")
    try:
        payload: bytes = base58.b58decode_check(text)
    except ValueError as error:
        raise AddressError("not base58 with a valid checksum") from error
    if base58.b58encode_check(payload).decode("ascii") != text:
        raise AddressError("not base58 with a valid checksum")
    return payload


def _of_length(address: bytes, length: int) -> bytes:
    if len(address) != length:
        raise AddressError(f"an address of this kind has {length} bytes")
    return address


EVM_FORM: Final = AddressForm(decode=_decode_evm, encode=_encode_evm)
"""`0x` and lower case; every case and a missing `0x` are read, because the provider's examples vary."""
TRON_FORM: Final = AddressForm(decode=_decode_tron, encode=_encode_tron)
"""Base58check of 0x41 and 20 bytes."""
SOLANA_FORM: Final = AddressForm(decode=_decode_solana, encode=_encode_solana)
"""Base58 of 32 bytes."""
