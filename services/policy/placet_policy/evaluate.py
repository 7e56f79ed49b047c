"""One evaluation, from token to recorded decision: design steps 6 to 10, top to bottom."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from placet_callback.envelope import EnvelopeError, Ping, parse_request
from placet_callback.token import DEFAULT_MAX_LIFETIME_SECONDS, TokenError, verify_token
from structlog.contextvars import bind_contextvars

from placet_policy.codes import Code
from placet_policy.combine import pipeline_reason
from placet_policy.decision import Decision, Effect, Reason
from placet_policy.errors import (
    EnvelopeRefused,
    NoActiveBundle,
    RevisionMismatch,
    TokenRefused,
    VersionMoved,
)
from placet_policy.facts.detail import kind_of
from placet_policy.judge import Occasion, judge, prove_request
from placet_policy.ledger import Record, RequestKey
from placet_policy.ledger.reservations import reservation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from placet_callback.envelope import CallbackRequest
    from placet_callback.strict_json import JSONValue
    from placet_callback.token import Node, VerifiedToken

    from placet_policy.facts.detail import ParsedRequest
    from placet_policy.facts.prove import Facts
    from placet_policy.gate import ActiveBundle
    from placet_policy.judge import DecidesInput
    from placet_policy.ledger import EarlierRecord, Ledger, Snapshot, VersionKey
    from placet_policy.ledger.outpoints import OtherAmount
    from placet_policy.ledger.series import Reservation

ATTEMPTS: Final = 3
# OPA takes a new bundle milliseconds after the gate does; between the two the revisions differ.
_REVISION_PAUSE_SECONDS: Final = 0.1


class HasActiveBundle(Protocol):
    """What knows the release that may decide: the gate."""

    def active(self) -> ActiveBundle:
        """Return it, or raise NoActiveBundle."""
        ...


class Stops(Protocol):
    """What knows whether deciding is stopped by hand."""

    def active(self) -> bool:
        """Return it, or raise Indeterminate when nobody knows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A request that needs a decision, as verified."""

    decision_id: str
    token: VerifiedToken
    request: CallbackRequest
    received_at: float | None
    detail_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proven:
    """What is proven about a request under one release, and what an ALLOW would reserve."""

    bundle: ActiveBundle
    parsed: ParsedRequest
    facts: Facts
    reservation: Reservation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one attempt came to, not yet recorded and therefore not yet a decision."""

    effect: Effect
    reasons: tuple[Reason, ...]
    bundle: ActiveBundle | None
    facts: JSONValue = None
    document: JSONValue = None
    opa_version: str = ""


@dataclass(slots=True)
class _Laps:
    """Milliseconds by step, for the record."""

    timings: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def done(self, step: str) -> None:
        now = time.perf_counter()
        self.timings[step] = round((now - self._last) * 1000, 3)
        self._last = now


