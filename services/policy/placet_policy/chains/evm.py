"""Unsigned EVM transactions: legacy with EIP-155, and the types of EIP-2930, 1559, 4844 and 7702, decoded strictly.

Canonical means that encoding what was decoded gives the same bytes (`evm_rlp`), and that every field has the length its
EIP gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

# The backend is named, because eth_hash's `auto` would choose by an environment variable.
from eth_hash.backends.pycryptodome import keccak256 as _keccak256

from placet_policy.chains.evm_rlp import (
    UINT64,
    UINT256,
    EvmError,
    Item,
    NotCanonicalError,
    fields,
    integer,
    items,
    octets,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_RAW_BYTES: Final = 128 * 1024
"""Nodes of the network do not relay larger transactions (go-ethereum, txMaxSize)."""
ADDRESS_BYTES: Final = 20
HASH_BYTES: Final = 32
WORD_BYTES: Final = 32

_UINT8: Final = 1
_LIST_PREFIX: Final = 0xC0
_TYPED_END: Final = 0x80
_LEGACY_UNPROTECTED_FIELDS: Final = 6
_LEGACY_FIELDS: Final = 9
_BLOB_GAS: Final = 2**17
"""GAS_PER_BLOB (EIP-4844)."""
_BLOB_HASH_VERSION: Final = 0x01
"""VERSIONED_HASH_VERSION_KZG (EIP-4844), the only one there is."""

TRANSFER_SELECTOR: Final = bytes.fromhex("a9059cbb")
"""The first four bytes of keccak256("transfer(address,uint256)") (EIP-20)."""
_TRANSFER_BYTES: Final = 4 + 2 * WORD_BYTES


def keccak256(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it, which is not the later SHA3-256."""
    return _keccak256(data)


class TransactionType(StrEnum):
    """The transaction types that can be decoded."""

    LEGACY = "legacy"
    EIP2930 = "eip2930"
    EIP1559 = "eip1559"
    EIP4844 = "eip4844"
    EIP7702 = "eip7702"


class TypeNotSupportedError(EvmError):
    """A typed transaction (EIP-2718) that is not decoded."""


