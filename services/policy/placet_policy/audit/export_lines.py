"""An item of the stream as one line of JSON, and back (docs/audit.md describes the format)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import LargeBinary, Text

from placet_policy.audit.items import Header, StoredBundle, StoredContents, StoredRecord, StoredWriter, StrayContents
from placet_policy.ledger.record import FIELDS
from placet_policy.ledger.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from placet_policy.audit.items import Item
    from placet_policy.ledger.record import Row, Value

FORMAT: Final = "placet.ledger-export/v1"
_ROW: Final = tuple(name for name in FIELDS if name != "ledger")
_CONTENTS: Final = ("token", "input", "facts", "decision")


class LineInvalid(Exception):  # noqa: N818  (named after what happened)
    """A line is not what this program writes."""


def to_line(item: Item) -> bytes:
    """Return an item as one line, with its line feed. Absent fields are left out; bytes are lower-case hexadecimal."""
    return encode(_said(item))


def encode(said: Mapping[str, Any]) -> bytes:
    """Return an object as a line."""
    return json.dumps(said, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def from_object(said: Mapping[str, Any], *, ledger: str) -> Item:
    """Return the item of a parsed line; ``ledger`` is what the header said.

    Raises:
        LineInvalid: another type, a member that is missing, unknown or mistyped.
    """
    try:
        return _item(dict(said), ledger)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise LineInvalid from error


def _said(item: Item) -> dict[str, Any]:
    match item:
        case StoredRecord():
            return _record(item)
        case Header():
            return {"type": "header", "format": FORMAT, "ledger": item.ledger, "schema": item.schema}
        case StoredBundle():
            return {
                "type": "bundle",
                "revision": item.revision,
                "version": item.version,
                "first_active_at": item.first_active_at,
                "content": base64.b64encode(item.content).decode(),
            }
        case StoredWriter():
            key = item.public_key.hex()
            return {"type": "writer", "writer": item.writer, "public_key": key, "started_at": item.started_at}
        case StrayContents():
            return {"type": "stray", "writer": item.writer, "position": item.position}


def _record(item: StoredRecord) -> dict[str, Any]:
    row = {name: _shown(item.row[name]) for name in _ROW if item.row[name] is not None}
    said: dict[str, Any] = {
        "type": "record",
        **row,
        "record_hash": item.record_hash.hex(),
        "signature": item.signature.hex(),
    }
    if item.contents is not None:
        contents = {name: getattr(item.contents, name) for name in _CONTENTS}
        said["contents"] = {name: text for name, text in contents.items() if text is not None}
    return said


def _shown(value: Value) -> str | int | None:
    return value.hex() if isinstance(value, bytes) else value


def _item(said: dict[str, Any], ledger: str) -> Item:
    kind = said.pop("type")
    if kind == "record":
        return _read_record(said, ledger)
    if kind == "header" and said.pop("format") == FORMAT:
        return Header(**_typed(said, ledger=str, schema=str))
    if kind == "bundle":
        content = base64.b64decode(said.pop("content"), validate=True)
        return StoredBundle(content=content, **_typed(said, revision=str, version=int, first_active_at=int))
    if kind == "writer":
        public_key = bytes.fromhex(said.pop("public_key"))
        return StoredWriter(public_key=public_key, **_typed(said, writer=str, started_at=int))
    if kind == "stray":
        return StrayContents(**_typed(said, writer=str, position=int))
    raise ValueError(kind)


def _read_record(said: dict[str, Any], ledger: str) -> StoredRecord:
    contents = said.pop("contents", None)
    record_hash, signature = (bytes.fromhex(said.pop(name)) for name in ("record_hash", "signature"))
    row: dict[str, Value] = {"ledger": ledger}
    for name in _ROW:
        row[name] = _value(name, said.pop(name, None))
    if said:
        raise ValueError(min(said))
    return StoredRecord(
        row=_required(row),
        record_hash=record_hash,
        signature=signature,
        contents=None if contents is None else _read_contents(dict(contents)),
    )


def _required(row: Row) -> Row:
    if any(row[name] is None for name in ("writer", "position", "kind", "decided_at")):
        raise KeyError
    return row


def _value(name: str, value: object) -> Value:
    """Return a column's value; the same text as another type would give the same hash."""
    column = records.c[name].type
    if value is None:
        return None
    if isinstance(column, LargeBinary) and isinstance(value, str):
        return bytes.fromhex(value)
    expected = str if isinstance(column, Text) else int
    if type(value) is not expected:
        raise TypeError(name)
    return value


def _read_contents(said: dict[str, Any]) -> StoredContents:
    if said.keys() - set(_CONTENTS) or not all(isinstance(text, str) for text in said.values()):
        raise TypeError
    return StoredContents(
        token=said.get("token"), input=said.get("input"), facts=said.get("facts"), decision=said["decision"]
    )


def _typed(said: dict[str, Any], **types: type) -> dict[str, Any]:
    if said.keys() != types.keys() or any(type(said[name]) is not kind for name, kind in types.items()):
        raise TypeError
    return said
