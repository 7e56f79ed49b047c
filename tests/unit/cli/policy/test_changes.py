"""Two decisions on one request are compared by effect and reasons; what changes is added up once for each request."""

import pytest
from placet_cli.policy.changes import Change, Kind, Outcome, Source, change_of, totals


def outcome(effect: str, *codes: str, amount: int = 0) -> Outcome:
    """A decision whose reasons are all of one rule."""
    amounts = {"ETH": amount} if amount else {}
    return Outcome(effect=effect, reasons=tuple(("rule", code) for code in codes), amounts=amounts)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (outcome("hold", "A"), outcome("allow"), Kind.APPROVED),
        (outcome("deny", "A"), outcome("allow"), Kind.APPROVED),
        (outcome("allow"), outcome("deny", "A"), Kind.REJECTED),
        (outcome("allow"), outcome("hold", "A"), Kind.HELD),
        (outcome("allow"), outcome("error", "OpaUnavailable"), Kind.FAILED),
        (outcome("hold", "A"), outcome("hold", "B"), Kind.REASONS),
        (outcome("hold", "A"), outcome("hold", "A", "B"), Kind.REASONS),
    ],
)
def test_a_change_is_named_by_what_becomes_of_the_request(before: Outcome, after: Outcome, kind: Kind) -> None:
    """By the later effect where it is another one, else by the reasons."""
    change = change_of(Source.SAMPLE, "name", before, after)
    assert change is not None
    assert change.kind is kind


def test_the_order_of_reasons_is_no_change() -> None:
    """The order is that of the profile, and says nothing about the request."""
    assert change_of(Source.CASE, "name", outcome("hold", "A", "B"), outcome("hold", "B", "A")) is None


def test_the_same_code_of_another_rule_is_a_change() -> None:
    """Somebody else answers for it now."""
    other = Outcome(effect="hold", reasons=(("other", "A"),))
    change = change_of(Source.CASE, "name", outcome("hold", "A"), other)
    assert change is not None
    assert change.kind is Kind.REASONS


def test_amounts_count_once_for_a_request_that_was_asked_often() -> None:
    """A node asks again until it has an answer; the money moves once."""
    found = [
        change_of(
            Source.RECORDED, f"decision {number}", outcome("hold", "A"), outcome("allow", amount=7), request=request
        )
        for number, request in enumerate(["node 1", "node 1", "node 2"])
    ]
    changes = [change for change in found if change is not None]
    (total,) = totals(changes)
    assert (total.kind, total.source, total.decisions, total.requests) == (Kind.APPROVED, Source.RECORDED, 3, 2)
    assert total.amounts == {"ETH": 14}


def test_the_gravest_change_comes_first() -> None:
    """What is newly approved is what a reviewer must not miss."""
    changes = [
        change_of(Source.CASE, "a", outcome("hold", "A"), outcome("hold", "B")),
        change_of(Source.RECORDED, "b", outcome("hold", "A"), outcome("allow")),
        change_of(Source.SAMPLE, "c", outcome("hold", "A"), outcome("allow")),
    ]
    found = totals(change for change in changes if isinstance(change, Change))
    assert [(total.kind, total.source) for total in found] == [
        (Kind.APPROVED, Source.SAMPLE),
        (Kind.APPROVED, Source.RECORDED),
        (Kind.REASONS, Source.CASE),
    ]


def test_what_cannot_be_decided_any_more_has_the_amounts_of_before() -> None:
    """An error has no facts; what is at stake is what the facts said before."""
    change = change_of(Source.SAMPLE, "name", outcome("allow", amount=5), outcome("error", "X"))
    assert change is not None
    assert change.to_json() == {
        "source": "sample",
        "name": "name",
        "change": "no_decision_any_more",
        "before": {"effect": "allow", "codes": []},
        "after": {"effect": "error", "codes": ["X"]},
        "summary": [],
        "amounts": {"ETH": "5"},
    }
