"""Judge a whole ledger, item by item, in constant memory (docs/audit.md).

What is checked, in the order in which a finding of one record is named:

1. the record's place, hash, link and signature (``chain_check``)
2. whether its writer was published, and the heads that were published for this place (``published``)
3. its bundle (``bundle_check``)
4. its contents and its evidence (``evidence``)

and at the end what only the end decides: cut tails, contents that no archive accounts for, bundles without a record,
and the tables behind limits over time (``reservation_check``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from placet_policy.audit.bundle_check import BundleCheck
from placet_policy.audit.chain_check import ChainCheck, Placed, finding_about
from placet_policy.audit.export_read import ExportFault
from placet_policy.audit.findings import Code, Finding
from placet_policy.audit.items import Header, StoredBundle, StoredRecord, StoredWriter, StrayContents
from placet_policy.audit.reservation_check import ReservationCheck

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from placet_policy.audit.evidence import EvidenceCheck
    from placet_policy.audit.items import Item
    from placet_policy.audit.published import Published
    from placet_policy.audit.reservation_scratch import RowsOf

# Findings that are named one by one; after these only their codes are counted.
MOST_NAMED: Final = 20


@dataclass(slots=True, kw_only=True)
class Report:
    """What came out.

    Attributes:
        ledger: UUID of the store; empty when not even that could be read.
        records: how many records there are.
        decisions: how many of them are decisions.
        writers: how many chains.
        contents: how many decisions have contents.
        archived: how many decisions' contents were archived.
        counts: findings by code.
        named: the first findings, in the order of the ledger.
        unchecked: what could not be checked, and why, one sentence each.
    """

    ledger: str = ""
    records: int = 0
    decisions: int = 0
    writers: int = 0
    contents: int = 0
    archived: int = 0
    counts: Counter[Code] = field(default_factory=Counter)
    named: list[Finding] = field(default_factory=list)
    unchecked: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.counts


def verify(
    items: Iterable[Item],
    *,
    evidence: EvidenceCheck,
    published: Published | None,
    rows_of: RowsOf | None,
    scratch: sqlite3.Connection,
    progress: Callable[[int], None],
    stage: Callable[[str], None] = lambda _text: None,
) -> Report:
    """Judge everything that a stream holds.

    Args:
        items: the ledger (see ``items``).
        evidence: how contents are judged.
        published: the published lines; None when there are none, so that a cut tail cannot be seen.
        rows_of: the tables behind limits over time; None where there are none to be compared.
        scratch: a scratch database.
        progress: told the number of records after each.
        stage: told what is done after the last one.
    """
    verifier = Verifier(evidence=evidence, published=published, rows_of=rows_of, scratch=scratch)
    complete = True
    try:
        for item in items:
            verifier.take(item)
            if isinstance(item, StoredRecord):
                progress(verifier.report.records)
    except ExportFault as fault:
        verifier.note(Finding(code=fault.code, detail=fault.detail))
        complete = fault.code is Code.EXPORT_APPENDED
    return verifier.finish(complete=complete, stage=stage)


class Verifier:
    """Takes items one after the other."""

    def __init__(
        self,
        *,
        evidence: EvidenceCheck,
        published: Published | None,
        rows_of: RowsOf | None,
        scratch: sqlite3.Connection,
    ) -> None:
        self.report = Report()
        self._reservations = None if rows_of is None else ReservationCheck(scratch, rows_of)
        self._evidence = evidence
        self._published = published
        self._scratch = scratch
        self._bundles = BundleCheck()
        self._declared: dict[str, StoredWriter] = {}
        self._chains: dict[str, ChainCheck] = {}
        self._placed: list[Placed] = []
        self._at = 0
        self._newest = 0
        self._archived_before: int | None = None

    def take(self, item: Item) -> None:
        """Judge one item."""
        self._at += 1
        match item:
            case Header():
                self._header(item)
            case StoredBundle():
                self._bundles.keep(item)
            case StoredWriter():
                self._declared[item.writer] = item
            case StrayContents():
                self.note(Finding(code=Code.CONTENT_STRAY, writer=item.writer, position=item.position))
            case StoredRecord():
                self._record(item)

    def note(self, finding: Finding) -> None:
        """Count a finding about the current item."""
        self._keep(Placed(at=self._at, finding=finding))

    def finish(self, *, complete: bool, stage: Callable[[str], None]) -> Report:
        """Judge what only the end decides and return everything.

        Args:
            complete: whether the stream came to its end; of a truncated export nothing more can be said.
            stage: told what is done.
        """
        for placed in (placed for chain in self._chains.values() for placed in chain.end()):
            self._keep(placed)
        if complete:
            self._end_of_contents()
            self._at += 1
            for finding in (*self._unstarted(), *self._lost(), *self._bundles.end()):
                self.note(finding)
            for placed in () if self._reservations is None else self._reservations.end(item=self._at, stage=stage):
                self._keep(placed)
        self.report.writers = len(self._chains)
        self.report.unchecked = tuple(self._unchecked())
        self.report.named = [placed.finding for placed in self._placed]
        return self.report

    def _header(self, header: Header) -> None:
        self.report.ledger = header.ledger
        if self._published is not None:
            for finding in self._published.begin(header.ledger):
                self.note(finding)

    def _record(self, stored: StoredRecord) -> None:
        self.report.records += 1
        decided_at = stored.row["decided_at"]
        if isinstance(decided_at, int):
            self._newest = max(self._newest, decided_at)
        chain = self._chains.get(stored.writer)
        begins = chain is None
        if chain is None:
            chain = self._chains[stored.writer] = ChainCheck(declared=self._declared.get(stored.writer))
        for placed in chain.read(stored, at=self._at, writers=self._declared):
            self._keep(placed)
        for finding in (*self._publication(stored, chain, begins=begins), *self._bundles.read(stored)):
            self.note(finding)
        self._archive(stored)
        self._contents(stored)

    def _publication(self, stored: StoredRecord, chain: ChainCheck, *, begins: bool) -> Iterator[Finding]:
        if self._published is None:
            return
        if begins:
            keys = self._published.public_keys(stored.writer)
            if not keys:
                yield finding_about(stored, Code.WRITER_UNPUBLISHED)
            elif set(keys) != {chain.public_key}:
                yield finding_about(stored, Code.WRITER_KEY_REPLACED)
        # A record that is wrong in itself has its finding already.
        for code, place in self._published.differing(stored, chain.public_key) if chain.sound else ():
            yield finding_about(stored, code, place)

    def _archive(self, stored: StoredRecord) -> None:
        before = stored.row["archived_before"] if stored.row["kind"] == "archive" else None
        if isinstance(before, int):
            self._archived_before = max(before, self._archived_before or before)

    def _contents(self, stored: StoredRecord) -> None:
        if not stored.is_decision:
            if stored.contents is not None:
                self.note(finding_about(stored, Code.CONTENT_STRAY))
            return
        self.report.decisions += 1
        if stored.contents is None:
            # Whether an archive took them is known at the end: its record may be in a chain that is read later.
            row = stored.row
            values = (self._at, stored.writer, stored.position, row["decision_id"], row["decided_at"])
            self._scratch.execute("INSERT INTO without_contents VALUES (?, ?, ?, ?, ?)", values)
            self._reserve(stored, readable=False)
            return
        self.report.contents += 1
        found = list(self._evidence.findings(stored, stored.contents))
        for finding in found:
            self.note(finding)
        self._reserve(stored, readable=all(each.code is not Code.CONTENT_CHANGED for each in found))

    def _reserve(self, stored: StoredRecord, *, readable: bool) -> None:
        if self._reservations is not None:
            self._reservations.take(stored, item=self._at, readable=readable)

    def _end_of_contents(self) -> None:
        before = -1 if self._archived_before is None else self._archived_before
        missing = self._scratch.execute("SELECT * FROM without_contents WHERE decided_at >= ? ORDER BY at", (before,))
        for at, writer, position, decision_id, _decided_at in missing:
            finding = Finding(code=Code.CONTENT_MISSING, writer=writer, position=position, decision_id=decision_id)
            self._keep(Placed(at=at, finding=finding))
        (self.report.archived,) = self._scratch.execute(
            "SELECT count(*) FROM without_contents WHERE decided_at < ?", (before,)
        ).fetchone()

    def _unstarted(self) -> Iterator[Finding]:
        """Rows of the table of writers without a chain."""
        for writer in sorted(self._declared.keys() - self._chains.keys()):
            yield Finding(code=Code.WRITER_CHANGED, writer=writer, detail="the writer has no record")

    def _lost(self) -> Iterator[Finding]:
        if self._published is None:
            return
        for writer in self._published.writers_with_heads():
            chain = self._chains.get(writer)
            position, key = (0, None) if chain is None else (chain.position, chain.public_key)
            lost = self._published.lost(writer, position, public_key=key, newest=self._newest)
            if lost is not None:
                yield lost

    def _keep(self, placed: Placed) -> None:
        """Count a finding, and keep it while it is among the first of the ledger."""
        self.report.counts[placed.finding.code] += 1
        self._placed.append(placed)
        self._placed.sort(key=lambda each: each.at)
        del self._placed[MOST_NAMED:]

    def _unchecked(self) -> Iterator[str]:
        if self._published is None:
            yield (
                "no published lines were given: a cut tail, an old copy and a chain that somebody else made"
                " cannot be seen (--published)"
            )
        if self._evidence.nodes is None:
            yield "no node keys were given: the signatures of the tokens were not verified (--nodes)"
        if self._reservations is None:
            yield "an export does not have the tables behind limits over time: verify the database as well (--url)"
        elif self._reservations.untold:
            yield (
                f"{self._reservations.untold} approvals have no contents that tell what they reserved:"
                " it was compared with what is around it only"
            )
