"""TRON contract calls: compared with their declaration, and described like an EVM call with TRON's addresses."""

import hashlib
from typing import Any

import pytest
import tron_oracle as oracle
from evm_requests import calldata
from facts_cases import ABSENT, codes, facts, registry_data
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.facts.prove import Facts
from tron_calls import call_parts, contract_call

_OWNER = "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"
_USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
_SPENDER = "TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer"
_FOREIGN = bytes.fromhex("41e876a143caa635d1505155871fc3d88e1fb33f64")
_ROUTER = bytes.fromhex("4166f820a414680b5bcda5eeca5dea238543f42054")
_ROUTER_TEXT = "TKMfApuwG3cUrrEMEYomHQtVhV4ArWkCi4"
_DESTINATION = "extra.transaction.destination"
_SPENDER_WORD = "0x" + oracle.SUPPLIER[1:].hex()
_APPROVE = calldata("approve(address,uint256)", _SPENDER_WORD, 5)
_SLOW = settings(max_examples=120, deadline=None)


def _moves(found: Facts) -> list[tuple[object, object, object, object]]:
    return [(one["asset"]["kind"], one["from"], one["to"], one["amount"]) for one in found.transfers]  # type: ignore[index,call-overload]


def test_facts_of_an_approval() -> None:
    """Every address of call, argument and approval is TRON's, and the fee is bounded like a payment's."""
    found = contract_call(_APPROVE).to_json()

    assert found["status"] == "PROVEN"
    assert found["transfers"] == []
    assert found["calls"] == [
        {
            "from": _OWNER,
            "to": _USDT,
            "to_declared": _USDT,
            "selector": "0x095ea7b3",
            "method": "approve(address,uint256)",
            "args": [
                {"name": "spender", "type": "address", "value": _SPENDER},
                {"name": "amount", "type": "uint256", "value": "5"},
            ],
            "data": "0x" + _APPROVE.hex(),
            "value": "0",
            "operation": "call",
            "approval": {"token": _USDT, "spender": _SPENDER, "amount": "5", "unlimited": False},
            "hazards": [],
            "depth": 0,
            "source": "bytes",
        }
    ]
    assert found["fee"] == {
        "max": "40345000",
        "asset": {"kind": "native", "contract": None, "token": "TRON", "chain": "TRON"},
        "source": "bytes",
    }
    assert found["summary"] == [
        f"Call {_USDT}: approve(spender {_SPENDER}, amount 5).",
        f"Approves {_SPENDER} to spend 0.000005 USDT ({_USDT}).",
        "Fee at most 40.345 TRX.",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{_DESTINATION}.address": _SPENDER}, "DESTINATION_MISMATCH"),
        ({f"{_DESTINATION}.address": ""}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.address": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.address": "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.calldata": "0x095ea7b3"}, "CALLDATA_MISMATCH"),
        ({f"{_DESTINATION}.calldata": "0x" + _APPROVE.hex() + "00"}, "CALLDATA_MISMATCH"),
        ({f"{_DESTINATION}.calldata": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.calldata": "0xa"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.value": "1"}, "AMOUNT_MISMATCH"),
        ({f"{_DESTINATION}.value": "1e6"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.memo": "order 7"}, "MEMO_MISMATCH"),
        ({"extra.transaction.chain_id": "SOL"}, "TOKEN_CHAIN_MISMATCH"),
        ({"extra.transaction.replacement": {"replaced_type": "Drop"}}, "KIND_NOT_SUPPORTED"),
        ({"extra.transaction.destination.destination_type": "EVM_Contract"}, "KIND_NOT_SUPPORTED"),
        ({"detail.msg_hash_list.0": "0x" + "11" * 32}, "HASH_MISMATCH"),
        ({"detail.bip32_path_list.0": "m/44/195/1/0/1"}, "DERIVATION_MISMATCH"),
        ({"extra.transaction.raw_tx_info.unsigned_raw_tx": ABSENT}, "RAW_TX_MISSING"),
    ],
)
def test_every_statement_of_a_call_is_compared(changes: dict[str, Any], code: str) -> None:
    """Contract, calldata, value, chain and keys are those of the bytes, or the request is not proven."""
    found = contract_call(_APPROVE, changes=changes)

    assert found.status != "PROVEN"
    assert code in codes(found)


