"""``audit archive``: the arguments and what is printed."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from placet_policy.audit.archive import MIN_AGE_SECONDS, erase, export_verified, record_archive
from placet_policy.audit.progress import Progress
from placet_policy.audit.sources import add_url, location
from placet_policy.audit.verify_command import sentences
from placet_policy.ledger.moments import moment
from placet_policy.log import configure_logging

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the subcommand takes."""
    add_url(parser)
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="must not be there, but for --resume")
    parser.add_argument("--before", required=True, type=moment, metavar="TIME", help="a date, or an RFC 3339 time")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted export")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand and return its exit code."""
    before, now = options.before, time.time()
    if before > (now - MIN_AGE_SECONDS) * 1_000_000:
        raise ValueError("--before must be an hour ago at least")
    # Standard output is the published lines of the archive's own chain, to be kept with those of the service.
    configure_logging("info", stream=sys.stdout)
    place = location(options)
    progress = Progress(doing="exported and verified", total=None)
    report = export_verified(place, options.to, resume=options.resume, progress=progress)
    progress.end()
    if not report.whole:
        sys.stderr.writelines(f"{line}\n" for line in sentences(report))
        sys.stderr.write("Nothing was erased.\n")
        return 1
    asyncio.run(record_archive(place, options.to, before=before, at=now))
    count = erase(place, before=before)
    sys.stderr.write(f"{options.to} holds {report.contents} contents; {count} of them were erased from the ledger\n")
    return 0
