"""The edge over a policy tier that does as told: every row of the failure table that concerns the edge."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import httpx
import keys
import pytest
import tokens
from claimed_port import free_port
from fake_policy import FakePolicy, running, running_garbage, silent
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2 import EvaluateResponse
from running_edge import EdgeFiles, RunningEdge, read, running_edge, status_only

NO_ANSWER = "Server disconnected without sending a response."
PINGS: list[dict[str, Any]] = [
    {"request_id": "", "request_type": 0, "request_detail": "", "extra_info": ""},
    {"request_id": "ping-1", "request_type": 0, "request_detail": "{}", "extra_info": "{}"},
    {"request_type": 0},
    {},
]


@pytest.fixture
def files(tmp_path: Path) -> EdgeFiles:
    """The files of one edge."""
    return EdgeFiles(folder=tmp_path)


async def assert_no_decision(edge: RunningEdge, cause: str, *, alert: bool = True) -> None:
    """A verified request ends without an answer, counted under this cause, and alerted when something is broken."""
    with pytest.raises(httpx.RemoteProtocolError, match=NO_ANSWER):
        await edge.post(tokens.make_token(tokens.make_request()))
    assert await edge.metric(f'placet_edge_no_decisions_total{{cause="{cause}"}}') == 1
    assert await edge.metric(f'placet_edge_alerts_total{{alert="no_decision_{cause}"}}') == (1 if alert else 0)
    alerts = [line["alert"] for line in edge.logged("alert") if line["log_level"] == "error"]
    assert alerts == ([f"no_decision_{cause}"] if alert else [])
    assert edge.logged("callback")[-1]["cause"] == cause


async def test_allow_is_answered_with_a_signed_approve(files: EdgeFiles) -> None:
    """Token in, Evaluate, and out comes HTTP 200 with a signed APPROVE for the same request_id."""
    policy, package = FakePolicy(), tokens.make_request()
    token = tokens.make_token(package)
    async with running(policy) as target, running_edge(files, target) as edge:
        response = await edge.post(token)
        answer = read(response, package["request_id"])
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert (answer.kind, answer.status, answer.action, answer.error) == ("approved", 0, "APPROVE", None)
    assert [request.callback_token for request in policy.evaluations] == [token]
    assert policy.evaluations[0].protocol_version == policy_pb2.PROTOCOL_VERSION_V2
    # Of the budget of 60 seconds, less what is kept for the signature.
    assert 30.0 < policy.time_left[0] < 60.0


async def test_the_answer_can_be_a_json_string(files: EdgeFiles) -> None:
    """RESPONSE_FORM=json gives the form of the official Go server."""
    package = tokens.make_request()
    async with running(FakePolicy()) as target, running_edge(files, target, response_form="json") as edge:
        response = await edge.post(tokens.make_token(package))
    assert response.headers["content-type"] == "application/json"
    assert response.text.startswith('"ey')
    assert read(response, package["request_id"]).kind == "approved"


async def test_deny_is_answered_with_reject_and_three_reasons(files: EdgeFiles) -> None:
    """DENY becomes REJECT, and `error` carries the first three reasons."""
    reasons = (("A", "One."), ("B", "Two."), ("C", "Three."), ("D", "Four."))
    policy, package = FakePolicy(effect=policy_pb2.EFFECT_DENY, reasons=reasons), tokens.make_request()
    async with running(policy) as target, running_edge(files, target) as edge:
        answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert (answer.kind, answer.error) == ("rejected", "A: One.; B: Two.; C: Three.")


@pytest.mark.parametrize(
    ("sent", "travels"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-XYZ-00f067aa0ba902b7-01", False),
        ("", False),
    ],
)
async def test_the_trace_context_travels(files: EdgeFiles, sent: str, travels: bool) -> None:  # noqa: FBT001
    """A well-formed traceparent goes on as gRPC metadata; anything else is dropped."""
    policy = FakePolicy()
    async with running(policy) as target, running_edge(files, target) as edge:
        await edge.post(tokens.make_token(tokens.make_request()), headers={"traceparent": sent})
    assert policy.metadata[0].get("traceparent") == (sent if travels else None)


@pytest.mark.parametrize("request_type", [1, 2, 3, 5])
async def test_every_known_type_is_evaluated(files: EdgeFiles, request_type: int) -> None:
    """Types 1, 2, 3 and 5 travel to the policy tier."""
    package = tokens.make_request(request_type=request_type)
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert answer.kind == "approved"


@pytest.mark.parametrize("request_type", [4, 6, -1, 1_000_000])
async def test_an_unknown_type_goes_through_to_a_recorded_deny(files: EdgeFiles, request_type: int) -> None:
    """The edge does not judge types: the policy tier denies, and so there is a record."""
    policy, package = FakePolicy(), tokens.make_request(request_type=request_type)
    async with running(policy) as target, running_edge(files, target) as edge:
        answer = await edge.send(tokens.make_token(package), package["request_id"])
        assert await edge.metric('placet_edge_request_types_total{type="UNKNOWN"}') == 1
    assert (answer.kind, answer.error) == ("rejected", "REQUEST_TYPE_UNKNOWN: The request type is not known.")
    assert len(policy.evaluations) == 1


@pytest.mark.parametrize("package", PINGS)
async def test_a_ping_proves_the_chain_without_evaluating(files: EdgeFiles, package: dict[str, Any]) -> None:
    """All forms of a ping get status 0 without action; the policy tier is asked for its status only."""
    policy = FakePolicy()
    async with running(policy) as target, running_edge(files, target) as edge:
        answer = await edge.send(tokens.make_token(package), package.get("request_id"), ping=True)
    assert (answer.kind, answer.status, answer.action) == ("approved", 0, None)
    assert (len(policy.evaluations), policy.statuses) == (0, 1)


async def test_a_ping_can_be_approved_by_setting(files: EdgeFiles) -> None:
    """PING_ACTION=approve adds the action for a node that wants it."""
    async with running(FakePolicy()) as target, running_edge(files, target, ping_action="approve") as edge:
        answer = await edge.send(tokens.make_token(PINGS[1]), "ping-1", ping=True)
    assert answer.action == "APPROVE"


async def test_a_ping_has_no_answer_while_the_policy_tier_cannot_decide(files: EdgeFiles) -> None:
    """A ping that succeeds means that a decision could be had."""
    async with running(FakePolicy(ready=False)) as target, running_edge(files, target) as edge:
        with pytest.raises(httpx.RemoteProtocolError, match=NO_ANSWER):
            await edge.post(tokens.make_token(PINGS[0]))
        assert await edge.metric('placet_edge_no_decisions_total{cause="policy_not_ready"}') == 1


async def test_hold_is_no_decision_without_alert(files: EdgeFiles) -> None:
    """HOLD is recorded and alerted where its reasons are; the edge stays silent, so that the node asks again."""
    policy = FakePolicy(effect=policy_pb2.EFFECT_HOLD)
    async with running(policy) as target, running_edge(files, target) as edge:
        await assert_no_decision(edge, "held", alert=False)


def _other_token(response: EvaluateResponse) -> None:
    response.token_sha256 = sha256(b"another token").digest()


def _other_request(response: EvaluateResponse) -> None:
    response.request_id += "0"


def _unspecified(response: EvaluateResponse) -> None:
    response.effect = policy_pb2.EFFECT_UNSPECIFIED


def _unknown_effect(response: EvaluateResponse) -> None:
    response.effect = 7  # type: ignore[assignment]  # open enums let any number through


def _no_receipt(response: EvaluateResponse) -> None:
    response.ClearField("receipt")


def _no_position(response: EvaluateResponse) -> None:
    response.receipt.position = 0


def _short_hash(response: EvaluateResponse) -> None:
    response.receipt.record_hash = response.receipt.record_hash[:31]


def _no_decision_id(response: EvaluateResponse) -> None:
    response.decision_id = ""


def _too_large(response: EvaluateResponse) -> None:
    response.policy.revision = "v" * 256 * 1024


def _empty(response: EvaluateResponse) -> None:
    response.Clear()


@pytest.mark.parametrize("effect", [policy_pb2.EFFECT_ALLOW, policy_pb2.EFFECT_DENY])
@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (_other_token, "answer_foreign"),
        (_other_request, "answer_foreign"),
        (_empty, "answer_foreign"),
        (_unspecified, "effect_unknown"),
        (_unknown_effect, "effect_unknown"),
        (_no_receipt, "answer_incomplete"),
        (_no_position, "answer_incomplete"),
        (_short_hash, "answer_incomplete"),
        (_no_decision_id, "answer_incomplete"),
        (_too_large, "policy_error"),
    ],
)
async def test_an_answer_that_is_not_ours_or_not_whole_is_no_decision(
    files: EdgeFiles,
    effect: policy_pb2.Effect.ValueType,
    spoil: Callable[[EvaluateResponse], None],
    cause: str,
) -> None:
    """Neither APPROVE nor REJECT comes from an answer with one thing wrong."""
    async with running(FakePolicy(effect=effect, spoil=spoil)) as target, running_edge(files, target) as edge:
        await assert_no_decision(edge, cause)


async def test_a_deny_without_reasons_is_no_decision(files: EdgeFiles) -> None:
    """REJECT only when sure: the real tier never denies without a reason."""
    policy = FakePolicy(effect=policy_pb2.EFFECT_DENY, reasons=())
    async with running(policy) as target, running_edge(files, target) as edge:
        await assert_no_decision(edge, "answer_incomplete")


async def test_a_policy_tier_that_is_down_is_no_decision(files: EdgeFiles) -> None:
    """Nobody listens: no decision, alerted, and not ready."""
    async with running_edge(files, f"127.0.0.1:{free_port()}") as edge:
        await assert_no_decision(edge, "policy_unavailable")
        ready = await edge.internal("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "reasons": ["policy_unavailable"]})


async def test_a_slow_policy_tier_is_no_decision_inside_the_budget(files: EdgeFiles) -> None:
    """The deadline travels with the call, and the connection ends within the budget."""
    policy = silent()
    async with running(policy) as target, running_edge(files, target, budget_seconds=3.0) as edge:
        began = asyncio.get_running_loop().time()
        await assert_no_decision(edge, "policy_deadline")
        # Nothing but the deadline ends it: the tier never answers, and the client would wait for two minutes.
        assert asyncio.get_running_loop().time() - began < 60.0
    # Three seconds less the tenth that is kept for the signature; gRPC rounds up.
    assert 0.0 < policy.time_left[0] < 2.8


@pytest.mark.parametrize("answer", [b"\xff\xff\xff\xff", b"<html>busy</html>", b'{"effect":"ALLOW"}'])
async def test_garbage_from_the_policy_tier_is_no_decision(files: EdgeFiles, answer: bytes) -> None:
    """Bytes that are no EvaluateResponse are no decision, and no readiness."""
    async with running_garbage(answer) as target, running_edge(files, target) as edge:
        await assert_no_decision(edge, "policy_error")
        assert (await edge.internal("/readyz")).status_code == 503


@pytest.mark.parametrize(
    ("code", "cause", "calls"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "policy_error", 1),
        (grpc.StatusCode.UNAUTHENTICATED, "policy_error", 1),
        (grpc.StatusCode.PERMISSION_DENIED, "policy_error", 1),
        (grpc.StatusCode.INTERNAL, "policy_error", 1),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "policy_error", 1),
        (grpc.StatusCode.UNAVAILABLE, "policy_unavailable", 2),
    ],
)
async def test_a_grpc_error_is_never_a_deny(files: EdgeFiles, code: grpc.StatusCode, cause: str, calls: int) -> None:
    """Every gRPC error is no decision; only UNAVAILABLE is asked once more."""
    policy = FakePolicy(error=code)
    async with running(policy) as target, running_edge(files, target) as edge:
        await assert_no_decision(edge, cause)
    assert len(policy.evaluations) == calls


async def test_one_retry_on_unavailable_can_succeed(files: EdgeFiles) -> None:
    """A pod that ends answers UNAVAILABLE once; the next one decides."""
    policy, package = FakePolicy(error=grpc.StatusCode.UNAVAILABLE, error_times=1), tokens.make_request()
    async with running(policy) as target, running_edge(files, target) as edge:
        answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert answer.kind == "approved"
    assert len(policy.evaluations) == 2


async def test_several_policy_servers_share_the_requests(files: EdgeFiles) -> None:
    """Behind one target every address is asked in turn, and while one of them is gone the others go on."""
    policies = FakePolicy(), FakePolicy()
    async with running(policies[0]) as first:
        async with running(policies[1]) as second, running_edge(files, f"ipv4:{first},{second}") as edge:
            for _ in range(50):
                package = tokens.make_request()
                answer = await edge.send(tokens.make_token(package), package["request_id"])
                assert answer.kind == "approved"
        assert all(policy.evaluations for policy in policies)
        async with running_edge(files, f"ipv4:{first},{second}") as edge:
            ready = await edge.internal("/readyz")
            package = tokens.make_request()
            answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert ready.json() == {"ready": True, "reasons": []}
    assert answer.kind == "approved"


async def test_the_edge_is_ready_again_when_the_policy_tier_is(files: EdgeFiles) -> None:
    """Readiness follows the policy tier within about a second, and says why it is not there."""
    policy = FakePolicy(ready=False)
    async with running(policy) as target, running_edge(files, target) as edge:
        before = await edge.internal("/readyz")
        policy.ready = True
        async with asyncio.timeout(60):
            while (after := await edge.internal("/readyz")).status_code != 200:  # noqa: ASYNC110 - what is tested
                await asyncio.sleep(0.1)
        live = await edge.internal("/livez")
    assert (before.status_code, before.json()) == (503, {"ready": False, "reasons": ["policy tier: no bundle"]})
    assert (after.status_code, after.json()) == (200, {"ready": True, "reasons": []})
    assert (live.status_code, live.json()) == (200, {"live": True})


async def test_readiness_asks_the_policy_tier_once_a_second(files: EdgeFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty probes at once are one GetStatus; the second lasts as long here as twenty probes on a busy machine."""
    monkeypatch.setattr("placet_edge.internal._STATUS_AGE_SECONDS", 600)
    policy = FakePolicy()
    async with running(policy) as target, running_edge(files, target) as edge:
        await asyncio.gather(*(edge.internal("/readyz") for _ in range(20)))
    assert policy.statuses == 1