@pytest.mark.parametrize(
    "changes",
    [
        {f"{_DESTINATION}.value": ABSENT},
        {f"{_DESTINATION}.value": "0.000000000"},
        {f"{_DESTINATION}.calldata": _APPROVE.hex()},
        {f"{_DESTINATION}.calldata": "0x" + _APPROVE.hex().upper()},
        {"extra.transaction.chain_id": ABSENT},
        {"extra.transaction.token_id": "TRON_USDT"},
        {"extra.transaction.token_id": ABSENT},
        {"extra.transaction.replacement": {"replaced_type": "Resend"}},
    ],
    ids=["no value", "zeros", "no prefix", "upper case", "no chain", "token", "no token", "resend"],
)
def test_harmless_differences_stay_proven(changes: dict[str, Any]) -> None:
    """Optional statements, spellings of hexadecimal text and a Resend say nothing else than the bytes."""
    found = contract_call(_APPROVE, changes=changes)

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        (oracle.raw(oracle.trigger(_APPROVE, owner_address=_FOREIGN)), ["OWNER_MISMATCH"]),
        (oracle.raw(oracle.trigger(_APPROVE, to=_FOREIGN)), ["DESTINATION_MISMATCH"]),
        (oracle.raw(oracle.trigger(_APPROVE + b"\x00")), ["CALLDATA_MISMATCH"]),
        (oracle.raw(oracle.trigger(calldata("approve(address,uint256)", _SPENDER_WORD, 6))), ["CALLDATA_MISMATCH"]),
        (oracle.raw(oracle.trigger(_APPROVE, call_value=1)), ["AMOUNT_MISMATCH"]),
        (oracle.raw(oracle.trigger(_APPROVE, call_token_value=1)), ["TRC10_VALUE_PRESENT"]),
        (oracle.raw(oracle.trigger(_APPROVE, token_id=1002000)), ["TRC10_VALUE_PRESENT"]),
        (oracle.raw(oracle.trigger(_APPROVE), data=b"order 7"), ["MEMO_MISMATCH"]),
        (oracle.raw(oracle.trigger(_APPROVE), scripts=b"x"), ["BYTES_NOT_CANONICAL"]),
        (oracle.raw(oracle.trigger(_APPROVE)) + b"\x00", ["BYTES_NOT_CANONICAL"]),
        (oracle.raw(oracle.trigger(_APPROVE), oracle.trigger(_APPROVE)), ["CONTRACT_COUNT_MISMATCH"]),
        (oracle.raw(), ["CONTRACT_COUNT_MISMATCH"]),
        (oracle.raw(oracle.transfer()), ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.contract(30, "CreateSmartContract", b"")), ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.contract(46, "AccountPermissionUpdateContract", b"")), ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.contract(57, "DelegateResourceContract", b"")), ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.contract(99, "New", b"x")), ["CONTRACT_TYPE_MISMATCH"]),
    ],
)
def test_a_deviation_of_the_bytes_has_its_own_code(signed: bytes, expected: list[str]) -> None:
    """The requester hashed the bytes again, so nothing but their content tells."""
    found = contract_call(_APPROVE, signed=signed)

    assert (found.status, codes(found)) == ("CONTRADICTED", expected)


def test_another_permission_contradicts() -> None:
    """A call under another permission than the owner's is signed for more than is declared."""
    value = oracle.encode(
        "TriggerSmartContract", owner_address=oracle.OWNER, contract_address=oracle.USDT, data=_APPROVE
    )
    signed = oracle.raw(oracle.contract(31, "TriggerSmartContract", value, permission_id=2))

    assert codes(contract_call(_APPROVE, signed=signed)) == ["PERMISSION_PRESENT"]


def test_an_approval_behind_trailing_bytes_is_a_hazard() -> None:
    """The contract runs it like the approval that it begins with, so that a listed function must not pass it."""
    (call,) = contract_call(_APPROVE + b"\x00").calls

    assert (call["method"], call["approval"], call["hazards"]) == (None, None, ["INEXACT_CALLDATA"])


def test_dirty_address_words_are_a_hazard() -> None:
    """TRON's machine reads the last 20 bytes of a word, whatever stands before them."""
    dirty = _APPROVE[:15] + b"\x41" + _APPROVE[16:]
    found = contract_call(dirty)

    assert found.status == "PROVEN"
    assert found.calls[0]["hazards"] == ["INEXACT_CALLDATA"]


@pytest.mark.parametrize(
    ("signature", "arguments", "moves"),
    [
        ("transfer(address,uint256)", (_SPENDER_WORD, 7), [("trc20", _OWNER, _SPENDER, "7")]),
        (
            "transferFrom(address,address,uint256)",
            ("0x" + _ROUTER[1:].hex(), _SPENDER_WORD, 7),
            [("trc20", _ROUTER_TEXT, _SPENDER, "7")],
        ),
    ],
)
def test_tokens_of_the_registry_move_and_others_are_called(
    signature: str, arguments: tuple[Any, ...], moves: list[tuple[str, str, str, str]]
) -> None:
    """What moves meets the same limits and lists as a payment; of a foreign contract nothing is claimed."""
    data = calldata(signature, *arguments)

    assert _moves(contract_call(data)) == moves
    assert _moves(contract_call(data, to=_ROUTER)) == []
    assert [call["method"] for call in contract_call(data, to=_ROUTER).calls] == [signature]


@pytest.mark.parametrize(
    ("signature", "approval"),
    [
        ("approve(address,uint256)", {"amount": str(2**256 - 1), "unlimited": True}),
        ("increaseAllowance(address,uint256)", {"amount": str(2**256 - 1), "unlimited": True}),
    ],
)
def test_an_unlimited_approval_is_named(signature: str, approval: dict[str, Any]) -> None:
    """Who may spend everything is said with TRON's address, so that a rule can list it."""
    (call,) = contract_call(calldata(signature, _SPENDER_WORD, 2**256 - 1)).calls

    assert call["approval"] == {"token": _USDT, "spender": _SPENDER, **approval}


