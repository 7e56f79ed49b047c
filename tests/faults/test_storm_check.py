"""The judge of the storms finds what it is there to find: each fault, put into a good story, is named."""

from typing import Any

import pytest
from storm_check import Asked, Payment, counted, findings, spent

LIMIT = 100
PAYMENTS = {
    each.request_id: each
    for each in (
        Payment(request_id="r1", nonce=0, amount=60),
        Payment(request_id="r2", nonce=1, amount=40),
        Payment(request_id="r3", nonce=1, amount=30),
        Payment(request_id="r4", nonce=2, amount=1),
    )
}


def decision(number: int, request_id: str, effect: str = "ALLOW", *earlier: int, **changes: Any) -> dict[str, Any]:
    """A record of decision `number`, about token `t<number>`."""
    return {
        "decision_id": f"d{number}",
        "request_id": request_id,
        "token_sha256": f"t{number}",
        "effect": effect,
        "earlier": [f"d{each}" for each in earlier],
        "verified": True,
        **changes,
    }


def asked(number: int, request_id: str, effect: str | None = "ALLOW") -> Asked:
    """A try with token `t<number>`."""
    return Asked(request_id=request_id, token_sha256=f"t{number}", effect=effect)


ASKED = [
    asked(1, "r1"),
    asked(2, "r2", None),  # recorded, and never received
    asked(3, "r2"),
    asked(4, "r3"),
    asked(5, "r4", None),
    asked(6, "refused", "DENY"),
    asked(7, "r4", None),  # held in the end
]
RECORDS = [
    decision(1, "r1"),
    decision(2, "r2"),
    decision(3, "r2", "ALLOW", 2),
    decision(4, "r3"),
    decision(6, "refused", "DENY"),
    decision(7, "r4", "HOLD"),
]


def test_a_good_story_has_no_findings() -> None:
    """Every answer is recorded, repeats are linked, and of two payments with one nonce the larger one counts."""
    assert findings(ASKED, RECORDS, PAYMENTS, limit=LIMIT) == []
    assert (spent(RECORDS, PAYMENTS), counted(RECORDS, PAYMENTS)) == (100, 2)


def without(number: int) -> list[dict[str, Any]]:
    """The good records, one of them missing."""
    return [each for each in RECORDS if each["decision_id"] != f"d{number}"]


def instead(number: int, **changes: Any) -> list[dict[str, Any]]:
    """The good records, one of them changed."""
    return [{**each, **changes} if each["decision_id"] == f"d{number}" else each for each in RECORDS]


@pytest.mark.parametrize(
    ("records", "finding"),
    [
        (without(1), "ALLOW of r1 was received for token t1, and is not recorded"),
        (without(6), "DENY of refused was received for token t6, and is not recorded"),
        (instead(1, effect="HOLD"), "ALLOW of r1 was received for token t1, and is not recorded"),
        (instead(1, token_sha256="t0"), "ALLOW of r1 was received for token t1, and is not recorded"),
        (instead(3, earlier=[]), "decision d3 about r2 names [], not ['d2']"),
        (without(7), "r4 was never answered, its newest record is None"),
        (instead(7, effect="ALLOW"), "r4 was never answered, its newest record is ALLOW"),
        (instead(4, verified=False), "the record of decision d4 does not verify"),
        (
            [*RECORDS, decision(8, "r1", "HOLD", 1)],
            "r1 was allowed and later was not: ['ALLOW', 'HOLD']",
        ),
    ],
)
def test_a_fault_is_found(records: list[dict[str, Any]], finding: str) -> None:
    """A record that is missing, differs, is not linked, or refuses a request the room that it has."""
    assert finding in findings(ASKED, records, PAYMENTS, limit=LIMIT)


def test_an_answer_that_was_given_twice_needs_two_records() -> None:
    """One token sent twice and approved twice has one record too few."""
    assert findings([*ASKED, asked(1, "r1")], RECORDS, PAYMENTS, limit=LIMIT) == [
        "ALLOW of r1 was received for token t1, and is not recorded"
    ]


def test_one_unit_too_much_is_found() -> None:
    """The window has room for what was allowed, less one."""
    assert findings(ASKED, RECORDS, PAYMENTS, limit=LIMIT - 1) == [
        "100 wei are allowed, 1 more than the window has room for"
    ]
