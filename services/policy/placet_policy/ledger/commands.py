"""``python -m placet_policy ledger``: make tables, move a ledger, read records and quotas, print roles' grants."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sqlite3
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from placet_callback.envelope import RequestType

from placet_policy.errors import LedgerUnavailable
from placet_policy.ledger.grants import grants
from placet_policy.ledger.location import Location, PostgresLocation, SqliteLocation, parse_url
from placet_policy.ledger.moments import moment
from placet_policy.ledger.quota import read_quotas
from placet_policy.ledger.reading import read_records
from placet_policy.ledger.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_UNREADABLE = 2
_KINDS = ("decision", "writer", "bundle", "archive", "stop", "start")
_URL, _PASSWORD_FILE = "PLACET_POLICY_LEDGER_URL", "PLACET_POLICY_LEDGER_PASSWORD_FILE"
_LISTED = (
    *("ledger", "writer", "position", "kind", "decided_at", "decision_id", "node", "request_id", "request_type"),
    *("effect", "codes", "reasons", "facts", "revision", "version", "opa_version", "earlier", "timings"),
    *("record_hash", "contents", "verified"),
)


def main(argv: Sequence[str]) -> int:
    """Run the subcommand.

    Returns:
        0; 1 when a record does not fit; 2 when a question cannot be answered, or for wrong arguments. Of ``migrate``
        and ``move``, 1 when it was not done.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command == "show":
        options.decision = _only(options.refuse, options.decision, options.id)
    if options.command == "grants":
        sys.stdout.writelines(
            f"{statement}\n"
            for statement in grants(reader=options.reader, writer=options.writer, schema=options.schema)
        )
        return 0
    # Who asks has to tell a record that does not fit from a ledger that was not read, as with ``audit``.
    unusable = 1 if options.command in {"migrate", "move"} else _UNREADABLE
    try:
        location = _location(options)
    except ValueError as error:
        # Its text never holds a password, and the URL may.
        sys.stderr.write(f"the ledger URL: {error}\n")
        return unusable
    try:
        return _RUN.get(options.command, _print)(options, location)
    except LedgerUnavailable as error:
        sys.stderr.write(f"{location.shown}: {error.cause}\n")
    except _failures(location) as error:
        sys.stderr.write(f"{location.shown}: {str(error).strip()}\n")
    return unusable


def _location(options: argparse.Namespace) -> Location:
    url = options.url or os.environ.get(_URL, "")
    file = options.password_file or os.environ.get(_PASSWORD_FILE)
    return parse_url(url, password_file=Path(file) if file else None)


def _failures(location: Location) -> tuple[type[Exception], ...]:
    if not isinstance(location, PostgresLocation):
        return (sqlite3.Error, OSError, zlib.error)
    import psycopg  # noqa: PLC0415  (a SQLite ledger has no use for it)

    return (psycopg.Error, OSError, zlib.error)


def _quota(options: argparse.Namespace, location: Location) -> int:
    found = False
    for quota in read_quotas(location, root_key=options.key, path=options.path, now=time.time_ns() // 1000):
        found = True
        sys.stdout.write((json.dumps(quota.to_json()) if options.json else quota.sentence()) + "\n")
    if not found:
        sys.stderr.write(f"{options.key}: this key has no approval and no limit\n")
    return 0 if found else _UNREADABLE


def _migrate(_options: argparse.Namespace, location: Location) -> int:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  (with Alembic, for this command only)

    from placet_policy.ledger.migrate import migrate  # noqa: PLC0415

    try:
        migrate(location)
    except SQLAlchemyError as error:
        sys.stderr.write(f"{location.shown}: {str(getattr(error, 'orig', error)).strip()}\n")
        return 1
    sys.stdout.write(f"{location.shown}: the ledger has this program's schema\n")
    return 0


def _move(options: argparse.Namespace, location: Location) -> int:
    from placet_policy.ledger.moving import move  # noqa: PLC0415  (with the driver, for this command only)

    try:
        source = parse_url(options.source)
    except ValueError as error:
        sys.stderr.write(f"--from: {error}\n")
        return 1
    if not isinstance(source, SqliteLocation) or not isinstance(location, PostgresLocation):
        sys.stderr.write("a ledger moves from a SQLite file into PostgreSQL: --from sqlite:… --to postgresql:…\n")
        return 1
    try:
        moved = move(source, location, standby=options.standby)
    except sqlite3.Error as error:
        sys.stderr.write(f"{source.shown}: {error}\n")
        return 1
    sys.stdout.writelines(f"{count:>9} rows of {name}\n" for name, count in moved.rows.items())
    sys.stdout.write(f"{location.shown} has ledger {moved.ledger}, compared row by row\n")
    sys.stdout.write(f"{source.path} can still be read; no service writes to it again\n")
    return 0


_RUN: dict[str, Callable[[argparse.Namespace, Location], int]] = {"migrate": _migrate, "move": _move, "quota": _quota}


def _print(options: argparse.Namespace, location: Location) -> int:
    found = 0
    unverified = 0
    for record in read_records(location, _wanted(options), limit=options.limit):
        found += 1
        unverified += not record["verified"]
        sys.stdout.write(_line(record, options) + "\n")
    if not found and options.decision is not None:
        sys.stderr.write(f"there is no record of the decision {options.decision!r}\n")
        return _UNREADABLE
    return int(bool(unverified))


def _wanted(options: argparse.Namespace) -> Wanted:
    return Wanted(**{name: getattr(options, name) for name in (each.name for each in dataclasses.fields(Wanted))})


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
    mark = "" if record["verified"] else "  THE RECORD DOES NOT FIT"
    if record["kind"] != "decision":
        subject = {"writer": record["writer"], "bundle": record["revision"]}.get(record["kind"], "")
        return f"{record['decided_at']}  {record['kind']:<6}  {subject}".rstrip() + mark
    reasons = "; ".join(f"{reason['code']}: {reason['message']}" for reason in record["reasons"] or ())
    # Of erased contents the codes are left.
    why = reasons or ("" if record["contents"] else ", ".join(record["codes"]))
    said = f"{record['decided_at']}  {record['effect']:<6}  {record['request_id']}  {' '.join(summary)}  {why}"
    # Parts of it come from a request, which must not drive a terminal or break the line.
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in said).rstrip() + mark


