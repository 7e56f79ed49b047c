"""``python -m placet_policy audit``: verify, export, archive and replay a ledger (docs/audit.md)."""

from __future__ import annotations

import argparse
import importlib
import os
import sqlite3
import sys
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from placet_policy.audit.export_read import ExportFault
from placet_policy.audit.export_write import OtherLedger
from placet_policy.audit.published import PublishedUnreadable
from placet_policy.errors import BundleRefused, Indeterminate
from placet_policy.reload import FilesInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

EXIT_UNREADABLE = 2
# Imported only when asked for: a verification does not pay for decoders and OPA.
_COMMANDS = {
    "verify": (
        "placet_policy.audit.verify_command",
        "check every record, link, signature, content, token and published head",
    ),
    "export": ("placet_policy.audit.export_command", "write everything that verify needs into one compressed file"),
    "archive": (
        "placet_policy.audit.archive_command",
        "export and verify everything, record that, then erase contents older than a date",
    ),
    "replay": (
        "placet_policy.audit.replay_command",
        "decide recorded requests again, under their own or another release",
    ),
}
_FAILURES = (
    *(Indeterminate, BundleRefused, ExportFault, OtherLedger, PublishedUnreadable, FilesInvalid, ValueError),
    *(psycopg.Error, sqlite3.Error, SQLAlchemyError, OSError),
)


def main(argv: Sequence[str]) -> int:
    """Run one subcommand.

    Returns:
        0: whole, or done. 1: something was found, differs, or was newly approved. 2: it could not be done.
    """
    parser = argparse.ArgumentParser(prog="placet audit", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    asked = argv[0] if argv else ""
    for name, (_, text) in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name == asked:
            _module(name).add_arguments(command)
    options = parser.parse_args(argv)
    run: Callable[[argparse.Namespace], int] = _module(options.command).run
    try:
        return run(options)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is still buffered has no reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNREADABLE
    except _FAILURES as error:
        sys.stderr.write(f"audit: {_why(error)}\n")
        return EXIT_UNREADABLE


def _module(name: str) -> ModuleType:
    return importlib.import_module(_COMMANDS[name][0])


def _why(error: Exception) -> str:
    why = str(error).strip() or type(error).__name__
    match error:
        case Indeterminate():
            why = error.cause
        case BundleRefused():
            why = f"the bundle is refused: {error.reason} {error.path}".rstrip()
        case ExportFault():
            why = f"{error.code}: {error.detail}"
        case OtherLedger():
            why = f"the file is an export of another ledger, {error.ledger}"
        case PublishedUnreadable():
            why = f"{error.place}: not a published line of a ledger"
        case FilesInvalid():
            why = f"{error.path}: {error.reason}"
        case OSError() if error.strerror and error.filename:
            why = f"{error.filename}: {error.strerror}"
    return why
