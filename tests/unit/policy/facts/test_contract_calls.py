"""Contract calls: compared with their declaration, and taken apart to what moves, who may spend, and what runs."""

from typing import Any

import pytest
from evm_requests import (
    CONTRACT,
    NOBODY,
    SAFE,
    SPENDER,
    USDT,
    calldata,
    contract_call,
    exec_transaction,
    multi_send,
    transaction,
)
from facts_cases import ABSENT, ADDRESS, changed, codes, facts, registry_data, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.abi_methods import STANDARD
from placet_policy.facts.prove import Facts

_DESTINATION = "extra.transaction.destination"
_APPROVE = calldata("approve(address,uint256)", SPENDER, 5)
_TRANSFER = calldata("transfer(address,uint256)", SPENDER, 5)


def _calls(found: Facts) -> list[tuple[object, object, object, object]]:
    return [(call["depth"], call["operation"], call["to"], call["method"]) for call in found.calls]


def _moves(found: Facts) -> list[tuple[object, object, object, object]]:
    return [(one["asset"]["kind"], one["from"], one["to"], one["amount"]) for one in found.transfers]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{_DESTINATION}.address": SPENDER}, "DESTINATION_MISMATCH"),
        ({f"{_DESTINATION}.address": ""}, "DESTINATION_MISMATCH"),
        ({f"{_DESTINATION}.address": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.address": "0x12"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.address": "nobody"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.calldata": "0xa9059cbb"}, "CALLDATA_MISMATCH"),
        ({f"{_DESTINATION}.calldata": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.calldata": "0xa"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.value": "1"}, "AMOUNT_MISMATCH"),
        ({f"{_DESTINATION}.value": "1e18"}, "DECLARATION_NOT_CANONICAL"),
        ({"extra.transaction.chain_id": "ETH", "extra.transaction.token_id": "ETH"}, "CHAIN_ID_MISMATCH"),
        ({"extra.transaction.raw_tx_info.used_nonce": 8}, "NONCE_MISMATCH"),
        ({"extra.transaction.replacement": {"replaced_type": "Drop"}}, "DROP_NOT_SELF_SEND"),
    ],
)
def test_every_statement_of_a_contract_call_is_compared(changes: dict[str, Any], code: str) -> None:
    """Contract, calldata, value, chain and nonce are those of the bytes."""
    assert codes(changed("keysign_evm_contract_call", changes)) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {f"{_DESTINATION}.value": ABSENT},
        {f"{_DESTINATION}.value": "0.000"},
        {f"{_DESTINATION}.address": "0x52DAb98686d461Bb6Dac14f27640f3B6555d483F"},
        {f"{_DESTINATION}.calldata_info": {"name": "Something else", "method": {"name": "other"}}},
        {"extra.transaction.replacement": {"replaced_type": "SpeedUp"}},
    ],
    ids=["no value", "zeros", "mixed case", "another decoding", "speed-up"],
)
def test_harmless_differences_stay_proven(changes: dict[str, Any]) -> None:
    """An absent value, another spelling, and the provider's own decoding say nothing else than the bytes."""
    found = changed("keysign_evm_contract_call", changes)

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_a_creation_that_names_a_contract_contradicts() -> None:
    """An address is declared, and the bytes have none."""
    found = changed("keysign_evm_contract_creation", {f"{_DESTINATION}.address": CONTRACT})

    assert codes(found) == ["DESTINATION_MISMATCH"]


def test_what_a_contract_is_created_from_is_compared() -> None:
    """The declared code is the code in the bytes."""
    found = changed("keysign_evm_contract_creation", {f"{_DESTINATION}.calldata": "0x" + "60" * 60})

    (contradiction,) = found.contradictions
    assert (contradiction.code, contradiction.declared) == ("CALLDATA_MISMATCH", f"60 bytes, 0x{'60' * 36}…")


def test_a_call_that_sends_coins_along_is_a_call_and_a_transfer() -> None:
    """The coins go to the contract and meet the lists and limits of payments."""
    found = contract_call(b"\x01\x02\x03\x04", value=10**18)

    assert _calls(found) == [(0, "call", CONTRACT, None)]
    assert _moves(found) == [("native", ADDRESS, CONTRACT, "1000000000000000000")]
    assert found.summary == (
        f"Send 1 ETH to {CONTRACT} on ETH.",
        f"Call {CONTRACT}: 4 bytes of calldata that are not decoded.",
        "Fee at most 0.0000000000002 ETH.",
    )


