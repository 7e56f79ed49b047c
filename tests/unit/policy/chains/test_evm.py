"""Unsigned EVM transactions: official vectors, canonical encoding, and what is refused."""

from collections.abc import Sequence
from typing import Any

import pytest
import rlp  # type: ignore[import-untyped]  # the library has annotations but no py.typed
from keys import vectors
from placet_policy.chains.evm import (
    Authorization,
    ChainIdAbsentError,
    TransactionType,
    TypeNotSupportedError,
    decode_token_transfer,
    decode_unsigned,
)
from placet_policy.chains.evm_rlp import EvmError, NotCanonicalError, TooLargeError

_TO = bytes.fromhex("2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1")
_LEGACY = [b"\x01", b"\x02", b"\x52\x08", _TO, b"\x03", b"", b"\x01", b"", b""]
_EIP1559 = [b"\x01", b"", b"\x01", b"\x02", b"\x52\x08", _TO, b"\x03", b"", []]
_EIP2930 = [b"\x01", b"", b"\x02", b"\x52\x08", _TO, b"\x03", b"", []]
_BLOB_HASH = b"\x01" + b"\x07" * 31
_EIP4844 = [*_EIP1559, b"\x05", [_BLOB_HASH]]
_AUTHORIZATION = [b"\x01", _TO, b"\x09", b"\x01", b"\x02", b"\x03"]
_EIP7702 = [*_EIP1559, [_AUTHORIZATION]]
_EVM_VECTORS = [row for row in vectors()["raw_transactions"] if row["id"].startswith(("tx-eth", "tx-evm"))]


def _with(fields: Sequence[object], index: int, value: object) -> list[object]:
    return [*fields[:index], value, *fields[index + 1 :]]


def _encode(fields: Sequence[object], type_byte: bytes = b"") -> bytes:
    encoded: bytes = rlp.encode(fields)
    return type_byte + encoded


@pytest.mark.parametrize("row", _EVM_VECTORS, ids=lambda row: str(row["id"]))
def test_vectors_decode_to_their_fields(row: dict[str, Any]) -> None:
    """Every EVM vector of the protocol decodes to its hash and fields."""
    transaction = decode_unsigned(bytes.fromhex(row["unsigned_raw_tx"].removeprefix("0x")))
    expected = row["expected"].get("decoded") or row["expected"]["decoded_tx"]

    assert ["0x" + transaction.signing_hash.hex()] == row["expected"]["msg_hash_list"]
    assert transaction.chain_id == expected["chain_id"]
    assert transaction.nonce == expected["nonce"]
    assert transaction.gas_price == expected.get("gas_price", expected.get("max_fee_per_gas"))
    assert transaction.gas_limit == expected["gas_limit"]
    assert transaction.value == expected["value_wei"]
    assert "0x" + transaction.data.hex() == expected["data"]
    assert transaction.to == bytes.fromhex(expected["to"][2:])


def test_there_are_vectors() -> None:
    """The parametrized test above has something to run on."""
    assert len(_EVM_VECTORS) == 5


def test_the_fee_bound_is_gas_limit_times_the_highest_price() -> None:
    """EIP-1559: the sender never pays more than max_fee_per_gas for a unit."""
    assert decode_unsigned(_encode(_EIP1559, b"\x02")).max_fee == 42000


def test_the_access_list_is_counted() -> None:
    """EIP-2930: each entry is an address with its storage keys."""
    entry = [_TO, [b"\x00" * 32]]
    transaction = decode_unsigned(_encode(_with(_EIP2930, 7, [entry, entry]), b"\x01"))

    assert (transaction.type, transaction.access_list_entries) == (TransactionType.EIP2930, 2)


def test_blobs_are_shown_and_cost_a_fee_of_their_own() -> None:
    """EIP-4844: each blob uses 131072 of blob gas beside the gas."""
    transaction = decode_unsigned(_encode(_EIP4844, b"\x03"))

    assert (transaction.type, transaction.blob_hashes) == (TransactionType.EIP4844, (_BLOB_HASH,))
    assert transaction.max_fee == 42000 + 5 * 131072


