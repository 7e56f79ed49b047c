"""A record's fields, and the SHA-256 over them that a receipt names.

The canonical bytes of a record, so that any language can compute ``record_hash``::

    "placet.record/v1"                                    16 bytes of ASCII, the domain
    then for every name in FIELDS, in that order:
        0x00                                              the field is absent, or
        0x01  length (8 bytes, big endian)  value         the field is present

A value is UTF-8 for text, decimal ASCII for an integer, the bytes themselves for bytes. JSON fields are hashed as the
very text that is stored, so nobody needs a rule for canonical JSON. ``token`` is hashed as it was received, although
it is stored compressed. Times are integers: microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_policy.ledger.interface import Record

DOMAIN = b"placet.record/v1"
Value = str | int | bytes | None
Row = Mapping[str, Value]

# Where a record is: known only inside the transaction that writes it.
_PLACE = ("ledger", "writer", "position")
# What it says. ``kind`` is decision, stop or start; only a decision has the fields after ``decided_at``.
_CONTENT = (
    "kind",
    "decided_at",
    "decision_id",
    "node",
    "key_id",
    "request_id",
    "request_type",
    "received_at",
    "token",
    "token_sha256",
    "detail_sha256",
    "extra_sha256",
    "effect",
    "reasons",
    "facts",
    "input",
    "revision",
    "version",
    "opa_version",
    "earlier",
    "timings",
)
FIELDS = _PLACE + _CONTENT
_LENGTH_BYTES = 8


def decision_row(record: Record) -> Row:
    """Return a decision's fields as they are hashed and stored; the three of its place are still missing."""
    return {
        "kind": "decision",
        "decided_at": microseconds(record.decided_at),
        "decision_id": record.decision_id,
        "node": record.node,
        "key_id": record.key_id,
        "request_id": record.request_id,
        # A node may send any integer, and SQLite's end at 64 bits.
        "request_type": str(record.request_type),
        "received_at": None if record.received_at is None else microseconds(record.received_at),
        "token": record.token,
        "token_sha256": record.token_sha256,
        "detail_sha256": record.detail_sha256,
        "extra_sha256": record.extra_sha256,
        "effect": record.effect,
        "reasons": _json(record.reasons),
        "facts": None if record.facts is None else _json(record.facts),
        "input": None if record.input is None else _json(record.input),
        "revision": record.revision,
        "version": record.version,
        "opa_version": record.opa_version,
        "earlier": _json(list(record.earlier)),
        "timings": _json(dict(record.timings)),
    }


def stop_row(*, stopped: bool, at: float) -> Row:
    """Return the fields of a record that the stop was set (``stop``) or lifted (``start``) at ``at``, Unix seconds."""
    return {
        **dict.fromkeys(_CONTENT),
        "kind": "stop" if stopped else "start",
        "decided_at": microseconds(at),
    }


def record_hash(row: Row) -> bytes:
    """Return the SHA-256 over the canonical bytes of a complete row (see the module's docstring).

    Raises:
        KeyError: a field is missing; an absent one must be there as None.
    """
    digest = hashlib.sha256(DOMAIN)
    for name in FIELDS:
        digest.update(_canonical(row[name]))
    return digest.digest()


def microseconds(seconds: float) -> int:
    """Return Unix seconds as the integer that is stored."""
    return round(seconds * 1_000_000)


def _canonical(value: Value) -> bytes:
    if value is None:
        return b"\x00"
    data = value if isinstance(value, bytes) else str(value).encode("utf-8")
    return b"\x01" + len(data).to_bytes(_LENGTH_BYTES, "big") + data


def _json(value: object) -> str:
    # ASCII, because a lone surrogate is legal in JSON and cannot be stored as text.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=_number)


def _number(value: object) -> str:
    # A number with a fraction becomes a string: a double would round it, and the token holds the original.
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
