"""What can be tried: a sample, a request, an input document; anything else is named in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.subject import Occasion, find_subject, sample_questions, unix_of

OCCASION = Occasion(node="node-1", unix=1_785_585_600)
REQUEST = {"request_id": "r1", "request_type": 2, "request_detail": "{}", "extra_info": "{}"}


def written(tmp_path: Path, content: Any) -> str:
    """A file with this content."""
    file = tmp_path / "tried.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_a_sample_is_found_by_its_id(tmp_path: Path) -> None:
    """It is asked as it stands, by the given node at the given time."""
    found = find_subject("keygen_secp256k1", occasion=OCCASION, decision=None, work=tmp_path)
    assert found.question is not None
    assert (found.name, found.document) == ("keygen_secp256k1", None)
    assert (found.question["node"], found.question["decision"]["time"]) == ("node-1", 1_785_585_600)


@pytest.mark.parametrize("content", [REQUEST, {"_meta": {}, "callback_request": REQUEST}])
def test_a_request_keeps_its_id(tmp_path: Path, content: dict[str, Any]) -> None:
    """Bare or in a sample's file: what is tried is what would be sent."""
    found = find_subject(written(tmp_path, content), occasion=OCCASION, decision=None, work=tmp_path)
    assert found.question == {
        "callback_request": REQUEST,
        "node": "node-1",
        "decision": {"id": "tried", "time": 1_785_585_600},
    }


def test_a_question_is_taken_whole(tmp_path: Path) -> None:
    """With the node, the time and the history that it names."""
    question = {
        "callback_request": REQUEST,
        "node": "other",
        "decision": {"id": "d", "time": 5},
        "history": None,
    }
    found = find_subject(written(tmp_path, question), occasion=OCCASION, decision=None, work=tmp_path)
    assert found.question == question


def test_an_input_document_is_known_by_its_schema(tmp_path: Path) -> None:
    """Its facts are somebody's own."""
    document = {"schema": "placet.input/v1", "facts": {}}
    found = find_subject(written(tmp_path, document), occasion=OCCASION, decision=None, work=tmp_path)
    assert (found.question, found.document) == (None, document)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ({"a": 1}, "is no callback request, no record of an export and no input document"),
        ({"callback_request": 5}, "is no callback request, no record of an export and no input document"),
        ({"request_type": "2"}, "must hold request_id, request_type"),
        ({"type": "record", "kind": "decision"}, "is no line of an export"),
        ("\x1f\x8b", "is not JSON"),
    ],
)
def test_what_cannot_be_tried_is_named(tmp_path: Path, content: Any, sentence: str) -> None:
    """One sentence, the file first, and the status of an input that cannot be used."""
    with pytest.raises(BrokenInputError, match=sentence) as refused:
        find_subject(written(tmp_path, content), occasion=OCCASION, decision=None, work=tmp_path)
    assert refused.value.exit_code == 2
    assert str(refused.value).startswith(str(tmp_path / "tried.json"))


def test_an_export_needs_the_decision(tmp_path: Path) -> None:
    """It holds many."""
    file = tmp_path / "ledger.jsonl.gz"
    file.write_bytes(b"\x1f\x8b")
    with pytest.raises(BrokenInputError, match="is an export; --decision ID says which of its decisions is tried"):
        find_subject(str(file), occasion=OCCASION, decision=None, work=tmp_path)
    with pytest.raises(BrokenInputError, match="EXPORT_TRUNCATED"):
        find_subject(str(file), occasion=OCCASION, decision="d", work=tmp_path)


def test_a_name_that_is_nothing_says_so(tmp_path: Path) -> None:
    """Neither a sample nor a file."""
    with pytest.raises(BrokenInputError, match="nothing: no such file, and no sample of that name"):
        find_subject("nothing", occasion=OCCASION, decision=None, work=tmp_path)


def test_no_ping_is_asked() -> None:
    """A ping has no decision to compare."""
    ids = [question["decision"]["id"] for question in sample_questions(OCCASION)]
    assert "keygen_secp256k1" in ids
    assert not [name for name in ids if name.startswith("ping")]


def test_times_need_an_offset() -> None:
    """A time without one is another second in another office."""
    assert unix_of("2026-08-01T12:00:00Z") == 1_785_585_600
    assert unix_of("2026-08-01T14:00:00+02:00") == 1_785_585_600
    for text in ("2026-08-01T12:00:00", "yesterday"):
        with pytest.raises(BrokenInputError, match=f"--at {text}: "):
            unix_of(text)