def test_authorizations_are_shown() -> None:
    """EIP-7702: which contract's code an account takes over, on which network."""
    transaction = decode_unsigned(_encode(_EIP7702, b"\x04"))

    assert transaction.type is TransactionType.EIP7702
    assert transaction.authorizations == (Authorization(chain_id=1, address=_TO, nonce=9),)


def test_a_legacy_transaction_without_chain_id_proves_no_network() -> None:
    """Six fields are the form before EIP-155, valid on every network."""
    with pytest.raises(ChainIdAbsentError):
        decode_unsigned(_encode(_LEGACY[:6]))


@pytest.mark.parametrize("type_byte", [0x00, 0x05, 0x7F])
def test_other_transaction_types_are_not_decoded(type_byte: int) -> None:
    """EIP-2718 types beside 1 to 4 are not understood."""
    with pytest.raises(TypeNotSupportedError):
        decode_unsigned(_encode(_EIP1559, bytes([type_byte])))


_NOT_CANONICAL = {
    "empty": b"",
    "a single byte string": b"\x80",
    "a type byte without content": b"\x02",
    "a typed transaction that is no list": b"\x02\x05",
    "bytes after the list": _encode(_LEGACY) + b"\x00",
    "a truncated list": _encode(_LEGACY)[:-1],
    "a long length for a short list": b"\xf8\x24" + _encode(_LEGACY)[1:],
    "a single byte with a length": _encode(_LEGACY).replace(b"\x82\x52\x08", b"\x81\x52\x08", 1),
    "a string of one byte that ends before it": _encode(_LEGACY) + b"\x81",
    "a transaction that ends in such a string": b"\xc1\x81",
    "a typed transaction of such a string": b"\x02\x81",
    "eight legacy fields": _encode(_LEGACY[:8]),
    "ten legacy fields": _encode([*_LEGACY, b""]),
    "a legacy signature r": _encode(_with(_LEGACY, 7, b"\x01")),
    "a legacy signature s": _encode(_with(_LEGACY, 8, b"\x01")),
    "a leading zero in the nonce": _encode(_with(_LEGACY, 0, b"\x00\x01")),
    "a zero byte for zero": _encode(_with(_LEGACY, 0, b"\x00")),
    "a leading zero in the value": _encode(_with(_LEGACY, 4, b"\x00\x01")),
    "a nonce of nine bytes": _encode(_with(_LEGACY, 0, b"\x01" * 9)),
    "a chain id of nine bytes": _encode(_with(_LEGACY, 6, b"\x01" * 9)),
    "a value of 33 bytes": _encode(_with(_LEGACY, 4, b"\x01" * 33)),
    "a recipient of 19 bytes": _encode(_with(_LEGACY, 3, _TO[1:])),
    "a recipient of 21 bytes": _encode(_with(_LEGACY, 3, _TO + b"\x01")),
    "a list for the recipient": _encode(_with(_LEGACY, 3, [_TO])),
    "a list for the data": _encode(_with(_LEGACY, 5, [])),
    "a list for an integer": _encode(_with(_LEGACY, 4, [])),
    "eight eip-1559 fields": _encode(_EIP1559[:8], b"\x02"),
    "nine eip-2930 fields": _encode(_EIP1559, b"\x01"),
    "a leading zero in the priority fee": _encode(_with(_EIP1559, 2, b"\x00\x01"), b"\x02"),
    "bytes for the access list": _encode(_with(_EIP1559, 8, b""), b"\x02"),
    "bytes for an access list entry": _encode(_with(_EIP1559, 8, [_TO]), b"\x02"),
    "an access list entry of one": _encode(_with(_EIP1559, 8, [[_TO]]), b"\x02"),
    "a short access list address": _encode(_with(_EIP1559, 8, [[_TO[1:], []]]), b"\x02"),
    "bytes for access list keys": _encode(_with(_EIP1559, 8, [[_TO, b""]]), b"\x02"),
    "a short access list key": _encode(_with(_EIP1559, 8, [[_TO, [b"\x01" * 31]]]), b"\x02"),
    "a list for an access list key": _encode(_with(_EIP1559, 8, [[_TO, [[]]]]), b"\x02"),
    "a blob transaction that creates a contract": _encode(_with(_EIP4844, 5, b""), b"\x03"),
    "no blob": _encode(_with(_EIP4844, 10, []), b"\x03"),
    "bytes for the blobs": _encode(_with(_EIP4844, 10, b""), b"\x03"),
    "a blob hash of 31 bytes": _encode(_with(_EIP4844, 10, [_BLOB_HASH[1:]]), b"\x03"),
    "a blob hash of an unknown version": _encode(_with(_EIP4844, 10, [b"\x02" * 32]), b"\x03"),
    "ten eip-4844 fields": _encode(_EIP4844[:10], b"\x03"),
    "an authorization transaction that creates a contract": _encode(_with(_EIP7702, 5, b""), b"\x04"),
    "no authorization": _encode(_with(_EIP7702, 9, []), b"\x04"),
    "bytes for an authorization": _encode(_with(_EIP7702, 9, [_TO]), b"\x04"),
    "an authorization of five": _encode(_with(_EIP7702, 9, [_AUTHORIZATION[:5]]), b"\x04"),
    "a short authorization address": _encode(_with(_EIP7702, 9, [_with(_AUTHORIZATION, 1, _TO[1:])]), b"\x04"),
    "a parity of two bytes": _encode(_with(_EIP7702, 9, [_with(_AUTHORIZATION, 3, b"\x01\x00")]), b"\x04"),
    "nine eip-7702 fields": _encode(_EIP7702[:9], b"\x04"),
    "lists nested too deeply": _encode(_with(_EIP1559, 8, [[[[[[]]]]]]), b"\x02"),
}


