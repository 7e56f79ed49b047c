"""limits.py: slots and the time for one request."""

import asyncio

import pytest
from placet_edge.errors import Cause, NoDecisionError
from placet_edge.limits import Budget, Slots
from placet_edge.metrics import Metrics


def test_one_more_than_the_capacity_is_refused() -> None:
    """The third of two is refused at once, and a slot that is free again is given again."""
    metrics = Metrics()
    slots = Slots(capacity=2, metrics=metrics)
    with slots.take(), slots.take():
        assert metrics.registry.get_sample_value("placet_edge_in_flight") == 2
        with pytest.raises(NoDecisionError) as caught, slots.take():
            pass
    assert caught.value.cause == Cause.FULL
    with slots.take():
        assert metrics.registry.get_sample_value("placet_edge_in_flight") == 1


def test_a_slot_is_given_back_after_an_error() -> None:
    """An error inside does not eat the slot."""
    slots = Slots(capacity=1, metrics=Metrics())
    for _ in range(2):
        with pytest.raises(RuntimeError), slots.take():
            raise RuntimeError


async def test_the_policy_tier_gets_what_is_left_without_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 7 seconds half a second is kept for the signature; of 1 second, a tenth; never less than nothing."""
    with monkeypatch.context() as standing:
        standing.setattr(asyncio.get_running_loop(), "time", lambda: 100.0)
        assert Budget.starting(100.0, 7.0).for_policy() == pytest.approx(6.5)
        assert Budget.starting(100.0, 1.0).for_policy() == pytest.approx(0.9)
        assert Budget.starting(95.0, 7.0).for_policy() == pytest.approx(1.5)
        assert Budget.starting(40.0, 7.0).for_policy() == 0.0
