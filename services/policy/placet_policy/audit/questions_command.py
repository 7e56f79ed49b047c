"""``audit questions``: recorded requests as the lines that ``explain`` reads, to be decided under any release."""

from __future__ import annotations

import contextlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from placet_policy.audit.export_lines import LineInvalid, from_object
from placet_policy.audit.items import StoredRecord
from placet_policy.audit.progress import Progress
from placet_policy.audit.replay import Recorded, Skipped, ask_again, package_of
from placet_policy.audit.sources import Source, add_source, opened_source
from placet_policy.explain_line import Questions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from placet_policy.audit.items import Item

# A record whose contents hold a token of 1 MiB and what was made of it.
_MAX_RECORD_BYTES: Final = 64 * 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the subcommand takes."""
    add_source(parser)
    parser.add_argument("decision", nargs="?", metavar="ID", help="only this decision_id")
    parser.add_argument("--record", type=Path, metavar="FILE", help="one line of an export, in place of a whole one")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand and return its exit code."""
    written, skipped, questions = 0, Counter[Skipped](), Questions()
    with _source(options) as source:
        for number, item in enumerate(source.items):
            source.progress(number)
            if not _is_wanted(item, options.decision):
                continue
            asked = ask_again(item, questions=questions)
            if isinstance(asked, Skipped):
                skipped[asked] += 1
                continue
            sys.stdout.write(json.dumps(line(asked), separators=(",", ":")) + "\n")
            written += 1
        source.progress.end()
    for why, count in sorted(skipped.items()):
        sys.stderr.write(f"{count} not decided again: {why.value}\n")
    if options.decision is not None and not written and not skipped:
        raise ValueError(f"there is no decision {options.decision}")
    return 0


def line(recorded: Recorded) -> dict[str, Any]:
    """Return a record as ``explain`` reads it: the request of its token, and what OPA saw beside it."""
    occasion, question = recorded.question.occasion, recorded.question
    said = {
        "callback_request": json.loads(package_of(recorded.contents.token or "")),
        "node": {"name": occasion.node, "key_id": occasion.key_id},
        "decision": {"id": occasion.decision_id, "time": occasion.unix},
    }
    return said | {"history": question.history} if question.has_history else said


def _is_wanted(item: Item, decision: str | None) -> TypeGuard[StoredRecord]:
    return (
        isinstance(item, StoredRecord)
        and item.is_decision
        and (decision is None or item.row["decision_id"] == decision)
    )


@contextlib.contextmanager
def _source(options: argparse.Namespace) -> Iterator[Source]:
    if options.record is None:
        with opened_source(options, doing="read", decision=options.decision) as opened:
            yield opened
        return
    if options.url or options.export:
        raise ValueError("--record, --url and --export are sources: give one")
    yield Source(items=iter([_read(options.record)]), progress=Progress(doing="read", total=1))


def _read(path: Path) -> Item:
    """Read one line of an export. Its ledger, which the header says, is part of no question."""
    with path.open("rb") as file:
        content = file.read(_MAX_RECORD_BYTES + 1)
    try:
        said = json.loads(content) if len(content) <= _MAX_RECORD_BYTES else None
        return from_object(said if isinstance(said, dict) else {}, ledger="")
    except (ValueError, RecursionError, LineInvalid) as error:
        raise ValueError(f"{path}: is no line of an export") from error
