"""Requests whose bytes move assets in other ways than a plain payment, sent through the real gate, OPA and rules."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from evm_requests import transaction
from facts_cases import ADDRESS, changed_sample
from pipeline import POLICIES, running_pipeline
from placet_callback.envelope import encode_request

Request = tuple[int, dict[str, Any], dict[str, Any]]


def _drop(**more: Any) -> Request:
    declared = {"extra.transaction.replacement": {"replaced_type": "Drop"}}
    bytes_of = transaction(b"", **{"to": ADDRESS, "gas": 21_000, "nonce": 12, **more})
    return changed_sample("keysign_eth_eip1559_transfer", {**bytes_of, **declared})


SHIPPED: dict[str, tuple[Request, tuple[str, list[str]]]] = {
    "a drop": (_drop(), ("ALLOW", [])),
    "a drop that leaves most of the balance in place": (_drop(value=10**20), ("ALLOW", [])),
    "a drop that burns a fee": (_drop(maxFeePerGas=10**12), ("DENY", ["FEE_ABOVE_LIMIT"])),
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
    """What returns to the signer needs no listing, and its fee is limited all the same."""
    assert answers[name] == SHIPPED[name][1]