def test_calldata_that_is_not_exact_stays_raw() -> None:
    """The declared calldata equals the bytes, so nothing contradicts; but nobody says what it means."""
    found = contract_call(_TRANSFER + b"\x00", to=USDT)

    assert (found.status, _calls(found), found.transfers) == ("PROVEN", [(0, "call", USDT, None)], ())
    assert found.calls[0]["hazards"] == ["INEXACT_CALLDATA"]


def test_a_batch_that_is_not_exact_is_a_hazard() -> None:
    """A Safe runs a transaction with a tail behind it like one without, so a listed function must not pass it."""
    inside = exec_transaction(CONTRACT, _TRANSFER, operation=1)

    assert [call["hazards"] for call in contract_call(inside + b"\x00", to=SAFE).calls] == [["INEXACT_CALLDATA"]]
    assert [call["hazards"] for call in contract_call(inside, to=SAFE).calls] == [[], []]
    assert [call["hazards"] for call in contract_call(b"\x01\x02\x03\x04", to=SAFE).calls] == [[]]


def test_a_safe_that_pays_the_sender_is_a_hazard() -> None:
    """A gas price that the signers chose is a payment to whoever sends the transaction."""
    signature = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
    data = calldata(signature, USDT, 0, _TRANSFER, 0, 0, 10**6, 10**12, NOBODY, SPENDER, bytes(65))

    assert [call["hazards"] for call in contract_call(data, to=SAFE).calls] == [["SAFE_REFUND"], []]


def test_tokens_of_the_registry_move_and_others_are_called() -> None:
    """Of a contract that nobody vouches for it is not said that its transfer moves anything."""
    ours, foreign = contract_call(_TRANSFER, to=USDT), contract_call(_TRANSFER)

    assert _moves(ours) == [("erc20", ADDRESS, SPENDER, "5")]
    assert _moves(foreign) == []
    assert _calls(ours) == [(0, "call", USDT, "transfer(address,uint256)")]
    assert _calls(foreign) == [(0, "call", CONTRACT, "transfer(address,uint256)")]


def test_a_transfer_from_somebody_moves_their_tokens() -> None:
    """The sender is the first argument and not the signer."""
    found = contract_call(calldata("transferFrom(address,address,uint256)", SPENDER, SAFE, 7), to=USDT)

    assert _moves(found) == [("erc20", SPENDER, SAFE, "7")]


def test_a_safe_transaction_is_opened() -> None:
    """The Safe, not the signer, sends the tokens."""
    found = contract_call(exec_transaction(USDT, _TRANSFER), to=SAFE)

    assert _calls(found) == [
        (0, "call", SAFE, "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"),
        (1, "call", USDT, "transfer(address,uint256)"),
    ]
    assert _moves(found) == [("erc20", SAFE, SPENDER, "5")]


@pytest.mark.parametrize("name", ["execTransactionFromModule", "execTransactionFromModuleReturnData"])
def test_a_transaction_by_a_module_of_a_safe_is_opened(name: str) -> None:
    """A module needs no signatures, and what it has the Safe do is the same."""
    data = calldata(f"{name}(address,uint256,bytes,uint8)", USDT, 0, _TRANSFER, 0)
    found = contract_call(data, to=SAFE)

    assert [(depth, to) for depth, _, to, _ in _calls(found)] == [(0, SAFE), (1, USDT)]
    assert _moves(found) == [("erc20", SAFE, SPENDER, "5")]


def test_a_payment_out_of_a_safe_is_a_transfer_and_no_call() -> None:
    """Coins without calldata are a payment wherever they come from."""
    found = contract_call(exec_transaction(SPENDER, b"", value=3), to=SAFE)

    assert [call["depth"] for call in found.calls] == [0]
    assert _moves(found) == [("native", SAFE, SPENDER, "3")]


def test_a_delegatecall_shown_as_a_transfer_is_a_delegatecall() -> None:
    """Bybit: the Safe runs foreign code as itself; the calldata looks like a harmless token transfer."""
    found = contract_call(exec_transaction(CONTRACT, _TRANSFER, operation=1), to=SAFE)

    assert _calls(found)[1] == (1, "delegatecall", CONTRACT, "transfer(address,uint256)")
    assert found.transfers == ()
    assert found.summary[1].startswith(f"Let the code of {CONTRACT} run as {SAFE} (delegatecall): transfer(")


