"""What a decision is (design section 1): the types that the rest of the tier speaks about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.ledger import Receipt


class Effect(Enum):
    """The outcome of an evaluation. There is no member that could stand for "nothing decided"."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a decision is what it is.

    Attributes:
        code: UPPER_SNAKE, at most 64 bytes.
        rule: the policy rule, or ``facts``, ``ledger`` or ``stop`` for the tier's own reasons.
        message: one sentence for people; may hold data of the request.
        remediation: what a person can do; may be empty.
    """

    code: str
    rule: str
    message: str
    remediation: str = ""

    def to_json(self) -> dict[str, JSONValue]:
        """Return the reason as the JSON object that the ledger and ``explain`` write."""
        return {"code": self.code, "rule": self.rule, "message": self.message, "remediation": self.remediation}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One recorded decision: only an evaluation whose record is durable has one.

    Attributes:
        decision_id: UUID of this evaluation, made before anything else.
        request_id: the node's, read from the token.
        token_sha256: SHA-256 of the compact token, 32 bytes.
        effect: the outcome.
        reasons: why, most important first; empty only for ALLOW.
        revision: ``sha256:<hex>`` of the bundle that was active; empty when the stop switch held the request
            while no bundle was active.
        version: version of the TUF targets metadata; 0 while releases are unsigned.
        expires_at: the end of the lease, Unix seconds; None while releases are unsigned.
        receipt: where the record is.
    """

    decision_id: str
    request_id: str
    token_sha256: bytes
    effect: Effect
    reasons: tuple[Reason, ...]
    revision: str
    version: int
    expires_at: int | None
    receipt: Receipt
