"""Unsigned EVM transactions: legacy with EIP-155, EIP-2930 and EIP-1559, decoded strictly.

Canonical means that encoding what was decoded gives the same bytes (Ethereum Yellow Paper, appendix B: RLP has one
encoding for every item; integers have no leading zeros), and that every field has the length its EIP gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

import rlp  # type: ignore[import-untyped]  # the library has annotations but no py.typed

# The backend is named, because eth_hash's `auto` would choose by an environment variable.
from eth_hash.backends.pycryptodome import keccak256 as _keccak256
from rlp.codec import consume_length_prefix  # type: ignore[import-untyped]  # see above

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_RAW_BYTES: Final = 128 * 1024
"""Nodes of the network do not relay larger transactions (go-ethereum, txMaxSize)."""
ADDRESS_BYTES: Final = 20
HASH_BYTES: Final = 32
_WORD_BYTES: Final = 32

# Transaction, access list, its entry, the entry's storage keys: nothing in EIP-2930 lies deeper.
_MAX_DEPTH: Final = 4
# Decoding costs time for each item, and 128 KiB of access list hold fewer than 4,000 keys.
_MAX_ITEMS: Final = 8_192
_UINT64: Final = 8
_UINT256: Final = 32
_LIST_PREFIX: Final = 0xC0
_TYPED_END: Final = 0x80
_EIP2930: Final = 0x01
_EIP1559: Final = 0x02
_LEGACY_UNPROTECTED_FIELDS: Final = 6
_LEGACY_FIELDS: Final = 9

TRANSFER_SELECTOR: Final = bytes.fromhex("a9059cbb")
"""The first four bytes of keccak256("transfer(address,uint256)") (EIP-20)."""
_TRANSFER_BYTES: Final = 4 + 2 * _WORD_BYTES

_Item: TypeAlias = "bytes | Sequence[_Item]"


def keccak256(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it, which is not the later SHA3-256."""
    return _keccak256(data)


class TransactionType(StrEnum):
    """The transaction types that can be decoded."""

    LEGACY = "legacy"
    EIP2930 = "eip2930"
    EIP1559 = "eip1559"


class EvmError(Exception):
    """The bytes cannot be taken as one of the known unsigned transactions."""


class NotCanonicalError(EvmError):
    """The bytes are not the canonical encoding of a transaction."""


class TooLargeError(EvmError):
    """More items than any transaction of this size needs."""


class TypeNotSupportedError(EvmError):
    """A typed transaction (EIP-2718) that is not decoded, such as EIP-4844 or EIP-7702."""


