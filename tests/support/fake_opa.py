"""An OPA that answers whatever a test wants, byte by byte; for misbehaviour only, the good path is the real OPA's."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from placet_policy.opa import Opa

Change = Callable[[str, dict[str, Any]], dict[str, Any]]
REVISION = "sha256:" + "0" * 64
ANSWER: dict[str, Any] = {
    "result": {"effect": "hold"},
    "provenance": {"version": "1.22.2", "bundles": {"placet": {"revision": REVISION}}},
}


def http(body: bytes | str | dict[str, Any], *, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """A whole HTTP response."""
    raw = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n\r\n"
    return head.encode() + raw


class FakeOpa:
    """Answers every request with the same bytes, and remembers what it was asked."""

    def __init__(self, answer: bytes, *, seconds: float = 0, endless: bytes = b"", closes: bool = False) -> None:
        """Prepare an answer that comes after some seconds, never ends, or ends the connection."""
        self.requests: list[bytes] = []
        self.connections = 0
        self.sent = 0
        self.over = asyncio.Event()
        self.handlers: set[asyncio.Task[None]] = set()
        self._answer = answer
        self._seconds = seconds
        self._endless = endless
        self._closes = closes

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection."""
        self.connections += 1
        self.handlers.add(asyncio.get_running_loop().create_task(self._serve(reader, writer)))

    def answer_to(self, request: bytes) -> bytes:
        """The bytes that answer this request."""
        del request
        return self._answer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not self.over.is_set():
                await self._exchange(reader, writer)
                if self._closes:
                    break
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        self.requests.append(head + await reader.readexactly(length))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self._seconds)
        writer.write(self.answer_to(self.requests[-1]))
        await writer.drain()
        while self._endless and not self.over.is_set():
            writer.write(self._endless)
            self.sent += len(self._endless)
            await writer.drain()


class TamperingOpa(FakeOpa):
    """Passes the self-tests as a good OPA would, until `change` has its way with an answer."""

    def __init__(self, change: Change) -> None:
        """Prepare answers that `change` sees under the names sum, undefined and decision."""
        super().__init__(b"")
        self._change = change

    def answer_to(self, request: bytes) -> bytes:
        """The right answer, changed."""
        asked = json.loads(request.split(b"\r\n\r\n", 1)[1])["input"].get("selftest")
        if b"/decision?" in request:
            reason = {"code": "EMPTY", "rule": "main", "message": "", "remediation": ""}
            held = {"schema": "placet.decision/v1", "effect": "hold", "reasons": [reason], "rules_evaluated": []}
            return http(self._change("decision", {**ANSWER, "result": held}))
        if asked is None:
            return http(self._change("undefined", {"provenance": ANSWER["provenance"]}))
        computed = {"sum": str(asked["a"] + asked["b"]), "greater": asked["a"] > asked["b"]}
        computed["total"] = computed["sum"]
        return http(self._change("sum", {**ANSWER, "result": computed}))


@contextlib.asynccontextmanager
async def client_of(
    fake: FakeOpa, *, timeout_seconds: float = 60, observe: Callable[[float], None] = lambda _seconds: None
) -> AsyncIterator[Opa]:
    """A client whose OPA is the fake; every connection is over when this ends."""
    server = await asyncio.start_server(fake.connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with Opa(url=f"http://127.0.0.1:{port}", timeout_seconds=timeout_seconds, observe=observe) as opa:
            yield opa
        fake.over.set()
        if fake.handlers:
            await asyncio.wait(fake.handlers)