class Evaluator:
    """Decides callback requests. Everything it needs comes in by the constructor, clock and ids included."""

    def __init__(
        self,
        *,
        nodes: Callable[[], Sequence[Node]],
        opa: DecidesInput,
        gate: HasActiveBundle,
        ledger: Ledger,
        stop: Stops,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        max_lifetime: float = DEFAULT_MAX_LIFETIME_SECONDS,
        audience: str | None = None,
    ) -> None:
        """Wire the parts.

        Args:
            nodes: the nodes whose tokens are accepted right now.
            opa: answers the policy question.
            gate: knows the active release.
            ledger: where every decision is recorded before it is returned.
            stop: the stop switch.
            clock: Unix seconds.
            new_id: makes decision ids, UUID version 4.
            max_lifetime: how far a token's ``exp`` may lie in the future, seconds.
            audience: the ``aud`` a token must name; None: none may.
        """
        self._nodes = nodes
        self._opa = opa
        self._gate = gate
        self._ledger = ledger
        self._stop = stop
        self._clock = clock
        self._new_id = new_id
        self._max_lifetime = max_lifetime
        self._audience = audience

    async def evaluate(self, *, token: str, received_at: float | None) -> Decision:
        """Verify, prove, ask, combine, record; return only what is durably recorded.

        Args:
            token: the compact callback token as the edge received it; nothing else is believed.
            received_at: when the edge had the request, Unix seconds, for the record only.

        Raises:
            TokenRefused: no pinned node signed this token, or not for now.
            EnvelopeRefused: the token holds no callback request, or a Ping.
            Indeterminate: there is no decision; the node asks again.
        """
        decision_id = self._new_id()  # 6: the id exists before anything can fail
        bind_contextvars(decision_id=decision_id)
        case = self._open(decision_id, token, received_at)
        bind_contextvars(request_id=case.request.request_id, node=case.token.node)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(case)
            except VersionMoved:
                continue
            except RevisionMismatch:
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(_REVISION_PAUSE_SECONDS)
        return await self._attempt_alone(case)

    def _open(self, decision_id: str, token: str, received_at: float | None) -> _Case:
        """Step 6: node, request_id, type and content come from the token, verified with our keys and our clock."""
        try:
            verified = verify_token(
                token,
                nodes=self._nodes(),
                now=self._clock(),
                max_lifetime_seconds=self._max_lifetime,
                audience=self._audience,
            )
            request = parse_request(verified)
        except TokenError as e:
            raise TokenRefused(e.check, e.code, e.clock) from e
        except EnvelopeError as e:
            raise EnvelopeRefused(e.code) from e
        if isinstance(request, Ping):
            raise EnvelopeRefused("PING_NOT_EVALUATED")
        return _Case(
            decision_id=decision_id,
            token=verified,
            request=request,
            received_at=received_at,
            detail_sha256=_sha256(request.request_detail),
        )

    async def _attempt_alone(self, case: _Case) -> Decision:
        """Others about the same request or key always came first, so now they wait; the caller's deadline ends this."""
        proven = await self._prove(case)
        keys: set[VersionKey] = {RequestKey(node=case.token.node, request_id=case.request.request_id)}
        if proven is not None and proven.reservation is not None:
            keys.add(proven.reservation.key)
        async with self._ledger.alone(keys):
            return await self._attempt(case, alone=True)

    async def _attempt(self, case: _Case, *, alone: bool = False) -> Decision:
        """Steps 7 to 10 under one snapshot of the ledger and one release."""
        laps = _Laps()
        proven = await self._prove(case)  # 7
        laps.done("facts")
        reservation = None if proven is None else proven.reservation
        snapshot = await self._ledger.snapshot(
            node=case.token.node,
            request_id=case.request.request_id,
            reservation=reservation,
            windows=() if proven is None else proven.bundle.windows,
        )
        laps.done("snapshot")
        outcome = await self._judge(case, proven, snapshot)  # 8, 9
        laps.done("opa")
        record = self._record(case, outcome, snapshot, laps)
        receipt = await self._ledger.commit(  # 10
            record, versions=snapshot.versions, reservation=reservation, unseen=snapshot.unseen, alone=alone
        )
        return Decision(
            decision_id=case.decision_id,
            request_id=case.request.request_id,
            token_sha256=case.token.sha256,
            effect=outcome.effect,
            reasons=outcome.reasons,
            revision=record.revision,
            version=record.version,
            expires_at=outcome.bundle.expires_at if outcome.bundle is not None else None,
            receipt=receipt,
        )

    async def _prove(self, case: _Case) -> _Proven | None:
        """Step 7; None where nothing is to be proven: deciding is stopped, or nobody knows the type."""
        if self._stop.active() or kind_of(case.request.request_type) is None:
            return None
        bundle = self._gate.active()
        parsed, facts = await prove_request(case.request, bundle.registry)
        return _Proven(bundle=bundle, parsed=parsed, facts=facts, reservation=reservation_of(parsed.kind, facts))

    async def _judge(self, case: _Case, proven: _Proven | None, snapshot: Snapshot) -> _Outcome:
        """Steps 8 and 9."""
        if self._stop.active():
            reasons = (pipeline_reason(Code.STOPPED, rule="stop"),)
            return _Outcome(effect=Effect.HOLD, reasons=reasons, bundle=self._bundle_or_none())
        reused = _reused(case, snapshot.earlier)
        if kind_of(case.request.request_type) is None:
            return self._unknown_type(case, reused)
        if proven is None:
            raise VersionMoved("the stop was lifted meanwhile")
        bundle, facts = proven.bundle, proven.facts
        if reused is not None:
            return _Outcome(effect=Effect.HOLD, reasons=_reuse(reused), bundle=bundle, facts=facts.to_json())
        if snapshot.other_amount is not None:
            # Whatever the policy would say: a signature of each request could make one transaction with any fee. Only
            # an ALLOW is remembered, and it moves the key's version. Of two that race, the second is evaluated again.
            differs = _differs(snapshot.other_amount)
            return _Outcome(effect=Effect.HOLD, reasons=differs, bundle=bundle, facts=facts.to_json())
        judgement = await judge(
            proven.parsed,
            facts,
            history=None if snapshot.history is None else snapshot.history.to_json(),
            occasion=self._occasion(case),
            bundle=bundle,
            opa=self._opa,
        )
        if self._gate.active() is not bundle:
            raise RevisionMismatch("another release became active meanwhile")
        return _Outcome(
            effect=judgement.effect,
            reasons=judgement.reasons,
            bundle=bundle,
            facts=facts.to_json(),
            document=judgement.document,
            opa_version=judgement.opa_version,
        )

    def _unknown_type(self, case: _Case, reused: EarlierRecord | None) -> _Outcome:
        """No policy is asked about a type that nobody knows; a reused id is held even so, as a deny is final."""
        bundle = self._bundle_or_none()
        if reused is not None:
            return _Outcome(effect=Effect.HOLD, reasons=_reuse(reused), bundle=bundle)
        reasons = (pipeline_reason(Code.REQUEST_TYPE_UNKNOWN, detail=str(case.request.request_type)),)
        return _Outcome(effect=Effect.DENY, reasons=reasons, bundle=bundle)

    def _occasion(self, case: _Case) -> Occasion:
        return Occasion(
            decision_id=case.decision_id, unix=int(self._clock()), node=case.token.node, key_id=case.token.key_id
        )

    def _record(self, case: _Case, outcome: _Outcome, snapshot: Snapshot, laps: _Laps) -> Record:
        return Record(
            decision_id=case.decision_id,
            node=case.token.node,
            key_id=case.token.key_id,
            request_id=case.request.request_id,
            request_type=case.request.request_type,
            received_at=case.received_at,
            decided_at=self._clock(),
            token=case.token.compact,
            token_sha256=case.token.sha256,
            detail_sha256=case.detail_sha256,
            extra_sha256=_sha256(case.request.extra_info),
            effect=outcome.effect.value,
            reasons=_to_json(outcome.reasons),
            facts=outcome.facts,
            input=outcome.document,
            revision=outcome.bundle.revision if outcome.bundle is not None else "",
            version=outcome.bundle.version if outcome.bundle is not None else 0,
            opa_version=outcome.opa_version,
            earlier=tuple(earlier.decision_id for earlier in snapshot.earlier),
            timings=laps.timings,
        )

    def _bundle_or_none(self) -> ActiveBundle | None:
        """The release to name in the record of a decision that no release made."""
        try:
            return self._gate.active()
        except NoActiveBundle:
            return None


def _reused(case: _Case, earlier: Iterable[EarlierRecord]) -> EarlierRecord | None:
    """Return a record under which the same node used this request_id for something else (design section 7)."""
    now = (case.request.request_type, case.detail_sha256)
    return next((record for record in earlier if (record.request_type, record.detail_sha256) != now), None)


def _reuse(earlier: EarlierRecord) -> tuple[Reason, ...]:
    return (pipeline_reason(Code.REQUEST_ID_REUSED, rule="ledger", detail=earlier.decision_id),)


def _differs(found: OtherAmount) -> tuple[Reason, ...]:
    return (pipeline_reason(Code.OUTPOINT_AMOUNT_DIFFERS, rule="ledger", detail=found.text()),)


def _to_json(reasons: Sequence[Reason]) -> list[JSONValue]:
    return [reason.to_json() for reason in reasons]


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
