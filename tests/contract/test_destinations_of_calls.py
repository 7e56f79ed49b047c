"""Requests whose bytes move assets in other ways than a plain payment, sent through the real gate, OPA and rules."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from evm_requests import (
    SPENDER,
    USDT,
    calldata,
    declared_call,
    safe_transaction,
    transaction,
    typed_data,
    typed_message,
)
from facts_cases import ADDRESS, changed_sample
from pipeline import POLICIES, running_pipeline
from placet_callback.envelope import encode_request

Request = tuple[int, dict[str, Any], dict[str, Any]]


def _drop(**more: Any) -> Request:
    declared = {"extra.transaction.replacement": {"replaced_type": "Drop"}}
    bytes_of = transaction(b"", **{"to": ADDRESS, "gas": 21_000, "nonce": 12, **more})
    return changed_sample("keysign_eth_eip1559_transfer", {**bytes_of, **declared})


def _call(data: bytes, **more: Any) -> Request:
    place = {"extra.source_addresses.0.chain_id": "ETH"}
    changes = {**place, **declared_call(data, **more), **transaction(data, **more)}
    return changed_sample("keysign_evm_contract_call", changes)


def _safe_message(**more: Any) -> Request:
    return changed_sample("keysign_message_eip191", typed_message(safe_transaction(SPENDER, b"", **more)))


def _authorized(to: str, value: int) -> Request:
    """A transfer that whoever has the signature can make (EIP-3009)."""
    members = "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce"
    values = {"from": ADDRESS, "to": to, "value": value, "validAfter": 0, "validBefore": 1, "nonce": "0x" + "01" * 32}
    data = typed_data("TransferWithAuthorization", {"TransferWithAuthorization": members}, values, contract=USDT)
    return changed_sample("keysign_message_eip191", typed_message(data))


_DRAWS = calldata("transferFrom(address,address,uint256)", SPENDER, ADDRESS, 5)
_NOT_OPEN = ["CALL_DESTINATION_HELD", "CONTRACT_CALLS_NOT_CONFIGURED"]
SHIPPED: dict[str, tuple[Request, tuple[str, list[str]]]] = {
    "a drop": (_drop(), ("ALLOW", [])),
    "a drop that leaves most of the balance in place": (_drop(value=10**20), ("ALLOW", [])),
    "a drop that burns a fee": (_drop(maxFeePerGas=10**12), ("DENY", ["FEE_ABOVE_LIMIT"])),
    "a call with coins": (_call(b"\x12\x34\x56\x78", value=1), ("HOLD", _NOT_OPEN)),
    "a call that draws tokens to the own wallet": (_call(_DRAWS, to=USDT), ("HOLD", _NOT_OPEN)),
    "a message that lets a Safe pay": (
        _safe_message(value=1),
        ("HOLD", ["CALL_DESTINATION_HELD", "MESSAGES_NOT_CONFIGURED"]),
    ),
    "a message that is a transfer": (
        _authorized(SPENDER, 5),
        ("HOLD", ["CALL_DESTINATION_HELD", "MESSAGES_NOT_CONFIGURED"]),
    ),
    "a message that is a transfer of more than the limit": (
        _authorized(SPENDER, 10**30),
        ("DENY", ["AMOUNT_ABOVE_LIMIT"]),
    ),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, list[str]]]:
    """Effect and codes of every request, under the shipped rules with demonstration data."""
    work = tmp_path_factory.mktemp("destinations")
    return asyncio.run(_answers(work, POLICIES, {name: request for name, (request, _) in SHIPPED.items()}))


async def _answers(work: Path, policies: Path, requests: dict[str, Request]) -> dict[str, tuple[str, list[str]]]:
    answers = {}
    async with running_pipeline(work, policies=policies) as pipeline:
        for name, (request_type, detail, extra) in requests.items():
            package = encode_request(name, request_type, json.dumps(detail), json.dumps(extra))
            decision = await pipeline.send_package(package)
            answers[name] = (decision.effect.value, sorted(reason.code for reason in decision.reasons))
    return answers


@pytest.mark.parametrize("name", SHIPPED)
def test_a_transfer_is_judged_by_what_causes_it(name: str, answers: dict[str, tuple[str, list[str]]]) -> None:
    """What returns to the signer needs no listing; what a call or message moves holds until somebody opens it."""
    assert answers[name] == SHIPPED[name][1]
