"""The records of docs/ledger-vectors.json, made by the code under test with a key that everybody knows."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledger_records import record
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.record import (
    DOMAIN,
    FIELDS,
    Entry,
    Row,
    Value,
    archive_entry,
    bundle_entry,
    canonical_bytes,
    decision_entry,
    record_hash,
    stop_entry,
    writer_entry,
)

LEDGER = "6a0c7e0e-6a0b-4a52-8b57-0d8f2c1b9a01"
WRITER = "1b7d2c5e-93c4-4f5e-a6d2-5f3e8c7b6a02"


def make_vectors() -> dict[str, Any]:
    """A chain with one record of every kind, and a decision without input, facts and release."""
    key = WriterKey(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"placet ledger test vectors").digest()))
    entries = [
        writer_entry(public_key=key.public_key, at=1795369700.0),
        bundle_entry(revision="sha256:" + "cd" * 32, version=0, content=b"packed", at=1795369701.25),
        decision_entry(record(1, reasons=[{"code": "TOO_MUCH", "message": "5 é is more than 4"}], effect="DENY")),
        decision_entry(record(2, revision="", input=None, facts=None, received_at=None, effect="HOLD")),
        stop_entry(stopped=True, at=1795369800.0),
        archive_entry(before=1795369750000000, sha256=b"\x03" * 32, at=1795369900.0),
    ]
    records: list[dict[str, Any]] = []
    previous: bytes | None = None
    for position, entry in enumerate(entries, start=1):
        place: Row = {"ledger": LEDGER, "writer": WRITER, "position": position, "previous": previous}
        previous = _add(records, entry, {**entry.row, **place}, key)
    return {"ledger": LEDGER, "writer": WRITER, "public_key": key.public_key.hex(), "records": records}


def _add(records: list[dict[str, Any]], entry: Entry, row: Row, key: WriterKey) -> bytes:
    digest = record_hash(row)
    receipt = Receipt(ledger=LEDGER, writer=WRITER, position=len(records) + 1, record_hash=digest)
    contents = entry.contents
    records.append(
        {
            "fields": {name: _shown(row[name]) for name in FIELDS},
            "contents": None
            if contents is None
            else {name: getattr(contents, name) for name in ("token", "input", "facts", "decision")},
            "canonical_bytes": len(canonical_bytes(DOMAIN, (row[name] for name in FIELDS))),
            "record_hash": digest.hex(),
            "signature": key.sign(receipt).signature.hex(),
        }
    )
    return digest


def _shown(value: Value) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value
