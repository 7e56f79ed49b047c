"""The canonical bytes of a record and their hash: test vectors for whoever writes this in another language."""

from decimal import Decimal

import pytest
from ledger_records import record
from placet_policy.ledger.record import FIELDS, decision_row, record_hash, stop_row

PLACE = {
    "ledger": "6a0c7e0e-6a0b-4a52-8b57-0d8f2c1b9a01",
    "writer": "1b7d2c5e-93c4-4f5e-a6d2-5f3e8c7b6a02",
}


def test_hash_of_a_decision() -> None:
    """The first test vector: a decision at position 7, 740 canonical bytes."""
    digest = record_hash({**decision_row(record()), **PLACE, "position": 7})
    assert digest.hex() == "56fcf87d827b9ef14e4bd1cad418534ec8f7e9ec092a6bc4fa9634ff042776c1"


def test_hash_of_a_stop() -> None:
    """The second test vector: a stop at position 8, all fields of a decision absent, 164 canonical bytes."""
    digest = record_hash({**stop_row(stopped=True, at=2.0), **PLACE, "position": 8})
    assert digest.hex() == "6123d5472ef07c3de082fe421a6df66b3f948ed75f75e4529da4740f50402aa8"


def test_fields_are_hashed_in_this_order() -> None:
    """The order is part of the format."""
    assert (
        *("ledger", "writer", "position", "kind", "decided_at", "decision_id", "node", "key_id", "request_id"),
        *("request_type", "received_at", "token", "token_sha256", "detail_sha256", "extra_sha256", "effect"),
        *("reasons", "facts", "input", "revision", "version", "opa_version", "earlier", "timings"),
    ) == FIELDS


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_in_the_hash(name: str) -> None:
    """Changing any one field changes the hash."""
    row = {**decision_row(record()), **PLACE, "position": 7}
    assert record_hash({**row, name: "something else"}) != record_hash(row)


def test_absent_and_empty_are_different() -> None:
    """A field that is not there and one that is empty have different hashes."""
    row = {**decision_row(record()), **PLACE, "position": 7}
    assert record_hash({**row, "facts": None}) != record_hash({**row, "facts": ""})


def test_text_cannot_move_between_fields() -> None:
    """Lengths keep neighbours apart: the same characters cut elsewhere have another hash."""
    row = {**decision_row(record()), **PLACE, "position": 7}
    one = {**row, "node": "ab", "key_id": "c"}
    two = {**row, "node": "a", "key_id": "bc"}
    assert record_hash(one) != record_hash(two)


def test_a_missing_field_is_an_error() -> None:
    """A row without all of its fields has no hash."""
    with pytest.raises(KeyError):
        record_hash(decision_row(record()))


def test_times_are_microseconds() -> None:
    """Times are stored as integers, an unknown one as absent."""
    assert decision_row(record(decided_at=1.5))["decided_at"] == 1_500_000
    assert decision_row(record(received_at=None))["received_at"] is None


def test_json_is_ascii_and_numbers_with_a_fraction_are_strings() -> None:
    """Any JSON value has a text that can be stored: lone surrogates escaped, decimals not rounded."""
    row = decision_row(record(input={"a": "\ud800é", "b": Decimal("0.10"), "c": 10**30}))
    assert row["input"] == '{"a":"\\ud800\\u00e9","b":"0.10","c":1000000000000000000000000000000}'


def test_what_is_not_json_is_an_error() -> None:
    """A record never holds a Python object's description."""
    with pytest.raises(TypeError):
        decision_row(record(facts={"a": object()}))


def test_text_that_cannot_be_stored_is_an_error() -> None:
    """A lone surrogate outside JSON has no UTF-8 form and is refused before any transaction."""
    with pytest.raises(UnicodeEncodeError):
        record_hash({**decision_row(record(request_id="\ud800")), **PLACE, "position": 1})
