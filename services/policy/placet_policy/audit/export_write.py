"""Write an export, and go on with one that was interrupted or that the ledger has outgrown."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from placet_policy.audit.export_lines import encode, to_line
from placet_policy.audit.export_read import GZIP_WBITS, ExportFault, Tally, members, parse_line
from placet_policy.audit.findings import Code
from placet_policy.audit.items import StoredRecord

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from placet_policy.audit.database import LedgerReader
    from placet_policy.audit.export_read import Member

# What an interruption may cost, and what a reader holds in memory.
MEMBER_BYTES: Final = 4 * 1024 * 1024
_LEVEL: Final = 6


class OtherLedger(Exception):  # noqa: N818  (named after what happened)
    """The export that was to be continued is of another ledger.

    Attributes:
        ledger: the UUID that it names.
    """

    def __init__(self, ledger: str) -> None:
        super().__init__(ledger)
        self.ledger = ledger


@dataclass(slots=True)
class _Found:
    """What an export holds already.

    Attributes:
        ends: offset behind its last whole piece, the end line left out.
        ledger: UUID that its header names; None when there is no header yet.
        positions: by writer, the last position.
        revisions: of its bundles.
        tally: of its lines.
        records: how many.
    """

    ends: int = 0
    ledger: str | None = None
    positions: dict[str, int] = field(default_factory=dict)
    revisions: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    records: int = 0


def write_export(reader: LedgerReader, path: Path, *, resume: bool, progress: Callable[[int], None]) -> int:
    """Write a ledger into a file that only its owner can read.

    Args:
        reader: the ledger.
        path: the file; without ``resume`` it must not be there yet.
        resume: go on behind the last whole piece of the file. The result has the same bytes as an export that was
            never interrupted, if the ledger did not grow meanwhile, and is as valid if it did.
        progress: told the number of records after each.

    Returns:
        The number of records in the file.

    Raises:
        FileExistsError: it is there.
        ExportFault: what is there is no export.
        OtherLedger: what is there is another ledger's.
        OSError: it cannot be written.
    """
    flags = os.O_RDWR | os.O_CREAT | (0 if resume else os.O_EXCL)
    with os.fdopen(os.open(path, flags, 0o600), "r+b") as file:
        found = _scan(file)
        if found.ledger not in {None, reader.ledger}:
            raise OtherLedger(str(found.ledger))
        file.truncate(found.ends)
        file.seek(found.ends)
        writer = _Writer(file, found.tally)
        items = (
            reader.items()
            if found.ledger is None
            else reader.items(after=found.positions, bundles_but=frozenset(found.revisions))
        )
        for item in items:
            writer.write(to_line(item))
            if isinstance(item, StoredRecord):
                found.records += 1
                progress(found.records)
        writer.end()
    return found.records


class _Writer:
    """Collects lines into pieces."""

    def __init__(self, file: IO[bytes], tally: Tally) -> None:
        self._file = file
        self._tally = tally
        self._lines = bytearray()

    def write(self, line: bytes) -> None:
        self._tally.count(line)
        self._lines += line
        if len(self._lines) >= MEMBER_BYTES:
            self._flush()

    def end(self) -> None:
        self._flush()
        self._lines += encode(self._tally.end())
        self._flush()

    def _flush(self) -> None:
        if not self._lines:
            return
        # zlib's own gzip wrapper writes no time and no name: the same lines give the same bytes.
        deflate = zlib.compressobj(level=_LEVEL, wbits=GZIP_WBITS)
        self._file.write(deflate.compress(bytes(self._lines)) + deflate.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._lines.clear()


def _scan(file: IO[bytes]) -> _Found:
    found = _Found()
    try:
        for member in members(file):
            if not _take(found, member):
                break
            found.ends = member.ends
    except ExportFault as fault:
        # An interrupted piece is written again; anything else is not ours to cut off.
        if fault.code is not Code.EXPORT_TRUNCATED:
            raise
    return found


def _take(found: _Found, member: Member) -> bool:
    """Add a piece; False for the end line."""
    for line in member.content.splitlines(keepends=True):
        said = parse_line(line, begins=member.begins)
        if said.get("type") == "end":
            return False
        found.tally.count(line)
        _note(found, said, member)
    return True


def _note(found: _Found, said: dict[str, Any], member: Member) -> None:
    try:
        match said["type"]:
            case "header":
                found.ledger = said["ledger"]
            case "bundle":
                found.revisions.add(said["revision"])
            case "writer":
                found.positions.setdefault(said["writer"], 0)
            case "record":
                found.positions[said["writer"]] = said["position"]
                found.records += 1
    except (KeyError, TypeError) as error:
        raise ExportFault(Code.EXPORT_DAMAGED, f"an unknown line in the piece at byte {member.begins}") from error
