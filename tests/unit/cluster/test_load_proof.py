"""The proof that follows the disruptions on a cluster: each thing that could be wrong is found."""

import pytest

from tests.cluster.load.proof import Try, findings

EFFECTS = {"good": "ALLOW", "attack": "DENY", "call": "HOLD"}


def asked(sample: str, *kinds: str, pause: float = 10.0) -> list[Try]:
    """The tries of one request."""
    return [
        Try(
            request_id="r-1",
            sample=sample,
            kind=kind,
            signer=0 if kind in {"approved", "rejected"} else None,
            why="why",
            at=number * pause,
            seconds=0.5,
        )
        for number, kind in enumerate(kinds)
    ]


def recorded(*effects: str, verified: bool = True) -> list[dict[str, object]]:
    """The ledger's decisions about it."""
    return [{"decision_id": "d-1", "request_id": "r-1", "effect": effect, "verified": verified} for effect in effects]


@pytest.mark.parametrize(
    ("tries", "decisions"),
    [
        (asked("good", "approved"), recorded("ALLOW")),
        (asked("good", "no response", "no response", "approved"), recorded("HOLD", "ALLOW")),
        (asked("attack", "rejected"), recorded("DENY")),
        (asked("call", "no response", "no response"), recorded("HOLD", "HOLD")),
    ],
)
def test_what_is_as_it_should_be_is_no_finding(tries: list[Try], decisions: list[dict[str, object]]) -> None:
    """Answers that are deserved and recorded, after any number of silent tries, and held requests on record."""
    assert findings(tries, decisions, EFFECTS) == []


@pytest.mark.parametrize(
    ("tries", "decisions", "found"),
    [
        (asked("attack", "approved"), recorded("ALLOW"), ["r-1 (attack) deserves DENY and was told ALLOW"]),
        (asked("call", "approved"), recorded("HOLD", "ALLOW"), ["r-1 (call) deserves HOLD and was told ALLOW"]),
        (asked("good", "rejected"), recorded("DENY"), ["r-1 (good) deserves ALLOW and was told DENY"]),
        (asked("good", "approved"), [], ["r-1 (good) was told ALLOW, and the ledger has nothing"]),
        (asked("good", "approved"), recorded("HOLD"), ["r-1 (good) was told ALLOW, and the ledger has ['HOLD']"]),
        (
            asked("good", "approved"),
            recorded("ALLOW", verified=False),
            ["the record of decision d-1 does not verify"],
        ),
        (
            asked("good", "no response", "no response"),
            recorded("HOLD"),
            ["r-1 (good) was never answered in 2 tries: why"],
        ),
        (
            asked("good", "no response", "approved", pause=3600.0),
            recorded("ALLOW"),
            ["r-1 (good) was answered after 3600 s, when no node asks any more"],
        ),
        (
            asked("good", "undocumented", "approved"),
            recorded("ALLOW"),
            ["r-1 (good) got what no node understands: undocumented: why"],
        ),
        (asked("call", "no response"), [], ["r-1 (call) was held by nobody: the ledger has nothing"]),
    ],
)
def test_what_is_wrong_is_found(tries: list[Try], decisions: list[dict[str, object]], found: list[str]) -> None:
    """A wrong answer, one without a record, silence to the end, an answer too late, and what nobody understands."""
    assert findings(tries, decisions, EFFECTS) == found
