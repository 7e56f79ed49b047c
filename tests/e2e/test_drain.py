"""SIGTERM under load: no request that was taken is lost."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import Answer
from placet_cli.node.transport import http_client
from placet_cli.stack.services import EDGE, POLICY
from stack import Stack, running_stack

SENDERS = 4


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack that stays in service for a moment after SIGTERM, as it does behind a load balancer."""
    # Long enough for a request that is sent while the process still says that it is ready.
    settings = {"UNREADY_SECONDS": "6", "DRAIN_SECONDS": "60"}
    with running_stack(tmp_path, edge_settings=settings, policy_settings=settings) as running:
        yield running


def send_while_ready(stack: Stack, ready_url: str, begun: threading.Event) -> list[Answer]:
    """Send one request after another, each over a new connection, for as long as the process says it is ready."""
    answers = []
    with httpx.Client(trust_env=False, timeout=60) as probe:
        while probe.get(ready_url).status_code == 200:
            with http_client(ca_file=stack.stand_in.ca_file) as client:
                fresh = Stack(plan=stack.plan, chain=stack.chain, stand_in=stack.stand_in, client=client)
                answers.append(fresh.send())
            begun.set()
    return answers


@pytest.mark.parametrize("hop", [EDGE, POLICY])
def test_no_request_is_lost(stack: Stack, hop: str) -> None:
    """Everything sent until the process calls itself unready is answered with an APPROVE; then it ends by itself."""
    process = stack.chain.processes[hop]
    begun = [threading.Event() for _ in range(SENDERS)]
    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(send_while_ready, stack, process.service.ready_url, event) for event in begun]
        for event in begun:
            event.wait(240)
        process.terminate()
        answers = [answer for sender in senders for answer in sender.result()]

    assert len(answers) >= SENDERS
    assert {(answer.kind, answer.why) for answer in answers} == {(AnswerKind.APPROVED, "Status 0 with APPROVE.")}
    assert process.ended_status() == 0
