"""The requests that the bench measures can be made and decoded, whatever bound changes."""

import pytest
from facts_cases import registry_data
from placet_callback.envelope import CallbackRequest
from placet_policy.facts.detail import parse_details
from placet_policy.facts.prove import Facts, prove
from placet_policy.registry import Registry

from bench.fact_requests import USUAL
from bench.worst_requests import WORST

_WITHOUT_HASHES = {
    "KeyShareSign, 512 messages",
    "any, 230,000 empty objects",
    "BTC, 31 parts to be put together",
}
"""A kind of request that has none; one that is refused unread; a transaction that is looked for and not found."""


def _facts(request: CallbackRequest) -> Facts:
    return prove(parse_details(request), Registry.from_data({"registry": registry_data()}))


@pytest.mark.parametrize("name", USUAL)
def test_the_usual_kinds_are_proven(name: str) -> None:
    """A rate of requests that fail early would flatter."""
    assert _facts(USUAL[name]()).status == "PROVEN"


@pytest.mark.parametrize("name", WORST)
def test_the_worst_requests_reach_a_decoder(name: str) -> None:
    """Each can be built, and none makes the decoder fail."""
    facts = _facts(WORST[name]())

    assert [missing.code for missing in facts.missing if missing.code == "DECODER_FAILED"] == []
    assert facts.hashes or name in _WITHOUT_HASHES
