"""The only place in which an approval is made (design section 1: one path to APPROVE).

APPROVE leaves this process through two functions of this module and nowhere else: :func:`approving_response`,
which takes an :class:`Approval`, and :func:`ping_response`, which takes a ``Ping`` and can make nothing but the
answer to a ping. An ``Approval`` is made in one line, in :func:`approve_if_allowed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from placet.policy.v1 import policy_pb2
from placet_callback.response import MAX_ERROR_BYTES, CallbackResponse

from placet_edge.errors import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placet.policy.v1.policy_pb2 import EvaluateResponse, Reason
    from placet_callback.envelope import CallbackRequest, Ping
    from placet_callback.token import VerifiedToken

MAX_ERROR_REASONS = 3
_HASH_BYTES = 32
_MADE_HERE: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Proof that the policy tier allowed this very request. Made by :func:`approve_if_allowed` only."""

    request_id: str
    decision_id: str
    made: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.made is not _MADE_HERE:
            raise TypeError("an Approval is made by approve_if_allowed only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The policy tier's recorded deny of this very request; ``error`` is what the node is told."""

    request_id: str
    decision_id: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDecision:
    """An answer of the policy tier that neither approves nor refuses."""

    cause: Cause


def approve_if_allowed(
    response: EvaluateResponse, *, token: VerifiedToken, request: CallbackRequest
) -> Approval | Refusal | NoDecision:
    """Design step 11: what the policy tier's answer means for the request that we asked about.

    Args:
        response: the answer, from the network and so not believed yet.
        token: the token that was sent; its SHA-256 must come back.
        request: our own reading of the token; its request_id must come back.
    """
    if response.token_sha256 != token.sha256 or response.request_id != request.request_id:
        return NoDecision(cause=Cause.ANSWER_FOREIGN)
    if response.effect == policy_pb2.EFFECT_HOLD:
        return NoDecision(cause=Cause.HELD)
    if not _is_recorded(response):
        return NoDecision(cause=Cause.ANSWER_INCOMPLETE)
    if response.effect == policy_pb2.EFFECT_DENY:
        return _refuse(response)
    if response.effect == policy_pb2.EFFECT_ALLOW:
        return Approval(request_id=request.request_id, decision_id=response.decision_id, made=_MADE_HERE)
    return NoDecision(cause=Cause.EFFECT_UNKNOWN)


def approving_response(approval: Approval) -> CallbackResponse:
    """The answer that lets the node go on (protocol section c.2)."""
    return CallbackResponse(status=0, request_id=approval.request_id, action="APPROVE", error=None)


def rejecting_response(refusal: Refusal) -> CallbackResponse:
    """The final refusal; only here does an answer carry ``error`` (protocol section c.2)."""
    return CallbackResponse(status=0, request_id=refusal.request_id, action="REJECT", error=refusal.error)


def ping_response(ping: Ping, action: Literal["none", "approve"]) -> CallbackResponse:
    """The answer to a ping: status 0, and APPROVE only for a node that wants it (protocol section c.3)."""
    return CallbackResponse(
        status=0, request_id=ping.request_id, action="APPROVE" if action == "approve" else None, error=None
    )


def _refuse(response: EvaluateResponse) -> Refusal | NoDecision:
    # A deny without a reason is not one that the policy tier makes.
    if not response.reasons:
        return NoDecision(cause=Cause.ANSWER_INCOMPLETE)
    return Refusal(request_id=response.request_id, decision_id=response.decision_id, error=error_text(response.reasons))


def _is_recorded(response: EvaluateResponse) -> bool:
    """Whether the decision has an id and a complete receipt: without a record there is no answer."""
    receipt = response.receipt
    return (
        response.decision_id != ""
        and receipt.ledger != ""
        and receipt.writer != ""
        and receipt.position > 0
        and len(receipt.record_hash) == _HASH_BYTES
    )


def error_text(reasons: Iterable[Reason]) -> str:
    """Up to three ``CODE: message``, at most 512 bytes of UTF-8, never cutting a character."""
    first = list(reasons)[:MAX_ERROR_REASONS]
    text = "; ".join(f"{reason.code}: {reason.message}" for reason in first)
    return text.encode()[:MAX_ERROR_BYTES].decode(errors="ignore")
