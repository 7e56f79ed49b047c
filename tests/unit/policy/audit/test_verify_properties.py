"""Random small ledgers: whole as they were written, and never with one value changed."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ledger_records import record
from placet_policy.audit.evidence import EvidenceCheck
from placet_policy.audit.export_lines import from_object, to_line
from placet_policy.audit.export_read import parse_line
from placet_policy.audit.items import Header, Item, StoredBundle, StoredContents, StoredRecord, StoredWriter
from placet_policy.audit.scratch import scratch
from placet_policy.audit.verify import Report, verify
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.record import (
    FIELDS,
    Entry,
    archive_entry,
    bundle_entry,
    decision_entry,
    record_hash,
    stop_entry,
    writer_entry,
)

_LEDGER = "ledger"
_BUNDLE = StoredBundle(revision="sha256:" + "cd" * 32, version=0, first_active_at=1_000_000, content=b"packed")
_KINDS = st.sampled_from(["decision", "held", "stop", "start", "bundle", "archive"])
_LEDGERS = st.lists(st.lists(_KINDS, max_size=5), min_size=1, max_size=3)


def entry(kind: str, number: int) -> Entry:
    """A record of a kind."""
    if kind in {"decision", "held"}:
        changes = {} if kind == "decision" else {"effect": "HOLD", "facts": None, "input": None, "revision": ""}
        return decision_entry(record(number, **changes))
    if kind == "bundle":
        return bundle_entry(revision=_BUNDLE.revision, version=0, content=_BUNDLE.content, at=5.0)
    if kind == "archive":
        return archive_entry(before=number, sha256=b"\x01" * 32, at=6.0)
    return stop_entry(stopped=kind == "stop", at=7.0)


def chain(name: str, kinds: Iterable[str], first: int) -> tuple[StoredWriter, list[StoredRecord]]:
    """A writer and what it wrote: its key, the bundle, then records of these kinds."""
    key, written, previous = WriterKey.generate(), [], None
    entries = [
        writer_entry(public_key=key.public_key, at=0.5),
        bundle_entry(revision=_BUNDLE.revision, version=0, content=_BUNDLE.content, at=1.0),
        *(entry(kind, first + number) for number, kind in enumerate(kinds)),
    ]
    for position, each in enumerate(entries, start=1):
        row = {**each.row, "ledger": _LEDGER, "writer": name, "position": position, "previous": previous}
        previous = record_hash(row)
        receipt = Receipt(ledger=_LEDGER, writer=name, position=position, record_hash=previous)
        contents = None if each.contents is None else StoredContents(**dataclasses.asdict(each.contents))
        signature = key.sign(receipt).signature
        written.append(StoredRecord(row=row, record_hash=previous, signature=signature, contents=contents))
    return StoredWriter(writer=name, public_key=key.public_key, started_at=500_000), written


def ledger(plan: Sequence[Sequence[str]]) -> list[Item]:
    """The stream of a ledger."""
    chains = [chain(f"writer-{number}", kinds, 100 * (number + 1)) for number, kinds in enumerate(plan)]
    records = [each for _, written in chains for each in written]
    return [Header(ledger=_LEDGER, schema="0001"), _BUNDLE, *(writer for writer, _ in chains), *records]


def judged(items: Iterable[Item]) -> Report:
    """What verify says."""
    with scratch() as connection:
        return verify(
            items,
            evidence=EvidenceCheck(nodes=None),
            published=None,
            rows_of=None,
            scratch=connection,
            progress=lambda _count: None,
        )


@given(plan=_LEDGERS)
def test_what_was_written_is_whole(plan: list[list[str]]) -> None:
    """No finding, and every record counted; also after a way through an export's lines."""
    items = ledger(plan)
    report = judged(items)
    again = [_read(to_line(item)) for item in items]

    assert (report.whole, report.records) == (True, sum(len(kinds) + 2 for kinds in plan))
    assert again == items


@given(plan=_LEDGERS, data=st.data())
def test_one_changed_value_is_found(plan: list[list[str]], data: st.DataObject) -> None:
    """Any field of any item: another value, an absent one, a present one."""
    items = ledger(plan)
    index = data.draw(st.integers(min_value=1, max_value=len(items) - 1))
    items[index] = changed(items[index], data)

    assert not judged(items).whole


@given(plan=_LEDGERS, data=st.data())
def test_a_lost_record_is_found_unless_it_was_the_last(plan: list[list[str]], data: st.DataObject) -> None:
    """A chain's end alone can be cut off unseen without the published lines."""
    items = ledger(plan)
    places = [index for index, item in enumerate(items) if isinstance(item, StoredRecord)]
    index = data.draw(st.sampled_from(places))
    lost = items.pop(index)
    assert isinstance(lost, StoredRecord)
    tail = all(not isinstance(item, StoredRecord) or item.writer != lost.writer for item in items[index:])

    assert tail or not judged(items).whole


@given(plan=_LEDGERS, data=st.data())
def test_two_records_in_each_others_place_are_found(plan: list[list[str]], data: st.DataObject) -> None:
    """Within a chain and between chains, place and all."""
    items = ledger(plan)
    places = [index for index, item in enumerate(items) if isinstance(item, StoredRecord)]
    one, two = data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True))
    first, second = items[one], items[two]
    assert isinstance(first, StoredRecord)
    assert isinstance(second, StoredRecord)
    items[one], items[two] = _placed(second, first), _placed(first, second)

    assert not judged(items).whole


def changed(item: Item, data: st.DataObject) -> Item:
    """The item with one value changed."""
    if not isinstance(item, StoredRecord):
        name = data.draw(st.sampled_from([field.name for field in dataclasses.fields(item)]))
        return dataclasses.replace(item, **{name: _other(getattr(item, name))})
    inside = [f"contents.{name}" for name in ("token", "input", "facts", "decision")] if item.contents else []
    name = data.draw(st.sampled_from(["record_hash", "signature", *inside, *(set(FIELDS) - {"ledger", "writer"})]))
    if name.startswith("contents.") and item.contents is not None:
        member = name.removeprefix("contents.")
        contents = dataclasses.replace(item.contents, **{member: _other(getattr(item.contents, member))})
        return dataclasses.replace(item, contents=contents)
    if name in {"record_hash", "signature"}:
        return dataclasses.replace(item, **{name: _other(getattr(item, name))})
    return dataclasses.replace(item, row={**item.row, name: _other(item.row[name])})


def _other(value: Any) -> Any:
    match value:
        case None:
            return "there"
        case bytes():
            return hashlib.sha256(value).digest()
        case int():
            return value + 1
        case _:
            return value + "x"


def _placed(record: StoredRecord, place: StoredRecord) -> StoredRecord:
    named = {name: place.row[name] for name in ("writer", "position")}
    return dataclasses.replace(record, row={**record.row, **named})


def _read(line: bytes) -> Item:
    return from_object(parse_line(line, begins=0), ledger=_LEDGER)
