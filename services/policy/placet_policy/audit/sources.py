"""Where a command reads from: the arguments that every one of them has."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from placet_policy.audit.database import open_reader
from placet_policy.audit.export_read import read_export
from placet_policy.audit.progress import Progress
from placet_policy.ledger.location import parse_url

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from placet_policy.audit.items import Item
    from placet_policy.audit.reservation_scratch import RowsOf
    from placet_policy.ledger.location import Location

URL: Final = "PLACET_POLICY_LEDGER_URL"
PASSWORD_FILE: Final = "PLACET_POLICY_LEDGER_PASSWORD_FILE"  # noqa: S105  (the name of a setting)


def add_url(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a database."""
    parser.add_argument("--url", help=f"sqlite:////absolute/path or postgresql://USER@HOST/DATABASE; else {URL}")
    parser.add_argument("--password-file", type=Path, help=f"holds PostgreSQL's password; else {PASSWORD_FILE}")


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a database or an export."""
    add_url(parser)
    parser.add_argument("--export", type=Path, metavar="FILE", help="an export, in place of a database")


def location(options: argparse.Namespace) -> Location:
    """Return the database that the arguments or the environment name.

    Raises:
        ValueError: they name none, or it is no ledger URL; the text never holds a password.
    """
    url = options.url or os.environ.get(URL)
    if not url:
        raise ValueError(f"no ledger: give --url, or set {URL}")
    given = options.password_file or os.environ.get(PASSWORD_FILE)
    return parse_url(url, password_file=Path(given) if given else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a command reads from.

    Attributes:
        items: the ledger.
        progress: is told how far it is.
        rows_of: the tables behind limits over time; None of an export, which does not have them.
    """

    items: Iterator[Item]
    progress: Progress
    rows_of: RowsOf | None = None


@contextlib.contextmanager
def opened_source(options: argparse.Namespace, *, doing: str, decision: str | None = None) -> Iterator[Source]:
    """Open the export or the database that the arguments name.

    Args:
        options: the arguments.
        doing: what is done to records, for the progress.
        decision: the only decision that is wanted; an export yields the others all the same.

    Raises:
        ValueError: they name none, or both.
        LedgerUnavailable, sqlite3.Error, psycopg.Error, OSError: it cannot be read.
    """
    if options.export is not None:
        if options.url:
            raise ValueError("--url and --export are two sources: give one")
        with options.export.open("rb") as file:
            yield Source(items=read_export(file), progress=Progress(doing=doing, total=None))
        return
    with open_reader(location(options)) as reader:
        if decision is not None:
            yield Source(items=reader.decision(decision), progress=Progress(doing=doing, total=1))
            return
        progress = Progress(doing=doing, total=reader.count())
        yield Source(items=reader.items(), progress=progress, rows_of=reader.rows)
