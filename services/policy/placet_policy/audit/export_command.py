"""``audit export``: the arguments and what is printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from placet_policy.audit.database import open_reader
from placet_policy.audit.export_write import write_export
from placet_policy.audit.progress import Progress
from placet_policy.audit.sources import add_url, location

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the subcommand takes."""
    add_url(parser)
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="must not be there, but for --resume")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted export, or add what is new")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand and return its exit code."""
    with open_reader(location(options)) as reader:
        progress = Progress(doing="exported", total=reader.count())
        count = write_export(reader, options.to, resume=options.resume, progress=progress)
        progress.end()
    sys.stdout.write(f"{options.to}: {count} records of ledger {reader.ledger}\n")
    return 0