def _readable(value: object) -> str:
    return json.dumps(value, indent=2) if isinstance(value, dict | list | str) else str(value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="placet_policy ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _store_arguments(commands.add_parser("migrate", help="make the tables, or bring them to this program's version"))
    moving = commands.add_parser("move", help="take a ledger from a file into an empty, migrated PostgreSQL database")
    moving.add_argument("--from", dest="source", required=True, metavar="URL", help="sqlite:////absolute/path")
    moving.add_argument("--to", dest="url", required=True, metavar="URL", help="postgresql://OWNER@HOST/DATABASE")
    moving.add_argument("--password-file", help=f"file that holds PostgreSQL's password; else {_PASSWORD_FILE}")
    moving.add_argument("--standby", action="store_true", help="require a synchronous standby, as the tier does")
    for name, text in (("list", "one line a record, oldest first"), ("show", "everything about a record")):
        command = commands.add_parser(name, prog=f"placet audit {name}", help=text)
        _store_arguments(command)
        _filter_arguments(command)
        command.add_argument("--json", action="store_true", help="one JSON object a line")
        if name == "show":
            command.add_argument("id", nargs="?", metavar="DECISION", help="the decision_id; also as --decision")
            command.set_defaults(refuse=command.error)
            command.add_argument("--evidence", action="store_true", help="with the node's signed token")
    quota = commands.add_parser(
        "quota", prog="placet audit quota", help="what a signing key has used of its windows, and what is left"
    )
    _store_arguments(quota)
    quota.add_argument("key", help="the root key, xpub… or cpub…")
    quota.add_argument("--path", help="only this path; * for the keys that share one purse, as on Bitcoin")
    quota.add_argument("--json", action="store_true", help="one JSON object a line")
    granting = commands.add_parser("grants", help="SQL for the roles of a PostgreSQL ledger")
    granting.add_argument("--reader", required=True, help="role for audits: reads")
    granting.add_argument("--writer", required=True, help="role of the policy tier: reads and adds")
    granting.add_argument("--schema", default="public", help="schema of the tables")
    return parser


def _only(refuse: Callable[[str], NoReturn], *given: str | None) -> str:
    """Return the one decision that is named; anything else ends the program."""
    named = [each for each in given if each is not None]
    if len(named) != 1:
        refuse("name one decision")
    return named[0]


def _filter_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--decision", help="only this decision_id")
    command.add_argument("--request", help="only this request_id")
    command.add_argument("--node", help="only requests of this node")
    command.add_argument("--effect", choices=("ALLOW", "DENY", "HOLD"), help="only decisions with this effect")
    command.add_argument("--code", help="only decisions with this reason code")
    command.add_argument("--type", dest="request_type", type=_request_type, help="as KEY_SIGN, or the integer")
    command.add_argument("--kind", choices=_KINDS, help="only records of this kind")
    command.add_argument("--signer", help="only what this root key, path, address, vault or group would sign")
    command.add_argument("--since", type=moment, metavar="TIME", help="made at this time (RFC 3339) or later")
    command.add_argument("--until", type=moment, metavar="TIME", help="made before this time")
    command.add_argument("--limit", type=_positive, metavar="N", help="only the newest N")


def _request_type(text: str) -> str:
    if text in RequestType.__members__:
        return str(RequestType[text].value)
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(RequestType.__members__)}")
    return str(int(text))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _store_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--url", help=f"sqlite:////absolute/path or postgresql://USER@HOST/DATABASE; else {_URL}")
    command.add_argument("--password-file", help=f"file that holds PostgreSQL's password; else {_PASSWORD_FILE}")
