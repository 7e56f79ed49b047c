"""The published lines: what they say for a record, against it, and about what is no longer there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from placet_policy.audit.findings import Finding
from placet_policy.audit.items import StoredRecord
from placet_policy.audit.published import Published, PublishedUnreadable
from placet_policy.audit.scratch import scratch
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.interface import Receipt

KEY = WriterKey.generate()
LOGGED = "2026-11-22T12:00:00Z"
NOON = 1_795_348_800_000_000


def head(position: int, digest: bytes) -> dict[str, Any]:
    """A line about a record of the writer `w` of the ledger `l`."""
    receipt = Receipt(ledger="l", writer="w", position=position, record_hash=digest)
    signature = KEY.sign(receipt).signature.hex()
    said = {"ledger": "l", "writer": "w", "position": position, "record_hash": digest.hex(), "signature": signature}
    return {"event": "ledger_head", "timestamp": LOGGED, **said}


WRITER = {"event": "ledger_writer", "ledger": "l", "writer": "w", "public_key": KEY.public_key.hex()}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log file."""
    return tmp_path / "log"


@pytest.fixture
def published() -> Iterator[Published]:
    """What was published so far: nothing."""
    with scratch() as connection:
        yield Published(connection)


def load(published: Published, log: Path, *lines: dict[str, Any]) -> list[Finding]:
    """Publish lines and choose the ledger."""
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    published.load(log)
    return list(published.begin("l"))


def stored(position: int, digest: bytes) -> StoredRecord:
    """A record of the writer, as far as heads are concerned."""
    row: dict[str, Any] = {"writer": "w", "position": position, "decision_id": None}
    return StoredRecord(row=row, record_hash=digest, signature=b"", contents=None)


def test_a_head_that_the_writer_signed_speaks_for_one_hash(published: Published, log: Path) -> None:
    """The published record passes; another one at its place is named with the line that says so."""
    load(published, log, WRITER, head(1, b"a" * 32))

    assert list(published.differing(stored(1, b"a" * 32), None)) == []
    assert list(published.differing(stored(2, b"b" * 32), None)) == []
    assert list(published.differing(stored(1, b"b" * 32), None)) == [("HEAD_DIFFERS", "log:2")]


def test_a_head_counts_by_the_chains_key_where_its_first_line_is_lost(published: Published, log: Path) -> None:
    """Logs end before ledgers do; without any key a line proves nothing."""
    load(published, log, head(1, b"a" * 32))

    assert list(published.differing(stored(1, b"b" * 32), KEY.public_key)) == [("HEAD_DIFFERS", "log:1")]
    assert list(published.differing(stored(1, b"b" * 32), None)) == [("PUBLISHED_INVALID", "log:1")]


@pytest.mark.parametrize(("newest", "code"), [(NOON, "TAIL_CUT"), (NOON - 1, "LEDGER_BEHIND")])
def test_a_lost_head_is_judged_by_when_it_was_published(
    published: Published, log: Path, newest: int, code: str
) -> None:
    """A ledger that has newer records lost a tail; one that has none is as a whole behind."""
    load(published, log, WRITER, head(3, b"c" * 32), head(2, b"b" * 32))
    lost = published.lost("w", 1, public_key=None, newest=newest)

    assert lost is not None
    assert (lost.code, lost.writer, lost.position) == (code, "w", 2)
    assert lost.detail == "position 2 was published (log:3), 1 is the last"
    assert published.lost("w", 3, public_key=None, newest=newest) is None


def test_lines_about_other_ledgers_alone_are_a_finding(published: Published, log: Path) -> None:
    """They may stand beside ours, and not in their place."""
    (found,) = load(published, log, {**WRITER, "ledger": "another"})
    assert (found.code, found.detail) == ("LEDGER_UNPUBLISHED", "l")
    assert load(published, log, WRITER) == []


@pytest.mark.parametrize(
    "line",
    [
        {**WRITER, "public_key": "00"},
        {**WRITER, "public_key": "zz" * 32},
        {name: value for name, value in WRITER.items() if name != "writer"},
        {**head(1, b"a" * 32), "position": 0},
        {**head(1, b"a" * 32), "position": True},
        {**head(1, b"a" * 32), "position": "1"},
        {**head(1, b"a" * 32), "position": 2**63},
        {**head(1, b"a" * 32), "signature": "00"},
        {**head(1, b"a" * 32), "timestamp": "2026-11-22T12:00:00"},
        {**head(1, b"a" * 32), "timestamp": 5},
    ],
)
def test_a_malformed_line_ends_the_reading(published: Published, log: Path, line: dict[str, Any]) -> None:
    """A line that would have counted must not be lost silently."""
    with pytest.raises(PublishedUnreadable) as refused:
        load(published, log, {"event": "ready"}, line)
    assert refused.value.place == "log:2"
