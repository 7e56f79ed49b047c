"""The stand-in against a callback server over real sockets: how a server can answer, and what a node makes of it."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import keys
import pytest
import trustme
from callback_server import CLOSED, Reply, approve, callback_server, node_config, reject, request_id_of, signed
from placet_callback.envelope import encode_request
from placet_cli.__main__ import app
from placet_cli.node.monitor import PingForm, monitor
from placet_cli.node.reactions import AnswerKind, Reacts
from placet_cli.node.send import Answer, Outcome, ServerOutcome, ask, send_with_retries
from placet_cli.node.store import create_node
from placet_cli.node.transport import http_client
from typer.testing import CliRunner

ID = "request-1"
PACKAGE = encode_request(ID, 2, "{}", "{}")


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """The client that a command makes when no CA is named."""
    with http_client() as made:
        yield made


def _ask(address: str, client: httpx.Client, *, seconds: float = 10.0) -> Answer:
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
    assert took < 5


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


def _send(
    answers: Callable[[str, int], Reply],
    client: httpx.Client,
    *,
    retry_times: int,
    reacts: Reacts = Reacts.CLOSE_ONLY,
    sleep: Callable[[float], None] = lambda _: None,
) -> tuple[Outcome, list[str]]:
    with callback_server(answers) as server:
        config = node_config(server.address, retry_times=retry_times)
        outcome = send_with_retries(
            config, keys.checker_private(), PACKAGE, request_id=ID, client=client, reacts=reacts, sleep=sleep
        )
    return outcome, server.tokens


def test_a_missing_answer_is_asked_again_until_there_is_one(client: httpx.Client) -> None:
    """Two closed connections and an approval: three tries, approved."""
    outcome, tokens = _send(lambda _, number: approve(ID) if number == 3 else CLOSED, client, retry_times=60)
    assert outcome.approved
    assert (outcome.servers[0].tries, len(tokens)) == (3, 3)


def test_retries_that_are_used_up_are_no_approval(client: httpx.Client) -> None:
    """retry_times counts the tries after the first; then the task is refused."""
    outcome, tokens = _send(lambda _token, _number: CLOSED, client, retry_times=3)
    assert not outcome.approved
    assert not outcome.rejected
    assert len(tokens) == 4


STATUS_30 = signed({"status": 30, "request_id": ID})
HTTP_503 = Reply(body=b"unavailable", status=503)
HTTP_400 = Reply(body=b"bad", status=400)
NO_ACTION = signed({"status": 0, "request_id": ID})
STATUS_20 = signed({"status": 20})


@pytest.mark.parametrize(
    ("reacts", "first", "tries"),
    [
        (Reacts.CLOSE_ONLY, CLOSED, 2),
        (Reacts.CLOSE_ONLY, HTTP_503, 1),
        (Reacts.CLOSE_ONLY, HTTP_400, 1),
        (Reacts.CLOSE_ONLY, STATUS_30, 1),
        (Reacts.CLOSE_ONLY, NO_ACTION, 1),
        (Reacts.CLOSE_ONLY, reject(ID), 1),
        (Reacts.FIVE_XX, CLOSED, 2),
        (Reacts.FIVE_XX, HTTP_503, 2),
        (Reacts.FIVE_XX, HTTP_400, 1),
        (Reacts.FIVE_XX, STATUS_30, 1),
        (Reacts.FIVE_XX, NO_ACTION, 1),
        (Reacts.FIVE_XX, reject(ID), 1),
        (Reacts.ANY, CLOSED, 2),
        (Reacts.ANY, HTTP_503, 2),
        (Reacts.ANY, HTTP_400, 2),
        (Reacts.ANY, STATUS_30, 2),
        (Reacts.ANY, NO_ACTION, 2),
        (Reacts.ANY, reject(ID), 1),
    ],
)
def test_each_reaction_asks_again_what_it_says(client: httpx.Client, reacts: Reacts, first: Reply, tries: int) -> None:
    """The first answer is asked again (then there is an approval) or it is a refusal, by the modelled node."""
    outcome, tokens = _send(
        lambda _, number: first if number == 1 else approve(ID), client, retry_times=60, reacts=reacts
    )
    assert len(tokens) == tries
    assert outcome.approved is (tries == 2)


def test_an_hour_of_retries_passes_in_a_moment(client: httpx.Client) -> None:
    """60 retries of 60 s with a time scale of 0.00001 take 36 ms of pauses, and 61 tries are made."""
    with callback_server(lambda _token, _number: CLOSED) as server:
        started = time.monotonic()
        outcome = send_with_retries(
            node_config(server.address, retry_times=60, sleep_seconds=60),
            keys.checker_private(),
            PACKAGE,
            request_id=ID,
            client=client,
            time_scale=0.00001,
        )
        took = time.monotonic() - started
    assert (outcome.servers[0].tries, len(server.tokens)) == (61, 61)
    assert took < 60


def test_the_pause_is_the_configured_one_times_the_scale(client: httpx.Client) -> None:
    """With a scale of 1 the pauses are sleep_seconds, one between two tries and none after the last."""
    pauses: list[float] = []
    _send(lambda _token, _number: CLOSED, client, retry_times=2, sleep=pauses.append)
    assert pauses == [60.0, 60.0]


def test_every_try_has_a_token_of_its_own(client: httpx.Client) -> None:
    """Each token expires two minutes after its own try, so the last of an hour is as good as the first."""
    clock = iter([1000.0, 1060.0, 1060.0])
    with callback_server(lambda _, number: CLOSED if number == 1 else HTTP_400) as server:
        send_with_retries(
            node_config(server.address, retry_times=1),
            keys.checker_private(),
            PACKAGE,
            request_id=ID,
            client=client,
            now=lambda: next(clock),
            sleep=lambda _: None,
        )
    first, second = server.tokens
    assert first != second
    assert [request_id_of(first, now=1000), request_id_of(second, now=1060)] == [ID, ID]


def _both(
    first: Callable[[int], Reply], second: Callable[[int], Reply], client: httpx.Client
) -> tuple[Outcome, int, int]:
    with (
        callback_server(lambda _, number: first(number)) as one,
        callback_server(lambda _, number: second(number)) as two,
    ):
        outcome = send_with_retries(
            node_config(one.address, two.address, retry_times=5),
            keys.checker_private(),
            PACKAGE,
            request_id=ID,
            client=client,
            sleep=lambda _: None,
        )
    return outcome, len(one.tokens), len(two.tokens)


def test_all_servers_must_approve(client: httpx.Client) -> None:
    """Two approvals are one; an approval and a refusal are none, and the refusal is named."""
    both, *_ = _both(lambda _: approve(ID), lambda _: approve(ID), client)
    split, *_ = _both(lambda _: approve(ID), lambda _: reject(ID), client)
    assert (both.approved, both.rejected) == (True, False)
    assert (split.approved, split.rejected) == (False, True)


def test_a_server_that_approved_is_not_asked_again(client: httpx.Client) -> None:
    """Only the server without an answer is asked again."""
    outcome, first, second = _both(lambda _: approve(ID), lambda number: CLOSED if number < 3 else approve(ID), client)
    assert outcome.approved
    assert (first, second) == (1, 3)


def test_nobody_is_asked_again_once_one_server_has_refused(client: httpx.Client) -> None:
    """The task is refused already, so the silent server gets no second try."""
    outcome, first, second = _both(lambda _: CLOSED, lambda _: reject(ID), client)
    assert outcome.rejected
    assert (first, second) == (1, 1)


@pytest.mark.parametrize("form", list(PingForm))
def test_a_ping_of_each_form_is_answered_by_a_signed_status_0(client: httpx.Client, form: PingForm) -> None:
    """Status 0 without an action answers a ping, whichever form it has, and the pauses are the interval."""
    pauses: list[float] = []
    rounds: list[int] = []
    with callback_server(lambda _token, _number: signed({"status": 0})) as server:
        answered = monitor(
            node_config(server.address),
            keys.checker_private(),
            interval=30.0,
            client=client,
            count=3,
            form=form,
            report=lambda outcome: rounds.append(outcome.tries),
            sleep=pauses.append,
        )
    assert answered
    assert (rounds, pauses) == ([1, 2, 3], [30.0, 30.0])
    assert [request_id_of(token, now=time.time()) for token in server.tokens] == [None, None, None]


def test_one_ping_without_an_answer_is_told(client: httpx.Client) -> None:
    """The monitor goes on after a missing answer and says in the end that not all came."""
    seen: list[ServerOutcome] = []
    with callback_server(lambda _, number: CLOSED if number == 1 else signed({"status": 0})) as server:
        answered = monitor(
            node_config(server.address),
            keys.checker_private(),
            interval=1.0,
            client=client,
            count=2,
            report=seen.append,
            sleep=lambda _: None,
        )
    assert not answered
    assert [outcome.answer.kind for outcome in seen] == [AnswerKind.NO_RESPONSE, AnswerKind.APPROVED]


def _command(folder: Path, address: str, *arguments: str) -> tuple[int, list[str]]:
    """Run `placet node` for a stand-in with the published keys; its exit code and the lines after the first."""
    node = create_node(folder, service_addresses=[address], key=keys.checker_private())
    (node / "configs" / "callback-server-pub.key").write_bytes(keys.server_public_pem())
    result = CliRunner().invoke(app, ["node", *arguments, "--node", str(node)])
    return result.exit_code, [line.replace(address, "URL") for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("answer", "exit_code", "lines"),
    [
        (
            approve,
            0,
            [
                "URL #1: approved: Status 0 with APPROVE.",
                "The node would execute the task: approved by 1 callback server(s).",
            ],
        ),
        (
            reject,
            10,
            [
                "URL #1: rejected: Status 0 with REJECT. error: AMOUNT_LIMIT_EXCEEDED: too much",
                "The node would not execute the task: not approved by all of 1 callback server(s).",
            ],
        ),
        (
            lambda _: STATUS_20,
            11,
            [
                "URL #1: error: The server says that it failed: status other than 0, no action. status: 20",
                "The node would not execute the task: not approved by all of 1 callback server(s).",
            ],
        ),
    ],
    ids=["approved", "rejected", "status-20"],
)
def test_send_says_the_answer_and_ends_with_its_exit_code(
    tmp_path: Path, answer: Callable[[str | None], Reply], exit_code: int, lines: list[str]
) -> None:
    """0 approved, 10 rejected, 11 neither; the reason and the status are shown."""
    with callback_server(lambda token, _: answer(request_id_of(token, now=time.time()))) as server:
        assert _command(tmp_path, server.address, "send", "keygen_ed25519", "--request-id", "id") == (
            exit_code,
            ["Main group key generation, 2-of-3, curve ed25519 (request_id id)", *lines],
        )


def test_monitor_ends_with_0_when_every_ping_was_answered(tmp_path: Path) -> None:
    """One line a ping."""
    with callback_server(lambda _token, _number: signed({"status": 0})) as server:
        ended = _command(tmp_path, server.address, "monitor", "--count", "2", "--time-scale", "0")
    assert ended == (0, [f"URL #{number}: approved: Status 0, which is all that a Ping needs." for number in (1, 2)])
