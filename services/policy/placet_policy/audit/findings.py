"""What can be wrong with a ledger: a closed list of codes, each with the sentence that docs/audit.md shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue


class Code(StrEnum):
    """The codes; also what scripts compare, so a name is never given another meaning."""

    RECORD_CHANGED = "RECORD_CHANGED"
    RECORD_MOVED = "RECORD_MOVED"
    RECORD_OF_OTHER_CHAIN = "RECORD_OF_OTHER_CHAIN"
    RECORD_FORGED = "RECORD_FORGED"
    SIGNATURE_REPLACED = "SIGNATURE_REPLACED"
    LINK_BROKEN = "LINK_BROKEN"
    POSITION_MISSING = "POSITION_MISSING"
    POSITION_REPEATED = "POSITION_REPEATED"
    CHAIN_WITHOUT_WRITER = "CHAIN_WITHOUT_WRITER"
    WRITER_CHANGED = "WRITER_CHANGED"
    WRITER_UNPUBLISHED = "WRITER_UNPUBLISHED"
    WRITER_KEY_REPLACED = "WRITER_KEY_REPLACED"
    HEAD_DIFFERS = "HEAD_DIFFERS"
    TAIL_CUT = "TAIL_CUT"
    LEDGER_BEHIND = "LEDGER_BEHIND"
    LEDGER_UNPUBLISHED = "LEDGER_UNPUBLISHED"
    PUBLISHED_INVALID = "PUBLISHED_INVALID"
    CONTENT_CHANGED = "CONTENT_CHANGED"
    CONTENT_MISSING = "CONTENT_MISSING"
    CONTENT_STRAY = "CONTENT_STRAY"
    EVIDENCE_REPLACED = "EVIDENCE_REPLACED"
    EVIDENCE_INVALID = "EVIDENCE_INVALID"
    EVIDENCE_DIFFERS = "EVIDENCE_DIFFERS"
    BUNDLE_MISSING = "BUNDLE_MISSING"
    BUNDLE_CHANGED = "BUNDLE_CHANGED"
    BUNDLE_UNRECORDED = "BUNDLE_UNRECORDED"
    RESERVATION_MISSING = "RESERVATION_MISSING"
    RESERVATION_CHANGED = "RESERVATION_CHANGED"
    RESERVATION_STRAY = "RESERVATION_STRAY"
    SERIES_INCONSISTENT = "SERIES_INCONSISTENT"
    DESTINATION_CHANGED = "DESTINATION_CHANGED"
    EXPORT_TRUNCATED = "EXPORT_TRUNCATED"
    EXPORT_APPENDED = "EXPORT_APPENDED"
    EXPORT_DAMAGED = "EXPORT_DAMAGED"


MEANINGS: Final[Mapping[Code, str]] = {
    Code.RECORD_CHANGED: "the record's fields do not give its hash: one of them was changed",
    Code.RECORD_MOVED: "the record was written for another position of this chain",
    Code.RECORD_OF_OTHER_CHAIN: "the record was written by another writer",
    Code.RECORD_FORGED: "the writer did not sign the record, and no record after it vouches for it",
    Code.SIGNATURE_REPLACED: "the signature is not the writer's, although the signed record after it names this one",
    Code.LINK_BROKEN: "the record names another predecessor than the one that is there",
    Code.POSITION_MISSING: "records before this one are not there",
    Code.POSITION_REPEATED: "the chain was at this position already",
    Code.CHAIN_WITHOUT_WRITER: "the chain does not begin with the record of its writer's key, or has a second one",
    Code.WRITER_CHANGED: "the table of writers says something else than the chain's first record, or nothing",
    Code.WRITER_UNPUBLISHED: "the writer was never published: anybody with the database may have made the chain",
    Code.WRITER_KEY_REPLACED: "the chain is signed by another key than the one that was published for its writer",
    Code.HEAD_DIFFERS: "another record was published for this position",
    Code.TAIL_CUT: "the chain ends before a head that was published, while the ledger has newer records",
    Code.LEDGER_BEHIND: "the whole ledger ends before a head that was published: an old copy, or its end was cut off",
    Code.LEDGER_UNPUBLISHED: "the published lines are about other ledgers than this one",
    Code.PUBLISHED_INVALID: "a published head is not signed by its writer's key",
    Code.CONTENT_CHANGED: "input, facts or decision are not those that the record was made with",
    Code.CONTENT_MISSING: "the contents are not there, and no archive is recorded that could have taken them",
    Code.CONTENT_STRAY: "there are contents that no decision belongs to",
    Code.EVIDENCE_REPLACED: "the token is not the one that the record was made with",
    Code.EVIDENCE_INVALID: "no node of the folder signed the token, or not for the recorded time",
    Code.EVIDENCE_DIFFERS: "the record says something else than the token that its node signed",
    Code.BUNDLE_MISSING: "the bundle under which the decision was made is not in the ledger",
    Code.BUNDLE_CHANGED: "the bundle is not the one that was recorded when it became active",
    Code.BUNDLE_UNRECORDED: "no record says that this bundle became active",
    Code.RESERVATION_MISSING: "limits over time do not have what this approval reserved, or not all of it",
    Code.RESERVATION_CHANGED: "limits over time have something else than what this approval reserved",
    Code.RESERVATION_STRAY: "limits over time have something that no approval reserved",
    Code.SERIES_INCONSISTENT: "the running totals of limits over time do not follow from the amounts before them",
    Code.DESTINATION_CHANGED: "since when the ledger knows a destination is not what this decision was told",
    Code.EXPORT_TRUNCATED: "the export ends before its last line",
    Code.EXPORT_APPENDED: "something follows the export's last line",
    Code.EXPORT_DAMAGED: "the export is not what was written",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: what.
        writer: of the record concerned; None when it is about none.
        position: of the record concerned.
        decision_id: of the record concerned, as stored.
        detail: what was found, for people; holds nothing of a request.
    """

    code: Code
    writer: str | None = None
    position: int | None = None
    decision_id: str | None = None
    detail: str = ""

    def to_json(self) -> dict[str, JSONValue]:
        """Return the object that ``verify --json`` writes."""
        return {
            "code": self.code.value,
            "writer": self.writer,
            "position": self.position,
            "decision_id": self.decision_id,
            "meaning": MEANINGS[self.code],
            "detail": self.detail,
        }

    def sentence(self) -> str:
        """Return it in one line for people."""
        place = f"writer {self.writer} position {self.position}" if self.position is not None else self.writer
        decision = f"decision {self.decision_id}" if self.decision_id else ""
        where = ", ".join(part for part in (place, decision) if part)
        return f"{self.code}: {where + ': ' if where else ''}{MEANINGS[self.code]}" + (
            f" ({self.detail})" if self.detail else ""
        )
