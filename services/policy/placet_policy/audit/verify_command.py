"""``audit verify``: the arguments and what is printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placet_policy.audit.evidence import EvidenceCheck
from placet_policy.audit.published import Published
from placet_policy.audit.scratch import scratch
from placet_policy.audit.sources import add_source, opened_source
from placet_policy.audit.verify import verify
from placet_policy.keys import load_nodes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from placet_policy.audit.verify import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the subcommand takes."""
    add_source(parser)
    parser.add_argument("--nodes", type=Path, metavar="DIR", help="the nodes' public keys, rotated ones included")
    parser.add_argument(
        "--published",
        type=Path,
        metavar="FILE",
        action="append",
        help="log lines ledger_writer and ledger_head; repeatable",
    )
    parser.add_argument("--audience", help="the aud that tokens must name, as PLACET_POLICY_AUDIENCE; else none may")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand and return its exit code."""
    nodes = None if options.nodes is None else load_nodes(options.nodes)
    with scratch() as connection, opened_source(options, doing="verified") as source:
        published = Published(connection) if options.published else None
        for path in options.published or ():
            Published(connection).load(path)
        report = verify(
            source.items,
            evidence=EvidenceCheck(nodes=nodes, audience=options.audience),
            published=published,
            scratch=connection,
            rows_of=source.rows_of,
            progress=source.progress,
            stage=source.progress.stage,
        )
        source.progress.end()
    lines = [json.dumps(to_json(report))] if options.json else sentences(report)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0 if report.whole else 1


def to_json(report: Report) -> dict[str, Any]:
    """Return the object that ``--json`` prints."""
    return {
        "ledger": report.ledger,
        "whole": report.whole,
        "records": report.records,
        "decisions": report.decisions,
        "writers": report.writers,
        "contents": report.contents,
        "archived": report.archived,
        "first": report.named[0].to_json() if report.named else None,
        "named": [finding.to_json() for finding in report.named],
        "counts": {code.value: count for code, count in sorted(report.counts.items())},
        "unchecked": list(report.unchecked),
    }


def sentences(report: Report) -> Iterator[str]:
    """Yield the report as lines for people, the first bad record before everything else."""
    if report.named:
        yield f"The first: {_printable(report.named[0].sentence())}"
        yield from (f"  then: {_printable(finding.sentence())}" for finding in report.named[1:])
        yield "Found: " + ", ".join(f"{code.value} {count}" for code, count in sorted(report.counts.items()))
    yield (
        f"Ledger {report.ledger or 'unknown'}: {report.records} records of {report.writers} writers,"
        f" {report.decisions} decisions, {report.contents} with contents, {report.archived} archived"
    )
    yield from (f"Not checked: {each}" for each in report.unchecked)
    yield "The ledger is NOT whole." if report.named else "The ledger is whole, as far as it was checked."


def _printable(text: str) -> str:
    # Stored names may be anything once they were changed, and must not drive a terminal.
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