class ChainIdAbsentError(EvmError):
    """A legacy transaction without EIP-155: valid on every network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """One signed entry of an EIP-7702 authorization list: an account hands itself over to a contract's code.

    Attributes:
        chain_id: The network; 0 stands for every network.
        address: 20 bytes, the contract whose code the account gets; zero takes the code away.
        nonce: The account's transaction number.
    """

    chain_id: int
    address: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmTransaction:
    """An unsigned transaction as its bytes say it.

    Attributes:
        type: Legacy, or the EIP of its type.
        chain_id: The network (EIP-155).
        nonce: The sender's transaction number.
        gas_price: The most that one unit of gas can cost, in wei: gas_price, or max_fee_per_gas (EIP-1559).
        gas_limit: The most gas that can be used.
        to: 20 bytes, or None for a contract creation.
        value: Native coins, in wei.
        data: Calldata.
        access_list_entries: Number of addresses in the access list (EIP-2930); 0 for legacy.
        blob_gas_price: The most that one unit of blob gas can cost, in wei (EIP-4844); 0 without blobs.
        blob_hashes: 32 bytes for each blob (EIP-4844).
        authorizations: The accounts that are handed over (EIP-7702).
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
    access_list_entries: int = 0
    blob_gas_price: int = 0
    blob_hashes: tuple[bytes, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    signing_hash: bytes

    @property
    def max_fee(self) -> int:
        """Upper bound of the fee in wei, from the bytes alone."""
        return self.gas_limit * self.gas_price + len(self.blob_hashes) * _BLOB_GAS * self.blob_gas_price


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
        return _legacy(fields(raw), raw)
    if raw[0] >= _TYPED_END:
        raise NotCanonicalError("neither a list nor a transaction type")
    decode = _TYPED.get(raw[0])
    if decode is None:
        raise TypeNotSupportedError(raw[0])
    return decode(fields(raw[1:]), raw)


def decode_token_transfer(data: bytes) -> TokenTransfer | None:
    """Decode calldata that is exactly one ERC-20 transfer: selector, recipient with clean padding, amount."""
    if len(data) != _TRANSFER_BYTES or not data.startswith(TRANSFER_SELECTOR):
        return None
    padding, recipient = data[4:16], data[16:36]
    if any(padding):
        return None
    return TokenTransfer(recipient, int.from_bytes(data[36:], "big"))


def _legacy(parts: Sequence[Item], raw: bytes) -> EvmTransaction:
    """EIP-155: nonce, gas price, gas limit, to, value, data, chain id, 0, 0."""
    if len(parts) == _LEGACY_UNPROTECTED_FIELDS:
        raise ChainIdAbsentError
    if len(parts) != _LEGACY_FIELDS:
        raise NotCanonicalError("legacy: number of fields")
    if parts[7] != b"" or parts[8] != b"":
        raise NotCanonicalError("legacy: signature fields are not zero")
    nonce, gas_price, gas_limit, to, value, data, chain_id = parts[:7]
    return EvmTransaction(
        type=TransactionType.LEGACY,
        chain_id=integer(chain_id, UINT64),
        nonce=integer(nonce, UINT64),
        gas_price=integer(gas_price, UINT256),
        gas_limit=integer(gas_limit, UINT64),
        to=_to(to),
        value=integer(value, UINT256),
        data=octets(data),
        signing_hash=keccak256(raw),
    )


def _eip2930(parts: Sequence[Item], raw: bytes) -> EvmTransaction:
    """EIP-2930: chain id, nonce, gas price, gas limit, to, value, data, access list."""
    if len(parts) != 8:  # noqa: PLR2004 -- the eight names of the docstring
        raise NotCanonicalError("eip-2930: number of fields")
    chain_id, nonce, gas_price, gas_limit, to, value, data, access_list = parts
    return EvmTransaction(
        type=TransactionType.EIP2930,
        chain_id=integer(chain_id, UINT64),
        nonce=integer(nonce, UINT64),
        gas_price=integer(gas_price, UINT256),
        gas_limit=integer(gas_limit, UINT64),
        to=_to(to),
        value=integer(value, UINT256),
        data=octets(data),
        access_list_entries=_access_list(access_list),
        signing_hash=keccak256(raw),
    )


def _eip1559(parts: Sequence[Item], raw: bytes) -> EvmTransaction:
    """EIP-1559: chain id, nonce, priority fee, max fee, gas limit, to, value, data, access list."""
    if len(parts) != 9:  # noqa: PLR2004 -- the nine names of the docstring
        raise NotCanonicalError("eip-1559: number of fields")
    return _with_priority_fee(TransactionType.EIP1559, parts, raw)


def _eip4844(parts: Sequence[Item], raw: bytes) -> EvmTransaction:
    """EIP-4844: the fields of EIP-1559, the highest blob gas price, one hash for each blob; `to` may not be absent."""
    if len(parts) != 11 or parts[5] == b"":  # noqa: PLR2004 -- the nine and the two names of the docstring
        raise NotCanonicalError("eip-4844: fields")
    hashes = tuple(octets(item) for item in items(parts[10]))
    if not hashes or any(len(item) != HASH_BYTES or item[0] != _BLOB_HASH_VERSION for item in hashes):
        raise NotCanonicalError("eip-4844: blob hashes")
    return _with_priority_fee(
        TransactionType.EIP4844, parts[:9], raw, blob_gas_price=integer(parts[9], UINT256), blob_hashes=hashes
    )


def _eip7702(parts: Sequence[Item], raw: bytes) -> EvmTransaction:
    """EIP-7702: the fields of EIP-1559, and a list of authorizations that is not empty; `to` may not be absent."""
    if len(parts) != 10 or parts[5] == b"":  # noqa: PLR2004 -- the nine names of the docstring and the list
        raise NotCanonicalError("eip-7702: fields")
    authorizations = tuple(_authorization(items(entry)) for entry in items(parts[9]))
    if not authorizations:
        raise NotCanonicalError("eip-7702: no authorization")
    return _with_priority_fee(TransactionType.EIP7702, parts[:9], raw, authorizations=authorizations)


_TYPED: Final[Mapping[int, Callable[[Sequence[Item], bytes], EvmTransaction]]] = {
    1: _eip2930,
    2: _eip1559,
    3: _eip4844,
    4: _eip7702,
}
"""Type byte (EIP-2718) and decoder."""


def _with_priority_fee(
    kind: TransactionType,
    parts: Sequence[Item],
    raw: bytes,
    *,
    blob_gas_price: int = 0,
    blob_hashes: tuple[bytes, ...] = (),
    authorizations: tuple[Authorization, ...] = (),
) -> EvmTransaction:
    """The nine fields of EIP-1559, which the later types begin with."""
    chain_id, nonce, priority_fee, max_fee, gas_limit, to, value, data, access_list = parts
    integer(priority_fee, UINT256)
    return EvmTransaction(
        type=kind,
        chain_id=integer(chain_id, UINT64),
        nonce=integer(nonce, UINT64),
        gas_price=integer(max_fee, UINT256),
        gas_limit=integer(gas_limit, UINT64),
        to=_to(to),
        value=integer(value, UINT256),
        data=octets(data),
        access_list_entries=_access_list(access_list),
        blob_gas_price=blob_gas_price,
        blob_hashes=blob_hashes,
        authorizations=authorizations,
        signing_hash=keccak256(raw),
    )


def _authorization(entry: Sequence[Item]) -> Authorization:
    """EIP-7702: chain id, address, nonce, and the authority's signature: y parity, r, s."""
    if len(entry) != 6:  # noqa: PLR2004 -- the six names of the docstring
        raise NotCanonicalError("eip-7702: authorization")
    chain_id, address, nonce, y_parity, r, s = entry
    if len(octets(address)) != ADDRESS_BYTES:
        raise NotCanonicalError("eip-7702: authorization address")
    for item, width in ((y_parity, _UINT8), (r, UINT256), (s, UINT256)):
        integer(item, width)
    return Authorization(chain_id=integer(chain_id, UINT256), address=octets(address), nonce=integer(nonce, UINT64))


def _to(item: Item) -> bytes | None:
    data = octets(item)
    if len(data) not in (0, ADDRESS_BYTES):
        raise NotCanonicalError("to")
    return data or None


def _access_list(item: Item) -> int:
    """EIP-2930: a list of [address, [storage key, ...]]."""
    for entry in items(item):
        if isinstance(entry, bytes) or len(entry) != 2:  # noqa: PLR2004 -- address and keys
            raise NotCanonicalError("access list entry")
        address, keys = entry
        if len(octets(address)) != ADDRESS_BYTES:
            raise NotCanonicalError("access list address")
        if any(len(octets(key)) != HASH_BYTES for key in items(keys)):
            raise NotCanonicalError("access list key")
    return len(items(item))
