"""What a sample's answer and its ledger record are compared with, and how they are said."""

from typing import Any

import pytest
from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import Answer
from placet_cli.samples import Expected, Sample
from placet_cli.stack.demonstration import Sent, row

APPROVED = Answer(kind=AnswerKind.APPROVED, status=0, action="APPROVE", http_status=200, why="Status 0 with APPROVE.")
REJECTED = Answer(kind=AnswerKind.REJECTED, status=0, action="REJECT", http_status=200, why="Status 0 with REJECT.")
SILENCE = Answer(kind=AnswerKind.NO_RESPONSE, why="the connection was closed without an answer")
PONG = Answer(kind=AnswerKind.APPROVED, status=0, http_status=200, why="Status 0, which is all that a Ping needs.")


def sent(answer: Answer, *, effect: str, codes: tuple[str, ...] = ()) -> Sent:
    """A sample that was expected to come out like this and was answered like that."""
    sample = Sample(
        id="sample",
        title="Native transfer",
        request={},
        expected=Expected(effect=effect, codes=codes, note=""),
        attack=False,
        derivation_consistent=True,
    )
    return Sent(sample=sample, request_id="sample-1", answer=answer)


def record(effect: str, *codes: str, summary: tuple[str, ...] = ()) -> dict[str, Any]:
    """The parts of a ledger record that are read."""
    reasons = [{"code": code, "message": f"About {code}."} for code in codes]
    return {"effect": effect, "reasons": reasons, "facts": {"summary": list(summary)}}


def test_words_come_from_the_record() -> None:
    """What the request does is said as the proven facts say it."""
    line = row(sent(APPROVED, effect="ALLOW"), record("ALLOW", summary=("Sends 1 ETH.", "Pays at most 0.1 ETH.")))

    assert line.words == "Sends 1 ETH. Pays at most 0.1 ETH."
    assert (line.answer, line.reasons, line.differences) == ("APPROVE", (), ())


def test_without_facts_the_title_stands_in() -> None:
    """A request of which nothing was proven is named by the sample's title."""
    line = row(sent(SILENCE, effect="HOLD", codes=("STOPPED",)), record("HOLD", "STOPPED") | {"facts": None})

    assert (line.words, line.answer) == ("Native transfer", "no answer (HOLD)")
    assert line.reasons == ("STOPPED: About STOPPED.",)


def test_a_refusal_is_expected_with_its_codes() -> None:
    """Effect, answer and the whole set of codes agree."""
    line = row(sent(REJECTED, effect="DENY", codes=("A", "B")), record("DENY", "B", "A"))

    assert line.differences == ()


@pytest.mark.parametrize(
    ("outcome", "found", "difference"),
    [
        (
            sent(APPROVED, effect="DENY", codes=("A",)),
            record("DENY", "A"),
            "the node was told: approved (Status 0 with APPROVE.); expected: rejected",
        ),
        (sent(REJECTED, effect="DENY", codes=("A",)), None, "the ledger has no record of it"),
        (
            sent(SILENCE, effect="HOLD", codes=("A",)),
            record("DENY", "A"),
            "the effect is DENY; expected: HOLD",
        ),
        (
            sent(REJECTED, effect="DENY", codes=("A",)),
            record("DENY", "B"),
            "the codes are B; expected: A",
        ),
        (
            sent(APPROVED, effect="ALLOW"),
            record("ALLOW", "B"),
            "the codes are B; expected: none",
        ),
    ],
)
def test_each_difference_is_named(outcome: Sent, found: dict[str, Any] | None, difference: str) -> None:
    """Another answer, a missing record, another effect and other codes are each said in words."""
    assert row(outcome, found).differences == (difference,)


def test_a_ping_wants_status_0_without_action() -> None:
    """A ping leaves no record, and its answer carries no action."""
    assert row(sent(PONG, effect="PING"), None).differences == ()
    assert row(sent(PONG, effect="PING"), None).answer == "status 0"


@pytest.mark.parametrize("answer", [APPROVED, SILENCE])
def test_a_ping_answered_otherwise_differs(answer: Answer) -> None:
    """An action in a ping's answer is a difference, and so is silence."""
    [difference] = row(sent(answer, effect="PING"), None).differences

    assert difference.endswith("expected: status 0 without action")


def test_a_ping_never_leaves_a_decision() -> None:
    """A ledger record about a ping is a difference."""
    assert row(sent(PONG, effect="PING"), record("ALLOW")).differences == ("a ping left a decision in the ledger",)
