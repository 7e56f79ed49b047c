"""A callback server on loopback that answers as told, over real sockets: what the stand-in must make sense of."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import keys
from placet_callback.envelope import CallbackRequest, parse_request
from placet_callback.token import verify_token
from placet_cli.node.config import CallbackServer, NodeConfig
from tokens import make_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer; as it stands it is closed without one."""

    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


CLOSED = Reply()


def signed(package: dict[str, Any] | bytes, *, status: int = 200, **claims: Any) -> Reply:
    """An answer signed with the server's published test key; `claims` replace or add.

    It expires in 2100, because tests make some answers when they are collected; how long an answer lives is no rule.
    """
    return Reply(
        body=make_token(package, key=keys.server_private(), **{"exp": 4102444800, **claims}).encode("ascii"),
        status=status,
    )


def request_id_of(token: str, *, now: float) -> str | None:
    """The id inside a request token, which must be one that the checker key signed."""
    verified = verify_token(token, nodes=(keys.checker_node(),), now=now)
    request = parse_request(verified)
    return request.request_id if isinstance(request, CallbackRequest) else None


def approve(request_id: str | None) -> Reply:
    """The documented approval."""
    return signed({"status": 0, "request_id": request_id, "action": "APPROVE"})


def reject(request_id: str | None, *, error: str = "AMOUNT_LIMIT_EXCEEDED: too much") -> Reply:
    """The documented refusal."""
    return signed({"status": 0, "request_id": request_id, "action": "REJECT", "error": error})


def node_config(
    *addresses: str, retry_times: int = 0, sleep_seconds: int = 60, request_timeout: int = 60
) -> NodeConfig:
    """A node's configuration for servers that all sign with the published test key."""
    return NodeConfig(
        servers=tuple(CallbackServer(service_address=address, key=keys.server_public()) for address in addresses),
        token_expire_minutes=2,
        retry_times=retry_times,
        sleep_seconds=sleep_seconds,
        request_timeout=request_timeout,
        monitor_interval=3600.0,
    )


@dataclass(slots=True)
class LoopbackServer:
    """Where it listens, and the tokens it got, oldest first."""

    address: str
    tokens: list[str]


@contextmanager
def callback_server(
    answer: Callable[[str, int], Reply], *, tls: ssl.SSLContext | None = None
) -> Iterator[LoopbackServer]:
    """Serve until the block ends.

    Args:
        answer: Gets the token and the number of the request, from 1, and says what to answer.
        tls: Serve HTTPS with it.
    """
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode("ascii"), strict_parsing=True)
            (token,) = form["TSS_JWT_MSG"]
            tokens.append(token)
            reply = answer(token, len(tokens))
            if reply.body is None:
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            """Keep the test's output free of access logs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        yield LoopbackServer(f"{scheme}://127.0.0.1:{server.server_port}/v2/check", tokens)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
