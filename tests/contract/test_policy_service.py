"""The gRPC contract over the real policy tier with a real OPA, and its rows of the failure table (design section 7)."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import bundles
import grpc
import pytest
import tokens
from gates import deliver, until_true
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]  # it ships no types
from ledger_records import decisions, stored
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2_grpc import PolicyServiceStub
from placet_policy.endpoint import SERVICE
from placet_policy.gate import watch
from placet_policy.server import _drain, serve
from placet_policy.settings import load_settings
from placet_policy.status import StatusReport
from policy_contract import BEHAVIOURS, code_of, evaluate, unknown_request
from running_policy import RunningPolicy, environment, lay_out, running_policy, running_tier
from structlog.testing import capture_logs


@pytest.fixture
async def policy(tmp_path: Path) -> AsyncIterator[RunningPolicy]:
    """A ready tier."""
    async with running_policy(tmp_path) as running:
        yield running


async def get(url: str) -> tuple[int, str]:
    """Status and body of an HTTP GET."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def health(target: str, service: str) -> str:
    """What the health service says."""
    async with grpc.aio.insecure_channel(target) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        answer = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=60)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


async def until_health(target: str, wanted: str) -> None:
    """Wait until the health service says so; another task tells it, to nobody."""
    async with asyncio.timeout(60):
        while await health(target, SERVICE) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def status(target: str) -> policy_pb2.GetStatusResponse:
    """What GetStatus says."""
    async with grpc.aio.insecure_channel(target) as channel:
        return await PolicyServiceStub(channel).GetStatus(policy_pb2.GetStatusRequest(), timeout=60)


async def test_real_tier_keeps_the_contract(policy: RunningPolicy) -> None:
    """Every behaviour that the fake tier has, the real one has."""
    for behaviour in BEHAVIOURS:
        await behaviour(policy.target)


async def test_a_decision_is_in_the_ledger_before_it_is_answered(policy: RunningPolicy) -> None:
    """The receipt's hash is the stored record's, and the record holds the token as evidence."""
    token = tokens.make_token(unknown_request())
    response = await evaluate(policy.target, token)
    (recorded,) = decisions(policy.folder / "ledger.sqlite")
    assert recorded["record_hash"] == response.receipt.record_hash.hex()
    assert (recorded["decision_id"], recorded["token"]) == (response.decision_id, token)
    assert (recorded["node"], recorded["effect"], recorded["verified"]) == ("node-a", "DENY", True)


async def test_received_at_is_recorded(policy: RunningPolicy) -> None:
    """The edge's time is in the record and nowhere else."""
    request = policy_pb2.EvaluateRequest()
    request.received_at.FromJsonString("2026-11-22T17:49:24.250Z")
    await evaluate(policy.target, tokens.make_token(unknown_request()), received_at=request.received_at)
    (recorded,) = decisions(policy.folder / "ledger.sqlite")
    assert recorded["received_at"] == "2026-11-22T17:49:24.250000+00:00"


async def test_a_retry_is_linked(policy: RunningPolicy) -> None:
    """The second evaluation of a request names the first."""
    token = tokens.make_token(unknown_request())
    first, second = await evaluate(policy.target, token), await evaluate(policy.target, token)
    linked = {each["decision_id"]: each["earlier"] for each in decisions(policy.folder / "ledger.sqlite")}
    assert linked == {first.decision_id: [], second.decision_id: [first.decision_id]}


async def test_a_call_without_a_deadline_is_refused(policy: RunningPolicy) -> None:
    """Who does not say by when the answer is needed gets none."""
    async with grpc.aio.insecure_channel(policy.target) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await PolicyServiceStub(channel).GetStatus(policy_pb2.GetStatusRequest())
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == "a deadline is required"