async def test_a_full_edge_refuses_and_counts(files: EdgeFiles) -> None:
    """Beyond MAX_CONCURRENCY a request gets no decision at once; the ones inside are answered."""
    policy, packages = silent(), [tokens.make_request() for _ in range(3)]
    async with running(policy) as target, running_edge(files, target, max_concurrency=2) as edge:
        inside = [asyncio.create_task(edge.post(tokens.make_token(package))) for package in packages[:2]]
        await policy.asked(2)
        with pytest.raises(httpx.RemoteProtocolError, match=NO_ANSWER):
            await edge.post(tokens.make_token(packages[2]))
        assert await edge.metric('placet_edge_no_decisions_total{cause="full"}') == 1
        policy.answering.set()
        answered = await asyncio.gather(*inside)
    assert [response.status_code for response in answered] == [200, 200]
    assert len(policy.evaluations) == 2


async def test_unknown_envelope_fields_are_counted_and_refused_only_by_setting(files: EdgeFiles) -> None:
    """REFUSE_UNKNOWN_FIELDS turns a counted curiosity into status 10."""
    package = tokens.make_request() | {"request_color": "red"}
    async with running(FakePolicy()) as target:
        async with running_edge(files, target) as edge:
            answer = await edge.send(tokens.make_token(package), package["request_id"])
            assert await edge.metric("placet_edge_unknown_fields_total") == 1
        async with running_edge(files, target, refuse_unknown_fields=True) as edge:
            refused = await edge.post(tokens.make_token(package))
    assert answer.kind == "approved"
    assert status_only(refused) == {"status": 10}


