"""Two uvicorn servers in one process, one signal handler, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from placet_edge.app import build_edge
from placet_edge.errors import ListenError
from placet_edge.files import watch
from placet_edge.protocol import ConnectionLimits, LimitedProtocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Generator
    from socket import socket

    from starlette.applications import Starlette
    from structlog.typing import FilteringBoundLogger

    from placet_edge.app import Edge
    from placet_edge.settings import Settings

_CONNECTIONS_PER_SLOT = 2
_BODIES_PER_REQUEST = 4
_TLS_CLOSING_SECONDS = 2.0
_KEEP_ALIVE_SECONDS = 5
_INTERNAL_STOP_SECONDS = 1
_INTERNAL_CONNECTIONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen; port 0 takes any that is free."""

    host: str
    port: int


class EdgeServer(uvicorn.Server):
    """A uvicorn server that leaves signals to us and gives its connections their limits.

    uvicorn passes neither arguments to its protocol class nor time-outs to TLS, so listening is done here.
    """

    def __init__(
        self,
        app: Starlette,
        *,
        address: Address,
        ssl_context: ssl.SSLContext | None,
        limits: ConnectionLimits,
        edge: Edge,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=LimitedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        super().__init__(config)
        self.servers: list[asyncio.Server] = []
        self._address = address
        self._ssl_context = ssl_context
        self._limits = limits
        self._edge = edge

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone: with two servers, each would take them from the other."""
        yield

    async def serve(self, sockets: list[socket] | None = None) -> None:
        """Serve until told to stop. However that ends, nothing is listened on afterwards: uvloop would wait for it."""
        try:
            await super().serve(sockets)
        finally:
            for server in self.servers:
                server.close()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen.

        Raises:
            ListenError: the address is taken or not ours.
        """
        del sockets
        tls = self._ssl_context is not None
        try:
            server = await asyncio.get_running_loop().create_server(
                self._connection,
                self._address.host,
                self._address.port,
                ssl=self._ssl_context,
                backlog=self.config.backlog,
                ssl_handshake_timeout=self._limits.request_seconds if tls else None,
                ssl_shutdown_timeout=_TLS_CLOSING_SECONDS if tls else None,
            )
        except OSError as e:
            reason = e.strerror or type(e).__name__
            raise ListenError(host=self._address.host, port=self._address.port, reason=reason) from e
        self.servers = [server]
        self.started = True

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    def _connection(self) -> LimitedProtocol:
        return LimitedProtocol(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            limits=self._limits,
            metrics=self._edge.metrics,
            draining=self._edge.draining,
            loop=asyncio.get_running_loop(),
        )


async def serve_until_signal(settings: Settings, *, log: FilteringBoundLogger) -> None:
    """Run the edge until SIGTERM or SIGINT, then end it in order; see :func:`serve`."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def ready(port: int, internal_port: int) -> None:
        if settings.plaintext:
            log.warning("plain HTTP was asked for by name: anybody on the way can read and change requests")
        log.info("ready", port=port, internal_port=internal_port, tls=settings.tls)

    await serve(settings, log=log, stop=stop, ready=ready)
    log.info("stopped")


async def serve(
    settings: Settings, *, log: FilteringBoundLogger, stop: asyncio.Event, ready: Callable[[int, int], None]
) -> None:
    """Run the edge until ``stop`` is set, then end it in order.

    Args:
        settings: all of them.
        log: gets every line.
        stop: ends the service.
        ready: called once with the public and the internal port, when both are listened on.

    Raises:
        KeyMaterialError: a key or certificate cannot be used.
        ExceptionGroup: of a ListenError: a port cannot be listened on; or of what ended the watching of files,
            without which changes, a revoked key among them, would be missed in silence.
    """
    async with _open_edge(settings, log=log) as edge, asyncio.TaskGroup() as tasks:
        public, internal = _public_server(settings, edge), _internal_server(settings, edge)
        public_task = tasks.create_task(public.serve())
        tasks.create_task(internal.serve())
        watching = tasks.create_task(watch(edge.files.watched, seconds=settings.reload_seconds))
        await _until_started(public, internal)
        ready(public.port, internal.port)
        await stop.wait()
        await _drain(settings, edge, public, public_task, log=log)
        internal.should_exit = True
        watching.cancel()


@asynccontextmanager
async def _open_edge(settings: Settings, *, log: FilteringBoundLogger) -> AsyncIterator[Edge]:
    edge = build_edge(settings, log=log)
    try:
        yield edge
    finally:
        await edge.policy.close()
        edge.pool.shutdown(wait=False, cancel_futures=True)


async def _until_started(*servers: EdgeServer) -> None:
    # uvicorn has no event for this; a server that cannot start ends the task group instead.
    while not all(server.started for server in servers):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def _drain(
    settings: Settings,
    edge: Edge,
    public: EdgeServer,
    public_task: asyncio.Task[None],
    *,
    log: FilteringBoundLogger,
) -> None:
    """Unready, wait, stop accepting, answer what is under way; one deadline for all of it."""
    ends_at = asyncio.get_running_loop().time() + settings.drain_seconds
    log.info("draining", seconds=settings.drain_seconds)
    edge.draining.begun = True
    await asyncio.sleep(settings.unready_seconds)
    left = ends_at - asyncio.get_running_loop().time()
    # uvicorn's own deadline cancels what is left; its type says int, and asyncio takes any number.
    public.config.timeout_graceful_shutdown = left  # type: ignore[assignment]
    public.should_exit = True
    await public_task


def _public_server(settings: Settings, edge: Edge) -> EdgeServer:
    limits = ConnectionLimits(
        header_bytes=settings.max_header_bytes,
        request_bytes=settings.max_header_bytes + _BODIES_PER_REQUEST * settings.max_body_bytes,
        request_seconds=settings.request_timeout_seconds,
        answer_seconds=settings.budget_seconds + settings.request_timeout_seconds,
        connections=settings.max_concurrency * _CONNECTIONS_PER_SLOT,
    )
    address = Address(host=settings.host, port=settings.port)
    return EdgeServer(edge.public, address=address, ssl_context=edge.ssl_context, limits=limits, edge=edge)


def _internal_server(settings: Settings, edge: Edge) -> EdgeServer:
    limits = ConnectionLimits(
        header_bytes=settings.max_header_bytes,
        request_bytes=settings.max_header_bytes,
        request_seconds=settings.request_timeout_seconds,
        answer_seconds=settings.request_timeout_seconds,
        connections=_INTERNAL_CONNECTIONS,
    )
    address = Address(host=settings.internal_host, port=settings.internal_port)
    server = EdgeServer(edge.internal, address=address, ssl_context=None, limits=limits, edge=edge)
    server.config.timeout_graceful_shutdown = _INTERNAL_STOP_SECONDS
    return server
