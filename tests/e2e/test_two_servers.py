"""A node with two callback servers: both must approve (protocol e.3)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from placet_cli.node.config import CallbackServer, NodeConfig
from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import Outcome, send_with_retries
from placet_cli.node.transport import http_client
from placet_cli.samples import test_node_key as published_node_key
from stack import ALLOWED, Stack, named, running_stack


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A second server in a trust domain of its own: another CA, another key, another policy tier and ledger."""
    with running_stack(tmp_path_factory.mktemp("other")) as running:
        yield running


def send_to_both(one: Stack, two: Stack, tmp_path: Path, request_id: str, *, retries: int = 0) -> Outcome:
    """Send the allowed sample as a node that has both servers in its configuration."""
    trusted = tmp_path / "both.pem"
    trusted.write_bytes(one.stand_in.ca_file.read_bytes() + two.stand_in.ca_file.read_bytes())
    config = NodeConfig(
        servers=(one.stand_in.server, two.stand_in.server),
        token_expire_minutes=2,
        retry_times=retries,
        sleep_seconds=60,
        request_timeout=60,
        monitor_interval=None,
    )
    package, _ = named(ALLOWED).package(request_id)
    with http_client(ca_file=trusted) as client:
        return send_with_retries(
            config, published_node_key(), package, request_id=request_id, client=client, time_scale=0.005
        )


def kinds(outcome: Outcome) -> list[AnswerKind]:
    """What each server answered last."""
    return [each.answer.kind for each in outcome.servers]


def test_two_approvals_approve(stack: Stack, other: Stack, tmp_path: Path) -> None:
    """Both servers answer APPROVE, each with its own key, and the task is approved."""
    outcome = send_to_both(stack, other, tmp_path, "both-1")

    assert kinds(outcome) == [AnswerKind.APPROVED, AnswerKind.APPROVED]
    assert outcome.approved


def test_one_approval_is_not_enough(stack: Stack, other: Stack, tmp_path: Path) -> None:
    """While one server is stopped its silence keeps the task from being approved, whatever the other says."""
    other.plan.layout.stop_file.touch()
    outcome = send_to_both(stack, other, tmp_path, "both-2")
    other.plan.layout.stop_file.unlink()

    assert kinds(outcome) == [AnswerKind.APPROVED, AnswerKind.NO_RESPONSE]
    assert not outcome.approved


def test_only_the_silent_server_is_asked_again(stack: Stack, other: Stack, tmp_path: Path) -> None:
    """The retries of the configuration go to the server that gave no answer."""
    other.plan.layout.stop_file.touch()
    outcome = send_to_both(stack, other, tmp_path, "both-3", retries=2)
    other.plan.layout.stop_file.unlink()

    assert [each.tries for each in outcome.servers] == [1, 3]
    assert not outcome.approved


def test_an_answer_signed_by_the_other_server_counts_for_nothing(stack: Stack, other: Stack) -> None:
    """A node that pins this server's key does not accept that server's signature."""
    swapped = CallbackServer(service_address=stack.stand_in.server.service_address, key=other.stand_in.server.key)
    config = NodeConfig(
        servers=(swapped,),
        token_expire_minutes=2,
        retry_times=0,
        sleep_seconds=60,
        request_timeout=60,
        monitor_interval=None,
    )
    package, request_id = named(ALLOWED).package()

    outcome = send_with_retries(config, published_node_key(), package, request_id=request_id, client=stack.client)

    assert kinds(outcome) == [AnswerKind.UNDOCUMENTED]
    assert not outcome.approved