def test_an_unknown_operation_of_a_safe_stays_raw() -> None:
    """Such a transaction reverts, or another contract only looks like a Safe."""
    assert _calls(contract_call(exec_transaction(USDT, _TRANSFER, operation=2), to=SAFE)) == [(0, "call", SAFE, None)]


def test_a_batch_of_a_safe_is_opened_in_its_order() -> None:
    """The multiSend contract's code runs as the Safe, so the Safe makes the calls."""
    batch = multi_send((0, USDT, 0, _TRANSFER), (0, SPENDER, 4, b""), (0, CONTRACT, 0, _APPROVE))
    found = contract_call(exec_transaction(CONTRACT, batch, operation=1), to=SAFE)

    assert [(depth, operation, to) for depth, operation, to, _ in _calls(found)] == [
        (0, "call", SAFE),
        (1, "delegatecall", CONTRACT),
        (2, "call", USDT),
        (2, "call", CONTRACT),
    ]
    assert _moves(found) == [("erc20", SAFE, SPENDER, "5"), ("native", SAFE, SPENDER, "4")]


@pytest.mark.parametrize(
    "packed",
    [b"\x00", bytes(84) + b"\x01", b"\x02" + bytes(84), bytes(84) + b"\x05" + bytes(4)],
    ids=["short head", "no content", "unknown operation", "short content"],
)
def test_a_batch_that_is_not_well_formed_stays_raw(packed: bytes) -> None:
    """Part of a batch is not shown as the whole."""
    found = contract_call(calldata("multiSend(bytes)", packed))

    assert _calls(found) == [(0, "call", CONTRACT, None)]
    assert found.calls[0]["hazards"] == ["INEXACT_CALLDATA"]


def test_a_multicall_calls_its_own_contract() -> None:
    """Each element is calldata of the same contract; coins that go along are counted once."""
    data = calldata("multicall(bytes[])", [_TRANSFER, calldata("multicall(uint256,bytes[])", 1, [_TRANSFER])])
    found = contract_call(data, to=USDT, value=6)

    assert [depth for depth, *_ in _calls(found)] == [0, 1, 1, 2]
    assert _moves(found) == [
        ("native", ADDRESS, USDT, "6"),
        ("erc20", ADDRESS, SPENDER, "5"),
        ("erc20", ADDRESS, SPENDER, "5"),
    ]


def test_too_many_calls_are_unprovable() -> None:
    """What is not looked at is not proven, by number and by depth."""
    wide = calldata("multicall(bytes[])", [_TRANSFER] * 64)
    deep = _TRANSFER
    for _ in range(9):
        deep = calldata("multicall(bytes[])", [deep])

    assert codes(contract_call(wide)) == codes(contract_call(deep)) == ["CALLS_TOO_MANY"]
    assert codes(contract_call(calldata("multicall(bytes[])", [_TRANSFER] * 63))) == []
    assert codes(contract_call(multi_send(*[(0, USDT, 0, _TRANSFER)] * 100))) == ["CALLS_TOO_MANY"]


def test_too_much_calldata_is_unprovable() -> None:
    """Every level of a batch holds the ones below it whole; the facts show at most 384 KiB of it."""
    data = bytes(126_000)
    for _ in range(4):
        data = calldata("multicall(bytes[])", [data])
    found = contract_call(data)

    assert (found.status, codes(found)) == ("UNPROVABLE", ["CALLS_TOO_MANY"])
    assert [call["depth"] for call in found.calls] == [0, 1, 2]


def test_a_batch_of_a_safe_as_large_as_a_transaction_is_looked_at() -> None:
    """Transaction, batch and calls: the calldata is there three times."""
    batch = multi_send(*[(0, SPENDER, 0, bytes(2_000))] * 60)
    found = contract_call(exec_transaction(CONTRACT, batch, operation=1), to=SAFE)

    assert (found.status, codes(found), len(found.calls)) == ("PROVEN", [], 62)


def test_a_changed_implementation_is_named() -> None:
    """WazirX: the code behind an address is changed."""
    found = contract_call(calldata("upgradeTo(address)", SPENDER))

    assert found.summary[:-1] == (f"Call {CONTRACT}: upgradeTo(implementation {SPENDER}).",)


