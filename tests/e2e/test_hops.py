"""Each hop killed and started again: no decision while it is down, decisions again afterwards."""

import dataclasses
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from holding_relay import HoldingRelay, holding_relay
from placet_cli.node.reactions import AnswerKind
from placet_cli.stack.processes import Process
from placet_cli.stack.services import EDGE, OPA, POLICY
from stack import Stack


@pytest.mark.parametrize("hop", [OPA, POLICY, EDGE])
def test_a_killed_hop_means_no_decision_until_it_is_back(stack: Stack, hop: str) -> None:
    """After kill -9 the node gets no HTTP response; after the restart it gets its APPROVE."""
    assert stack.send().kind == AnswerKind.APPROVED
    process = stack.chain.processes[hop]

    process.kill()
    while_down = stack.send()
    process.start()
    stack.wait_whole()
    afterwards = stack.send()

    assert (while_down.kind, while_down.http_status) == (AnswerKind.NO_RESPONSE, None)
    assert afterwards.kind == AnswerKind.APPROVED


def test_a_request_that_met_a_dead_hop_is_decided_when_asked_again(stack: Stack) -> None:
    """The same request_id, asked again after OPA is back, is evaluated and approved."""
    stack.chain.processes[OPA].kill()
    first = stack.send(request_id="asked-again-after-opa")
    stack.chain.processes[OPA].start()
    stack.wait_whole()

    again = stack.send(request_id="asked-again-after-opa")

    assert first.kind == AnswerKind.NO_RESPONSE
    assert again.kind == AnswerKind.APPROVED


@contextmanager
def edge_behind_a_relay(stack: Stack) -> Iterator[HoldingRelay]:
    """The same stack with a relay between edge and policy tier, and with an edge that waits long for an answer."""
    usual = stack.chain.processes[EDGE]
    with holding_relay(to_port=stack.plan.ports.policy) as relay:
        changes = {"PLACET_EDGE_POLICY_TARGET": f"dns:///127.0.0.1:{relay.port}", "PLACET_EDGE_BUDGET_SECONDS": "60"}
        service = dataclasses.replace(usual.service, env={**usual.service.env, **changes})
        usual.stop()
        edge = stack.chain.processes[EDGE] = Process(service=service, log=usual.log)
        edge.start()
        stack.wait_ready(EDGE)
        yield relay
        edge.stop()
        stack.chain.processes[EDGE] = usual
        usual.start()
        stack.wait_ready(EDGE)


def test_an_edge_killed_between_record_and_answer_decides_again_when_asked_again(stack: Stack) -> None:
    """The recorded approval that nobody received is not given out later: asking again makes a record linked to it."""
    request_id = "killed-before-the-answer"
    with edge_behind_a_relay(stack) as relay, ThreadPoolExecutor(1) as node:
        assert stack.send().kind == AnswerKind.APPROVED
        relay.answering.clear()
        sent = node.submit(stack.send, request_id=request_id, seconds=60)
        while (first := stack.records().get(request_id)) is None:
            time.sleep(0.05)
        unanswered = not sent.done()
        stack.chain.processes[EDGE].kill()
        answer = sent.result()
        relay.answering.set()
        stack.chain.processes[EDGE].start()
        stack.wait_ready(EDGE)

        again = stack.send(request_id=request_id)

    second = stack.records()[request_id]
    assert unanswered
    assert (answer.kind, answer.http_status) == (AnswerKind.NO_RESPONSE, None)
    assert again.kind == AnswerKind.APPROVED
    assert (first["effect"], first["earlier"]) == ("ALLOW", [])
    assert second["decision_id"] != first["decision_id"]
    assert second["earlier"] == [first["decision_id"]]