async def test_the_trail_of_a_request_is_one_line_without_secrets(files: EdgeFiles) -> None:
    """The line has ids, node and timings, and neither token nor body."""
    package = tokens.make_request()
    token = tokens.make_token(package)
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        await edge.post(token)
        (line,) = edge.logged("callback")
    assert (line["outcome"], line["node"], line["request_type"]) == ("approved", "node-1", 2)
    assert line["request_id"] == package["request_id"]
    assert line["key_id"] == keys.checker_node().keys[0].key_id
    assert len(line["decision_id"]) == 36
    assert {"ms", "policy_ms", "signing_ms"} <= line.keys()
    assert token.split(".")[1] not in str(edge.logs)


@pytest.mark.parametrize(("setting", "status"), [("close", None), ("503", 503), ("200", None)])
async def test_an_error_that_nobody_expected_is_no_decision(
    files: EdgeFiles, monkeypatch: pytest.MonkeyPatch, setting: str, status: int | None
) -> None:
    """Logged by type and place, counted, alerted; never a 500, and never an answer that something broken signed."""

    def crash(_token: object) -> None:
        raise RuntimeError("eyJhbGciOi secret")

    monkeypatch.setattr("placet_edge.routes.parse_request", crash)
    async with running(FakePolicy()) as target, running_edge(files, target, no_decision=setting) as edge:
        try:
            got = (await edge.post(tokens.make_token(tokens.make_request()))).status_code
        except httpx.RemoteProtocolError:
            got = None
        (line,) = edge.logged("unexpected error")
        assert await edge.metric('placet_edge_no_decisions_total{cause="internal"}') == 1
    assert got == status
    assert line["exc_info"] is True


async def test_the_budget_covers_everything(files: EdgeFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature that takes too long ends like a policy tier that does: no decision, in time."""

    async def slow(_signer: object, _response: object) -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr("placet_edge.answers.Signer.sign", slow)
    async with running(FakePolicy()) as target, running_edge(files, target, budget_seconds=5.0) as edge:
        await assert_no_decision(edge, "budget")
