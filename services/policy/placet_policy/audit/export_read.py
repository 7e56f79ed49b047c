"""Read an export: gzip members of whole lines, in constant memory.

Every member is one compressed piece of at most ``MEMBER_BYTES`` and a line; the last one holds the end line alone.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from placet_policy.audit.export_lines import LineInvalid, from_object
from placet_policy.audit.findings import Code
from placet_policy.audit.items import Header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from placet_policy.audit.items import Item

GZIP_WBITS: Final = 31
_READ_BYTES: Final = 256 * 1024
# A bundle of 16 MiB in base64, or a record whose contents hold a token of 1 MiB and what was made of it.
_MAX_MEMBER_BYTES: Final = 256 * 1024 * 1024


class ExportFault(Exception):  # noqa: N818  (named after what it is)
    """An export is not whole.

    Attributes:
        code: EXPORT_TRUNCATED, EXPORT_APPENDED or EXPORT_DAMAGED.
        detail: where.
    """

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One compressed piece.

    Attributes:
        begins: offset of its first byte in the file.
        ends: offset behind its last byte.
        content: whole lines.
    """

    begins: int
    ends: int
    content: bytes


def members(file: IO[bytes]) -> Iterator[Member]:
    """Yield the pieces of an export, from the file's beginning.

    Raises:
        ExportFault: the file ends inside a piece, or what is there is none.
    """
    begins, rest = 0, b""
    while rest or (rest := file.read(_READ_BYTES)):
        content, rest, size = _inflate(file, rest, begins)
        yield Member(begins=begins, ends=begins + size, content=content)
        begins += size


def read_export(file: IO[bytes]) -> Iterator[Item]:
    """Yield the items of an export, and require its end line.

    Raises:
        ExportFault: it is truncated, something was appended, or it is not what was written.
    """
    tally, ledger = Tally(), ""
    for member in members(file):
        for line in member.content.splitlines(keepends=True):
            said = parse_line(line, begins=member.begins)
            if said.get("type") == "end":
                _require_end(said, tally, member, line)
                _require_no_more(file, member)
                return
            tally.count(line)
            item = _item(said, ledger, member)
            if isinstance(item, Header) != (tally.lines == 1):
                raise ExportFault(Code.EXPORT_DAMAGED, f"no header, or a second one, at byte {member.begins}")
            ledger = item.ledger if isinstance(item, Header) else ledger
            yield item
    raise ExportFault(Code.EXPORT_TRUNCATED, f"after {tally.lines} lines")


class Tally:
    """What the end line says: the number of lines before it, and SHA-256 over them, uncompressed."""

    def __init__(self) -> None:
        self.lines = 0
        self._digest = hashlib.sha256()

    def count(self, line: bytes) -> None:
        """Add a line."""
        self.lines += 1
        self._digest.update(line)

    def end(self) -> dict[str, Any]:
        """Return the end line's object."""
        return {"type": "end", "lines": self.lines, "sha256": self._digest.hexdigest()}


def parse_line(line: bytes, *, begins: int) -> dict[str, Any]:
    """Return the object of a line in the piece that begins at this byte.

    Raises:
        ExportFault: it is none.
    """
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not line.endswith(b"\n"):
        raise ExportFault(Code.EXPORT_DAMAGED, f"not a line of JSON in the piece at byte {begins}")
    return said


def _item(said: dict[str, Any], ledger: str, member: Member) -> Item:
    try:
        return from_object(said, ledger=ledger)
    except LineInvalid as error:
        raise ExportFault(Code.EXPORT_DAMAGED, f"an unknown line in the piece at byte {member.begins}") from error


def _require_end(said: dict[str, Any], tally: Tally, member: Member, line: bytes) -> None:
    if member.content != line:
        raise ExportFault(Code.EXPORT_APPENDED, f"beside the end line, at byte {member.begins}")
    if said != tally.end():
        raise ExportFault(Code.EXPORT_DAMAGED, f"the end line counts {said.get('lines')} lines, or others than these")


def _require_no_more(file: IO[bytes], last: Member) -> None:
    file.seek(last.ends)
    if file.read(1):
        raise ExportFault(Code.EXPORT_APPENDED, f"at byte {last.ends}")


def _inflate(file: IO[bytes], first: bytes, begins: int) -> tuple[bytes, bytes, int]:
    """Return one piece's content, what was read behind it, and its size in the file."""
    inflate = zlib.decompressobj(wbits=GZIP_WBITS)
    content, piece, taken = bytearray(), first, 0
    while True:
        try:
            content += inflate.decompress(piece, _MAX_MEMBER_BYTES - len(content) + 1)
        except zlib.error as error:
            raise ExportFault(Code.EXPORT_DAMAGED, f"not a compressed piece at byte {begins}") from error
        if len(content) > _MAX_MEMBER_BYTES:
            raise ExportFault(Code.EXPORT_DAMAGED, f"the piece at byte {begins} is too large")
        taken += len(piece)
        if inflate.eof:
            return bytes(content), inflate.unused_data, taken - len(inflate.unused_data)
        piece = file.read(_READ_BYTES)
        if not piece:
            raise ExportFault(Code.EXPORT_TRUNCATED, f"inside the piece at byte {begins}")
