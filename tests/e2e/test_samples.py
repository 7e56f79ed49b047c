"""Every sample, through the whole chain, has the outcome that `expected.yaml` states."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from placet_cli.samples import samples
from placet_cli.stack.demonstration import Sent, row, send_samples
from stack import Stack


@pytest.fixture(scope="module")
def sent(stack: Stack) -> Mapping[str, Sent]:
    """All samples, sent once."""
    return {each.sample.id: each for each in send_samples(samples(), stand_in=stack.stand_in)}


@pytest.fixture(scope="module")
def records(stack: Stack, sent: Mapping[str, Sent]) -> Mapping[str, Mapping[str, Any]]:
    """What the ledger says about them."""
    assert sent
    return stack.records()


def ids(*, attack: bool) -> Sequence[str]:
    """The ids of the attacks, or of the others."""
    return [sample.id for sample in samples() if sample.attack is attack]


@pytest.mark.parametrize("sample_id", ids(attack=False))
def test_a_benign_sample_has_its_outcome(
    sample_id: str, sent: Mapping[str, Sent], records: Mapping[str, Mapping[str, Any]]
) -> None:
    """Answer, effect and reason codes are the expected ones, or the sample's difference is named."""
    one = sent[sample_id]

    assert row(one, records.get(one.request_id or "")).differences == ()


@pytest.mark.parametrize("sample_id", ids(attack=True))
def test_an_attack_has_its_outcome(
    sample_id: str, sent: Mapping[str, Sent], records: Mapping[str, Mapping[str, Any]]
) -> None:
    """No attack is approved, and each is refused for its own reason."""
    one = sent[sample_id]

    assert one.answer.action != "APPROVE"
    assert row(one, records.get(one.request_id or "")).differences == ()


def test_the_record_carries_what_was_decided_upon(stack: Stack, sent: Mapping[str, Sent]) -> None:
    """The node's own signed token lies in the ledger as evidence, with the facts and the very input Rego saw."""
    request_id = sent["keysign_eth_legacy_transfer"].request_id
    assert request_id is not None

    record = stack.evidence(stack.records()[request_id]["decision_id"])

    assert hashlib.sha256(record["token"].encode()).hexdigest() == record["token_sha256"]
    assert record["facts"]["status"] == "PROVEN"
    assert record["input"]["request"]["id"] == request_id
    assert record["verified"] is True
