"""The edge as a process: how it starts, what stops the start, and how it ends without losing a request."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import keys
import odd_pem
import pytest
import tokens
from edge_process import EdgeProcess, edge_process, environment
from fake_policy import FakePolicy, running, silent
from running_edge import EdgeFiles, read, write


@pytest.fixture
def files(tmp_path: Path) -> EdgeFiles:
    """The files of one edge."""
    return EdgeFiles(folder=tmp_path)


@asynccontextmanager
async def started(
    files: EdgeFiles, policy: FakePolicy, **settings: str
) -> AsyncIterator[tuple[EdgeProcess, httpx.AsyncClient, str, str]]:
    """A ready edge over this policy tier: process, client, public and internal URL."""
    async with (
        running(policy) as target,
        edge_process(environment(files, target, **settings)) as edge,
        httpx.AsyncClient(verify=files.client_context(), timeout=120) as client,
    ):
        line = await edge.until("ready")
        yield edge, client, f"https://127.0.0.1:{line['port']}", f"http://127.0.0.1:{line['internal_port']}"


def posted(token: str) -> dict[str, Any]:
    """The form that carries a token."""
    return {"TSS_JWT_MSG": token}


async def until_refused(url: str) -> None:
    """Wait until the edge accepts no connection any more."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
            except ConnectionRefusedError:
                return
            writer.transport.abort()
            await asyncio.sleep(0.05)


async def test_sigterm_loses_no_request(files: EdgeFiles) -> None:
    """Unready at once, still answering while it waits, requests under way answered, then the end with code 0."""
    packages = [tokens.make_request() for _ in range(8)]
    settings = {"unready_seconds": "5", "drain_seconds": "100", "budget_seconds": "60"}
    policy = silent()
    async with started(files, policy, **settings) as (edge, client, url, internal):
        early = [
            asyncio.create_task(client.post(f"{url}/v2/check", data=posted(tokens.make_token(package))))
            for package in packages[:5]
        ]
        await policy.asked(5)
        edge.process.send_signal(signal.SIGTERM)
        await edge.until("draining")
        ready = await client.get(f"{internal}/readyz")
        late = [
            asyncio.create_task(client.post(f"{url}/v2/check", data=posted(tokens.make_token(package))))
            for package in packages[5:]
        ]
        await policy.asked(8)
        await until_refused(url)
        policy.answering.set()
        responses = await asyncio.gather(*early, *late)
        code = await edge.end()
    answers = [
        read(response, package["request_id"]).kind for response, package in zip(responses, packages, strict=True)
    ]
    assert answers == ["approved"] * 8
    assert {response.headers.get("connection") for response in responses[5:]} == {"close"}
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "reasons": ["draining"]})
    assert (code, edge.lines[-1]["event"]) == (0, "stopped")


