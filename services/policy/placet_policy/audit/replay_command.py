"""``audit replay``: the arguments, which records, and what is printed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placet_policy.audit.items import StoredBundle, StoredRecord
from placet_policy.audit.releases import ReleaseMissing, Releases
from placet_policy.audit.replay import Recorded, Skipped, ask_again, differs
from placet_policy.audit.scratch import scratch
from placet_policy.audit.sources import add_source, opened_source
from placet_policy.audit.what_if import Totals, change_of, table
from placet_policy.errors import BundleRefused
from placet_policy.explain_line import Questions
from placet_policy.gate import load_bundle
from placet_policy.ledger.moments import moment
from placet_policy.private_opa import find_opa

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from placet_policy.audit.items import Item
    from placet_policy.audit.progress import Progress
    from placet_policy.gate import ActiveBundle
    from placet_policy.judge import DecidesInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the subcommand takes."""
    add_source(parser)
    parser.add_argument("decision", nargs="?", metavar="ID", help="only this decision_id")
    parser.add_argument("--since", type=moment, metavar="TIME", help="only decisions made at this time or later")
    parser.add_argument("--until", type=moment, metavar="TIME", help="only decisions made before this time")
    parser.add_argument("--policy", type=Path, metavar="BUNDLE", help="decide under this bundle.tar.gz instead")
    parser.add_argument("--opa", type=Path, help="the OPA to run; else PLACET_OPA, else opa on PATH")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    """Run the subcommand and return its exit code."""
    binary = find_opa(options.opa, os.environ)
    if binary is None:
        raise ValueError("no OPA: give --opa, set PLACET_OPA, or put it on PATH")
    with (
        scratch() as connection,
        opened_source(options, doing="replayed", decision=options.decision) as source,
    ):
        replay = _Replay(options, Releases(scratch=connection, binary=binary), source.progress)
        return asyncio.run(replay.all(source.items))


class _Replay:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, releases: Releases, progress: Progress) -> None:
        self._options = options
        self._releases = releases
        self._progress = progress
        self._questions = Questions()
        self._totals = Totals()
        self._same = 0
        self._different = 0
        self._skipped: Counter[Skipped] = Counter()

    async def all(self, items: Iterable[Item]) -> int:
        """Replay everything that is wanted, and return the exit code."""
        async with self._releases:
            candidate = None
            if self._options.policy is not None:
                candidate = await self._releases.use(load_bundle(self._options.policy))
            for number, item in enumerate(items):
                self._progress(number)
                if isinstance(item, StoredBundle) and candidate is None:
                    self._releases.keep(item)
                elif isinstance(item, StoredRecord) and self._is_wanted(item):
                    await self._take(item, candidate)
        self._progress.end()
        return self._end()

    async def _take(self, stored: StoredRecord, candidate: tuple[ActiveBundle, DecidesInput] | None) -> None:
        asked = ask_again(stored, questions=self._questions)
        if isinstance(asked, Skipped):
            self._skip(stored, asked)
        elif candidate is None:
            await self._compare(asked)
        else:
            await self._what_if(asked, *candidate)

    def _is_wanted(self, stored: StoredRecord) -> bool:
        since, until, decision = self._options.since, self._options.until, self._options.decision
        decided_at = stored.row["decided_at"]
        return (
            stored.is_decision
            and isinstance(decided_at, int)
            and (decision is None or stored.row["decision_id"] == decision)
            and (since is None or decided_at >= since)
            and (until is None or decided_at < until)
        )

    async def _compare(self, recorded: Recorded) -> None:
        revision = str(recorded.stored.row["revision"])
        try:
            bundle, opa = await self._releases.recorded(revision)
        except (ReleaseMissing, BundleRefused) as error:
            reason = error.reason if isinstance(error, BundleRefused) else "it is not in the ledger"
            self._differs(recorded, "$", f"the release {revision}", reason)
            return
        difference = await differs(recorded, bundle=bundle, opa=opa)
        if difference is not None:
            self._differs(recorded, difference.path, difference.recorded, difference.now)
            return
        self._same += 1
        if self._options.decision is not None:
            self._say({"decision_id": recorded.stored.row["decision_id"], "same": True})

    def _differs(self, recorded: Recorded, path: str, then: Any, now: Any) -> None:
        self._different += 1
        row = recorded.stored.row
        self._say({"decision_id": row["decision_id"], "same": False, "path": path, "recorded": then, "now": now})

    async def _what_if(self, recorded: Recorded, bundle: ActiveBundle, opa: DecidesInput) -> None:
        self._totals.compared += 1
        change = await change_of(recorded, bundle=bundle, opa=opa)
        if change is not None:
            self._totals.add(change)
            self._say(change.to_json())

    def _skip(self, stored: StoredRecord, why: Skipped) -> None:
        self._skipped[why] += 1
        if self._options.decision is not None:
            self._say({"decision_id": stored.row["decision_id"], "skipped": why.value})

    def _say(self, said: dict[str, Any]) -> None:
        sys.stdout.write((json.dumps(said) if self._options.json else _sentence(said)) + "\n")

    def _end(self) -> int:
        if self._options.policy is not None:
            return self._end_what_if()
        found = self._same + self._different + self._skipped.total()
        totals = {"same": self._same, "different": self._different, "skipped": self._reasons()}
        if self._options.json:
            sys.stdout.write(json.dumps(totals) + "\n")
        else:
            self._write_skipped()
            sys.stdout.write(f"{self._same} decisions came out bit for bit, {self._different} did not\n")
        if self._options.decision is not None and not found:
            raise ValueError(f"there is no decision {self._options.decision}")
        return 1 if self._different else 0

    def _end_what_if(self) -> int:
        if self._options.json:
            sys.stdout.write(json.dumps({**self._totals.to_json(), "skipped": self._reasons()}) + "\n")
        else:
            self._write_skipped()
            sys.stdout.write(f"{self._totals.compared} decisions were made again\n")
            sys.stdout.writelines(f"{line}\n" for line in table(self._totals))
        return 1 if self._totals.decisions["newly_approved"] else 0

    def _reasons(self) -> dict[str, int]:
        return {why.name: count for why, count in sorted(self._skipped.items())}

    def _write_skipped(self) -> None:
        for why, count in sorted(self._skipped.items()):
            sys.stdout.write(f"{count} not decided again: {why.value}\n")


def _sentence(said: dict[str, Any]) -> str:
    if "change" in said:
        words = f"{said['change'].replace('_', ' ')}: {said['before']} → {said['after']} {', '.join(said['codes'])}"
        text = f"{said['decision_id']}  {words}  {' '.join(said['summary'])}"
    elif "skipped" in said:
        text = f"{said['decision_id']}  not decided again: {said['skipped']}"
    elif said["same"]:
        text = f"{said['decision_id']}  the same, bit for bit"
    else:
        then, now = (json.dumps(said[name]) for name in ("recorded", "now"))
        text = f"{said['decision_id']}  differs at {said['path']}: recorded {then}, now {now}"
    # Parts of it come from a request, which must not drive a terminal or break the line.
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text).rstrip()
