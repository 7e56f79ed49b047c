"""The client against an OPA that misbehaves in every way of design section 7, and against the real one."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bundles
import pytest
from claimed_port import free_port
from fake_opa import ANSWER, REVISION, FakeOpa, TamperingOpa, client_of, http
from gates import until
from opa_process import running_opa
from placet_policy.errors import Indeterminate, OpaAnswerInvalid, OpaUnavailable
from placet_policy.gate import parse_bundle
from placet_policy.gate.serve import BundleServer
from placet_policy.opa import Opa, OpaResult


def _ignore(_seconds: float) -> None:
    """Nobody measures here."""


async def test_the_good_answer_is_read() -> None:
    """Result, revision and version come from one response to one POST on the fixed path."""
    fake = FakeOpa(http(ANSWER))
    async with client_of(fake) as opa:
        answer = await opa.decide({"request": {"id": "../../v1/policies?x="}})

    assert answer == OpaResult(result={"effect": "hold"}, revision=REVISION, version="1.22.2")
    assert len(fake.requests) == 1
    assert fake.requests[0].startswith(b"POST /v1/data/placet/main/decision?provenance=true HTTP/1.1\r\n")
    assert fake.requests[0].endswith(b'{"input":{"request":{"id":"../../v1/policies?x="}}}')


async def test_a_connection_is_used_again() -> None:
    """Ten questions need one connection."""
    fake = FakeOpa(http(ANSWER))
    async with client_of(fake) as opa:
        for _ in range(10):
            await opa.decide({})

    assert (len(fake.requests), fake.connections) == (10, 1)


def with_provenance(**changes: Any) -> dict[str, Any]:
    """The good answer with another provenance."""
    return {**ANSWER, "provenance": {**ANSWER["provenance"], **changes}}


INVALID: dict[str, bytes] = {
    "undefined": http({"provenance": ANSWER["provenance"]}),
    "non-object": http("[]"),
    "null": http("null"),
    "html": http("<html>OK</html>", kind="text/html"),
    "html called json": http("<html>OK</html>"),
    "json called html": http(ANSWER, kind="text/html"),
    "empty": http(""),
    "cut json": http(json.dumps(ANSWER)[:-1]),
    "two documents": http(json.dumps(ANSWER) * 2),
    "duplicate name": http('{"result":{"effect":"hold"},"result":{"effect":"allow"},"provenance":{}}'),
    "duplicate name inside": http(json.dumps(ANSWER).replace('"effect": "hold"', '"effect":"hold","effect":"allow"')),
    "NaN": http(json.dumps({**ANSWER, "result": float("nan")})),
    "Infinity": http(json.dumps({**ANSWER, "result": {"x": float("inf")}})),
    "not utf-8": http(b'{"result":"\xff"}'),
    "gzip": http(ANSWER).replace(b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type"),
    "huge body": http({**ANSWER, "result": "x" * 65536}),
    "deep": http('{"result":' + "[" * 40 + "]" * 40 + ',"provenance":{}}'),
    "extra member": http({**ANSWER, "warning": {}}),
    "no provenance": http({"result": {}}),
    "no bundle": http(with_provenance(bundles={})),
    "two bundles": http(with_provenance(bundles={"a": {"revision": REVISION}, "b": {"revision": REVISION}})),
    "bundle without revision": http(with_provenance(bundles={"placet": {}})),
    "revision of another form": http(with_provenance(bundles={"placet": {"revision": "main"}})),
    "revision not text": http(with_provenance(bundles={"placet": {"revision": 1}})),
    "bundles not an object": http(with_provenance(bundles=[])),
    "no version": http(with_provenance(version=None)),
    "created": http(ANSWER, status="201 Created"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "redirect": http(ANSWER, status="302 Found").replace(b"Content-Type", b"Location: /\r\nContent-Type"),
    "permanent redirect": http(ANSWER, status="308 X").replace(b"Content-Type", b"Location: /\r\nContent-Type"),
    "not modified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
}


@pytest.mark.parametrize("answer", INVALID.values(), ids=INVALID)
async def test_anything_else_is_no_answer(answer: bytes) -> None:
    """A wrong answer is indeterminate, and is asked for once only."""
    fake = FakeOpa(answer)
    async with client_of(fake) as opa:
        with pytest.raises(OpaAnswerInvalid):
            await opa.decide({})

    assert len(fake.requests) == 1


UNAVAILABLE: dict[str, bytes] = {
    "internal error": http({"code": "internal_error"}, status="500 Internal Server Error"),
    "bad gateway": http(ANSWER, status="502 Bad Gateway"),
    "unavailable": http(ANSWER, status="503 Service Unavailable"),
    "unauthorized": http({"code": "unauthorized"}, status="401 Unauthorized"),
    "bad request": http({"code": "invalid_parameter"}, status="400 Bad Request"),
    "not http": b"nonsense\r\n\r\n",
    "huge header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("answer", UNAVAILABLE.values(), ids=UNAVAILABLE)
async def test_a_failing_opa_is_unavailable_and_asked_once(answer: bytes) -> None:
    """No status but success is read, and nothing is tried again: a retry belongs to whoever has the deadline."""
    fake = FakeOpa(answer)
    async with client_of(fake) as opa:
        with pytest.raises(OpaUnavailable):
            await opa.decide({})

    assert len(fake.requests) == 1


async def test_a_slow_opa_is_unavailable_in_time() -> None:
    """The total timeout ends the wait."""
    started = asyncio.get_running_loop().time()
    async with client_of(FakeOpa(http(ANSWER), seconds=600), timeout_seconds=0.2) as opa:
        with pytest.raises(OpaUnavailable):
            await opa.decide({})

    assert asyncio.get_running_loop().time() - started < 60


async def test_a_cut_body_is_unavailable() -> None:
    """A connection that ends inside the body gave no answer."""
    async with client_of(FakeOpa(http(ANSWER)[:-10], closes=True)) as opa:
        with pytest.raises(OpaUnavailable):
            await opa.decide({})


async def test_an_endless_body_is_cut_off_at_the_limit() -> None:
    """Not much more than 64 KiB is ever read, however much is sent, and long before the timeout."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    fake = FakeOpa(head, endless=chunk)
    async with client_of(fake, timeout_seconds=600) as opa, asyncio.timeout(100):
        with pytest.raises(OpaAnswerInvalid):
            await opa.decide({})

    assert fake.sent < 16 * 1024 * 1024


