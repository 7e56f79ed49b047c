"""``python -m placet_policy ledger list|show``: read the records of a ledger file, each with its hash recomputed."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from placet_policy.errors import LedgerUnavailable
from placet_policy.ledger.record import FIELDS, record_hash
from placet_policy.ledger.schema import connect, ledger_path, read_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_JSON_FIELDS = ("reasons", "earlier", "timings", "facts", "input")
_LISTED = (
    *("ledger", "writer", "position", "kind", "decided_at", "decision_id", "node", "request_id", "request_type"),
    *("effect", "reasons", "facts", "revision", "version", "opa_version", "earlier", "timings", "record_hash"),
    "verified",
)
_MICROSECONDS = 1_000_000


def main(argv: Sequence[str]) -> int:
    """Run the subcommand.

    Returns:
        0; 1 when the ledger cannot be read, the record is not there, or a record's hash does not fit it.
    """
    options = _parser().parse_args(argv)
    try:
        return _print(options, ledger_path(options.url))
    except ValueError as error:
        sys.stderr.write(f"{options.url}: {error}\n")
    except (LedgerUnavailable, sqlite3.Error, OSError, zlib.error) as error:
        sys.stderr.write(f"{options.url}: {getattr(error, 'cause', error)}\n")
    return 1


def records(path: Path, *, decision: str | None = None, request: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield a ledger's records in the order in which they were written.

    Args:
        path: the file.
        decision: only the record of this decision_id.
        request: only the records of this request_id.

    Yields:
        Every stored field, JSON parsed, times as RFC 3339, and ``verified``: whether the record's hash fits.

    Raises:
        LedgerUnavailable: not a ledger of a version we know.
        sqlite3.Error: the file cannot be read.
    """
    connection = connect(path, mode="ro")
    try:
        ledger_id = read_id(connection)
        connection.row_factory = sqlite3.Row
        query = (
            "SELECT * FROM records WHERE (:decision IS NULL OR decision_id = :decision)"
            " AND (:request IS NULL OR request_id = :request) ORDER BY rowid"
        )
        for row in connection.execute(query, {"decision": decision, "request": request}):
            yield _record(dict(row), ledger_id)
    finally:
        connection.close()


def _record(row: dict[str, Any], ledger_id: str) -> dict[str, Any]:
    compressed, stored = row.pop("token_zlib"), row.pop("record_hash")
    row["ledger"] = ledger_id
    row["token"] = None if compressed is None else zlib.decompress(compressed).decode("ascii")
    verified = record_hash({name: row[name] for name in FIELDS}) == stored
    parsed: dict[str, Any] = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
    parsed |= {name: None if row[name] is None else json.loads(row[name]) for name in _JSON_FIELDS}
    parsed["request_type"] = None if row["request_type"] is None else int(row["request_type"])
    parsed |= {name: _time(row[name]) for name in ("decided_at", "received_at")}
    return parsed | {"record_hash": stored.hex(), "verified": verified}


def _print(options: argparse.Namespace, path: Path) -> int:
    found = 0
    unverified = 0
    for record in records(path, decision=options.decision, request=options.request):
        found += 1
        unverified += not record["verified"]
        sys.stdout.write(_line(record, options) + "\n")
    if not found and options.decision is not None:
        sys.stderr.write("there is no such record\n")
    return int(bool(unverified) or (not found and options.decision is not None))


def _line(record: dict[str, Any], options: argparse.Namespace) -> str:
    summary = (record["facts"] or {}).get("summary", [])
    if options.command == "list":
        shown = {name: record[name] for name in _LISTED}
    else:
        # The token is the node's signed evidence and may be replayed until it expires: only on request.
        shown = {name: value for name, value in record.items() if name != "token" or options.evidence}
    if options.json:
        return json.dumps(shown)
    if options.command == "list":
        return _sentence(record, summary)
    return "\n".join(f"{name}: {_readable(value)}" for name, value in shown.items())


def _sentence(record: dict[str, Any], summary: list[str]) -> str:
    if record["kind"] != "decision":
        return f"{record['decided_at']}  {record['kind']}"
    reasons = "; ".join(f"{reason['code']}: {reason['message']}" for reason in record["reasons"])
    words = " ".join(summary)
    mark = "" if record["verified"] else "  THE RECORD'S HASH DOES NOT FIT"
    said = f"{record['decided_at']}  {record['effect']:<5}  {record['request_id']}  {words}  {reasons}"
    # Parts of it come from a request, which must not drive a terminal or break the line.
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in said).rstrip() + mark


def _readable(value: object) -> str:
    return json.dumps(value, indent=2) if isinstance(value, dict | list | str) else str(value)


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    seconds, rest = divmod(microseconds, _MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest).isoformat(timespec="microseconds")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="placet_policy ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("list", "one line a record, oldest first"), ("show", "everything about a record")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--url", required=True, help="sqlite:////absolute/path")
        command.add_argument("--decision", required=name == "show", help="only this decision_id")
        command.add_argument("--request", help="only this request_id")
        command.add_argument("--json", action="store_true", help="one JSON object a line")
        if name == "show":
            command.add_argument("--evidence", action="store_true", help="with the node's signed token")
    return parser