@pytest.mark.parametrize("raw", _NOT_CANONICAL.values(), ids=_NOT_CANONICAL.keys())
def test_other_encodings_are_refused(raw: bytes) -> None:
    """Only the one canonical encoding of a transaction is taken (Yellow Paper, appendix B)."""
    with pytest.raises(NotCanonicalError):
        decode_unsigned(raw)


def test_canonical_does_not_rest_on_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decoded is encoded again and must give the same bytes, whatever the library let through."""
    monkeypatch.setattr("rlp.decode", lambda _encoded: _LEGACY)

    with pytest.raises(NotCanonicalError, match="another encoding"):
        decode_unsigned(_encode(_with(_LEGACY, 0, b"\x07")))


def test_deep_nesting_does_not_reach_the_recursive_decoder() -> None:
    """Ten thousand lists inside each other are refused, not recursed into."""
    nested = b"\xc0"
    for _ in range(10_000):
        length = len(nested)
        size = (length.bit_length() + 7) // 8
        prefix = bytes([0xC0 + length]) if length < 56 else bytes([0xF7 + size]) + length.to_bytes(size, "big")
        nested = prefix + nested

    with pytest.raises(NotCanonicalError):
        decode_unsigned(nested)


def test_endless_items_are_too_large() -> None:
    """Decoding costs time for each item, so their number is bounded."""
    with pytest.raises(TooLargeError):
        decode_unsigned(_encode([b"\x01"] * 9000))


def test_all_refusals_are_one_family() -> None:
    """A caller that catches EvmError misses none."""
    assert {NotCanonicalError, TooLargeError, TypeNotSupportedError, ChainIdAbsentError} == set(
        EvmError.__subclasses__()
    )


_TRANSFER = bytes.fromhex("a9059cbb") + b"\x00" * 12 + _TO + (1234).to_bytes(32, "big")


def test_a_token_transfer_decodes() -> None:
    """EIP-20: selector, recipient, amount."""
    transfer = decode_token_transfer(_TRANSFER)

    assert transfer is not None
    assert (transfer.recipient, transfer.amount) == (_TO, 1234)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        _TRANSFER[:-1],
        _TRANSFER + b"\x00",
        b"\x09" + _TRANSFER[1:],
        _TRANSFER[:4] + b"\x01" + _TRANSFER[5:],
        _TRANSFER[:15] + b"\x01" + _TRANSFER[16:],
    ],
    ids=["empty", "short", "long", "another selector", "dirty first padding byte", "dirty last padding byte"],
)
def test_anything_else_is_no_token_transfer(data: bytes) -> None:
    """Other lengths, selectors and dirty padding (protocol g.2, G8) are not taken for a transfer."""
    assert decode_token_transfer(data) is None
