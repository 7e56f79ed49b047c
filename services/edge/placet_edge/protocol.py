"""One HTTP connection: uvicorn's httptools protocol with the limits that it lacks, and an end without an answer.

Measured on uvicorn 0.54: it never closes a silent or half-sent request, takes a header of 30 MB, and queues
pipelined requests. Here a request has one deadline from its first byte (or from the connection's start) to its
last, its head and its whole length have limits, and what breaks one ends the connection with no bytes written.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from placet_edge.metrics import Closed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, MutableMapping

    from uvicorn import Config
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

    from placet_edge.limits import Draining
    from placet_edge.metrics import Metrics

_HANDLE = "placet.request_handle"
_CLOSING_SECONDS = 2.0
_HEADER_LINE_OVERHEAD = len(": \r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What one connection may cost.

    Attributes:
        header_bytes: request line and header together.
        request_bytes: a whole request with its framing; above it even the answer "too large" is not given.
        request_seconds: from the first byte, or the connection's start, to the last byte of a request.
        answer_seconds: from the last byte of a request to the last of its answer.
        connections: open connections of this server at once.
    """

    header_bytes: int
    request_bytes: int
    request_seconds: float
    answer_seconds: float
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHandle:
    """What a route may know and do beyond ASGI.

    Attributes:
        began_at: event loop time of the request's first byte; for deadlines.
        measured_from: ``time.perf_counter`` at the same moment; for durations.
        close: end the connection without writing anything.
    """

    began_at: float
    measured_from: float
    close: Callable[[], None]


def handle_of(scope: MutableMapping[str, Any]) -> RequestHandle:
    """The handle of the request that this ASGI scope is about."""
    handle: RequestHandle = scope["state"][_HANDLE]
    return handle


class LimitedProtocol(HttpToolsProtocol):
    """One connection inside its limits."""

    def __init__(
        self,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        limits: ConnectionLimits,
        metrics: Metrics,
        draining: Draining,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._limits = limits
        self._metrics = metrics
        self._draining = draining
        self._watchdog: asyncio.TimerHandle | None = None
        self._began_at = 0.0
        self._measured_from = 0.0
        self._received = 0
        self._head_complete = False
        self._message_complete = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the clock of the first request."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._end(Closed.TOO_MANY_CONNECTIONS)
            return
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes in, and parse it."""
        if self.transport.is_closing():
            return
        if self._message_complete:
            if self._answering:
                self._end(Closed.PIPELINED)
                return
            self._expect_request()
        if self._received == 0:
            self._began_at = self.loop.time()
            self._measured_from = time.perf_counter()
        self._received += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._head_complete and self._received > self._limits.header_bytes:
            self._end(Closed.HEADER_TOO_LARGE)
        elif self._received > self._limits.request_bytes:
            self._end(Closed.REQUEST_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Give the request its handle; a second request before the first is answered ends the connection."""
        if self._answering:
            self._end(Closed.PIPELINED)
        if self.transport.is_closing():
            return
        if self._message_complete:
            self._expect_request()
        super().on_message_begin()
        self.scope["state"][_HANDLE] = RequestHandle(
            began_at=self._began_at, measured_from=self._measured_from, close=self._close_unanswered
        )

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header line; trailers come through here as well, and nobody reads them."""
        if not self._head_complete and not self.transport.is_closing():
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Measure the head, then start the application."""
        if self.transport.is_closing():
            return
        self._head_complete = True
        lines = (len(name) + len(value) + _HEADER_LINE_OVERHEAD for name, value in self.headers)
        if len(self.url) + sum(lines) > self._limits.header_bytes:
            self._end(Closed.HEADER_TOO_LARGE)
            return
        super().on_headers_complete()
        if self._draining.begun:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of the body."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here; now the answer has its time."""
        if self.transport.is_closing():
            return
        self._message_complete = True
        self._watch(self._limits.answer_seconds, Closed.ANSWER_TIMEOUT)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the peer to take the end."""
        super().on_response_complete()
        if self._message_complete:
            # uvicorn closes an idle connection in good order; this is for a peer that does not take the end.
            self._watch(self.timeout_keep_alive + _CLOSING_SECONDS, Closed.ANSWER_TIMEOUT)

    def shutdown(self) -> None:
        """End an idle connection; a request that has begun to come in is still read and answered."""
        if self._answering:
            self.cycle.keep_alive = False
        elif self._message_complete or self._received == 0:
            self.transport.close()

    @property
    def _answering(self) -> bool:
        # uvicorn's types do not say that there is no cycle before the first request.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _expect_request(self) -> None:
        self._received = 0
        self._head_complete = False
        self._message_complete = False
        self._watch(self._limits.request_seconds, Closed.REQUEST_TIMEOUT)

    def _watch(self, seconds: float, cause: Closed) -> None:
        self._unwatch()
        self._watchdog = self.loop.call_later(seconds, self._end, cause)

    def _unwatch(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None

    def _close_unanswered(self) -> None:
        # uvicorn writes a 500 when an application returns without an answer, unless the client is gone.
        self.cycle.disconnected = True
        self.transport.close()
        self._watch(_CLOSING_SECONDS, Closed.ANSWER_TIMEOUT)

    def _end(self, cause: Closed) -> None:
        self._unwatch()
        self._metrics.closed.labels(cause=cause).inc()
        if self._answering:
            self.cycle.disconnected = True
        self.transport.abort()
