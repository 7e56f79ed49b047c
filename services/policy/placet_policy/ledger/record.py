"""A record's fields, and the SHA-256 over them that a receipt names (docs/ledger-format.md).

The canonical bytes of a record, so that any language can compute ``record_hash``::

    "placet.record/v2"                                    16 bytes of ASCII, the domain
    then for every name in FIELDS, in that order:
        0x00                                              the field is absent, or
        0x01  length (8 bytes, big endian)  value         the field is present

A value is UTF-8 for text, decimal ASCII for an integer, the bytes themselves for bytes. Times are integers:
microseconds since 1970-01-01T00:00:00Z. Contents (token, input, facts, decision) are in the hash by their SHA-256
only, so that they can be archived or erased while the chain stays verifiable. JSON is hashed as the very text that is
stored, so nobody needs a rule for canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_policy.ledger.interface import Record

DOMAIN = b"placet.record/v2"
Value = str | int | bytes | None
Row = Mapping[str, Value]

# Where a record is: known only inside the transaction that writes it. ``previous`` is absent at position 1.
_PLACE = ("ledger", "writer", "position", "previous")
# What it says. ``kind`` is writer, bundle, archive, stop, start or decision; a kind has the fields that its function
# below sets.
_CONTENT = (
    "kind",
    "decided_at",
    "decision_id",
    "node",
    "key_id",
    "request_id",
    "request_type",
    "received_at",
    "token_sha256",
    "detail_sha256",
    "extra_sha256",
    "input_sha256",
    "facts_sha256",
    "decision_sha256",
    "effect",
    "codes",
    "revision",
    "version",
    "opa_version",
    "earlier",
    "timings",
    "public_key",
    "bundle_sha256",
    "archived_before",
    "archive_sha256",
)
FIELDS = _PLACE + _CONTENT
_ABSENT: Row = dict.fromkeys(_CONTENT)
_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a decision's record refers to by digest.

    Attributes:
        token: the node's compact token.
        input: the input document as JSON text; None when OPA was not asked.
        facts: the facts as JSON text; None when none were made.
        decision: effect and reasons as JSON text.
    """

    token: str
    input: str | None
    facts: str | None
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record before it has a place.

    Attributes:
        row: every field but those of its place.
        contents: what goes beside a decision; None for every other kind.
    """

    row: Row
    contents: Contents | None = None


def decision_entry(record: Record) -> Entry:
    """Return a decision as it is hashed and stored.

    Raises:
        TypeError: something in it is not JSON.
    """
    contents = Contents(
        token=record.token,
        input=None if record.input is None else json_text(record.input),
        facts=None if record.facts is None else json_text(record.facts),
        decision=json_text({"effect": record.effect, "reasons": record.reasons}),
    )
    return Entry(row=_decision_row(record, contents), contents=contents)


def writer_entry(*, public_key: bytes, at: float) -> Entry:
    """Return the first record of a chain: who signs it, from ``at`` (Unix seconds) on."""
    return _entry(kind="writer", decided_at=microseconds(at), public_key=public_key)


def bundle_entry(*, revision: str, version: int, content: bytes, at: float) -> Entry:
    """Return the record that a release became active at ``at``, Unix seconds, with these bytes for OPA."""
    return _entry(
        kind="bundle",
        decided_at=microseconds(at),
        revision=revision,
        version=version,
        bundle_sha256=hashlib.sha256(content).digest(),
    )


def archive_entry(*, before: int, sha256: bytes, at: float) -> Entry:
    """Return the record that the contents of older decisions were exported and may be erased.

    Args:
        before: microseconds since 1970; the contents of decisions made before may be gone.
        sha256: SHA-256 of the file that holds them, 32 bytes.
        at: when, Unix seconds.
    """
    return _entry(kind="archive", decided_at=microseconds(at), archived_before=before, archive_sha256=sha256)


def stop_entry(*, stopped: bool, at: float) -> Entry:
    """Return the record that the stop was set (``stop``) or lifted (``start``) at ``at``, Unix seconds."""
    return _entry(kind="stop" if stopped else "start", decided_at=microseconds(at))


def record_hash(row: Row) -> bytes:
    """Return the SHA-256 over the canonical bytes of a complete row (see the module's docstring).

    Raises:
        KeyError: a field is missing; an absent one must be there as None.
    """
    return hashlib.sha256(canonical_bytes(DOMAIN, (row[name] for name in FIELDS))).digest()


def canonical_bytes(domain: bytes, values: Iterable[Value]) -> bytes:
    """Return a domain and values so that no two different sequences of values have the same bytes."""
    return domain + b"".join(_canonical(value) for value in values)


def microseconds(seconds: float) -> int:
    """Return Unix seconds as the integer that is stored."""
    return round(seconds * 1_000_000)


def _decision_row(record: Record, contents: Contents) -> Row:
    return {
        **_ABSENT,
        "kind": "decision",
        "decided_at": microseconds(record.decided_at),
        "decision_id": record.decision_id,
        "node": record.node,
        "key_id": record.key_id,
        "request_id": record.request_id,
        # A node may send any integer, and the stores' end at 64 bits.
        "request_type": str(record.request_type),
        "received_at": None if record.received_at is None else microseconds(record.received_at),
        "token_sha256": record.token_sha256,
        "detail_sha256": record.detail_sha256,
        "extra_sha256": record.extra_sha256,
        "input_sha256": _sha256(contents.input),
        "facts_sha256": _sha256(contents.facts),
        "decision_sha256": _sha256(contents.decision),
        "effect": record.effect,
        "codes": json_text(_codes(record.reasons)),
        # Absent when no release was active: every revision that is there has its bundle in the ledger.
        "revision": record.revision or None,
        "version": record.version if record.revision else None,
        "opa_version": record.opa_version,
        "earlier": json_text(list(record.earlier)),
        "timings": json_text(dict(record.timings)),
    }


def _entry(**fields: Value) -> Entry:
    return Entry(row={**_ABSENT, **fields})


def _codes(reasons: object) -> list[str]:
    """The reasons' codes, each once: what is left to ask for once contents are erased."""
    listed = reasons if isinstance(reasons, list) else []
    return sorted({str(each["code"]) for each in listed if isinstance(each, dict) and "code" in each})


def _canonical(value: Value) -> bytes:
    if value is None:
        return b"\x00"
    data = value if isinstance(value, bytes) else str(value).encode("utf-8")
    return b"\x01" + len(data).to_bytes(_LENGTH_BYTES, "big") + data


def _sha256(text: str | None) -> bytes | None:
    return None if text is None else hashlib.sha256(text.encode("utf-8")).digest()


def json_text(value: object) -> str:
    """Return a value as the ledger writes and hashes it.

    Raises:
        TypeError: it is not JSON.
    """
    # ASCII, because a lone surrogate is legal in JSON and cannot be stored as text.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=_number)


def _number(value: object) -> str:
    # A number with a fraction becomes a string: a double would round it, and the token holds the original.
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
