"""``audit export``: the arguments and what is printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placet_policy.audit.database import open_reader
from placet_policy.audit.export_write import write_export
from placet_policy.audit.progress import Progress
from placet_policy.audit.sources import add_url, location

if TYPE_CHECKING:
    import argparse


def add_export(commands: Any) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("export", help="write everything that verify needs into one compressed file")
    add_url(parser)
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="must not be there, but for --resume")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted export, or add what is new")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    with open_reader(location(options)) as reader:
        progress = Progress(doing="exported", total=reader.count())
        count = write_export(reader, options.to, resume=options.resume, progress=progress)
        progress.end()
    sys.stdout.write(f"{options.to}: {count} records of ledger {reader.ledger}\n")
    return 0