def test_coins_that_go_along_are_a_call_and_a_transfer() -> None:
    """call_value is what `value` declares, in TRX of the registry's decimals."""
    found = contract_call(b"\x01\x02\x03\x04", to=_ROUTER, value="1.5", call_value=1_500_000)

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert _moves(found) == [("native", _OWNER, _ROUTER_TEXT, "1500000")]
    assert [(call["to"], call["selector"], call["value"]) for call in found.calls] == [
        (_ROUTER_TEXT, "0x01020304", "1500000")
    ]


def test_a_call_without_calldata_is_a_call() -> None:
    """The contract's code runs all the same, because a payment would be a TransferContract."""
    found = contract_call(b"", to=_ROUTER, value="1", call_value=1_000_000, changes={f"{_DESTINATION}.calldata": "0x"})

    assert found.status == "PROVEN"
    assert [(call["to"], call["selector"]) for call in found.calls] == [(_ROUTER_TEXT, None)]
    assert _moves(found) == [("native", _OWNER, _ROUTER_TEXT, "1000000")]


def test_calls_inside_a_call_are_opened() -> None:
    """A batch is taken apart as on EVM, and an approval inside it is one."""
    found = contract_call(calldata("multicall(bytes[])", [_APPROVE]), to=_ROUTER)

    assert [(call["depth"], call["from"], call["to"], call["method"]) for call in found.calls] == [
        (0, _OWNER, _ROUTER_TEXT, "multicall(bytes[])"),
        (1, _OWNER, _ROUTER_TEXT, "approve(address,uint256)"),
    ]
    assert found.calls[1]["approval"] == {
        "token": _ROUTER_TEXT,
        "spender": _SPENDER,
        "amount": "5",
        "unlimited": False,
    }


def test_too_many_calls_are_not_proven() -> None:
    """What is not looked at is not proven, on TRON too."""
    assert codes(contract_call(calldata("multicall(bytes[])", [b""] * 65), to=_ROUTER)) == ["CALLS_TOO_MANY"]


def test_a_method_of_the_registry_is_decoded() -> None:
    """The team's own signatures serve both kinds of chain."""
    data = registry_data()
    data["abis"] = {"stake(address[],uint256)": {"args": ["pools", "amount"]}}
    words = [64, 9, 1, int.from_bytes(oracle.SUPPLIER[1:], "big")]
    body = bytes.fromhex("6288cab2") + b"".join(word.to_bytes(32, "big") for word in words)
    (call,) = contract_call(body, to=_ROUTER, data=data).calls

    assert call["args"] == [
        {"name": "pools", "type": "address[]", "value": [_SPENDER]},
        {"name": "amount", "type": "uint256", "value": "9"},
    ]


def test_a_call_on_an_unknown_network_names_no_token() -> None:
    """Without prices no fee is bounded, and without a network no token is known."""
    data = registry_data()
    data["chains"]["TRON"]["testnet"] = True
    del data["chains"]["TRON"]["tron_prices"]
    found = contract_call(calldata("transfer(address,uint256)", _SPENDER_WORD, 7), data=data)

    assert found.transfers == ()
    assert found.fee is not None
    assert (found.fee["max"], found.fee["asset"]["token"]) == (None, None)  # type: ignore[index,call-overload]


@_SLOW
@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_with_its_own_hash_does_nothing_unseen(position: int, flip: int) -> None:
    """Where the requester hashes the changed bytes again, only life time, reference block and fee may differ."""
    before = contract_call(_APPROVE)
    raw = bytearray(oracle.raw(oracle.trigger(_APPROVE), fee_limit=40_000_000))
    raw[position % len(raw)] ^= flip
    found = contract_call(_APPROVE, signed=bytes(raw))

    if found.status == "PROVEN":
        assert (found.transfers, found.calls) == (before.transfers, before.calls)
        assert found.hashes[0]["hash"] == "0x" + hashlib.sha256(raw).hexdigest()
        assert (found.chain, found.fee) != (before.chain, before.fee)


@_SLOW
@given(data=st.binary(max_size=200), value=st.integers(0, 2**63 - 1))
def test_no_calldata_raises(data: bytes, value: int) -> None:
    """Any calldata that is declared as it is becomes a call, decoded or not, and its coins a transfer."""
    coins = f"{value // 10**6}.{value % 10**6:06}"
    found = contract_call(data, value=coins, call_value=value, changes={f"{_DESTINATION}.calldata": "0x" + data.hex()})

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.calls[0]["data"] == "0x" + data.hex()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@_SLOW
@given(name=st.sampled_from(["address", "calldata", "value", "memo"]), value=_JSON)
def test_no_declaration_raises(name: str, value: Any) -> None:
    """Whatever stands in the declaration is compared or named, and proves nothing by itself."""
    request_type, detail, extra = call_parts(_APPROVE)
    honest = extra["transaction"]["destination"].get(name)
    extra["transaction"]["destination"][name] = value
    found = facts(request_type, detail, extra)

    assert found.status != "PROVEN" or value in (honest, None, "", "0", "00")
