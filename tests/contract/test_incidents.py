"""Three losses (docs/incidents.md), rebuilt as callback requests and sent through the real gate, OPA and rules."""

import asyncio
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from evm_requests import (
    CONTRACT,
    SAFE,
    SPENDER,
    USDT,
    calldata,
    declared_call,
    exec_transaction,
    safe_transaction,
    text_message,
    transaction,
    typed_message,
)
from facts_cases import changed_sample, facts
from pipeline import POLICIES, running_pipeline
from placet_callback.envelope import encode_request
from placet_policy.chains.eip712 import read_typed_data
from placet_policy.chains.evm import keccak256

Request = tuple[int, dict[str, Any], dict[str, Any]]


class Answer(NamedTuple):
    """Effect and reason codes of a decision."""

    effect: str
    codes: list[str]


# Bybit: the attacker's contract has a function called transfer, which replaces the code of whoever delegates to it.
_DISGUISED = calldata("transfer(address,uint256)", SPENDER, 0)
_SUPPLIER = "0x8b45b84e2cf29e5f826797df7e1aa93fc71a2bfd"
_PAYMENT = calldata("transfer(address,uint256)", _SUPPLIER, 5)
_UPGRADE = calldata("upgradeTo(address)", SPENDER)
_NEW_OWNER = keccak256(b"transferOwnership(address)")[:4] + bytes(12) + bytes.fromhex(SPENDER[2:])
_PAYING = safe_transaction(USDT, _PAYMENT)
_HAND_OVER = safe_transaction(CONTRACT, _NEW_OWNER)
_HAND_OVER_HASH = read_typed_data(_HAND_OVER).digest
_DELEGATES = f"Let the code of {CONTRACT} run as {SAFE} (delegatecall): transfer(to {SPENDER}, amount 0)."
_UPGRADES = f"Call {CONTRACT}: upgradeTo(implementation {SPENDER})."
_SHOWN_AS_PAYMENT = {"name": "Tether USD", "method": {"name": "transfer", "sig": "transfer(address,uint256)"}}


def _withdrawal(data: bytes, *, to: str) -> Request:
    """A payment of 50 USDT is declared; the bytes call something else."""
    return changed_sample("keysign_eth_erc20_transfer", transaction(data, to=to, nonce=4))


def _call(declared: Mapping[str, Any], data: bytes, *, to: str) -> Request:
    """A contract call that the provider's own decoding calls a transfer."""
    shown = {"extra.transaction.destination.calldata_info": _SHOWN_AS_PAYMENT}
    place = {"extra.source_addresses.0.chain_id": "ETH"}
    return changed_sample("keysign_evm_contract_call", {**declared, **shown, **place, **transaction(data, to=to)})


def _message(shown: dict[str, Any], signed: dict[str, Any]) -> Request:
    """Typed data that is shown, and the digest of other typed data that is signed."""
    digest = {"detail.msg_hash_list.0": "0x" + read_typed_data(signed).digest.hex()}
    return changed_sample("keysign_message_eip191", {**typed_message(shown), **digest})


def _bare_hash(digest: bytes) -> Request:
    text = "0x" + digest.hex()
    changes = {"extra.transaction.destination.msg_hash": text, "detail.msg_hash_list.0": text}
    return changed_sample("a51_raw_message_signature", changes)


_DELEGATED = safe_transaction(CONTRACT, _DISGUISED, operation=1)
_EXECUTED = exec_transaction(CONTRACT, _DISGUISED, operation=1)
REQUESTS: dict[str, Request] = {
    "bybit, shown as a withdrawal": _withdrawal(_EXECUTED, to=SAFE),
    "bybit, shown as a call": _message(safe_transaction(CONTRACT, _DISGUISED), _DELEGATED),
    "bybit, declared as it is": _message(_DELEGATED, _DELEGATED),
    "bybit, executed": _call(declared_call(_EXECUTED, to=SAFE), _EXECUTED, to=SAFE),
    "wazirx, shown as a withdrawal": _withdrawal(_UPGRADE, to=CONTRACT),
    "wazirx, shown as a transfer": _call(declared_call(_PAYMENT, to=USDT), _UPGRADE, to=CONTRACT),
    "wazirx, declared as it is": _call(declared_call(_UPGRADE), _UPGRADE, to=CONTRACT),
    "radiant, bare hash": _bare_hash(_HAND_OVER_HASH),
    "radiant, hash as a text": changed_sample("keysign_message_eip191", text_message(_HAND_OVER_HASH)),
    "radiant, shown as a payment": _message(_PAYING, _HAND_OVER),
    "radiant, the payment shown": _message(_PAYING, _PAYING),
    "radiant, declared as it is": _message(_HAND_OVER, _HAND_OVER),
}

