"""The policy decision point: the policy tier as the edge sees it, over gRPC with mTLS or on loopback."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2_grpc import PolicyServiceStub

from placet_edge.errors import Cause, NoDecisionError
from placet_edge.files import read_file, read_secret
from placet_edge.tls import check_authorities, check_pair

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from placet.policy.v1.policy_pb2 import EvaluateResponse, GetStatusResponse
    from placet.policy.v1.policy_pb2_grpc import PolicyServiceAsyncStub
    from placet_callback.token import VerifiedToken

    from placet_edge.settings import Settings

R = TypeVar("R")
_PAUSE_BEFORE_RETRY = 0.1
_MAX_ANSWER_BYTES = 256 * 1024
_MAX_QUESTION_BYTES = 2 * 1024 * 1024
_OPTIONS: Final[tuple[tuple[str, str | int], ...]] = (
    # One headless service name stands for several pods: use them all, and look for new ones soon.
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    # The defaults wait up to two minutes before they try a restarted pod again.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 2000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A peer that vanished without a word is found while calls are under way; idle connections are left alone,
    # because servers end connections that ping without calls.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # Retries are ours, so that they are counted and end with the budget.
    ("grpc.enable_retries", 0),
    # A proxy from the environment has no business between the tiers.
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", _MAX_ANSWER_BYTES),
    ("grpc.max_send_message_length", _MAX_QUESTION_BYTES),
)
_CAUSES: Final = {
    grpc.StatusCode.UNAVAILABLE: Cause.POLICY_UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Cause.POLICY_DEADLINE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the policy tier is asked about.

    Attributes:
        token: only a verified one is ever sent.
        received_at: Unix seconds at which the whole HTTP request was here; for the record only.
        trace_parent: the trace context (W3C ``traceparent``) of the HTTP request, if it had one.
    """

    token: VerifiedToken
    received_at: float
    trace_parent: str | None


class PolicyTier(Protocol):
    """What the routes need of the policy tier."""

    async def evaluate(self, question: Question, *, timeout: float) -> EvaluateResponse:  # noqa: ASYNC109
        """Ask for a decision; raises NoDecisionError."""

    async def status(self, *, timeout: float) -> GetStatusResponse:  # noqa: ASYNC109
        """Ask whether it could decide; raises NoDecisionError."""


class GrpcPolicyTier:
    """The policy tier behind one gRPC target.

    Args of the constructor: ``target`` is a gRPC target; ``credentials`` gives the newest credentials, None for
    plaintext; ``san`` is the name that the tier's certificate must carry; ``linger`` is how many seconds a
    replaced channel stays open for the calls that are still on it.
    """

    def __init__(
        self,
        *,
        target: str,
        credentials: Callable[[], grpc.ChannelCredentials | None],
        san: str | None,
        linger: float,
    ) -> None:
        self._target = target
        self._credentials = credentials
        self._san = san
        self._linger = linger
        self._used = credentials()
        self._channel = self._open()
        self._closing: set[asyncio.Task[None]] = set()

    async def evaluate(self, question: Question, *, timeout: float) -> EvaluateResponse:  # noqa: ASYNC109
        """Design step 5: ask for a decision.

        Args:
            question: the token is sent compact, as received; the policy tier verifies it again.
            timeout: seconds; the deadline travels with the call and covers the retry.

        Raises:
            NoDecisionError: the tier could not be asked, or did not answer with an EvaluateResponse in time.
        """
        request = policy_pb2.EvaluateRequest(
            callback_token=question.token.compact,
            protocol_version=policy_pb2.PROTOCOL_VERSION_V2,
            received_at=_timestamp(question.received_at),
        )
        metadata = None if question.trace_parent is None else (("traceparent", question.trace_parent),)
        return await _ask(
            lambda seconds: self._stub().Evaluate(request, timeout=seconds, metadata=metadata),
            policy_pb2.EvaluateResponse,
            timeout,
        )

    async def status(self, *, timeout: float) -> GetStatusResponse:  # noqa: ASYNC109
        """Ask for the tier's status, within ``timeout`` seconds.

        Raises:
            NoDecisionError: the tier could not be asked, or did not answer in time.
        """
        request = policy_pb2.GetStatusRequest()
        return await _ask(
            lambda seconds: self._stub().GetStatus(request, timeout=seconds), policy_pb2.GetStatusResponse, timeout
        )

    async def close(self) -> None:
        """Close the channel; nothing may be asked afterwards."""
        await self._channel.close()
        for task in tuple(self._closing):
            task.cancel()

    def _stub(self) -> PolicyServiceAsyncStub:
        credentials = self._credentials()
        if credentials is not self._used:
            # The files changed: calls under way end on the old channel.
            old, self._used = self._channel, credentials
            self._channel = self._open()
            task = asyncio.get_running_loop().create_task(old.close(grace=self._linger))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        return PolicyServiceStub(self._channel)

    def _open(self) -> grpc.aio.Channel:
        if self._used is None:
            return grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        # The certificate must carry this name, whatever name or address the target has.
        pinned = (("grpc.ssl_target_name_override", self._san),)
        return grpc.aio.secure_channel(self._target, self._used, options=(*_OPTIONS, *pinned))


async def _ask(call: Callable[[float], Awaitable[object]], kind: type[R], timeout: float) -> R:  # noqa: ASYNC109
    """Make the call, and once more if nobody was there: UNAVAILABLE is what a pod that ends answers.

    Asking twice is harmless: nothing is read from storage to allow, and each evaluation has its own record.
    """
    ends_at = asyncio.get_running_loop().time() + timeout
    try:
        return await _call_once(call, kind, timeout)
    except NoDecisionError as e:
        left = ends_at - asyncio.get_running_loop().time() - _PAUSE_BEFORE_RETRY
        if e.cause != Cause.POLICY_UNAVAILABLE or left <= 0:
            raise
    await asyncio.sleep(_PAUSE_BEFORE_RETRY)
    return await _call_once(call, kind, left)


async def _call_once(call: Callable[[float], Awaitable[object]], kind: type[R], seconds: float) -> R:
    if seconds <= 0:
        raise NoDecisionError(Cause.POLICY_DEADLINE)
    try:
        answer = await call(seconds)
    except grpc.aio.AioRpcError as e:
        raise NoDecisionError(_CAUSES.get(e.code(), Cause.POLICY_ERROR), detail=e.code().name) from e
    # Bytes that are no such message come out of grpc.aio as None, not as an error.
    if not isinstance(answer, kind):
        raise NoDecisionError(Cause.POLICY_ERROR, detail="UNREADABLE")
    return answer


def _timestamp(unix: float) -> Timestamp:
    return Timestamp(seconds=int(unix), nanos=int(unix % 1 * 1_000_000_000))


def load_credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """The edge's certificate and the authority that the policy tier's must come from; None on plain loopback.

    Raises:
        KeyMaterialError: naming the file that cannot be used. gRPC itself would take bad files and fail every call.
    """
    ca, cert, key = settings.policy_ca_file, settings.policy_cert_file, settings.policy_key_file
    if ca is None or cert is None or key is None:
        return None
    check_authorities(ca)
    check_pair(cert, key)
    return grpc.ssl_channel_credentials(
        root_certificates=read_file(ca), private_key=read_secret(key), certificate_chain=read_file(cert)
    )


def credential_files(settings: Settings) -> tuple[Path, ...]:
    """The files that :func:`load_credentials` reads."""
    files = (settings.policy_ca_file, settings.policy_cert_file, settings.policy_key_file)
    return tuple(path for path in files if path is not None)