def test_the_teams_own_methods_decode_by_the_registry() -> None:
    """A signature in registry.abis gives names to the arguments."""
    data = registry_data()
    data["abis"] = {"transfer(address,uint256,bytes)": {"args": ["to", "value", "note"]}}
    call_data = (
        bytes.fromhex("be45fd62") + calldata("safeTransferFrom(address,address,uint256)", SPENDER, SPENDER, 1)[36:]
    )
    encoded = call_data[:4] + bytes(12) + bytes.fromhex(SPENDER[2:]) + (5).to_bytes(32, "big")
    encoded += (96).to_bytes(32, "big") + bytes(32)
    request_type, detail, extra = sample("keysign_evm_contract_call")
    extra["transaction"]["destination"]["calldata"] = "0x" + encoded.hex()
    changes = transaction(encoded, chain_id=11155111)
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = changes["extra.transaction.raw_tx_info.unsigned_raw_tx"]
    detail["msg_hash_list"] = changes["detail.msg_hash_list"]

    (call,) = facts(request_type, detail, extra, data).calls

    assert call["method"] == "transfer(address,uint256,bytes)"
    assert call["args"] == [
        {"name": "to", "type": "address", "value": SPENDER},
        {"name": "value", "type": "uint256", "value": "5"},
        {"name": "note", "type": "bytes", "value": "0x"},
    ]


_BLOBS: dict[str, Any] = {"type": 3, "maxFeePerBlobGas": 5, "blobVersionedHashes": [b"\x01" * 32]}
_AUTHORIZATION = {
    "chainId": 1,
    "address": bytes.fromhex(SPENDER[2:]),
    "nonce": 9,
    "yParity": 1,
    "r": 1,
    "s": 1,
}
_HANDED_OVER: dict[str, Any] = {"type": 4, "authorizationList": [_AUTHORIZATION]}


def test_blobs_and_authorizations_of_a_call_are_facts() -> None:
    """Whether they are allowed is policy; what they are is not lost."""
    blobs, handed_over = contract_call(_TRANSFER, **_BLOBS), contract_call(_TRANSFER, **_HANDED_OVER)

    assert blobs.chain is not None
    assert handed_over.chain is not None
    assert (blobs.status, blobs.chain["blob_hashes"]) == ("PROVEN", ["0x" + "01" * 32])
    assert (handed_over.status, handed_over.chain["transaction_type"]) == ("PROVEN", "eip7702")
    assert handed_over.chain["authorizations"] == [{"network": "1", "address": SPENDER, "nonce": "9"}]
    assert f"Hands an account over to the code of {SPENDER} (EIP-7702)." in handed_over.summary


@pytest.mark.parametrize(("more", "code"), [(_BLOBS, "BLOBS_PRESENT"), (_HANDED_OVER, "AUTHORIZATIONS_PRESENT")])
def test_a_payment_carries_nothing_beside(more: dict[str, Any], code: str) -> None:
    """A Withdrawal declares a payment, and blobs and authorizations are none."""
    to = "0x0f76f604fd7762bd94b48ca2523f69ab9665c97f"
    changes = transaction(b"", to=to, value=10**14, **more)
    found = changed("keysign_eth_legacy_transfer", {**changes, "extra.transaction.raw_tx_info.used_nonce": 7})

    assert codes(found) == [code]


_SEEDS = [
    _TRANSFER,
    _APPROVE,
    exec_transaction(CONTRACT, multi_send((0, USDT, 0, _TRANSFER), (1, SPENDER, 4, b"")), operation=1),
    calldata("multicall(bytes[])", [_TRANSFER, _APPROVE]),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_SEEDS), st.integers(0, 2_000), st.integers(0, 255))
def test_a_changed_byte_of_calldata_is_seen_or_stays_raw(seed: bytes, position: int, value: int) -> None:
    """Decoded arguments give the bytes back, and known selectors with other bytes are a hazard; nothing else fails."""
    data = bytearray(seed)
    data[position % len(data)] = value
    found = contract_call(bytes(data), to=SAFE)
    (outer, *_) = found.calls

    assert set(codes(found)) <= {"CALLS_TOO_MANY"}
    assert outer["data"] == "0x" + bytes(data).hex()
    known = bytes(data[:4]) in STANDARD
    assert (outer["method"] is not None) == (known and outer["hazards"] != ["INEXACT_CALLDATA"])
