"""The stand-in over real sockets: what it asks again, several servers, pings, and the commands around them."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import keys
import pytest
import trustme
from callback_server import CLOSED, Reply, approve, callback_server, node_config, reject, request_id_of, signed
from placet_callback.envelope import encode_request
from placet_cli.__main__ import app
from placet_cli.node.config import CONFIG_PATH
from placet_cli.node.monitor import PingForm, monitor
from placet_cli.node.reactions import AnswerKind, Reacts
from placet_cli.node.send import Outcome, ServerOutcome, send_with_retries
from placet_cli.node.store import create_node
from typer.testing import CliRunner

ID = "request-1"
PACKAGE = encode_request(ID, 2, "{}", "{}")


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


def test_every_pause_is_announced_before_it_begins(client: httpx.Client) -> None:
    """The number of the coming retry and the seconds until it, in turn with the pauses."""
    seen: list[tuple[str, float]] = []
    with callback_server(lambda _token, _number: CLOSED) as server:
        send_with_retries(
            node_config(server.address, retry_times=2),
            keys.checker_private(),
            PACKAGE,
            request_id=ID,
            client=client,
            time_scale=0.5,
            sleep=lambda seconds: seen.append(("sleep", seconds)),
            pausing=lambda retry, seconds: seen.append((f"retry {retry}", seconds)),
        )
    assert seen == [("retry 1", 30.0), ("sleep", 30.0), ("retry 2", 30.0), ("sleep", 30.0)]


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


def _contact(folder: Path, address: str, **numbers: int) -> list[str]:
    """Send once from a stand-in whose configuration has these numbers; the lines on standard error."""
    node = create_node(folder, service_addresses=[address], key=keys.checker_private())
    (node / "configs" / "callback-server-pub.key").write_bytes(keys.server_public_pem())
    file = node / CONFIG_PATH
    for name, number in numbers.items():
        file.write_text(file.read_text().replace(f"{name}: 60", f"{name}: {number}"))
    return CliRunner().invoke(app, ["node", "send", "keygen_ed25519", "--node", str(node)]).stderr.splitlines()


def test_a_long_pause_is_said_and_the_first_contact_has_a_hint(tmp_path: Path) -> None:
    """What to try once, what is waited for each time, and how to shorten it once."""
    assert _contact(tmp_path, "http://127.0.0.1:1/v2/check", retry_times=2, sleep_seconds=1) == [
        "Hint: nobody listens at that address; `placet up` takes another port at each start unless --port is given",
        "Asking again in 1 s (1 of 2; --time-scale shortens the pauses, Ctrl-C ends)",
        "Asking again in 1 s (2 of 2)",
    ]


def test_a_certificate_that_is_not_trusted_points_to_the_option(tmp_path: Path) -> None:
    """First contact with `placet up` is this fault."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with callback_server(lambda _token, _number: CLOSED, tls=context) as server:
        [line] = _contact(tmp_path, server.address, retry_times=0)
    assert line == (
        "Hint: the server's certificate is from an authority that this machine does not trust;"
        " --ca FILE names another one (tls/ca.pem in the state folder of `placet up`)"
    )
