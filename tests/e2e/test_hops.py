"""Each hop killed and started again: no decision while it is down, decisions again afterwards."""

import pytest
from placet_cli.node.reactions import AnswerKind
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
    for name in (OPA, POLICY, EDGE):
        stack.chain.wait_ready(name)
    afterwards = stack.send()

    assert (while_down.kind, while_down.http_status) == (AnswerKind.NO_RESPONSE, None)
    assert afterwards.kind == AnswerKind.APPROVED


def test_a_request_that_met_a_dead_hop_is_decided_when_asked_again(stack: Stack) -> None:
    """The same request_id, asked again after OPA is back, is evaluated and approved."""
    stack.chain.processes[OPA].kill()
    first = stack.send(request_id="asked-again-after-opa")
    stack.chain.processes[OPA].start()
    for name in (OPA, POLICY, EDGE):
        stack.chain.wait_ready(name)

    again = stack.send(request_id="asked-again-after-opa")

    assert first.kind == AnswerKind.NO_RESPONSE
    assert again.kind == AnswerKind.APPROVED