async def test_a_half_sent_request_is_still_read_and_answered(files: EdgeFiles) -> None:
    """A request whose head is under way when the edge stops accepting gets its answer."""
    package = tokens.make_request()
    body = f"TSS_JWT_MSG={tokens.make_token(package)}".encode()
    head = (
        b"POST /v2/check HTTP/1.1\r\nHost: edge.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    settings = {"unready_seconds": "0.2", "drain_seconds": "60"}
    async with started(files, FakePolicy(), **settings) as (edge, client, url, _internal):
        port = int(url.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=files.client_context(), server_hostname="edge.test"
        )
        writer.write(head[:40])
        # What was sent before another request was answered has been read.
        await client.get(f"{url}/ping")
        edge.process.send_signal(signal.SIGTERM)
        await until_refused(url)
        writer.write(head[40:] + body)
        received = await reader.read()
        writer.transport.abort()
        code = await edge.end()
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert code == 0


async def test_the_drain_has_one_deadline(files: EdgeFiles) -> None:
    """What is not answered at DRAIN_SECONDS ends without an answer, not with a 500, and the process ends."""
    package = tokens.make_request()
    settings = {"unready_seconds": "0.1", "drain_seconds": "1", "budget_seconds": "60"}
    policy = silent()
    async with started(files, policy, **settings) as (edge, client, url, _internal):
        sent = asyncio.create_task(client.post(f"{url}/v2/check", data=posted(tokens.make_token(package))))
        await policy.asked(1)
        edge.process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await sent
        code = await edge.end()
    assert code == 0
    assert [line["cause"] for line in edge.lines if line["event"] == "callback"] == ["drained"]


async def test_a_proxy_in_the_environment_is_not_between_the_tiers(files: EdgeFiles) -> None:
    """Proxies that the environment names, in every spelling, are not asked: the policy tier is."""
    names = ("grpc_proxy", "https_proxy", "http_proxy", "GRPC_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
    proxies = dict.fromkeys(names, "http://127.0.0.1:1")
    package = tokens.make_request()
    async with (
        running(FakePolicy()) as target,
        edge_process(environment(files, target) | proxies | {"no_proxy": "", "NO_PROXY": ""}) as edge,
        httpx.AsyncClient(verify=files.client_context(), timeout=120) as client,
    ):
        port = (await edge.until("ready"))["port"]
        response = await client.post(f"https://127.0.0.1:{port}/v2/check", data=posted(tokens.make_token(package)))
    assert read(response, package["request_id"]).kind == "approved"


async def test_every_line_is_one_json_object_without_secrets(files: EdgeFiles) -> None:
    """Whatever is logged, by us or by libraries, is JSON, and holds neither token nor key."""
    package = tokens.make_request()
    token = tokens.make_token(package)
    async with started(files, FakePolicy(), unready_seconds="0") as (edge, client, url, _internal):
        await client.post(f"{url}/v2/check", data=posted(token))
        await client.post(f"{url}/v2/check", data=posted("eyJhbGciOiJub25lIn0.e30."))
        edge.process.send_signal(signal.SIGINT)
        assert await edge.end() == 0
    text = json.dumps(edge.lines)
    assert [line["event"] for line in edge.lines] == ["ready", "callback", "callback", "draining", "stopped"]
    assert "eyJ" not in text
    assert "PRIVATE" not in text
    assert edge.lines[1]["request_id"] == package["request_id"]


def run_to_end(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Start an edge that is not to start."""
    return subprocess.run(
        [sys.executable, "-m", "placet_edge"], env=env, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.mark.parametrize(
    ("argument", "code", "stream"), [("--help", 0, "stdout"), ("-h", 0, "stdout"), ("--port=1", 2, "stderr")]
)
def test_the_command_line_is_explained(argument: str, code: int, stream: str) -> None:
    """`--help` says how the edge is started; any other argument is refused, because nothing would read it."""
    ended = subprocess.run(
        [sys.executable, "-m", "placet_edge", argument], capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == code
    assert getattr(ended, stream).splitlines()[-1].startswith("usage: python -m placet_edge ")


def test_bad_settings_stop_the_start_each_by_name(files: EdgeFiles) -> None:
    """Exit code 2 and one line for each setting that is unknown, malformed or missing, without its value."""
    env = environment(files, "127.0.0.1:1", port="70000", no_decision="maybe", color="red")
    del env["PLACET_EDGE_NODES_DIR"]
    ended = run_to_end(env)
    assert (ended.returncode, ended.stdout) == (2, "")
    names = [line.split(":")[0] for line in ended.stderr.splitlines()]
    assert sorted(names) == [
        "PLACET_EDGE_COLOR",
        "PLACET_EDGE_NODES_DIR",
        "PLACET_EDGE_NO_DECISION",
        "PLACET_EDGE_PORT",
    ]
    assert not {"70000", "maybe", "red"} & set(ended.stderr.replace(":", " ").split())


@pytest.mark.parametrize(
    "fault",
    ["world readable", "mismatched pair", "no node", "public server key", "wrong type", "odd version", "odd curve"],
)
def test_a_bad_file_stops_the_start_by_name(files: EdgeFiles, fault: str) -> None:
    """Exit code 1 and one line that names the file."""
    bad = files.server_key
    match fault:
        case "world readable":
            bad.chmod(0o604)
        case "mismatched pair":
            bad = files.cert_key
            write(bad, files.authority.issue_cert("edge.test").private_key_pem.bytes(), mode=0o600)
        case "no node":
            bad = files.nodes_dir
            (bad / "node-1.pem").unlink()
        case "public server key":
            write(bad, keys.server_public_pem(), mode=0o600)
        case "wrong type":
            write(bad, files.authority.issue_cert("edge.test").private_key_pem.bytes(), mode=0o600)
        case "odd version":
            bad = files.cert
            write(bad, odd_pem.with_unknown_version(bad.read_bytes()))
        case "odd curve":
            bad = files.cert
            write(bad, odd_pem.with_unknown_curve(bad.read_bytes()))
    ended = run_to_end(environment(files, "127.0.0.1:1"))
    (line,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (ended.returncode, line["event"], line["file"]) == (1, "cannot start", str(bad))


def test_a_taken_port_stops_the_start(files: EdgeFiles) -> None:
    """Exit code 1 and one line with the address that is not ours to listen on."""
    ended = run_to_end(environment(files, "127.0.0.1:1", internal_host="192.0.2.1"))
    (line,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (ended.returncode, line["event"], line["host"]) == (1, "cannot start", "192.0.2.1")


async def test_plain_http_beyond_loopback_is_warned_about(files: EdgeFiles) -> None:
    """PLAINTEXT=true on a public address starts, with a warning."""
    env = environment(files, "127.0.0.1:1", host="0.0.0.0", plaintext="true", tls_cert_file="", tls_key_file="")
    async with edge_process(env) as edge:
        line = await edge.until("ready")
        edge.process.send_signal(signal.SIGTERM)
    assert line["tls"] is False
    assert [entry["level"] for entry in edge.lines if "plain HTTP" in entry["event"]] == ["warning"]