_LISTED = {"label": "listed without a second look"}
CARELESS: dict[str, Any] = {
    "rules/contract_call": {
        "allowed": {
            "ETH": {
                SAFE: {"0x6a761202": _LISTED},
                CONTRACT: {"0xa9059cbb": _LISTED, "0x3659cfe6": _LISTED, "0xf2fde38b": _LISTED},
                USDT: {"0xa9059cbb": _LISTED},
            }
        }
    },
    "rules/message_signing": {
        "typed": {"1": {SAFE: {"SafeTx": _LISTED}}},
        "texts": {"demo-treasury": _LISTED},
        "effects": {"RAW_HASH": "hold"},
    },
}
"""Data that list every contract, function and message of the three losses, and soften what may be softened."""

RECKLESS: dict[str, Any] = {
    "rules/contract_call": {"delegates": {"ETH": {CONTRACT: _LISTED}}},
    "rules/message_signing": {"effects": {"MAY_BE_HASH": "allow"}},
}
"""Laid over `CARELESS`: the attacker's code may run as ours, and texts may be hashes."""


def _merge(into: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


def _policies(folder: Path, *changes: Mapping[str, Any]) -> Path:
    """A copy of the policies with changed data."""
    shutil.copytree(POLICIES, folder)
    for rule, changed in (entry for each in changes for entry in each.items()):
        file = folder / "bundle" / "placet" / rule / "data.json"
        data = json.loads(file.read_bytes())
        _merge(data, changed)
        file.write_text(json.dumps(data))
    return folder


async def _answers(work: Path, *changes: Mapping[str, Any]) -> dict[str, Answer]:
    """What Placet decides about every request."""
    answers = {}
    async with running_pipeline(work, policies=_policies(work / "changed", *changes)) as pipeline:
        for name, (request_type, detail, extra) in REQUESTS.items():
            package = encode_request(name, request_type, json.dumps(detail), json.dumps(extra))
            decision = await pipeline.send_package(package)
            answers[name] = Answer(decision.effect.value, sorted({reason.code for reason in decision.reasons}))
    return answers


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """The answers of the rules as they ship; the demonstration data only pin the key and name limits."""
    return asyncio.run(_answers(tmp_path_factory.mktemp("shipped")))


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """The answers under `CARELESS`."""
    return asyncio.run(_answers(tmp_path_factory.mktemp("careless"), CARELESS))


@pytest.fixture(scope="module")
def reckless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """The answers under `CARELESS` and `RECKLESS`."""
    return asyncio.run(_answers(tmp_path_factory.mktemp("reckless"), CARELESS, RECKLESS))


def test_bybit_is_denied_also_where_contract_and_function_are_listed(
    shipped: dict[str, Answer], careless: dict[str, Answer]
) -> None:
    """A delegatecall to a contract that is no listed delegate is refused, and a hash of something else contradicts."""
    expected = {
        "bybit, shown as a withdrawal": Answer(
            "DENY", ["CALLDATA_NOT_EXACT", "CONTRACT_CALL_DENIED", "CONTRADICTION_DENIED", "TOKEN_CONTRACT_MISMATCH"]
        ),
        "bybit, shown as a call": Answer("DENY", ["CONTRADICTION_DENIED", "HASH_MISMATCH"]),
        "bybit, declared as it is": Answer("DENY", ["CONTRACT_CALL_DENIED"]),
        "bybit, executed": Answer("DENY", ["CONTRACT_CALL_DENIED"]),
    }

    assert _of("bybit", shipped) == expected
    assert _of("bybit", careless) == expected


def test_wazirx_is_denied_where_another_transaction_was_shown(
    shipped: dict[str, Answer], careless: dict[str, Answer]
) -> None:
    """The bytes are not the declared transfer, whatever is listed; declared as it is, an upgrade waits for a list."""
    shown = {
        "wazirx, shown as a withdrawal": Answer(
            "DENY", ["CALLDATA_NOT_EXACT", "CONTRADICTION_DENIED", "TOKEN_CONTRACT_MISMATCH"]
        ),
        "wazirx, shown as a transfer": Answer(
            "DENY", ["CALLDATA_MISMATCH", "CONTRADICTION_DENIED", "DESTINATION_MISMATCH"]
        ),
    }

    declared = Answer("HOLD", ["CONTRACT_CALLS_NOT_CONFIGURED"])
    assert _of("wazirx", shipped) == {**shown, "wazirx, declared as it is": declared}
    assert _of("wazirx", careless) == {**shown, "wazirx, declared as it is": Answer("ALLOW", [])}


def test_radiant_is_not_signed_blindly_whatever_is_opened(
    shipped: dict[str, Answer], careless: dict[str, Answer]
) -> None:
    """No data open a bare hash, and the payment that was shown passes only with its own hash."""
    shown = Answer("DENY", ["CONTRADICTION_DENIED", "HASH_MISMATCH"])
    closed = Answer("HOLD", ["CONTRACT_CALLS_NOT_CONFIGURED", "MESSAGES_NOT_CONFIGURED"])

    assert _of("radiant", shipped) == {
        "radiant, bare hash": Answer("DENY", ["BLIND_SIGNATURE", "MESSAGE_DENIED"]),
        "radiant, hash as a text": Answer("HOLD", ["MESSAGES_NOT_CONFIGURED", "MESSAGE_HELD"]),
        "radiant, shown as a payment": shown,
        "radiant, the payment shown": closed,
        "radiant, declared as it is": closed,
    }
    assert _of("radiant", careless) == {
        "radiant, bare hash": Answer(
            "HOLD", ["BLIND_SIGNATURE", "MESSAGES_NOT_CONFIGURED", "MESSAGE_HELD", "UNPROVABLE"]
        ),
        "radiant, hash as a text": Answer("HOLD", ["MESSAGE_HELD"]),
        "radiant, shown as a payment": shown,
        "radiant, the payment shown": Answer("ALLOW", []),
        "radiant, declared as it is": Answer("ALLOW", []),
    }


def test_what_a_list_opens_is_open(reckless: dict[str, Answer]) -> None:
    """Proven bytes that the team's own data allow are allowed: nothing but the data stands between them and a loss."""
    allowed = [name for name, answer in reckless.items() if answer == Answer("ALLOW", [])]

    assert allowed == [
        "bybit, declared as it is",
        "bybit, executed",
        "wazirx, declared as it is",
        "radiant, hash as a text",
        "radiant, the payment shown",
        "radiant, declared as it is",
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("bybit, executed", _DELEGATES),
        ("bybit, shown as a withdrawal", _DELEGATES),
        ("bybit, declared as it is", _DELEGATES),
        ("wazirx, shown as a transfer", _UPGRADES),
        ("wazirx, shown as a withdrawal", _UPGRADES),
        ("radiant, declared as it is", f"Call {CONTRACT}: 36 bytes of calldata that are not decoded."),
        ("radiant, hash as a text", "It may be the hash of a transaction."),
        ("radiant, bare hash", f"Sign the bare hash 0x{_HAND_OVER_HASH.hex()}; nobody can see of what."),
    ],
)
def test_people_read_what_the_bytes_do(name: str, line: str) -> None:
    """The summary follows the bytes and not what was shown beside them."""
    assert line in facts(*REQUESTS[name]).summary


