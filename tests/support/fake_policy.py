"""A policy tier without policy, over real gRPC: it keeps the contract, and breaks it in the ways it is told to."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import grpc
import keys
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2_grpc import PolicyServiceServicer, add_PolicyServiceServicer_to_server
from placet_callback.envelope import EnvelopeError, Ping, RequestType, parse_request
from placet_callback.token import Node, TokenError, VerifiedToken, verify_token

LEDGER = "7f0f7a0c-3f3e-4a53-9a52-0a4f0a3e6f11"
REVISION = "sha256:" + "ab" * 32

Context = grpc.aio.ServicerContext[Any, Any]


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(kw_only=True)
class FakePolicy(PolicyServiceServicer):
    """Verifies tokens like the real tier, then decides as told.

    Attributes:
        nodes: whose tokens it takes.
        effect: of every request of a known type.
        ready: what GetStatus says.
        spoil: changes each response after it was made right.
        error: when set, Evaluate and GetStatus fail with this gRPC code, `error_times` times.
        answering: while it is cleared, every answer waits.
        evaluations: every EvaluateRequest seen; `statuses` counts GetStatus.
    """

    nodes: tuple[Node, ...] = (keys.checker_node(),)
    effect: policy_pb2.Effect.ValueType = policy_pb2.EFFECT_ALLOW
    reasons: tuple[tuple[str, str], ...] = (("LIMIT_EXCEEDED", "More than the limit."),)
    ready: bool = True
    spoil: Callable[[policy_pb2.EvaluateResponse], object] = lambda _response: None
    error: grpc.StatusCode | None = None
    error_times: int = 1_000_000
    answering: asyncio.Event = field(default_factory=_set)
    evaluations: list[policy_pb2.EvaluateRequest] = field(default_factory=list)
    metadata: list[dict[str, object]] = field(default_factory=list)
    time_left: list[float] = field(default_factory=list)
    statuses: int = 0

    async def Evaluate(  # noqa: N802 - the contract's name
        self, request: policy_pb2.EvaluateRequest, context: Context
    ) -> policy_pb2.EvaluateResponse:
        """Decide."""
        self.evaluations.append(request)
        self.metadata.append({str(name): value for name, value in context.invocation_metadata() or ()})
        self.time_left.append(context.time_remaining() or 0.0)
        await self._misbehave(context)
        if request.protocol_version == policy_pb2.PROTOCOL_VERSION_UNSPECIFIED:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "PROTOCOL_VERSION")
        try:
            token = verify_token(request.callback_token, nodes=self.nodes, now=time.time())
            response = self._decide(token)
        except (TokenError, EnvelopeError) as e:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, e.code)
            raise
        self.spoil(response)
        return response

    async def GetStatus(  # noqa: N802 - the contract's name
        self, _request: policy_pb2.GetStatusRequest, context: Context
    ) -> policy_pb2.GetStatusResponse:
        """Tell how things are."""
        self.statuses += 1
        await self._misbehave(context)
        return policy_pb2.GetStatusResponse(
            ready=self.ready,
            not_ready_reasons=[] if self.ready else ["no bundle"],
            opa_version="0.0.0",
            policy=policy_pb2.Policy(revision=REVISION),
            unsigned=True,
            ledger=LEDGER,
        )

    async def _misbehave(self, context: Context) -> None:
        await self.answering.wait()
        if self.error is not None and self.error_times > 0:
            self.error_times -= 1
            await context.abort(self.error, "as told")

    async def asked(self, times: int) -> None:
        """Wait until so many decisions were asked for."""
        async with asyncio.timeout(120):
            while len(self.evaluations) < times:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.01)

    def _decide(self, token: VerifiedToken) -> policy_pb2.EvaluateResponse:
        callback = parse_request(token)
        if isinstance(callback, Ping):
            raise EnvelopeError("PING_NOT_EVALUATED")
        known = callback.request_type in set(RequestType)
        effect = self.effect if known else policy_pb2.EFFECT_DENY
        reasons = self.reasons if known else (("REQUEST_TYPE_UNKNOWN", "The request type is not known."),)
        response = policy_pb2.EvaluateResponse(
            decision_id=str(uuid.uuid4()),
            request_id=callback.request_id,
            token_sha256=token.sha256,
            effect=effect,
            policy=policy_pb2.Policy(revision=REVISION),
        )
        if effect != policy_pb2.EFFECT_ALLOW:
            for code, message in reasons:
                response.reasons.add(code=code, rule="fake", message=message, remediation="")
        response.receipt.CopyFrom(self._receipt(response))
        return response

    def _receipt(self, response: policy_pb2.EvaluateResponse) -> policy_pb2.Receipt:
        record = json.dumps([response.decision_id, response.request_id]).encode()
        return policy_pb2.Receipt(
            ledger=LEDGER, writer="fake-1", position=len(self.evaluations), record_hash=sha256(record).digest()
        )


def silent(**changes: Any) -> FakePolicy:
    """A tier that answers nothing until `answering` is set."""
    return FakePolicy(answering=asyncio.Event(), **changes)


@asynccontextmanager
async def running(
    policy: PolicyServiceServicer, *, port: int = 0, credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[str]:
    """Serve `policy` on loopback; the value is its gRPC target. Port 0 takes a free one."""
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    add_PolicyServiceServicer_to_server(policy, server)
    async with _started(server, port, credentials) as target:
        yield target


@asynccontextmanager
async def running_garbage(answer: bytes) -> AsyncIterator[str]:
    """Serve these bytes as the answer to every method: no message of the contract."""

    async def same(_request: bytes, _context: Context) -> bytes:
        return answer

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(same)
    methods = {"Evaluate": handler, "GetStatus": handler}
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("placet.policy.v1.PolicyService", methods),))
    async with _started(server, 0, None) as target:
        yield target


@asynccontextmanager
async def _started(
    server: grpc.aio.Server, port: int, credentials: grpc.ServerCredentials | None
) -> AsyncIterator[str]:
    address = f"127.0.0.1:{port}"
    bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    await server.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        await server.stop(grace=None)
