"""One line of explain's input: the request the service would have read, or a refusal that says why."""

import io
import json
from typing import Any

import pytest
from placet_callback.envelope import CallbackRequest, Ping
from placet_policy.explain_line import MAX_LINE_BYTES, LineRefused, Questions
from placet_policy.judge import Occasion

QUESTIONS = Questions()
LINE: dict[str, Any] = {
    "callback_request": {"request_id": "r", "request_type": 2, "request_detail": "{}", "extra_info": "{}"},
    "node": "node-a",
    "decision": {"id": "d", "time": "2026-09-21T14:13:20Z"},
}


def line(**changes: Any) -> bytes:
    """A line with other members; None leaves one out."""
    return json.dumps({name: value for name, value in {**LINE, **changes}.items() if value is not None}).encode()


def test_a_line_becomes_a_question() -> None:
    """Request, node and time are read; a name alone has no key id."""
    question = QUESTIONS.read(line())

    assert question.request == CallbackRequest(
        request_id="r", request_type=2, request_detail="{}", extra_info="{}", unknown_fields=()
    )
    assert question.occasion == Occasion(decision_id="d", unix=1_790_000_000, node="node-a", key_id="")


@pytest.mark.parametrize("time", [1_790_000_000, "2026-09-21T14:13:20Z", "2026-09-21T16:13:20+02:00"])
def test_times_are_read_in_both_forms(time: object) -> None:
    """RFC 3339 with an offset, or Unix seconds."""
    assert QUESTIONS.read(line(decision={"id": "d", "time": time})).occasion.unix == 1_790_000_000


def test_a_node_may_come_with_its_key() -> None:
    """A replay names the key that is on record."""
    occasion = QUESTIONS.read(line(node={"name": "node-b", "key_id": "ab"})).occasion

    assert (occasion.node, occasion.key_id) == ("node-b", "ab")


def test_a_history_is_taken_as_it_was_recorded() -> None:
    """A replay decides with it; null is one, too, and a line may have none."""
    recorded: dict[str, Any] = {"now": 1790000000, "series": [{"adds": "5", "destination": None}]}
    null_line = line(history={}).replace(b'"history": {}', b'"history": null')
    given, null, absent = (QUESTIONS.read(each) for each in (line(history=recorded), null_line, line()))

    assert (given.history, given.has_history) == (recorded, True)
    assert (null.history, null.has_history) == (None, True)
    assert (absent.history, absent.has_history) == (None, False)


def test_a_ping_is_a_ping() -> None:
    """The protocol's own rule makes it, as in the service."""
    assert QUESTIONS.read(line(callback_request={})).request == Ping(request_id=None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        line(node=None),
        line(decision=None),
        line(callback_request=None),
        line(history=[]),
        line(history="none"),
        line(history={"series": [{"adds": 1.5}]}),
        line(histories={}),
        line(node=1),
        line(node={"name": "a"}),
        line(node={"name": 1, "key_id": "x"}),
        line(decision=[]),
        line(decision={"id": "d"}),
        line(decision={"id": 1, "time": 1}),
        line(decision={"id": "d", "time": "yesterday"}),
        line(decision={"id": "d", "time": "2026-09-21T14:13:20"}),
        line(decision={"id": "d", "time": "0001-01-02T00:00:00Z"}),
        line(decision={"id": "d", "time": -1}),
        line(decision={"id": "d", "time": True}),
        line(decision={"id": "d", "time": 1.5}),
        line(callback_request=[]),
        line(callback_request={"request_id": "r", "request_type": 2.0}),
        line(callback_request={"request_id": "r", "request_type": True}),
        line(callback_request={"request_id": "r", "request_type": 2, "request_detail": {}}),
        line().replace(b'"request_id": "r"', b'"request_id": "r", "request_id": "s"'),
        b" " * (MAX_LINE_BYTES + 1),
    ],
)
def test_every_other_line_is_refused(raw: bytes) -> None:
    """What the service would not read is not explained either."""
    with pytest.raises(LineRefused) as refused:
        QUESTIONS.read(raw)

    assert refused.value.reason


def test_a_request_too_large_for_a_token_is_refused() -> None:
    """The limit is the token's, as for a node."""
    with pytest.raises(LineRefused) as refused:
        QUESTIONS.read(line(callback_request={**LINE["callback_request"], "extra_info": "x" * 1_000_000}))

    assert refused.value.reason == "TOKEN_TOO_LARGE"


def test_blank_lines_are_passed_over_and_a_long_one_ends_the_reading() -> None:
    """A line without end does not fill the memory."""
    stream = io.BytesIO(b"\n{}\n  \n[]" + b" " * (MAX_LINE_BYTES + 10))

    assert [len(each) for each in QUESTIONS.lines(stream)] == [3, MAX_LINE_BYTES + 1]


def test_reading_ends_with_the_stream() -> None:
    """The last line needs no line feed."""
    assert list(QUESTIONS.lines(io.BytesIO(b"{}\n[]"))) == [b"{}\n", b"[]"]
