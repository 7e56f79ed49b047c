"""Whether a request and an earlier ALLOW state two amounts for one outpoint."""

import pytest
from placet_policy.ledger.outpoints import OtherAmount, Remembered, other_amount

KNOWN = {"a:0": Remembered(5, "decision-1"), "b:1": Remembered(2**63, "decision-2")}


@pytest.mark.parametrize(
    "inputs",
    [{}, {"a:0": 5}, {"a:0": 5, "b:1": 2**63}, {"c:0": 1}, {"c:0": 1, "a:0": 5}, {"a:1": 6}],
    ids=["none", "the same", "all the same", "new", "new beside the same", "another output"],
)
def test_what_agrees_is_no_finding(inputs: dict[str, int]) -> None:
    """A retry, a speed-up, and outputs that nobody spent before."""
    assert other_amount(inputs, KNOWN) is None


@pytest.mark.parametrize("amount", [0, 4, 6, 2**63])
def test_any_other_amount_is_found(amount: int) -> None:
    """Whether it is less or more, and whatever stands beside it."""
    assert other_amount({"c:0": 1, "a:0": amount, "b:1": 2**63}, KNOWN) == OtherAmount(
        outpoint="a:0", declared=amount, remembered=Remembered(5, "decision-1")
    )


def test_people_are_told_both_amounts_and_the_decision() -> None:
    """So that they can look the output up, and the decision that said otherwise."""
    found = OtherAmount(outpoint="a:0", declared=4, remembered=Remembered(5, "decision-1"))

    assert found.text() == "a:0: 4 declared, 5 in decision decision-1"
