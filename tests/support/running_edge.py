"""A real edge inside the test's event loop: uvicorn, TLS, gRPC and files, on ports of its own."""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import keys
import structlog
import trustme
from placet_callback.response import ReadResponse, read_response
from placet_edge.server import serve
from placet_edge.settings import Settings
from structlog.testing import LogCapture

HOST_NAME = "edge.test"


@dataclass(kw_only=True)
class EdgeFiles:
    """The files of one edge in a folder, and the authority that its certificates come from."""

    folder: Path
    authority: trustme.CA = field(default_factory=trustme.CA)

    def __post_init__(self) -> None:
        self.nodes_dir.mkdir()
        write(self.nodes_dir / "node-1.pem", keys.checker_public_pem())
        write(self.server_key, keys.server_private_pem(), mode=0o600)
        self.issue()

    @property
    def nodes_dir(self) -> Path:
        return self.folder / "nodes"

    @property
    def server_key(self) -> Path:
        return self.folder / "server.key"

    @property
    def cert(self) -> Path:
        return self.folder / "tls.crt"

    @property
    def cert_key(self) -> Path:
        return self.folder / "tls.key"

    def issue(self) -> None:
        """Write a fresh TLS pair."""
        issued = self.authority.issue_cert(HOST_NAME, "127.0.0.1")
        write(self.cert, b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        write(self.cert_key, issued.private_key_pem.bytes(), mode=0o600)

    def client_context(self) -> ssl.SSLContext:
        """What a node would verify our certificate with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return context

    def settings(self, policy_target: str, **changes: Any) -> Settings:
        """Settings for these files, TLS on a free port of loopback, and no waiting at the end."""
        values: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": 0,
            "internal_host": "127.0.0.1",
            "internal_port": 0,
            "tls_cert_file": self.cert,
            "tls_key_file": self.cert_key,
            "server_key_file": self.server_key,
            "nodes_dir": self.nodes_dir,
            "policy_target": policy_target,
            # Tests are about what is answered; on a busy machine that takes its time.
            "budget_seconds": 60.0,
            "request_timeout_seconds": 60.0,
            "reload_seconds": 0.05,
            "unready_seconds": 0.0,
            "drain_seconds": 5.0,
            "signing_threads": 1,
        }
        return Settings(**(values | changes))


def write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file in place with this mode."""
    path.write_bytes(content)
    path.chmod(mode)


@dataclass(kw_only=True)
class RunningEdge:
    """How tests reach a running edge, and what it logged."""

    files: EdgeFiles
    port: int
    internal_port: int
    client: httpx.AsyncClient
    logs: list[Any]
    stop: asyncio.Event
    tls: bool

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def post(self, token: str, **arguments: Any) -> httpx.Response:
        """Send a token as a node does."""
        return await self.client.post(f"{self.url}/v2/check", data={"TSS_JWT_MSG": token}, **arguments)

    async def send(self, token: str, request_id: str | None, *, ping: bool = False) -> ReadResponse:
        """Send a token and read the answer as a careful node does."""
        response = await self.post(token)
        assert response.status_code == 200
        return read(response, request_id, ping=ping)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A raw connection, with TLS when the edge has it."""
        context = self.files.client_context() if self.tls else None
        name = HOST_NAME if self.tls else None
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname=name)

    async def internal(self, path: str) -> httpx.Response:
        """GET from the internal port."""
        return await self.client.get(f"http://127.0.0.1:{self.internal_port}{path}")

    async def metric(self, sample: str) -> float:
        """The value of one sample, by its full name with labels; 0 when it is not there yet."""
        lines = (await self.internal("/metrics")).text.splitlines()
        values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.rsplit(" ", 1)[0] == sample]
        return values[0] if values else 0.0

    def logged(self, event: str) -> list[Any]:
        """Every line with this event."""
        return [line for line in self.logs if line["event"] == event]

    async def until_logged(self, event: str, *, count: int = 1) -> list[Any]:
        """Wait for `count` lines with this event."""
        async with asyncio.timeout(120):
            while len(self.logged(event)) < count:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.01)
        return self.logged(event)


def read(response: httpx.Response, request_id: str | None, *, ping: bool = False) -> ReadResponse:
    """What the published server key and a careful node make of an answer."""
    return read_response(
        response.content, server_key=keys.server_public(), request_id=request_id, now=time.time(), ping=ping
    )


def status_only(response: httpx.Response) -> dict[str, Any]:
    """The response inside an answer, whole, after its signature was verified."""
    assert read(response, None).kind == "error"
    claims = response.text.split(".")[1]
    package = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["package_data"]
    fields: dict[str, Any] = json.loads(base64.b64decode(package))
    return fields


@asynccontextmanager
async def running_edge(files: EdgeFiles, policy_target: str, **changes: Any) -> AsyncIterator[RunningEdge]:
    """Run an edge until the block ends; fails when it does not end in order."""
    settings = files.settings(policy_target, **changes)
    capture = LogCapture()
    log = structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(20))
    stop = asyncio.Event()
    ports: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve(settings, log=log, stop=stop, ready=lambda port, internal: ports.set_result((port, internal)))
    )
    await asyncio.wait((task, ports), return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    port, internal_port = await ports
    try:
        async with httpx.AsyncClient(verify=files.client_context(), timeout=120) as client:
            yield RunningEdge(
                files=files,
                port=port,
                internal_port=internal_port,
                client=client,
                logs=capture.entries,
                stop=stop,
                tls=settings.tls,
            )
    finally:
        stop.set()
        async with asyncio.timeout(120):
            await task
