"""The tamper table: each way of changing a ledger or an export is found by `verify` and named by its own code."""

import gzip
import json
import zlib
from pathlib import Path

import pytest
from audit_ledger import audited, evidence
from auditor import Auditor
from placet_policy.audit.commands import main
from placet_policy.audit.export_lines import encode
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.location import Location
from placet_policy.ledger.record import record_hash


@pytest.fixture
async def auditor(location: Location, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Auditor:
    """An auditor with a whole ledger, in each of the two stores."""
    return Auditor(await audited(location, tmp_path), capsys)


def test_an_untouched_ledger_is_whole(auditor: Auditor) -> None:
    """Twelve records of two writers pass, and nothing is left unchecked."""
    code, report = auditor.verify()

    assert code == 0
    assert report == {
        "ledger": auditor.ledger.ledger,
        "whole": True,
        "records": 12,
        "decisions": 8,
        "writers": 2,
        "contents": 8,
        "archived": 0,
        "first": None,
        "named": [],
        "counts": {},
        "unchecked": [],
    }


def test_an_edited_field(auditor: Auditor) -> None:
    """A small field of a record."""
    auditor.change(f"UPDATE records SET effect = 'HOLD' WHERE {auditor.at(4)}")

    assert auditor.found() == ("RECORD_CHANGED", "first", 4, "decision-2")


@pytest.mark.parametrize("name", ["input", "facts", "decision"])
def test_an_edited_content(auditor: Auditor, name: str) -> None:
    """A text beside the record."""
    auditor.change(f"UPDATE contents SET {name} = '{{}}' WHERE {auditor.at(4)}")

    assert auditor.found() == ("CONTENT_CHANGED", "first", 4, "decision-2")


def test_a_deleted_content(auditor: Auditor) -> None:
    """Contents that no archive took."""
    auditor.change(f"DELETE FROM contents WHERE {auditor.at(4)}")

    assert auditor.found() == ("CONTENT_MISSING", "first", 4, "decision-2")


def test_contents_of_no_record(auditor: Auditor) -> None:
    """A row of contents that belongs to nothing."""
    auditor.change(f"UPDATE contents SET position = 60 WHERE {auditor.at(6)}")
    _, report = auditor.verify()

    assert report["counts"] == {"CONTENT_MISSING": 1, "CONTENT_STRAY": 1}


def test_a_deleted_record(auditor: Auditor) -> None:
    """The record after the gap is named."""
    auditor.change(*(f"DELETE FROM {table} WHERE {auditor.at(4)}" for table in ("records", "contents")))

    assert auditor.found() == ("POSITION_MISSING", "first", 5, "decision-3")


def test_two_records_in_another_order(auditor: Auditor) -> None:
    """Each was written for the other's position."""
    first = auditor.ledger.first
    auditor.move({(first, 4): (first, 5), (first, 5): (first, 4)})
    _, report = auditor.verify()

    assert [finding["code"] for finding in report["named"][:2]] == ["RECORD_MOVED", "RECORD_MOVED"]
    assert report["first"]["detail"] == "it was written for position 5"
    assert (report["first"]["position"], report["first"]["decision_id"]) == (4, "decision-3")


def test_an_inserted_record(auditor: Auditor) -> None:
    """A forged record with a good hash and link, for which those behind it have made room."""
    first = auditor.ledger.first
    auditor.move({(first, 5): (first, 6), (first, 6): (first, 7)})
    forged = {**auditor.row(4), "position": 5, "previous": auditor.row(4)["record_hash"], "decision_id": "forged"}
    forged["record_hash"] = record_hash(forged)
    auditor.insert(forged)

    assert auditor.found() == ("RECORD_FORGED", "first", 5, "forged")


def test_an_appended_record(auditor: Auditor) -> None:
    """A forged record at the end of a chain, where nothing has to move."""
    forged = {**auditor.row(6), "position": 7, "previous": auditor.row(6)["record_hash"], "decision_id": "forged"}
    forged["record_hash"] = record_hash(forged)
    auditor.insert(forged)

    assert auditor.found(published=False) == ("RECORD_FORGED", "first", 7, "forged")


def test_a_cut_tail(auditor: Auditor) -> None:
    """One chain ends early while another has newer records: only its published heads tell."""
    auditor.change(*(f"DELETE FROM {table} WHERE {auditor.at(6)}" for table in ("records", "contents")))
    code, report = auditor.verify(published=False)

    assert auditor.found() == ("TAIL_CUT", "first", 6, None)
    assert (code, report["whole"]) == (0, True)
    assert "a cut tail" in report["unchecked"][0]


def test_an_old_backup(auditor: Auditor) -> None:
    """The whole ledger ends before what was published."""
    late = f"writer = '{auditor.ledger.second}' OR position > 4"
    auditor.change(
        *(f"DELETE FROM {table} WHERE {late}" for table in ("records", "contents")),
        f"DELETE FROM writers WHERE writer = '{auditor.ledger.second}'",
    )

    assert auditor.found()[0] == "LEDGER_BEHIND"


def test_a_removed_chain(auditor: Auditor) -> None:
    """A writer that is gone with everything it wrote is missed by its published heads."""
    tables = ("records", "contents", "writers")
    auditor.change(*(f"DELETE FROM {table} WHERE writer = '{auditor.ledger.first}'" for table in tables))
    code, _ = auditor.verify(published=False)

    assert code == 0
    assert auditor.found() == ("TAIL_CUT", "first", 1, None)


def test_records_of_two_chains_swapped(auditor: Auditor) -> None:
    """Each was written by the other writer."""
    first, second = auditor.ledger.first, auditor.ledger.second
    auditor.move({(first, 4): (second, 4), (second, 4): (first, 4)})

    assert auditor.found() == ("RECORD_OF_OTHER_CHAIN", "first", 4, "decision-12")


def test_evidence_replaced_by_another_valid_token(auditor: Auditor) -> None:
    """The same node signed it, about another request."""
    token = auditor.blob(zlib.compress(evidence("request-9")["token"].encode()))
    auditor.change(f"UPDATE contents SET token_zlib = {token} WHERE {auditor.at(4)}")

    assert auditor.found() == ("EVIDENCE_REPLACED", "first", 4, "decision-2")


def test_a_replaced_signature(auditor: Auditor) -> None:
    """The record after it, which is signed, still names this one."""
    signature = auditor.blob(auditor.row(5)["signature"])
    auditor.change(f"UPDATE records SET signature = {signature} WHERE {auditor.at(4)}")

    assert auditor.found() == ("SIGNATURE_REPLACED", "first", 4, "decision-2")


def test_a_rebuilt_record(auditor: Auditor) -> None:
    """A changed field with a hash that fits: the signature does not, and the next record names another one."""
    row = {**auditor.row(4), "effect": "HOLD"}
    auditor.change(
        f"UPDATE records SET effect = 'HOLD', record_hash = {auditor.blob(record_hash(row))} WHERE {auditor.at(4)}"
    )
    _, report = auditor.verify()

    assert (report["first"]["code"], report["first"]["position"]) == ("RECORD_FORGED", 4)
    assert report["counts"] == {"RECORD_FORGED": 1, "LINK_BROKEN": 1}


def test_a_forged_chain(auditor: Auditor) -> None:
    """A whole chain with a key of its own is consistent in itself; its writer was never published."""
    key, writer = WriterKey.generate(), "00000000-0000-4000-8000-000000000000"
    _rebuild(auditor, key, writer, keep=False)
    code, report = auditor.verify(published=False)

    assert (code, report["writers"]) == (0, 3)
    assert auditor.found() == ("WRITER_UNPUBLISHED", writer, 1, None)


def test_a_rebuilt_chain(auditor: Auditor) -> None:
    """The same writer with another key: consistent in itself, and not what was published."""
    _rebuild(auditor, WriterKey.generate(), auditor.ledger.second, keep=True)
    code, _ = auditor.verify(published=False)

    assert code == 0
    assert auditor.found() == ("WRITER_KEY_REPLACED", "second", 1, None)


def test_a_removed_bundle(auditor: Auditor) -> None:
    """The first record that names it."""
    auditor.change("DELETE FROM bundles")

    assert auditor.found() == ("BUNDLE_MISSING", "first", 2, None)


def test_a_replaced_bundle(auditor: Auditor) -> None:
    """The record that says when it became active has its digest."""
    auditor.change(f"UPDATE bundles SET content = {auditor.blob(b'other')}")

    assert auditor.found() == ("BUNDLE_CHANGED", "first", 2, None)


def test_an_added_bundle(auditor: Auditor) -> None:
    """No record vouches for it."""
    auditor.change(f"INSERT INTO bundles VALUES ('sha256:00', 0, 1, {auditor.blob(b'other')})")

    assert auditor.found()[0] == "BUNDLE_UNRECORDED"


def test_the_ledger_under_another_name(auditor: Auditor) -> None:
    """Another id of the store fits neither the published lines nor any record."""
    auditor.change("UPDATE meta SET value = 'another'")
    _, report = auditor.verify()

    assert report["first"]["code"] == "LEDGER_UNPUBLISHED"
    assert report["counts"]["RECORD_CHANGED"] == 12


def test_a_table_of_writers_that_lies(auditor: Auditor) -> None:
    """A key that is not the chain's, and a writer without records."""
    auditor.change(f"UPDATE writers SET public_key = {auditor.blob(bytes(32))} WHERE writer = '{auditor.ledger.first}'")

    assert auditor.found() == ("WRITER_CHANGED", "first", 1, None)

    auditor.change(f"UPDATE writers SET writer = 'nobody' WHERE writer = '{auditor.ledger.first}'")
    _, report = auditor.verify()
    assert report["counts"] == {"WRITER_CHANGED": 2}


def test_a_chain_without_its_first_record(auditor: Auditor) -> None:
    """The key's record is gone; the table's key still verifies what is left."""
    auditor.change(f"DELETE FROM records WHERE {auditor.at(1)}")

    assert auditor.found(published=False) == ("POSITION_MISSING", "first", 2, None)


def test_a_published_head_that_nobody_signed(auditor: Auditor) -> None:
    """A line that was put into the log is no proof against the ledger; it is a finding of its own."""
    lines = [json.loads(line) for line in auditor.ledger.published.read_text().splitlines()]
    head = next(line for line in lines if line["event"] == "ledger_head")
    for changed in ({"record_hash": "00" * 32}, {"position": 99}):
        auditor.ledger.published.write_text("".join(json.dumps(each) + "\n" for each in [*lines, {**head, **changed}]))
        _, report = auditor.verify()
        assert report["counts"] == {"PUBLISHED_INVALID": 1}


@pytest.fixture
def export(auditor: Auditor, tmp_path: Path) -> Path:
    """An export of the whole ledger."""
    file = tmp_path / "ledger.jsonl.gz"
    assert main(["export", "--url", auditor.ledger.location.shown, "--to", str(file)]) == 0
    auditor.capsys.readouterr()
    return file


def test_an_untouched_export_is_whole(auditor: Auditor, export: Path) -> None:
    """The file alone says what the database says."""
    code, report = auditor.verify("--export", export)

    assert (code, report["whole"], report["records"], report["contents"]) == (0, True, 12, 8)


def test_a_truncated_export(auditor: Auditor, export: Path) -> None:
    """Cut anywhere: inside a piece, and between the last record and the end line."""
    whole = export.read_bytes()
    end = whole.rindex(b"\x1f\x8b\x08")
    for length in (0, 1, 100, end // 2, end - 1, end, len(whole) - 1):
        export.write_bytes(whole[:length])
        _, report = auditor.verify("--export", export)
        assert report["first"]["code"] == "EXPORT_TRUNCATED"


def test_something_appended_to_an_export(auditor: Auditor, export: Path) -> None:
    """A byte, a piece, or lines beside the end line."""
    whole = export.read_bytes()
    end = whole.rindex(b"\x1f\x8b\x08")
    line = gzip.decompress(whole[:end]).splitlines(keepends=True)[-1]
    beside = whole[:end] + gzip.compress(gzip.decompress(whole[end:]) + line)
    for changed in (whole + b"\x00", whole + gzip.compress(line), beside):
        export.write_bytes(changed)
        assert auditor.found("--export", export)[0] == "EXPORT_APPENDED"


def test_an_edited_export(auditor: Auditor, export: Path) -> None:
    """Lines that were changed with care give the database's findings; the end line tells as well."""
    lines = gzip.decompress(export.read_bytes()).splitlines()
    lines = [line.replace(b'"effect":"ALLOW"', b'"effect":"DENY"') for line in lines]
    export.write_bytes(gzip.compress(b"\n".join(lines[:-1]) + b"\n") + gzip.compress(lines[-1] + b"\n"))
    _, report = auditor.verify("--export", export)

    assert report["counts"]["RECORD_CHANGED"] == 8
    assert report["counts"]["EXPORT_DAMAGED"] == 1


def test_an_export_with_a_line_of_another_kind(auditor: Auditor, export: Path) -> None:
    """What this program does not write is damage, wherever it stands."""
    lines = gzip.decompress(export.read_bytes()).splitlines(keepends=True)
    record = json.loads(next(line for line in lines if b'"type":"record"' in line))
    for strange in (
        b"not json\n",
        b"[]\n",
        encode({"type": "unknown"}),
        encode({**record, "extra": 1}),
        encode({**record, "position": "1"}),
        encode({**record, "contents": {"token": 1, "decision": "{}"}}),
        encode({name: value for name, value in record.items() if name != "kind"}),
        lines[0],
    ):
        export.write_bytes(gzip.compress(b"".join([lines[0], strange, *lines[1:]])))
        assert auditor.found("--export", export)[0] == "EXPORT_DAMAGED"


def _rebuild(auditor: Auditor, key: WriterKey, writer: str, *, keep: bool) -> None:
    """Write the second chain anew as `writer`, signed by another key; in its place or beside it."""
    rows = [auditor.row(position, auditor.ledger.second) for position in range(1, 3)]
    if keep:
        auditor.change(
            *(f"DELETE FROM {table} WHERE writer = '{writer}'" for table in ("records", "contents", "writers"))
        )
    previous = None
    for row in rows:
        row |= {"writer": writer, "previous": previous}
        if row["kind"] == "writer":
            row["public_key"] = key.public_key
        previous = row["record_hash"] = record_hash(row)
        receipt = Receipt(ledger=row["ledger"], writer=writer, position=row["position"], record_hash=previous)
        row["signature"] = key.sign(receipt).signature
        auditor.insert(row)
    started = rows[0]["decided_at"]
    auditor.change(f"INSERT INTO writers VALUES ('{writer}', {auditor.blob(key.public_key)}, {started})")
