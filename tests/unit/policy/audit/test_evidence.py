"""A record against the token that its node signed."""

import hashlib
from typing import Any

import keys
import pytest
import tokens
from audit_ledger import NODE
from ledger_records import record
from placet_policy.audit.evidence import EvidenceCheck
from placet_policy.audit.items import StoredContents, StoredRecord
from placet_policy.ledger.record import Contents, decision_entry

NOW = 1_790_000_000
REQUEST = tokens.make_request(request_id="request-1", detail={"n": 1})
CHECK = EvidenceCheck(nodes=(NODE,))


def stored(token: str, *, decided_at: float = NOW, **changes: Any) -> tuple[StoredRecord, StoredContents]:
    """A decision about `REQUEST` with this token beside it."""
    said = {
        "token_sha256": hashlib.sha256(token.encode()).digest(),
        "detail_sha256": hashlib.sha256(REQUEST["request_detail"].encode()).digest(),
        "extra_sha256": hashlib.sha256(REQUEST["extra_info"].encode()).digest(),
        "key_id": NODE.keys[0].key_id,
        "request_id": "request-1",
        **changes,
    }
    entry = decision_entry(record(token=token, decided_at=decided_at, **said))
    assert isinstance(entry.contents, Contents)
    contents = StoredContents(
        token=entry.contents.token,
        input=entry.contents.input,
        facts=entry.contents.facts,
        decision=entry.contents.decision,
    )
    row = {**entry.row, "ledger": "l", "writer": "w", "position": 1, "previous": None}
    return StoredRecord(row=row, record_hash=b"", signature=b"", contents=contents), contents


def found(token: str, check: EvidenceCheck = CHECK, **changes: Any) -> list[tuple[str, str]]:
    """Codes and details."""
    return [(finding.code.value, finding.detail) for finding in check.findings(*stored(token, **changes))]


@pytest.mark.parametrize("late", [0, 100, 149, 179])
def test_a_token_that_was_good_when_it_was_checked(late: int) -> None:
    """It is judged at the recorded time, however old it is now; the evaluation came between check and record."""
    assert found(tokens.make_token(REQUEST, exp=NOW + 120), decided_at=NOW + late) == []


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (tokens.make_token(REQUEST, exp=NOW - 91), "TOKEN_EXPIRED"),
        (tokens.make_token(REQUEST, exp=NOW + 86_431), "EXPIRY_TOO_FAR"),
        (tokens.make_token(REQUEST, exp=NOW, iat=NOW + 31), "IAT_IN_THE_FUTURE"),
        (tokens.make_token(REQUEST, exp=NOW, key=keys.stranger_private()), "SIGNATURE_NOT_BY_A_PINNED_KEY"),
        (tokens.make_token(REQUEST, exp=NOW, aud="another"), "AUDIENCE_NOT_CONFIGURED"),
        (tokens.make_token(b"{}", exp=NOW), "PING_NOT_EVALUATED"),
        (tokens.make_token(b"no json", exp=NOW), "ENVELOPE_NOT_STRICT_JSON"),
    ],
)
def test_a_token_that_no_pod_can_have_accepted(token: str, code: str) -> None:
    """Signed by nobody, for another time, for somebody else, or about nothing."""
    assert found(token) == [("EVIDENCE_INVALID", code)]


def test_an_audience_is_judged_as_the_service_does() -> None:
    """With the setting's value, a token must name it."""
    check = EvidenceCheck(nodes=(NODE,), audience="placet")
    assert found(tokens.make_token(REQUEST, exp=NOW, aud="placet"), check) == []
    assert found(tokens.make_token(REQUEST, exp=NOW), check) == [("EVIDENCE_INVALID", "AUDIENCE_NOT_OURS")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("node", "node-b"),
        ("key_id", "ab" * 32),
        ("request_id", "request-2"),
        ("request_type", 1),
        ("detail_sha256", b"\x01" * 32),
        ("extra_sha256", b"\x01" * 32),
    ],
)
def test_a_record_that_says_something_else_than_its_token(name: str, value: Any) -> None:
    """A policy process that lies about a request is found by what the node signed."""
    assert found(tokens.make_token(REQUEST, exp=NOW), **{name: value}) == [("EVIDENCE_DIFFERS", name)]


def test_without_keys_only_digests_are_compared() -> None:
    """A token that nobody pinned signed passes; another token than the recorded one does not."""
    check = EvidenceCheck(nodes=None)
    token = tokens.make_token(REQUEST, exp=NOW, key=keys.stranger_private())
    assert found(token, check) == []
    assert found(token, check, token_sha256=b"\x00" * 32) == [("EVIDENCE_REPLACED", "")]