async def test_nothing_listens() -> None:
    """A refused connection is unavailable."""
    async with Opa(url=f"http://127.0.0.1:{free_port()}", timeout_seconds=1, observe=_ignore) as opa:
        with pytest.raises(OpaUnavailable):
            await opa.decide({})


async def test_every_exchange_is_timed() -> None:
    """The trace hook reports seconds, also of an exchange that failed."""
    seen: list[float] = []
    async with client_of(FakeOpa(http(ANSWER), seconds=0.05), observe=seen.append) as opa:
        await opa.decide({})
    async with Opa(url=f"http://127.0.0.1:{free_port()}", timeout_seconds=1, observe=seen.append) as opa:
        with pytest.raises(OpaUnavailable):
            await opa.decide({})

    assert len(seen) == 2
    # In milliseconds it would be 50.
    assert 0.04 < seen[0] < 30


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:8181",
        "http://opa.example:8181",
        "http://10.0.0.1:8181",
        "http://0.0.0.0:8181",
        "http://127.0.0.1:8181/v1",
        "http://user@127.0.0.1:8181",
        "http://127.0.0.1:8181?x=1",
        "127.0.0.1:8181",
        "",
    ],
)
def test_only_plain_http_on_loopback_is_taken(url: str) -> None:
    """OPA's API is spoken to in the same pod or not at all."""
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library's text or ours, both are refusals
        Opa(url=url, timeout_seconds=1, observe=_ignore)


async def test_self_tests_pass_on_an_opa_that_computes() -> None:
    """The fake passes unchanged, so the failures below are the changes'."""
    async with client_of(TamperingOpa(lambda _path, answer: answer)) as opa:
        tested = await opa.self_test()

    assert (tested.revision, tested.version) == (REVISION, "1.22.2")


def _rounds(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    rounded = {"sum": str(int(2.0**257)), "greater": True, "total": str(2**257 - 3)}
    return {**answer, "result": rounded} if path == "sum" else answer


def _totals_rounded(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "result": {**answer["result"], "total": str(int(2.0**257))}} if path == "sum" else answer


def _compares_rounded(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "result": {**answer["result"], "greater": False}} if path == "sum" else answer


def _defines_everything(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "result": {}} if path == "undefined" else answer


def _lacks_the_entrypoint(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"provenance": answer["provenance"]} if path == "decision" else answer


def _allows_nothing_in_particular(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    allowed = {"schema": "placet.decision/v1", "effect": "allow", "reasons": [], "rules_evaluated": ["a"]}
    return {**answer, "result": allowed} if path == "decision" else answer


def _changes_bundles(path: str, answer: dict[str, Any]) -> dict[str, Any]:
    other = {"placet": {"revision": "sha256:" + "1" * 64}}
    return {**answer, "provenance": {**answer["provenance"], "bundles": other}} if path == "decision" else answer


@pytest.mark.parametrize(
    "change",
    [
        _rounds,
        _totals_rounded,
        _compares_rounded,
        _defines_everything,
        _lacks_the_entrypoint,
        _allows_nothing_in_particular,
        _changes_bundles,
    ],
)
async def test_a_self_test_that_fails_is_not_passed_over(
    change: Callable[[str, dict[str, Any]], dict[str, Any]],
) -> None:
    """Rounding, a defined undefined, a missing entrypoint, an open policy: each keeps the tier from being ready."""
    async with client_of(TamperingOpa(change)) as opa:
        with pytest.raises(OpaAnswerInvalid):
            await opa.self_test()


async def test_the_real_opa_answers_and_its_death_is_noticed(tmp_path: Path) -> None:
    """Undefined before the bundle, the revision after it, unavailable once it is killed."""
    bundle = parse_bundle(bundles.bundle())
    server = BundleServer(port=0, active=lambda: bundle)
    await server.start()
    async with (
        running_opa(tmp_path, gate_port=server.port) as process,
        Opa(url=process.url, timeout_seconds=60, observe=_ignore) as opa,
    ):
        answer = await _patiently(opa)
        # Its health says so after the first answer.
        await until(opa.bundle_is_active)
        process.process.kill()
        await process.process.wait()
        with pytest.raises(OpaUnavailable):
            await opa.decide({})
        dead = await opa.bundle_is_active()
    await server.stop()

    assert answer.revision == bundle.revision
    assert dead is False


async def test_the_real_opa_without_a_bundle_gives_no_answer(tmp_path: Path) -> None:
    """Before anything is active there is no decision, and no default one."""
    async with (
        running_opa(tmp_path, gate_port=free_port()) as process,
        Opa(url=process.url, timeout_seconds=60, observe=_ignore) as opa,
    ):
        with pytest.raises(OpaAnswerInvalid) as invalid:
            await _patiently(opa, wait_for=OpaUnavailable)

    assert invalid.value.cause == "OPA's answer is undefined"


async def _patiently(opa: Opa, *, wait_for: type[Indeterminate] = Indeterminate) -> OpaResult:
    async with asyncio.timeout(120):
        while True:
            try:
                return await opa.decide({})
            except wait_for:
                await asyncio.sleep(0.02)
