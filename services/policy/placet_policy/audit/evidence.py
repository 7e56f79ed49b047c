"""A decision's contents against its record: the digests, and the token that the node signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from placet_callback.envelope import CallbackRequest, EnvelopeError, parse_request
from placet_callback.token import TokenError, verify_token

from placet_policy.audit.chain_check import finding_about
from placet_policy.audit.findings import Code, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placet_callback.token import Node, VerifiedToken

    from placet_policy.audit.items import StoredContents, StoredRecord

# The longest lifetime that PLACET_POLICY_TOKEN_MAX_LIFETIME_SECONDS can allow.
_MAX_LIFETIME_SECONDS: Final = 86_400
# A token is checked before the evaluation and its record is dated after it; three attempts stay below this.
_EVALUATION_SECONDS: Final = 60
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCheck:
    """Judges contents.

    Attributes:
        nodes: the nodes' keys, those included that were rotated away; None: tokens are not verified.
        audience: the ``aud`` that tokens must name; None: none may.
    """

    nodes: Sequence[Node] | None
    audience: str | None = None

    def findings(self, stored: StoredRecord, contents: StoredContents) -> Iterator[Finding]:
        """Yield what is wrong with the contents of one decision."""
        if _sha256(contents.token) != stored.row["token_sha256"]:
            yield finding_about(stored, Code.EVIDENCE_REPLACED)
        elif self.nodes is not None and contents.token is not None:
            yield from self._token_findings(stored, contents.token, self.nodes)
        for name, text in (("input", contents.input), ("facts", contents.facts), ("decision", contents.decision)):
            if _sha256(text) != stored.row[f"{name}_sha256"]:
                yield finding_about(stored, Code.CONTENT_CHANGED, name)

    def _token_findings(self, stored: StoredRecord, token: str, nodes: Sequence[Node]) -> Iterator[Finding]:
        try:
            verified = self._verified(token, nodes, stored.row["decided_at"])
            request = parse_request(verified)
        except (TokenError, EnvelopeError) as error:
            yield finding_about(stored, Code.EVIDENCE_INVALID, error.code)
            return
        if not isinstance(request, CallbackRequest):
            yield finding_about(stored, Code.EVIDENCE_INVALID, "PING_NOT_EVALUATED")
            return
        differing = _differences(stored, verified, request)
        if differing:
            yield finding_about(stored, Code.EVIDENCE_DIFFERS, ", ".join(differing))

    def _verified(self, token: str, nodes: Sequence[Node], decided_at: object) -> VerifiedToken:
        now = decided_at / _MICROSECONDS if isinstance(decided_at, int) else 0.0
        try:
            return self._at(token, nodes, now)
        except TokenError as error:
            if error.code != "TOKEN_EXPIRED":
                raise
        return self._at(token, nodes, now - _EVALUATION_SECONDS)

    def _at(self, token: str, nodes: Sequence[Node], now: float) -> VerifiedToken:
        return verify_token(
            token, nodes=nodes, now=now, max_lifetime_seconds=_MAX_LIFETIME_SECONDS, audience=self.audience
        )


def _differences(stored: StoredRecord, verified: VerifiedToken, request: CallbackRequest) -> list[str]:
    """Name the fields of a record that are not those of its token."""
    said = {
        "node": verified.node,
        "key_id": verified.key_id,
        "request_id": request.request_id,
        "request_type": str(request.request_type),
        "detail_sha256": _sha256(request.request_detail),
        "extra_sha256": _sha256(request.extra_info),
    }
    return [name for name, value in said.items() if stored.row[name] != value]


def _sha256(text: str | None) -> bytes | None:
    return None if text is None else hashlib.sha256(text.encode()).digest()
