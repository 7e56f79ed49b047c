"""What every policy tier must do over gRPC, the real one and the fake: each behaviour takes a target and asserts.

The tier behind the target must pin the published checker key as a node's, and be able to decide. Requests are of the
unknown type 4, whose outcome needs no policy data.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import grpc
import keys
import tokens
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2_grpc import PolicyServiceStub

_SECONDS = 60.0
_UNKNOWN_TYPE = 4


async def evaluate(target: str, token: str, **fields: Any) -> policy_pb2.EvaluateResponse:
    """Ask for a decision the way the edge does."""
    request = {"callback_token": token, "protocol_version": policy_pb2.PROTOCOL_VERSION_V2, **fields}
    async with grpc.aio.insecure_channel(target) as channel:
        return await PolicyServiceStub(channel).Evaluate(policy_pb2.EvaluateRequest(**request), timeout=_SECONDS)


async def code_of(target: str, token: str, **fields: Any) -> grpc.StatusCode:
    """The gRPC error with which Evaluate answers; fails when it answers with a response."""
    try:
        response = await evaluate(target, token, **fields)
    except grpc.aio.AioRpcError as e:
        return e.code()
    raise AssertionError(f"answered with effect {response.effect}")


def unknown_request() -> dict[str, Any]:
    """A request of a type that nobody knows."""
    return tokens.make_request(request_type=_UNKNOWN_TYPE)


async def a_ready_tier_says_what_it_decides_with(target: str) -> None:
    """GetStatus of a ready tier names OPA, the policy and the ledger, and no reason against being ready."""
    async with grpc.aio.insecure_channel(target) as channel:
        status = await PolicyServiceStub(channel).GetStatus(policy_pb2.GetStatusRequest(), timeout=_SECONDS)
    assert status.ready is True
    assert list(status.not_ready_reasons) == []
    assert status.opa_version != ""
    assert status.policy.revision.startswith("sha256:")
    assert status.ledger != ""


async def a_decision_names_the_request_and_the_token(target: str) -> None:
    """request_id and token_sha256 come back, computed from the token that was sent."""
    package = unknown_request()
    token = tokens.make_token(package)
    response = await evaluate(target, token)
    assert response.request_id == package["request_id"]
    assert response.token_sha256 == sha256(token.encode()).digest()


async def an_unknown_type_is_a_recorded_deny(target: str) -> None:
    """A type that nobody knows is denied with REQUEST_TYPE_UNKNOWN, never a gRPC error."""
    response = await evaluate(target, tokens.make_token(unknown_request()))
    assert response.effect == policy_pb2.EFFECT_DENY
    assert [reason.code for reason in response.reasons] == ["REQUEST_TYPE_UNKNOWN"]


async def a_decision_has_a_complete_receipt(target: str) -> None:
    """The receipt names ledger and writer, a position from 1, and a hash of 32 bytes."""
    receipt = (await evaluate(target, tokens.make_token(unknown_request()))).receipt
    assert receipt.ledger != ""
    assert receipt.writer != ""
    assert receipt.position >= 1
    assert len(receipt.record_hash) == 32


async def each_evaluation_has_its_own_decision(target: str) -> None:
    """The same token twice gives two decision ids, lower-case UUIDs of version 4, and two positions."""
    token = tokens.make_token(unknown_request())
    first, second = await evaluate(target, token), await evaluate(target, token)
    assert first.decision_id != second.decision_id
    assert uuid.UUID(first.decision_id).version == 4
    assert first.decision_id == str(uuid.UUID(first.decision_id))
    assert second.receipt.position > first.receipt.position


async def a_bad_token_is_a_grpc_error(target: str) -> None:
    """What is no token, or a stranger's, or expired, is an error and never a deny."""
    package = unknown_request()
    bad = [
        "no token",
        tokens.make_token(package, key=keys.stranger_private()),
        tokens.make_token(package, exp=int(time.time()) - 3600),
        tokens.make_token(b"not JSON"),
    ]
    codes = [await code_of(target, token) for token in bad]
    assert grpc.StatusCode.UNAVAILABLE not in codes, "the edge would ask again for nothing"
    assert grpc.StatusCode.DEADLINE_EXCEEDED not in codes


async def a_ping_is_never_evaluated(target: str) -> None:
    """A ping has no decision; the edge asks GetStatus for it."""
    token = tokens.make_token({"request_id": "", "request_type": 0, "request_detail": "", "extra_info": ""})
    assert await code_of(target, token) != grpc.StatusCode.UNAVAILABLE


async def the_protocol_version_must_be_said(target: str) -> None:
    """UNSPECIFIED is refused."""
    token = tokens.make_token(unknown_request())
    code = await code_of(target, token, protocol_version=policy_pb2.PROTOCOL_VERSION_UNSPECIFIED)
    assert code == grpc.StatusCode.INVALID_ARGUMENT


BEHAVIOURS: tuple[Callable[[str], Awaitable[None]], ...] = (
    a_ready_tier_says_what_it_decides_with,
    a_decision_names_the_request_and_the_token,
    an_unknown_type_is_a_recorded_deny,
    a_decision_has_a_complete_receipt,
    each_evaluation_has_its_own_decision,
    a_bad_token_is_a_grpc_error,
    a_ping_is_never_evaluated,
    the_protocol_version_must_be_said,
)
"""Every behaviour; a contract test runs each of them over a target."""