@pytest.mark.parametrize(
    ("name", "differences"),
    [
        (
            "wazirx, shown as a transfer",
            [
                ("DESTINATION_MISMATCH", USDT, CONTRACT),
                (
                    "CALLDATA_MISMATCH",
                    f"68 bytes, 0xa9059cbb{_SUPPLIER[2:]:0>64}…",
                    f"36 bytes, 0x3659cfe6{SPENDER[2:]:0>64}",
                ),
            ],
        ),
        (
            "wazirx, shown as a withdrawal",
            [
                ("TOKEN_CONTRACT_MISMATCH", f"ETH_USDT ({USDT})", CONTRACT),
                ("CALLDATA_NOT_EXACT", "one ERC-20 transfer", "36 bytes of something else"),
            ],
        ),
        (
            "bybit, shown as a withdrawal",
            [
                ("TOKEN_CONTRACT_MISMATCH", f"ETH_USDT ({USDT})", SAFE),
                ("CALLDATA_NOT_EXACT", "one ERC-20 transfer", "580 bytes of something else"),
            ],
        ),
    ],
)
def test_what_was_shown_stands_beside_what_the_bytes_say(name: str, differences: list[tuple[str, str, str]]) -> None:
    """A contradiction names both, so that people see the lie."""
    found = facts(*REQUESTS[name]).contradictions

    assert [(str(one.code), one.declared, one.proven) for one in found] == differences


def _of(incident: str, answers: dict[str, Answer]) -> dict[str, Answer]:
    return {name: answer for name, answer in answers.items() if name.startswith(incident)}
