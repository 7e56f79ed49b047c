"""``placet.policy.v1.PolicyService``: requests in, decisions out, and the one table from errors to gRPC statuses."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import grpc
import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from placet.policy.v1 import policy_pb2, policy_pb2_grpc

from placet_policy.decision import Decision, Effect
from placet_policy.errors import (
    DeadlinePassed,
    EnvelopeRefused,
    Inconsistent,
    Indeterminate,
    LedgerUnavailable,
    NoActiveBundle,
    OpaAnswerInvalid,
    OpaUnavailable,
    PolicyError,
    RevisionMismatch,
    TokenRefused,
    VersionMoved,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_policy.gate import ActiveBundle
    from placet_policy.metrics import Metrics
    from placet_policy.status import Status, StatusReport

    # The library's class is generic in its stubs only.
    EvaluateContext = grpc.aio.ServicerContext[policy_pb2.EvaluateRequest, policy_pb2.EvaluateResponse]
    GetStatusContext = grpc.aio.ServicerContext[policy_pb2.GetStatusRequest, policy_pb2.GetStatusResponse]

_log = structlog.get_logger()
_Code = grpc.StatusCode

# What a peer sees of an error: a status, and a text that never holds anything of the request or of our inside.
# UNAVAILABLE is what the edge asks again, perhaps elsewhere, inside its deadline.
_ANSWERS: Mapping[type[PolicyError], tuple[grpc.StatusCode, str]] = {
    TokenRefused: (_Code.INVALID_ARGUMENT, "the callback token was refused"),
    EnvelopeRefused: (_Code.INVALID_ARGUMENT, "the callback request cannot be evaluated"),
    NoActiveBundle: (_Code.UNAVAILABLE, "no policy release is active"),
    OpaUnavailable: (_Code.UNAVAILABLE, "the policy engine is unavailable"),
    RevisionMismatch: (_Code.UNAVAILABLE, "the policy release is changing"),
    LedgerUnavailable: (_Code.UNAVAILABLE, "the ledger is unavailable"),
    VersionMoved: (_Code.ABORTED, "the request is being evaluated elsewhere"),
    DeadlinePassed: (_Code.DEADLINE_EXCEEDED, "the evaluation took too long"),
    OpaAnswerInvalid: (_Code.INTERNAL, "the policy engine's answer is invalid"),
    Inconsistent: (_Code.INTERNAL, "the evaluation was inconsistent"),
    Indeterminate: (_Code.INTERNAL, "the evaluation could not be completed"),
    PolicyError: (_Code.INTERNAL, "the evaluation could not be completed"),
}
_FAILED = (_Code.INTERNAL, "the evaluation failed")
_STATUS_FAILED = (_Code.INTERNAL, "the status could not be told")

_EFFECTS: Mapping[Effect, policy_pb2.Effect.ValueType] = {
    Effect.ALLOW: policy_pb2.EFFECT_ALLOW,
    Effect.DENY: policy_pb2.EFFECT_DENY,
    Effect.HOLD: policy_pb2.EFFECT_HOLD,
}
# The range of google.protobuf.Timestamp: years 1 to 9999.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799


class Evaluates(Protocol):
    """What the servicer asks of the evaluator."""

    async def evaluate(self, *, token: str, received_at: float | None) -> Decision:
        """Return a recorded decision or raise a ``PolicyError``."""
        ...


class PolicyServicer(policy_pb2_grpc.PolicyServiceServicer):
    """The service. Its errors end here: every call ends with an answer of the contract or a status of the table."""

    def __init__(self, *, evaluator: Evaluates, status: Status, metrics: Metrics, ceiling_seconds: float) -> None:
        self._evaluator = evaluator
        self._status = status
        self._metrics = metrics
        self._ceiling_seconds = ceiling_seconds

    async def Evaluate(  # noqa: N802  (the contract's name)
        self, request: policy_pb2.EvaluateRequest, context: EvaluateContext
    ) -> policy_pb2.EvaluateResponse:
        """Decide one callback request."""
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        try:
            decision = await self._decide(request, context.time_remaining())
            response = _response(decision)
        except PolicyError as error:
            code, text = self._refused(error, started)
        except asyncio.CancelledError:
            # The caller went away or its deadline passed; a record that is being written is written all the same.
            self._indeterminate("Cancelled", "the caller is gone", started)
            raise
        except Exception:  # noqa: BLE001  (the outermost handler: whatever broke, the peer gets no decision)
            _log.exception("evaluation_failed", milliseconds=_since(started))
            self._count("failed", started)
            code, text = _FAILED
        else:
            self._decided(decision, started)
            return response
        return await context.abort(code, text)

    async def GetStatus(  # noqa: N802  (the contract's name)
        self, _request: policy_pb2.GetStatusRequest, context: GetStatusContext
    ) -> policy_pb2.GetStatusResponse:
        """Tell whether the tier could decide right now."""
        try:
            return _status_response(await self._status.report())
        except Exception:  # noqa: BLE001  (the outermost handler: the library would send the error's text to the peer)
            _log.exception("status_failed")
        return await context.abort(*_STATUS_FAILED)

    async def _decide(self, request: policy_pb2.EvaluateRequest, remaining: float | None) -> Decision:
        if request.protocol_version not in (policy_pb2.PROTOCOL_VERSION_V1, policy_pb2.PROTOCOL_VERSION_V2):
            raise EnvelopeRefused("PROTOCOL_VERSION_UNKNOWN")
        limit = self._ceiling_seconds if remaining is None else min(self._ceiling_seconds, remaining)
        try:
            async with asyncio.timeout(limit):
                return await self._evaluator.evaluate(token=request.callback_token, received_at=_received_at(request))
        except TimeoutError as error:
            raise DeadlinePassed(f"not finished after {limit:.3f} s") from error

    def _decided(self, decision: Decision, started: float) -> None:
        self._count(decision.effect.value, started)
        line = _log.bind(
            decision_id=decision.decision_id,
            request_id=decision.request_id,
            effect=decision.effect.value,
            codes=[reason.code for reason in decision.reasons],
            revision=decision.revision,
            position=decision.receipt.position,
            milliseconds=_since(started),
        )
        if decision.effect == Effect.HOLD:
            self._metrics.holds.inc()
            line.error("held")
        else:
            line.info("decided")

    def _refused(self, error: PolicyError, started: float) -> tuple[grpc.StatusCode, str]:
        if isinstance(error, TokenRefused):
            self._count("refused", started)
            _log.error("token_refused", check=error.check, code=error.code, clock=error.clock)
        elif isinstance(error, EnvelopeRefused):
            self._count("refused", started)
            _log.error("envelope_refused", code=error.code)
        else:
            cause = error.cause if isinstance(error, Indeterminate) else ""
            self._indeterminate(type(error).__name__, cause, started)
        return next(_ANSWERS[kind] for kind in type(error).__mro__ if kind in _ANSWERS)

    def _indeterminate(self, kind: str, cause: str, started: float) -> None:
        self._metrics.indeterminate.labels(cause=kind).inc()
        self._count("indeterminate", started)
        _log.error("indeterminate", kind=kind, cause=cause, milliseconds=_since(started))

    def _count(self, outcome: str, started: float) -> None:
        self._metrics.evaluations.labels(outcome=outcome).inc()
        self._metrics.evaluation_seconds.observe(time.perf_counter() - started)


def _received_at(request: policy_pb2.EvaluateRequest) -> float | None:
    if not request.HasField("received_at"):
        return None
    if not _FIRST_SECOND <= request.received_at.seconds <= _LAST_SECOND:
        raise EnvelopeRefused("RECEIVED_AT_OUT_OF_RANGE")
    return request.received_at.seconds + request.received_at.nanos / 1e9


def _response(decision: Decision) -> policy_pb2.EvaluateResponse:
    receipt = decision.receipt
    return policy_pb2.EvaluateResponse(
        decision_id=decision.decision_id,
        request_id=decision.request_id,
        token_sha256=decision.token_sha256,
        effect=_EFFECTS[decision.effect],
        reasons=[
            policy_pb2.Reason(
                code=reason.code, rule=reason.rule, message=reason.message, remediation=reason.remediation
            )
            for reason in decision.reasons
        ],
        policy=_policy(decision.revision, decision.version, decision.expires_at),
        receipt=policy_pb2.Receipt(
            ledger=receipt.ledger, writer=receipt.writer, position=receipt.position, record_hash=receipt.record_hash
        ),
    )


def _status_response(report: StatusReport) -> policy_pb2.GetStatusResponse:
    bundle: ActiveBundle | None = report.bundle
    return policy_pb2.GetStatusResponse(
        ready=report.ready,
        not_ready_reasons=report.reasons,
        opa_version=report.opa_version,
        policy=None if bundle is None else _policy(bundle.revision, bundle.version, bundle.expires_at),
        # Nothing is signed until releases come through TUF; there is then a version above zero.
        unsigned=bundle is not None and bundle.version == 0,
        ledger=report.ledger,
        stopped=report.stopped,
    )


def _policy(revision: str, version: int, expires_at: int | None) -> policy_pb2.Policy:
    lease = None if expires_at is None else Timestamp(seconds=expires_at)
    return policy_pb2.Policy(revision=revision, version=version, expires_at=lease)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
