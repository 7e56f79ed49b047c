"""The decoder against eth-account as an independent encoder, and against changed bytes."""

import contextlib
import json
from typing import Any

from eth_oracle import encode_unsigned
from facts_cases import facts, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.evm import decode_unsigned, keccak256
from placet_policy.chains.evm_rlp import EvmError

_LEGACY = "0xe980842ffee68f825208940f76f604fd7762bd94b48ca2523f69ab9665c97f865af3107a400080018080"
_SLOW = settings(max_examples=150, deadline=None)
_UINT64 = st.integers(0, 2**63)
_UINT256 = st.integers(0, 2**256 - 1)
_ADDRESSES = st.binary(min_size=20, max_size=20)
_KEYS = st.lists(st.binary(min_size=32, max_size=32).map(lambda key: "0x" + key.hex()), max_size=2)
_ACCESS_LISTS = st.lists(
    st.builds(lambda a, k: {"address": "0x" + a.hex(), "storageKeys": k}, _ADDRESSES, _KEYS), max_size=2
)
_AUTHORIZATIONS = st.fixed_dictionaries(
    {
        "chainId": st.integers(0, 2**32),
        "address": _ADDRESSES,
        "nonce": _UINT64,
        "yParity": st.integers(0, 1),
        "r": st.integers(1, 2**256 - 1),
        "s": st.integers(1, 2**256 - 1),
    }
)
_COMMON = {
    "chainId": st.integers(1, 2**32),
    "nonce": _UINT64,
    "gas": _UINT64,
    "to": _ADDRESSES,
    "value": _UINT256,
    "data": st.binary(max_size=100),
}
_TRANSACTIONS = st.one_of(
    st.fixed_dictionaries({**_COMMON, "gasPrice": _UINT256}),
    st.fixed_dictionaries({**_COMMON, "type": st.just(1), "gasPrice": _UINT256, "accessList": _ACCESS_LISTS}),
    st.fixed_dictionaries(
        {
            **_COMMON,
            "type": st.just(2),
            "maxFeePerGas": _UINT256,
            "maxPriorityFeePerGas": _UINT256,
            "accessList": _ACCESS_LISTS,
        }
    ),
    st.fixed_dictionaries(
        {
            **_COMMON,
            "type": st.just(3),
            "maxFeePerGas": _UINT256,
            "maxPriorityFeePerGas": _UINT256,
            "accessList": _ACCESS_LISTS,
            "maxFeePerBlobGas": _UINT256,
            "blobVersionedHashes": st.lists(
                st.binary(min_size=31, max_size=31).map(lambda rest: b"\x01" + rest), min_size=1, max_size=3
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            **_COMMON,
            "type": st.just(4),
            "maxFeePerGas": _UINT256,
            "maxPriorityFeePerGas": _UINT256,
            "accessList": _ACCESS_LISTS,
            "authorizationList": st.lists(_AUTHORIZATIONS, min_size=1, max_size=3),
        }
    ),
)


@_SLOW
@given(_TRANSACTIONS)
def test_what_eth_account_encodes_decodes_to_the_same(fields: dict[str, Any]) -> None:
    """Fields and hash of random transactions are those of an independent implementation."""
    raw, digest = encode_unsigned(fields)

    transaction = decode_unsigned(raw)

    assert transaction.signing_hash == digest
    assert transaction.chain_id == fields["chainId"]
    assert transaction.nonce == fields["nonce"]
    assert transaction.gas_limit == fields["gas"]
    assert transaction.gas_price == fields.get("gasPrice", fields.get("maxFeePerGas"))
    assert transaction.to == fields["to"]
    assert transaction.value == fields["value"]
    assert transaction.data == fields["data"]
    assert transaction.access_list_entries == len(fields.get("accessList", []))
    assert transaction.blob_hashes == tuple(fields.get("blobVersionedHashes", ()))
    assert [one.address for one in transaction.authorizations] == [
        entry["address"] for entry in fields.get("authorizationList", ())
    ]


@_SLOW
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(raw: bytes) -> None:
    """Whatever the bytes are, they decode or are refused by name."""
    with contextlib.suppress(EvmError):
        decode_unsigned(raw)


@_SLOW
@given(st.integers(0, len(_LEGACY) // 2 - 2), st.integers(1, 255))
def test_no_changed_byte_stays_proven(position: int, flip: int) -> None:
    """A transaction that differs in one byte from the hashed one is never proven."""
    request_type, detail, extra = sample("keysign_eth_legacy_transfer")
    raw = bytearray.fromhex(_LEGACY[2:])
    raw[position] ^= flip
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = "0x" + raw.hex()

    found = facts(request_type, detail, extra)

    assert found.status == "CONTRADICTED"
    assert "HASH_MISMATCH" in [one.code for one in found.contradictions]


@_SLOW
@given(st.integers(0, len(_LEGACY) // 2 - 2), st.integers(1, 255))
def test_a_changed_byte_with_its_own_hash_moves_nothing_unseen(position: int, flip: int) -> None:
    """Where the requester hashes the changed bytes again, only the fee can differ and still be proven."""
    request_type, detail, extra = sample("keysign_eth_legacy_transfer")
    raw = bytearray.fromhex(_LEGACY[2:])
    raw[position] ^= flip
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = "0x" + raw.hex()
    detail["msg_hash_list"] = ["0x" + keccak256(bytes(raw)).hex()]

    found = facts(request_type, detail, extra)

    if found.status == "PROVEN":
        (transfer,) = found.transfers
        assert (transfer["to"], transfer["amount"]) == ("0x0f76f604fd7762bd94b48ca2523f69ab9665c97f", "100000000000000")
        assert 2 <= position <= 9  # gas price and gas limit: the fee


@_SLOW
@given(st.integers(0, 1199), st.integers(0, 127))
def test_no_changed_character_of_the_detail_stays_proven(position: int, character: int) -> None:
    """A request_detail that differs in one character is never proven, but for ids that nothing is compared with."""
    request_type, detail, extra = sample("keysign_eth_legacy_transfer")
    text = json.dumps(detail)
    position %= len(text)
    changed = text[:position] + chr(character) + text[position + 1 :]

    found = facts(request_type, changed, extra)

    if found.status == "PROVEN":
        value = json.loads(changed)
        same = {**value, "task_id": detail["task_id"], "tss_protocol": detail["tss_protocol"]}
        same["msg_hash_list"] = [text.lower() for text in value["msg_hash_list"]]
        assert same == detail
