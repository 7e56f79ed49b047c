"""The edge's connections by raw socket: the three ways of no decision, and clients that are slow, silent or greedy."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest
import tokens
from fake_policy import FakePolicy, running, silent
from placet.policy.v1 import policy_pb2
from placet_edge.tls import load_server_context
from running_edge import EdgeFiles, RunningEdge, running_edge, status_only

PLAIN = {"tls_cert_file": None, "tls_key_file": None}


@pytest.fixture
def files(tmp_path: Path) -> EdgeFiles:
    """The files of one edge."""
    return EdgeFiles(folder=tmp_path)


def http_request(token: str, *headers: str) -> bytes:
    """A POST as a node sends it."""
    body = f"TSS_JWT_MSG={token}"
    head = [
        "POST /v2/check HTTP/1.1",
        "Host: edge.test",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


async def exchange(edge: RunningEdge, data: bytes, *, seconds: float = 120) -> tuple[bytes, float]:
    """Connect, send this, read until the connection ends: what came, and after how many seconds it ended."""
    began = time.monotonic()
    reader, writer = await edge.connect()
    try:
        writer.write(data)
        async with asyncio.timeout(seconds):
            received = await _read_to_end(reader)
        return received, time.monotonic() - began
    finally:
        writer.transport.abort()


async def half_sent(edge: RunningEdge) -> asyncio.StreamWriter:
    """A connection whose request has arrived but for the end of its body, which the edge waits for."""
    reader, writer = await edge.connect()
    writer.write(http_request("x" * 100, "Expect: 100-continue")[:-10])
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    return writer


async def _read_to_end(reader: asyncio.StreamReader) -> bytes:
    received = b""
    try:
        while chunk := await reader.read(65536):
            received += chunk
    except ConnectionError:
        pass
    return received


@pytest.mark.parametrize("transport", [{}, PLAIN], ids=["tls", "plain"])
async def test_close_writes_nothing(
    files: EdgeFiles, transport: dict[str, None], caplog: pytest.LogCaptureFixture
) -> None:
    """NO_DECISION=close: not one byte of an answer comes, the connection ends, and uvicorn tries no 500."""
    held = FakePolicy(effect=policy_pb2.EFFECT_HOLD)
    request = http_request(tokens.make_token(tokens.make_request()))
    async with running(held) as target, running_edge(files, target, **transport) as edge:
        received, seconds = await exchange(edge, request)
    assert received == b""
    # Long before the edge gives up an answer, which is a connection's other end without one.
    assert seconds < 60
    assert [record for record in caplog.records if record.name == "uvicorn.error" and record.levelname == "ERROR"] == []


async def test_close_ends_the_stream_in_good_order(files: EdgeFiles) -> None:
    """The end comes as an end of stream, not as a reset: a client reports "no response", not a broken network."""
    held = FakePolicy(effect=policy_pb2.EFFECT_HOLD)
    async with running(held) as target, running_edge(files, target) as edge:
        reader, writer = await edge.connect()
        writer.write(http_request(tokens.make_token(tokens.make_request())))
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        writer.transport.abort()


async def test_no_decision_can_be_503(files: EdgeFiles) -> None:
    """NO_DECISION=503: an empty 503 without a word of explanation."""
    held = FakePolicy(effect=policy_pb2.EFFECT_HOLD)
    async with running(held) as target, running_edge(files, target, no_decision="503") as edge:
        response = await edge.post(tokens.make_token(tokens.make_request()))
    assert (response.status_code, response.content) == (503, b"")


async def test_no_decision_can_be_a_signed_status_30(files: EdgeFiles) -> None:
    """NO_DECISION=200: signed status 30, never an action beside it."""
    held = FakePolicy(effect=policy_pb2.EFFECT_HOLD)
    async with running(held) as target, running_edge(files, target, no_decision="200") as edge:
        response = await edge.post(tokens.make_token(tokens.make_request()))
    assert response.status_code == 200
    assert status_only(response) == {"status": 30}


@pytest.mark.parametrize("transport", [{}, PLAIN], ids=["tls", "plain"])
async def test_a_silent_client_is_closed(files: EdgeFiles, transport: dict[str, None]) -> None:
    """A connection without a first byte ends at the request deadline."""
    async with running_edge(files, "127.0.0.1:1", request_timeout_seconds=2, **transport) as edge:
        received, seconds = await exchange(edge, b"")
        assert await edge.metric('placet_edge_connections_closed_total{cause="request_timeout"}') == 1
    assert received == b""
    # The default of the helper is 60 seconds.
    assert 1.9 < seconds < 30


async def test_a_client_that_never_begins_tls_is_closed(files: EdgeFiles) -> None:
    """The handshake has the same deadline."""
    async with running_edge(files, "127.0.0.1:1", request_timeout_seconds=0.5) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        async with asyncio.timeout(30):
            assert await _read_to_end(reader) == b""
        writer.transport.abort()


@pytest.mark.parametrize(
    "drip",
    [b"POST /v2/check HTTP/1.1\r\n", http_request("x" * 100).partition(b"\r\n\r\n")[0] + b"\r\n\r\n", b"\r\n\r\n\r\n"],
    ids=["in the head", "in the body", "before the request"],
)
async def test_slowloris_meets_one_deadline_for_the_whole_request(files: EdgeFiles, drip: bytes) -> None:
    """Bytes that keep coming do not extend the time for one request."""
    async with running_edge(files, "127.0.0.1:1", request_timeout_seconds=2) as edge:
        reader, writer = await edge.connect()
        began = time.monotonic()
        writer.write(drip)
        ended = asyncio.create_task(_read_to_end(reader))
        while not ended.done() and time.monotonic() - began < 60:
            writer.write(b"X" if b"POST" in drip else b"\r\n")
            await asyncio.sleep(0.05)
        assert ended.done()
        assert await ended == b""
        writer.transport.abort()


async def test_a_slow_client_does_not_hold_a_slot(files: EdgeFiles) -> None:
    """A half-sent request does not count against MAX_CONCURRENCY."""
    package = tokens.make_request()
    async with running(FakePolicy()) as target, running_edge(files, target, max_concurrency=1) as edge:
        writer = await half_sent(edge)
        answer = await edge.send(tokens.make_token(package), package["request_id"])
        writer.transport.abort()
    assert answer.kind == "approved"


@pytest.mark.parametrize("transport", [{}, PLAIN], ids=["tls", "plain"])
async def test_a_header_of_30_megabytes_is_cut_off(files: EdgeFiles, transport: dict[str, None]) -> None:
    """The connection ends soon after MAX_HEADER_BYTES, long before the header does."""
    async with running_edge(files, "127.0.0.1:1", **transport) as edge:
        reader, writer = await edge.connect()
        writer.write(b"POST /v2/check HTTP/1.1\r\nX-Big: ")
        sent = 0
        try:
            while sent < 30_000_000 and not reader.at_eof():
                writer.write(b"a" * 65536)
                sent += 65536
                async with asyncio.timeout(60):
                    await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        assert await edge.metric('placet_edge_connections_closed_total{cause="header_too_large"}') == 1
        assert await _read_to_end(reader) == b""
        writer.transport.abort()
    assert sent < 30_000_000


async def test_a_large_head_in_one_piece_is_cut_off_too(files: EdgeFiles) -> None:
    """The limit counts the head, however it arrives; a head just inside it passes."""
    inside = http_request("garbage", "X-Big: " + "a" * 15_000, "Connection: close")
    beyond = http_request("garbage", "X-Big: " + "a" * 17_000, "Connection: close")
    many = http_request("garbage", *[f"X-{number}: b" for number in range(4_000)])
    async with running_edge(files, "127.0.0.1:1") as edge:
        answers = [(await exchange(edge, request))[0] for request in (inside, beyond, many)]
        assert await edge.metric('placet_edge_connections_closed_total{cause="header_too_large"}') == 2
    assert answers[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert answers[1:] == [b"", b""]


async def test_an_endless_body_is_cut_off(files: EdgeFiles) -> None:
    """Too large is answered, much too large is not: four times the limit ends the connection."""
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    head = (
        b"POST /v2/check HTTP/1.1\r\nHost: edge.test\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    async with running_edge(files, "127.0.0.1:1", max_body_bytes=65536) as edge:
        large = await exchange(edge, head.replace(b"Host", b"Connection: close\r\nHost") + chunk * 3 + b"0\r\n\r\n")
        endless = await exchange(edge, head + chunk * 40)
        assert await edge.metric('placet_edge_connections_closed_total{cause="request_too_large"}') == 1
    assert large[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert endless[0] == b""


async def test_pipelined_requests_are_not_queued(files: EdgeFiles) -> None:
    """A second request before the first is answered ends the connection without an answer to either."""
    policy, token = silent(), tokens.make_token(tokens.make_request())
    first, request = http_request(tokens.make_token(tokens.make_request())), http_request(token)
    async with running(policy) as target, running_edge(files, target) as edge:
        together, _ = await exchange(edge, first + first)
        reader, writer = await edge.connect()
        writer.write(request)
        async with asyncio.timeout(60):
            while token not in [each.callback_token for each in policy.evaluations]:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
            writer.write(request)
            apart = await _read_to_end(reader)
        policy.answering.set()
        writer.transport.abort()
        assert await edge.metric('placet_edge_connections_closed_total{cause="pipelined"}') == 2
    assert (together, apart) == (b"", b"")


async def test_one_connection_serves_one_request_after_another(files: EdgeFiles) -> None:
    """Keep-alive works, and each request on it has a deadline and a budget of its own."""
    packages = [tokens.make_request() for _ in range(3)]
    times = {"request_timeout_seconds": 4, "budget_seconds": 4}
    async with running(FakePolicy()) as target, running_edge(files, target, **times) as edge:
        reader, writer = await edge.connect()
        for pause, package in zip((0, 2.5, 2.5), packages, strict=True):
            await asyncio.sleep(pause)
            writer.write(http_request(tokens.make_token(package)))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert (await reader.readexactly(length)).startswith(b"ey")
        writer.transport.abort()
        assert await edge.metric('placet_edge_requests_total{outcome="approved"}') == 3


async def test_too_many_connections_are_refused(files: EdgeFiles) -> None:
    """Twice MAX_CONCURRENCY connections may be open; one more ends at once, and the others go on."""
    package = tokens.make_request()
    async with running(FakePolicy()) as target, running_edge(files, target, max_concurrency=1) as edge:
        held = [await edge.connect(), await edge.connect()]
        received, _ = await exchange(edge, http_request("garbage"))
        assert await edge.metric('placet_edge_connections_closed_total{cause="too_many_connections"}') == 1
        reader, writer = held[0]
        writer.write(http_request(tokens.make_token(package), "Connection: close"))
        answered = await _read_to_end(reader)
        for _, writer in held:
            writer.transport.abort()
    assert received == b""
    assert answered.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("data", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"hello world\r\n\r\n"])
async def test_what_is_not_http_ends(files: EdgeFiles, data: bytes) -> None:
    """Garbage instead of HTTP gets a short 400 and the end of the connection."""
    async with running_edge(files, "127.0.0.1:1") as edge:
        received, _ = await exchange(edge, data)
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")


async def test_an_upgrade_is_not_followed(files: EdgeFiles) -> None:
    """A request that asks for WebSocket is answered as what it is."""
    package = tokens.make_request()
    upgrade = http_request(
        tokens.make_token(package), "Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Version: 13"
    )
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        received, _ = await exchange(edge, upgrade)
    assert b"101 Switching" not in received


async def test_a_node_that_leaves_is_counted(files: EdgeFiles) -> None:
    """A node that closes in the middle of its body is counted, without an alert."""
    async with running_edge(files, "127.0.0.1:1") as edge:
        writer = await half_sent(edge)
        writer.transport.abort()
        (line,) = await edge.until_logged("callback")
        assert edge.logged("alert") == []
    assert line["cause"] == "disconnected"


async def test_an_early_answer_waits_for_the_rest_of_the_request(files: EdgeFiles) -> None:
    """A 404 given before the body came leaves the connection usable."""
    package = tokens.make_request()
    request = http_request(tokens.make_token(package))
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        reader, writer = await edge.connect()
        early = http_request("x" * 1000).replace(b"/v2/check", b"/elsewhere")
        writer.write(early[:-500])
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404")
        await reader.readexactly(len(b"Not Found"))
        writer.write(early[-500:])
        writer.write(request)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.transport.abort()


async def test_the_smallest_tls_version_is_1_2(files: EdgeFiles) -> None:
    """A client that offers TLS 1.1 at most has no handshake; one with 1.2 has."""
    async with running_edge(files, "127.0.0.1:1") as edge:
        old = files.client_context()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        _, writer = await asyncio.open_connection("127.0.0.1", edge.port, ssl=old, server_hostname="edge.test")
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
        writer.transport.abort()
        live = files.settings("127.0.0.1:1")
    assert live.tls_cert_file is not None
    assert live.tls_key_file is not None
    assert load_server_context(live.tls_cert_file, live.tls_key_file).minimum_version == ssl.TLSVersion.TLSv1_2