async def test_a_refused_token_says_nothing(policy: RunningPolicy) -> None:
    """The peer sees a constant text; which check failed is in the log only."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await evaluate(policy.target, "a.b.c")
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == "the callback token was refused"


async def test_a_huge_message_is_refused(policy: RunningPolicy) -> None:
    """More than a token can be is not even parsed."""
    assert await code_of(policy.target, "x" * 1_200_000) == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_time_out_of_range_is_refused(policy: RunningPolicy) -> None:
    """A received_at that no clock shows does not reach the ledger."""
    token = tokens.make_token(unknown_request())
    beyond = policy_pb2.EvaluateRequest().received_at
    beyond.seconds = 2**62
    assert await code_of(policy.target, token, received_at=beyond) == grpc.StatusCode.INVALID_ARGUMENT
    assert (await evaluate(policy.target, token)).receipt.position == 3


async def test_a_ready_tier_says_so_everywhere(policy: RunningPolicy) -> None:
    """Probe, health, status and metric agree."""
    await until_health(policy.target, "SERVING")
    assert await get(f"{policy.internal}/readyz") == (200, '{"ready": true, "reasons": []}')
    assert await get(f"{policy.internal}/livez") == (200, '{"live": true}')
    assert [await health(policy.target, name) for name in ("", SERVICE)] == ["SERVING", "SERVING"]
    answer = await status(policy.target)
    assert (answer.ready, answer.opa_version, answer.unsigned, answer.stopped) == (True, "1.22.2", True, False)
    assert "placet_policy_ready 1.0" in (await get(f"{policy.internal}/metrics"))[1]


async def test_evaluations_are_counted(policy: RunningPolicy) -> None:
    """Outcomes, calls and ledger transactions show in the metrics, with labels from closed sets."""
    await evaluate(policy.target, tokens.make_token(unknown_request()))
    await code_of(policy.target, "no token")
    lines = {
        'placet_policy_evaluations_total{outcome="DENY"} 1.0',
        'placet_policy_evaluations_total{outcome="refused"} 1.0',
        f'placet_policy_grpc_calls_total{{code="OK",method="/{SERVICE}/Evaluate"}} 1.0',
        f'placet_policy_grpc_calls_total{{code="INVALID_ARGUMENT",method="/{SERVICE}/Evaluate"}} 1.0',
    }
    text = await _metrics_with(policy, lines)
    assert lines - set(text.splitlines()) == set()
    assert "placet_policy_ledger_batch_size_count" in text


async def _metrics_with(policy: RunningPolicy, lines: set[str]) -> str:
    """The metrics once they have these lines, or as they are after a minute: a call is counted after its answer."""
    text = ""
    for _ in range(1200):
        text = (await get(f"{policy.internal}/metrics"))[1]
        if lines <= set(text.splitlines()):
            break
        await asyncio.sleep(0.05)
    return text


async def test_an_unknown_method_is_unimplemented(policy: RunningPolicy) -> None:
    """A method that is not of the contract has the library's own answer; reflection is not there either."""
    async with grpc.aio.insecure_channel(policy.target) as channel:
        call: Any = channel.unary_unary("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(b"", timeout=60)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def _kill_opa(policy: RunningPolicy) -> None:
    policy.opa.process.kill()
    await policy.opa.process.wait()


async def _lock_ledger(policy: RunningPolicy) -> None:
    lock = sqlite3.connect(policy.folder / "ledger.sqlite", isolation_level=None)
    lock.execute("PRAGMA busy_timeout = 5000")
    lock.execute("BEGIN IMMEDIATE")
    # Kept for as long as the tier runs: the connection closes when the test's objects go.
    _LOCKS.append(lock)


_LOCKS: list[sqlite3.Connection] = []


@pytest.fixture
def _unlock() -> Any:
    yield
    while _LOCKS:
        _LOCKS.pop().close()


@pytest.mark.usefixtures("_unlock")
@pytest.mark.parametrize(
    ("fault", "reason", "request_type", "text"),
    [
        (_kill_opa, "OPA does not answer or failed its self-tests", 1, "the policy engine is unavailable"),
        (_lock_ledger, "the ledger cannot be written", 4, "the ledger is unavailable"),
    ],
    ids=["OPA killed", "ledger locked"],
)
async def test_a_fault_is_no_decision_and_not_ready(
    policy: RunningPolicy, fault: Callable[[RunningPolicy], Awaitable[None]], reason: str, request_type: int, text: str
) -> None:
    """UNAVAILABLE with a constant text, nothing recorded, the pod not ready and the reason named."""
    await fault(policy)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await evaluate(policy.target, tokens.make_token(tokens.make_request(request_type=request_type)))
    assert (refused.value.code(), refused.value.details()) == (grpc.StatusCode.UNAVAILABLE, text)
    await policy.until(ready=False)
    await until_health(policy.target, "NOT_SERVING")
    code, body = await get(f"{policy.internal}/readyz")
    assert (code, json.loads(body)) == (503, {"ready": False, "reasons": [reason]})
    assert (
        'placet_policy_evaluations_total{outcome="indeterminate"} 1.0' in (await get(f"{policy.internal}/metrics"))[1]
    )
    assert list(decisions(policy.folder / "ledger.sqlite")) == []


async def test_a_new_release_is_taken(policy: RunningPolicy) -> None:
    """A bundle that changes on the disk is active in GetStatus within seconds, and the tier is ready with it."""
    before = (await status(policy.target)).policy.revision
    (policy.folder / "bundle" / "bundle.tar.gz").write_bytes(bundles.bundle(data={"open": False}))
    async with asyncio.timeout(120):
        # Nobody tells a caller that a release changed; asking again is what the edge does too.
        while (now := await status(policy.target)).policy.revision == before or not now.ready:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    response = await evaluate(policy.target, tokens.make_token(tokens.make_request(request_type=1)))
    assert response.policy.revision == now.policy.revision


async def test_the_stop_holds_everything(policy: RunningPolicy) -> None:
    """While the file exists every request is held and recorded; readiness stays; both changes are records."""
    stop, token = policy.folder / "stop", tokens.make_token(unknown_request())
    stop.touch()
    held = await evaluate(policy.target, token)
    assert held.effect == policy_pb2.EFFECT_HOLD
    assert [reason.code for reason in held.reasons] == ["STOPPED"]
    async with asyncio.timeout(60):
        while not (now := await status(policy.target)).stopped:  # noqa: ASYNC110 - a status is kept for a second
            await asyncio.sleep(0.1)
    assert (now.ready, now.stopped) == (True, True)
    await until_true(lambda: "stop" in kinds_of(policy))
    stop.unlink()
    assert (await evaluate(policy.target, token)).effect == policy_pb2.EFFECT_DENY
    await until_true(lambda: "start" in kinds_of(policy))
    assert sorted(kinds_of(policy)) == ["bundle", "decision", "decision", "start", "stop", "writer"]


def kinds_of(policy: RunningPolicy) -> list[str]:
    """The kinds of the records."""
    return [each["kind"] for each in stored(policy.folder / "ledger.sqlite")]


async def test_readiness_without_a_release_says_so(tmp_path: Path) -> None:
    """Unsigned releases are not active unless accepted by name: not ready, no decision, and the ledger still runs."""
    settings = load_settings(environment(lay_out(tmp_path), unsigned="refuse", opa_url="http://127.0.0.1:9"))
    async with running_tier(settings) as tier:
        report = await tier.status.report()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await evaluate(f"127.0.0.1:{tier.port}", tokens.make_token(tokens.make_request(request_type=1)))
    assert report.reasons == ("no policy release is active", "OPA does not answer or failed its self-tests")
    assert (report.ledger != "", report.bundle) == (True, None)
    assert refused.value.details() == "no policy release is active"


async def test_a_refused_release_is_an_alert(policy: RunningPolicy) -> None:
    """A bundle that does not come through is counted, and the good one before it stays active."""
    before = (await status(policy.target)).policy.revision
    with capture_logs() as logs:
        deliver(policy.folder / "bundle", b"garbage")
        await until_true(lambda: any(line["event"] == "bundle_refused" for line in logs))
        await asyncio.sleep(0.5)
    assert [(line["event"], line["path"]) for line in logs if "path" in line] == [("bundle_refused", "bundle.tar.gz")]
    assert "placet_policy_bundle_refusals_total 1.0" in (await get(f"{policy.internal}/metrics"))[1]
    now = await status(policy.target)
    assert (now.ready, now.policy.revision) == (True, before)


async def _goaway(port: int) -> bytes:
    """What the server says when it ends a connection: the debug data of its GOAWAY (RFC 9113 sections 4.1 and 6.8)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    # The client's preface and an empty SETTINGS frame; after them the connection is idle.
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
    try:
        while True:
            head = await reader.readexactly(9)
            payload = await reader.readexactly(int.from_bytes(head[:3]))
            if head[3] == _GOAWAY:
                return payload[8:]
    finally:
        writer.close()


_GOAWAY = 7


async def test_a_connection_ends_at_its_age(tmp_path: Path) -> None:
    """The server ends connections by itself, so that callers resolve again and reach new servers."""
    changes = {"max_connection_age_seconds": 1, "opa_url": "http://127.0.0.1:9"}
    async with running_tier(load_settings(environment(lay_out(tmp_path), **changes))) as tier, asyncio.timeout(120):
        assert b"max_age" in await _goaway(tier.port)
        # The next connection is served.
        assert (await status(f"127.0.0.1:{tier.port}")).unsigned is True


async def test_health_refuses_from_the_first_moment_of_a_drain(
    policy: RunningPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watcher that saw a ready tier last, and would say so again, does not keep callers coming during the drain."""
    ready = await policy.until(ready=True)

    async def as_before() -> StatusReport:
        return ready

    monkeypatch.setattr(policy.tier.status, "report", as_before)
    await until_health(policy.target, "SERVING")
    settings = load_settings(environment(policy.folder, unready_seconds=5, drain_seconds=60))
    draining = asyncio.create_task(_drain(policy.tier, settings))
    await asyncio.sleep(0.5)
    heard = [await health(policy.target, name) for name in ("", SERVICE)]
    await draining
    assert heard == ["NOT_SERVING", "NOT_SERVING"]


async def test_health_can_be_watched(policy: RunningPolicy) -> None:
    """A watcher hears that the tier stopped being ready."""
    await until_health(policy.target, "SERVING")
    async with grpc.aio.insecure_channel(policy.target) as channel:
        request = health_pb2.HealthCheckRequest(service=SERVICE)
        watch = health_pb2_grpc.HealthStub(channel).Watch(request)
        heard = [(await watch.read()).status]
        await policy.tier.endpoint.refuse_health()
        heard.append((await watch.read()).status)
        watch.cancel()
    serving, not_serving = (health_pb2.HealthCheckResponse.ServingStatus.Value(n) for n in ("SERVING", "NOT_SERVING"))
    assert heard == [serving, not_serving]


async def test_a_gate_that_stops_watching_ends_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead watch would leave the process alive and unready for ever; an ended one is started again."""
    looks = 0

    def breaks_later(path: Path) -> watch.Signature:
        nonlocal looks
        looks += 1
        if looks > 3:
            raise RuntimeError
        return looked(path)

    looked = watch.signature
    monkeypatch.setattr(watch, "signature", breaks_later)
    settings = load_settings(environment(lay_out(tmp_path), opa_url="http://127.0.0.1:9"))
    with pytest.RaisesGroup(RuntimeError):
        async with asyncio.timeout(120):
            await serve(settings)
