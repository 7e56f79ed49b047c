"""The servicer: every error of the tree has one gRPC status and a constant text, and every outcome is counted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import grpc
import pytest
from placet.policy.v1 import policy_pb2
from placet_policy import errors
from placet_policy.decision import Decision, Effect, Reason
from placet_policy.ledger import Receipt
from placet_policy.metrics import Metrics
from placet_policy.servicer import PolicyServicer
from placet_policy.status import Status, StatusReport
from structlog.testing import capture_logs

SECRET = "detail that no peer may see"
Evaluation = Callable[[], Awaitable[Decision]]


def decision(effect: Effect = Effect.ALLOW, *, expires_at: int | None = None) -> Decision:
    """A recorded decision."""
    reasons = () if effect == Effect.ALLOW else (Reason(code="X", rule="r", message="m", remediation="do"),)
    return Decision(
        decision_id="d-1",
        request_id="request-1",
        token_sha256=b"\x01" * 32,
        effect=effect,
        reasons=reasons,
        revision="sha256:" + "ab" * 32,
        version=3,
        expires_at=expires_at,
        receipt=Receipt(ledger="l", writer="w", position=7, record_hash=b"\x02" * 32),
    )


class Evaluator:
    """Does what a test says."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self.received_at: float | None = None

    async def evaluate(self, *, token: str, received_at: float | None) -> Decision:
        assert token == "token"
        self.received_at = received_at
        return await self._evaluation()


class AbortedError(Exception):
    """What the fake context raises for `abort`."""


class Context:
    """The part of a call's context that the servicer uses."""

    def __init__(self, remaining: float | None = 5.0) -> None:
        self.remaining = remaining
        self.aborted: tuple[grpc.StatusCode, str] | None = None

    def time_remaining(self) -> float | None:
        return self.remaining

    async def abort(self, code: grpc.StatusCode, text: str) -> NoReturn:
        self.aborted = (code, text)
        raise AbortedError


class Reports:
    """Status that says one thing."""

    def __init__(self, report: StatusReport | BaseException) -> None:
        self._report = report

    async def report(self) -> StatusReport:
        if isinstance(self._report, BaseException):
            raise self._report
        return self._report


NOT_READY = StatusReport(reasons=("why",), opa_version="", bundle=None, ledger="", stopped=True)


class Service:
    """A servicer around an evaluation, with its metrics and log."""

    def __init__(
        self, evaluation: Evaluation, *, ceiling: float = 5.0, report: StatusReport | BaseException = NOT_READY
    ) -> None:
        self.metrics = Metrics()
        self.evaluator = Evaluator(evaluation)
        self.context = Context()
        self.logs: list[Any] = []
        self._servicer = PolicyServicer(
            evaluator=self.evaluator,
            status=cast("Status", Reports(report)),
            metrics=self.metrics,
            ceiling_seconds=ceiling,
        )

    async def evaluate(self, **fields: Any) -> policy_pb2.EvaluateResponse:
        request = {"callback_token": "token", "protocol_version": policy_pb2.PROTOCOL_VERSION_V2, **fields}
        with capture_logs() as self.logs:
            return await self._servicer.Evaluate(policy_pb2.EvaluateRequest(**request), cast("Any", self.context))

    async def refusal(self, **fields: Any) -> tuple[grpc.StatusCode, str]:
        with pytest.raises(AbortedError):
            await self.evaluate(**fields)
        assert self.context.aborted is not None
        return self.context.aborted

    async def status(self) -> policy_pb2.GetStatusResponse:
        with capture_logs() as self.logs:
            return await self._servicer.GetStatus(policy_pb2.GetStatusRequest(), cast("Any", self.context))

    def count(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"placet_policy_{name}_total", labels)


def raising(error: BaseException) -> Evaluation:
    """An evaluation that fails."""

    async def evaluation() -> Decision:
        raise error

    return evaluation


def returning(made: Decision) -> Evaluation:
    """An evaluation that succeeds."""

    async def evaluation() -> Decision:
        return made

    return evaluation


