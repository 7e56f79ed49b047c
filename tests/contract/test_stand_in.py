"""The stand-in against a callback server over real sockets: how a server can answer, and what a node makes of it."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import keys
import pytest
import trustme
from callback_server import CLOSED, Reply, approve, callback_server, node_config, reject, request_id_of, signed
from placet_callback.envelope import encode_request
from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import Answer, ask
from placet_cli.node.transport import http_client

ID = "request-1"
PACKAGE = encode_request(ID, 2, "{}", "{}")


def _ask(address: str, client: httpx.Client, *, seconds: float = 60.0) -> Answer:
    (server,) = node_config(address).servers
    return ask(server, keys.checker_private(), PACKAGE, request_id=ID, client=client, request_timeout=seconds)


def _answer_to(reply: Reply, client: httpx.Client) -> Answer:
    with callback_server(lambda _token, _number: reply) as server:
        return _ask(server.address, client)


def test_an_approval_is_read_with_its_action_and_status(client: httpx.Client) -> None:
    """A signed status 0 with APPROVE and our request_id is an approval."""
    assert _answer_to(approve(ID), client) == Answer(
        kind=AnswerKind.APPROVED, status=0, action="APPROVE", http_status=200, why="Status 0 with APPROVE."
    )


def test_the_token_is_posted_as_the_one_form_field_and_verifies(client: httpx.Client) -> None:
    """What arrives is one field, TSS_JWT_MSG, whose token the node's key signed and which carries our request_id."""
    with callback_server(lambda _token, _number: approve(ID)) as server:
        _ask(server.address, client)
    assert [request_id_of(token, now=time.time()) for token in server.tokens] == [ID]


def test_a_refusal_is_read_with_its_reason(client: httpx.Client) -> None:
    """A signed status 0 with REJECT is a refusal, and its error is kept."""
    answer = _answer_to(reject(ID, error="AMOUNT: too much"), client)
    assert (answer.kind, answer.status, answer.action, answer.error) == (
        AnswerKind.REJECTED,
        0,
        "REJECT",
        "AMOUNT: too much",
    )


@pytest.mark.parametrize(
    ("reply", "kind", "http_status", "why"),
    [
        (
            signed({"status": 30, "request_id": ID}),
            AnswerKind.ERROR,
            200,
            "The server says that it failed: status other than 0, no action.",
        ),
        (
            signed({"status": 0, "request_id": "another", "action": "APPROVE"}),
            AnswerKind.UNDOCUMENTED,
            200,
            "The request_id is not the request's.",
        ),
        (
            signed({"status": 0, "request_id": ID, "action": "APPROVE"}, exp=1_600_000_000),
            AnswerKind.UNDOCUMENTED,
            200,
            "The token fails check 5: TOKEN_EXPIRED.",
        ),
        (
            signed({"status": 0, "request_id": ID, "action": "APPROVE"}, status=500),
            AnswerKind.UNDOCUMENTED,
            500,
            "HTTP status 500, which no processed callback has.",
        ),
        (
            Reply(body=b"", status=302, headers={"location": "http://127.0.0.1:1/"}),
            AnswerKind.UNDOCUMENTED,
            302,
            "HTTP status 302, which no processed callback has.",
        ),
        (
            Reply(body=b"a" * (2 * 1024 * 1024 + 1)),
            AnswerKind.UNDOCUMENTED,
            200,
            "The body is too long.",
        ),
    ],
    ids=["status-30", "another-request-id", "expired", "approve-with-http-500", "redirect", "too-long"],
)
def test_whatever_is_not_documented_is_never_an_approval(
    client: httpx.Client, reply: Reply, kind: AnswerKind, http_status: int, why: str
) -> None:
    """Each odd answer is named for what it is, and none of them approves."""
    answer = _answer_to(reply, client)
    assert (answer.kind, answer.http_status, answer.why) == (kind, http_status, why)


def test_an_approval_signed_by_another_key_is_no_approval(client: httpx.Client) -> None:
    """The node believes only the key in pubkey_path; an answer signed by the node's own key is refused too."""
    with callback_server(lambda _token, _number: approve(ID)) as server:
        (configured,) = node_config(server.address).servers
        stranger = type(configured)(service_address=server.address, key=keys.checker_public())
        answer = ask(stranger, keys.checker_private(), PACKAGE, request_id=ID, client=client)
    assert (answer.kind, answer.status, answer.action) == (AnswerKind.UNDOCUMENTED, None, None)
    assert answer.why == "The token fails check 3: SIGNATURE_NOT_BY_A_PINNED_KEY."


def test_a_connection_that_ends_without_an_answer_is_no_response(client: httpx.Client) -> None:
    """Close is the one case that the node's documentation says is asked again."""
    answer = _answer_to(CLOSED, client)
    assert (answer.kind, answer.http_status) == (AnswerKind.NO_RESPONSE, None)
    assert answer.why == "Server disconnected without sending a response."


def test_an_answer_cut_short_is_no_response(client: httpx.Client) -> None:
    """A body shorter than its Content-Length never counts, whatever it says so far."""
    cut = Reply(body=approve(ID).body, headers={"content-length": "5000"})
    answer = _answer_to(cut, client)
    assert (answer.kind, answer.http_status) == (AnswerKind.NO_RESPONSE, None)


def test_a_server_that_is_not_there_is_no_response(client: httpx.Client) -> None:
    """Nobody listens on the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v2/check"
        answer = _ask(address, client)
    assert (answer.kind, answer.why) == (AnswerKind.NO_RESPONSE, "[Errno 111] Connection refused.")


@contextmanager
def _dripping(seconds: float) -> Iterator[str]:
    """A server that sends one byte of a body at a time and never ends."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                while not stopped.wait(seconds):
                    try:
                        connection.sendall(b"a")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v2/check"
        finally:
            stopped.set()
            thread.join()


def test_request_timeout_is_for_the_whole_exchange(client: httpx.Client) -> None:
    """A server that drips a byte every 50 ms does not get longer than request_timeout."""
    with _dripping(0.05) as address:
        started = time.monotonic()
        answer = _ask(address, client, seconds=0.3)
        took = time.monotonic() - started
    assert (answer.kind, answer.why) == (AnswerKind.NO_RESPONSE, "No answer within 0.3 s.")
    assert took < 60


def _tls(host: str) -> tuple[ssl.SSLContext, trustme.CA]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context, authority


def test_https_with_a_trusted_authority_is_answered(tmp_path: Path) -> None:
    """--ca makes a private authority trusted."""
    context, authority = _tls("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with (
        callback_server(lambda _token, _number: approve(ID), tls=context) as server,
        http_client(ca_file=tmp_path / "ca.pem") as client,
    ):
        assert _ask(server.address, client).kind == AnswerKind.APPROVED


@pytest.mark.parametrize("host", ["127.0.0.1", "elsewhere.example"], ids=["authority-unknown", "other-name"])
def test_https_that_cannot_be_trusted_is_no_response_and_gets_no_token(tmp_path: Path, host: str) -> None:
    """An unknown authority, or a certificate for another name, ends before anything is sent."""
    context, authority = _tls(host)
    (authority if host != "127.0.0.1" else trustme.CA()).cert_pem.write_to_path(tmp_path / "ca.pem")
    with (
        callback_server(lambda _token, _number: approve(ID), tls=context) as server,
        http_client(ca_file=tmp_path / "ca.pem") as client,
    ):
        answer = _ask(server.address, client)
    assert answer.kind == AnswerKind.NO_RESPONSE
    assert "certificate verify failed" in answer.why
    assert server.tokens == []
