"""What is in a record, and what is in its hash."""

import hashlib
from decimal import Decimal
from typing import Any

import pytest
from ledger_records import record
from placet_policy.ledger.record import (
    FIELDS,
    Row,
    Value,
    archive_entry,
    bundle_entry,
    decision_entry,
    record_hash,
    stop_entry,
    writer_entry,
)

PLACE: dict[str, Value] = {
    "ledger": "6a0c7e0e-6a0b-4a52-8b57-0d8f2c1b9a01",
    "writer": "1b7d2c5e-93c4-4f5e-a6d2-5f3e8c7b6a02",
    "previous": b"\x0f" * 32,
}


def decision_row(**changes: Any) -> Row:
    """A decision's fields without its place."""
    return decision_entry(record(**changes)).row


def test_fields_are_hashed_in_this_order() -> None:
    """The order is part of the format."""
    assert (
        *("ledger", "writer", "position", "previous", "kind", "decided_at", "decision_id", "node", "key_id"),
        *("request_id", "request_type", "received_at", "token_sha256", "detail_sha256", "extra_sha256"),
        *("input_sha256", "facts_sha256", "decision_sha256", "effect", "codes", "revision", "version", "opa_version"),
        *("earlier", "timings", "public_key", "bundle_sha256", "archived_before", "archive_sha256"),
    ) == FIELDS


@pytest.mark.parametrize(
    ("row", "present"),
    [
        (writer_entry(public_key=b"k", at=1.0).row, {"kind", "decided_at", "public_key"}),
        (stop_entry(stopped=True, at=1.0).row, {"kind", "decided_at"}),
        (
            bundle_entry(revision="r", version=0, content=b"c", at=1.0).row,
            {"kind", "decided_at", "revision", "version", "bundle_sha256"},
        ),
        (
            archive_entry(before=1, sha256=b"d", at=1.0).row,
            {"kind", "decided_at", "archived_before", "archive_sha256"},
        ),
        (
            decision_row(),
            set(FIELDS) - {*PLACE, "position", "public_key", "bundle_sha256", "archived_before", "archive_sha256"},
        ),
    ],
)
def test_a_kind_has_its_own_fields(row: Row, present: set[str]) -> None:
    """Every other field is absent, and absent is not empty."""
    assert {name for name, value in row.items() if value is not None} == present


def test_a_decision_without_a_release_names_none() -> None:
    """Revision and version are absent when no release was active."""
    row = decision_row(revision="", version=0)
    assert (row["revision"], row["version"]) == (None, None)


def test_contents_are_in_the_hash_by_digest_only() -> None:
    """The row has the SHA-256 of token, input, facts and decision; the texts lie beside it."""
    entry = decision_entry(record(facts=None))
    assert entry.contents is not None
    assert entry.contents.input == '{"schema":"placet.input/v1"}'
    assert entry.contents.decision == '{"effect":"ALLOW","reasons":[]}'
    assert entry.row["facts_sha256"] is None
    assert entry.row["input_sha256"] == hashlib.sha256(b'{"schema":"placet.input/v1"}').digest()
    assert entry.row["decision_sha256"] == hashlib.sha256(b'{"effect":"ALLOW","reasons":[]}').digest()


def test_codes_are_each_there_once() -> None:
    """What is left of the reasons when contents are erased."""
    reasons = [{"code": "B", "message": "5"}, {"code": "A"}, {"code": "B"}]
    assert decision_row(reasons=reasons)["codes"] == '["A","B"]'


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_in_the_hash(name: str) -> None:
    """Changing any one field changes the hash."""
    row = {**decision_row(), **PLACE, "position": 7}
    assert record_hash({**row, name: "something else"}) != record_hash(row)


def test_absent_and_empty_are_different() -> None:
    """A field that is not there and one that is empty have different hashes."""
    row = {**decision_row(), **PLACE, "position": 7}
    assert record_hash({**row, "opa_version": None}) != record_hash({**row, "opa_version": ""})


def test_text_cannot_move_between_fields() -> None:
    """Lengths keep neighbours apart: the same characters cut elsewhere have another hash."""
    row = {**decision_row(), **PLACE, "position": 7}
    one = {**row, "node": "ab", "key_id": "c"}
    two = {**row, "node": "a", "key_id": "bc"}
    assert record_hash(one) != record_hash(two)


def test_a_missing_field_is_an_error() -> None:
    """A row without all of its fields has no hash."""
    with pytest.raises(KeyError):
        record_hash(decision_row())


def test_times_are_microseconds() -> None:
    """Times are stored as integers, an unknown one as absent."""
    assert decision_row(decided_at=1.5)["decided_at"] == 1_500_000
    assert decision_row(received_at=None)["received_at"] is None


def test_json_is_ascii_and_numbers_with_a_fraction_are_strings() -> None:
    """Any JSON value has a text that can be stored: lone surrogates escaped, decimals not rounded."""
    contents = decision_entry(record(input={"a": "\ud800é", "b": Decimal("0.10"), "c": 10**30})).contents
    assert contents is not None
    assert contents.input == '{"a":"\\ud800\\u00e9","b":"0.10","c":1000000000000000000000000000000}'


def test_what_is_not_json_is_an_error() -> None:
    """A record never holds a Python object's description."""
    with pytest.raises(TypeError):
        decision_row(facts={"a": object()})


def test_text_that_cannot_be_stored_is_an_error() -> None:
    """A lone surrogate outside JSON has no UTF-8 form and is refused before any transaction."""
    with pytest.raises(UnicodeEncodeError):
        record_hash({**decision_row(request_id="\ud800"), **PLACE, "position": 1})