async def test_a_decision_is_copied_field_by_field() -> None:
    """The response holds the decision, its reasons and its receipt."""
    response = await Service(returning(decision(Effect.DENY, expires_at=1795369764))).evaluate()
    assert (response.decision_id, response.request_id) == ("d-1", "request-1")
    assert (response.token_sha256, response.effect) == (b"\x01" * 32, policy_pb2.EFFECT_DENY)
    (reason,) = response.reasons
    assert (reason.code, reason.rule, reason.message, reason.remediation) == ("X", "r", "m", "do")
    assert (response.policy.revision, response.policy.version) == ("sha256:" + "ab" * 32, 3)
    assert response.policy.expires_at.ToJsonString() == "2026-11-22T17:49:24Z"
    receipt = response.receipt
    assert (receipt.ledger, receipt.writer, receipt.position, receipt.record_hash) == ("l", "w", 7, b"\x02" * 32)


async def test_no_lease_is_unset() -> None:
    """While releases are unsigned there is no end of a lease, not one in 1970."""
    response = await Service(returning(decision())).evaluate()
    assert response.policy.HasField("expires_at") is False


@pytest.mark.parametrize(
    ("effect", "wire"),
    [
        (Effect.ALLOW, policy_pb2.EFFECT_ALLOW),
        (Effect.DENY, policy_pb2.EFFECT_DENY),
        (Effect.HOLD, policy_pb2.EFFECT_HOLD),
    ],
)
async def test_each_effect_has_its_value(effect: Effect, wire: policy_pb2.Effect.ValueType) -> None:
    """Effects are compared and counted one by one."""
    service = Service(returning(decision(effect)))
    assert (await service.evaluate()).effect == wire
    assert service.count("evaluations", outcome=effect.value) == 1
    assert service.count("holds") == (1 if effect == Effect.HOLD else 0)
    assert service.logs[-1]["log_level"] == ("error" if effect == Effect.HOLD else "info")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (errors.TokenRefused(3, SECRET), "INVALID_ARGUMENT", "the callback token was refused"),
        (errors.EnvelopeRefused(SECRET), "INVALID_ARGUMENT", "the callback request cannot be evaluated"),
        (errors.NoActiveBundle(SECRET), "UNAVAILABLE", "no policy release is active"),
        (errors.OpaUnavailable(SECRET), "UNAVAILABLE", "the policy engine is unavailable"),
        (errors.OpaAnswerInvalid(SECRET), "INTERNAL", "the policy engine's answer is invalid"),
        (errors.RevisionMismatch(SECRET), "UNAVAILABLE", "the policy release is changing"),
        (errors.LedgerUnavailable(SECRET), "UNAVAILABLE", "the ledger is unavailable"),
        (errors.VersionMoved(SECRET), "ABORTED", "the request is being evaluated elsewhere"),
        (errors.DeadlinePassed(SECRET), "DEADLINE_EXCEEDED", "the evaluation took too long"),
        (errors.Inconsistent(SECRET), "INTERNAL", "the evaluation was inconsistent"),
        (errors.Indeterminate(SECRET), "INTERNAL", "the evaluation could not be completed"),
        (errors.PolicyError(SECRET), "INTERNAL", "the evaluation could not be completed"),
        (ValueError(SECRET), "INTERNAL", "the evaluation failed"),
        (KeyError(SECRET), "INTERNAL", "the evaluation failed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_each_error_has_a_status_and_a_constant_text(error: Exception, code: str, text: str) -> None:
    """The peer sees the table; nothing of the error's own words."""
    service = Service(raising(error))
    assert await service.refusal() == (grpc.StatusCode[code], text)
    assert service.logs[-1]["log_level"] == "error"


def test_every_error_is_in_the_table() -> None:
    """A new kind of indeterminate needs a row of its own above, BundleRefused never reaches the servicer."""
    kinds = {kind.__name__ for kind in errors.Indeterminate.__subclasses__()}
    assert kinds == {
        *("NoActiveBundle", "OpaUnavailable", "OpaAnswerInvalid", "RevisionMismatch", "LedgerUnavailable"),
        *("VersionMoved", "DeadlinePassed", "Inconsistent"),
    }


async def test_an_indeterminate_is_counted_by_its_cause() -> None:
    """The alert has a counter of its own, labelled by the error's class, and one line with the cause."""
    service = Service(raising(errors.OpaUnavailable(SECRET)))
    await service.refusal()
    assert service.count("indeterminate", cause="OpaUnavailable") == 1
    assert service.count("evaluations", outcome="indeterminate") == 1
    assert [(line["event"], line["cause"]) for line in service.logs] == [("indeterminate", SECRET)]


async def test_a_refused_token_tells_both_times_to_the_log() -> None:
    """When a clock is off the log says so, with ours and the claim's."""
    service = Service(raising(errors.TokenRefused(5, "TOKEN_EXPIRED", (200.0, 100.0))))
    await service.refusal()
    (line,) = service.logs
    assert (line["check"], line["code"], line["clock"]) == (5, "TOKEN_EXPIRED", (200.0, 100.0))


@pytest.mark.parametrize(("remaining", "ceiling"), [(0.05, 5.0), (5.0, 0.05), (None, 0.05)])
async def test_an_evaluation_ends_at_the_shorter_limit(remaining: float | None, ceiling: float) -> None:
    """The caller's deadline or our own ceiling, whichever comes first, ends it without a decision."""

    async def never() -> Decision:
        await asyncio.Event().wait()
        return decision()

    service = Service(never, ceiling=ceiling)
    service.context.remaining = remaining
    assert await service.refusal() == (grpc.StatusCode.DEADLINE_EXCEEDED, "the evaluation took too long")
    assert service.count("indeterminate", cause="DeadlinePassed") == 1


async def test_a_caller_that_goes_away_is_counted() -> None:
    """Cancellation is passed on, and is one more evaluation without a decision."""
    service = Service(raising(asyncio.CancelledError()))
    with pytest.raises(asyncio.CancelledError):
        await service.evaluate()
    assert service.count("indeterminate", cause="Cancelled") == 1


@pytest.mark.parametrize("version", [policy_pb2.PROTOCOL_VERSION_UNSPECIFIED, 9])
async def test_the_protocol_version_must_be_known(version: int) -> None:
    """Unspecified and unknown versions are refused before anything is evaluated."""
    service = Service(returning(decision()))
    code, _ = await service.refusal(protocol_version=version)
    assert code == grpc.StatusCode.INVALID_ARGUMENT


async def test_received_at_is_passed_on_in_seconds() -> None:
    """The edge's time arrives as Unix seconds, or as None when it did not say."""
    service = Service(returning(decision()))
    await service.evaluate()
    assert service.evaluator.received_at is None
    request = policy_pb2.EvaluateRequest()
    request.received_at.FromJsonString("2026-11-22T17:49:24.250Z")
    await service.evaluate(received_at=request.received_at)
    assert service.evaluator.received_at == 1795369764.25


async def test_status_says_why_not() -> None:
    """A tier that is not ready names its reasons; what it does not have is unset."""
    answer = await Service(returning(decision())).status()
    assert (answer.ready, list(answer.not_ready_reasons), answer.stopped) == (False, ["why"], True)
    assert (answer.HasField("policy"), answer.opa_version, answer.ledger, answer.unsigned) == (False, "", "", False)


@pytest.mark.parametrize("error", [ValueError(SECRET), errors.Indeterminate(SECRET)])
async def test_a_status_that_breaks_says_nothing_of_the_error(error: Exception) -> None:
    """Whatever breaks behind GetStatus, the peer has a constant text and the log has the error."""
    service = Service(returning(decision()), report=error)
    with pytest.raises(AbortedError):
        await service.status()
    assert service.context.aborted == (grpc.StatusCode.INTERNAL, "the status could not be told")
    assert [(line["event"], line["log_level"]) for line in service.logs] == [("status_failed", "error")]


async def test_a_cancelled_status_is_cancelled() -> None:
    """A caller that goes away is no failure of the status."""
    service = Service(returning(decision()), report=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await service.status()
    assert service.logs == []