class ChainIdAbsentError(EvmError):
    """A legacy transaction without EIP-155: valid on every network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmTransaction:
    """An unsigned transaction as its bytes say it.

    Attributes:
        type: Legacy, EIP-2930 or EIP-1559.
        chain_id: The network (EIP-155).
        nonce: The sender's transaction number.
        gas_price: The most that one unit of gas can cost, in wei: gas_price, or max_fee_per_gas (EIP-1559).
        gas_limit: The most gas that can be used.
        to: 20 bytes, or None for a contract creation.
        value: Native coins, in wei.
        data: Calldata.
        access_list_entries: Number of addresses in the access list (EIP-2930); 0 for legacy.
        signing_hash: What is signed: keccak256 of all the bytes (EIP-155, EIP-2718).
    """

    type: TransactionType
    chain_id: int
    nonce: int
    gas_price: int
    gas_limit: int
    to: bytes | None
    value: int
    data: bytes
    access_list_entries: int
    signing_hash: bytes

    @property
    def max_fee(self) -> int:
        """Upper bound of the fee in wei, from the bytes alone."""
        return self.gas_limit * self.gas_price


@dataclass(frozen=True, slots=True)
class TokenTransfer:
    """An ERC-20 `transfer(address,uint256)` (EIP-20): 20 bytes recipient, amount in base units."""

    recipient: bytes
    amount: int


def signing_hash(raw: bytes) -> bytes:
    """The hash that is signed for any unsigned transaction: keccak256 of its bytes (EIP-155, EIP-2718)."""
    return keccak256(raw)


def decode_unsigned(raw: bytes) -> EvmTransaction:
    """Decode an unsigned transaction.

    Args:
        raw: The bytes, type byte included; at most `MAX_RAW_BYTES`, which the caller checks.

    Returns:
        The transaction.

    Raises:
        NotCanonicalError: The bytes are not canonical.
        TooLargeError: Too many items.
        TypeNotSupportedError: A transaction type that is not decoded.
        ChainIdAbsentError: A legacy transaction without a chain id.
    """
    if not raw:
        raise NotCanonicalError("empty")
    if raw[0] >= _LIST_PREFIX:
        return _legacy(_fields(raw), raw)
    if raw[0] == _EIP2930:
        return _eip2930(_fields(raw[1:]), raw)
    if raw[0] == _EIP1559:
        return _eip1559(_fields(raw[1:]), raw)
    if raw[0] < _TYPED_END:
        raise TypeNotSupportedError(raw[0])
    raise NotCanonicalError("neither a list nor a transaction type")


def decode_token_transfer(data: bytes) -> TokenTransfer | None:
    """Decode calldata that is exactly one ERC-20 transfer: selector, recipient with clean padding, amount."""
    if len(data) != _TRANSFER_BYTES or not data.startswith(TRANSFER_SELECTOR):
        return None
    padding, recipient = data[4:16], data[16:36]
    if any(padding):
        return None
    return TokenTransfer(recipient, int.from_bytes(data[36:], "big"))


def _legacy(fields: Sequence[_Item], raw: bytes) -> EvmTransaction:
    """EIP-155: nonce, gas price, gas limit, to, value, data, chain id, 0, 0."""
    if len(fields) == _LEGACY_UNPROTECTED_FIELDS:
        raise ChainIdAbsentError
    if len(fields) != _LEGACY_FIELDS:
        raise NotCanonicalError("legacy: number of fields")
    if fields[7] != b"" or fields[8] != b"":
        raise NotCanonicalError("legacy: signature fields are not zero")
    nonce, gas_price, gas_limit, to, value, data, chain_id = fields[:7]
    return EvmTransaction(
        type=TransactionType.LEGACY,
        chain_id=_integer(chain_id, _UINT64),
        nonce=_integer(nonce, _UINT64),
        gas_price=_integer(gas_price, _UINT256),
        gas_limit=_integer(gas_limit, _UINT64),
        to=_to(to),
        value=_integer(value, _UINT256),
        data=_bytes(data),
        access_list_entries=0,
        signing_hash=keccak256(raw),
    )


def _eip2930(fields: Sequence[_Item], raw: bytes) -> EvmTransaction:
    """EIP-2930: chain id, nonce, gas price, gas limit, to, value, data, access list."""
    if len(fields) != 8:  # noqa: PLR2004 -- the eight names of the docstring
        raise NotCanonicalError("eip-2930: number of fields")
    chain_id, nonce, gas_price, gas_limit, to, value, data, access_list = fields
    return EvmTransaction(
        type=TransactionType.EIP2930,
        chain_id=_integer(chain_id, _UINT64),
        nonce=_integer(nonce, _UINT64),
        gas_price=_integer(gas_price, _UINT256),
        gas_limit=_integer(gas_limit, _UINT64),
        to=_to(to),
        value=_integer(value, _UINT256),
        data=_bytes(data),
        access_list_entries=_access_list(access_list),
        signing_hash=keccak256(raw),
    )


def _eip1559(fields: Sequence[_Item], raw: bytes) -> EvmTransaction:
    """EIP-1559: chain id, nonce, priority fee, max fee, gas limit, to, value, data, access list."""
    if len(fields) != 9:  # noqa: PLR2004 -- the nine names of the docstring
        raise NotCanonicalError("eip-1559: number of fields")
    chain_id, nonce, priority_fee, max_fee, gas_limit, to, value, data, access_list = fields
    _integer(priority_fee, _UINT256)
    return EvmTransaction(
        type=TransactionType.EIP1559,
        chain_id=_integer(chain_id, _UINT64),
        nonce=_integer(nonce, _UINT64),
        gas_price=_integer(max_fee, _UINT256),
        gas_limit=_integer(gas_limit, _UINT64),
        to=_to(to),
        value=_integer(value, _UINT256),
        data=_bytes(data),
        access_list_entries=_access_list(access_list),
        signing_hash=keccak256(raw),
    )


def _fields(encoded: bytes) -> Sequence[_Item]:
    """Decode one RLP list and prove that it is the canonical encoding of what it says."""
    try:
        _check_shape(encoded)
        item: _Item = rlp.decode(encoded)
    except rlp.exceptions.DecodingError as error:
        raise NotCanonicalError("not RLP") from error
    if isinstance(item, bytes):
        raise NotCanonicalError("not a list")
    if rlp.encode(item) != encoded:
        raise NotCanonicalError("another encoding says the same")
    return item


def _check_shape(encoded: bytes) -> None:
    """Refuse deep nesting and endless items before `rlp.decode`, which recurses into each, meets them."""
    ends: list[int] = []
    position = items = 0
    while position < len(encoded):
        items += 1
        if items > _MAX_ITEMS:
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


def _integer(item: _Item, max_bytes: int) -> int:
    """A scalar: big-endian, no leading zero, empty for zero (Yellow Paper, appendix B)."""
    data = _bytes(item)
    if len(data) > max_bytes or data[:1] == b"\x00":
        raise NotCanonicalError("integer")
    return int.from_bytes(data, "big")


def _to(item: _Item) -> bytes | None:
    data = _bytes(item)
    if len(data) not in (0, ADDRESS_BYTES):
        raise NotCanonicalError("to")
    return data or None


def _access_list(item: _Item) -> int:
    """EIP-2930: a list of [address, [storage key, ...]]."""
    if isinstance(item, bytes):
        raise NotCanonicalError("access list")
    for entry in item:
        if isinstance(entry, bytes) or len(entry) != 2:  # noqa: PLR2004 -- address and keys
            raise NotCanonicalError("access list entry")
        address, keys = entry
        if isinstance(keys, bytes) or len(_bytes(address)) != ADDRESS_BYTES:
            raise NotCanonicalError("access list address")
        if any(len(_bytes(key)) != HASH_BYTES for key in keys):
            raise NotCanonicalError("access list key")
    return len(item)


def _bytes(item: _Item) -> bytes:
    if not isinstance(item, bytes):
        raise NotCanonicalError("a list where bytes belong")
    return item
