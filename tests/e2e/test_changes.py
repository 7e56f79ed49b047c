"""What changes while the stack runs: the bundle, the stop file, a request that is not what it was."""

import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import Answer
from placet_cli.stack.services import POLICY
from stack import ALLOWED, POLICIES, Stack, named

DESTINATIONS = Path("placet/rules/destination_allowlist/data.json")


def ask_until(ask: Callable[[], Answer], kind: AnswerKind) -> Answer:
    """Ask again until an answer of this kind comes; the test's own time limit ends the wait."""
    while (answer := ask()).kind != kind:
        time.sleep(0.1)
    return answer


def policies_without_destinations(folder: Path) -> Path:
    """A copy of the policies in which the demonstration data lists no destination but one that nobody uses."""
    shutil.copytree(POLICIES, folder)
    nobody = {"destinations": {"ETH": {"0x" + "00" * 19 + "01": {"label": "nobody"}}}}
    (folder / "demo" / DESTINATIONS).write_text(json.dumps(nobody))
    return folder


def test_a_new_bundle_becomes_active_and_the_old_one_again(stack: Stack, tmp_path: Path) -> None:
    """A destination that the new bundle does not list is refused without a restart; the old bundle allows it again."""
    assert stack.send().kind == AnswerKind.APPROVED

    stack.release(policies_without_destinations(tmp_path / "policies"))
    refused = ask_until(lambda: stack.send(request_id=f"released-{time.monotonic_ns()}"), AnswerKind.REJECTED)
    stack.release(POLICIES)
    ask_until(stack.send, AnswerKind.APPROVED)

    assert refused.error is not None
    assert refused.error.startswith("DESTINATION_NOT_ALLOWED")


def test_an_unreadable_bundle_leaves_the_old_one_active(stack: Stack) -> None:
    """A broken release refuses nothing: the last good policy goes on deciding."""
    good = stack.plan.layout.bundle.read_bytes()
    stack.plan.layout.bundle.write_bytes(b"no bundle")
    while b"bundle_refused" not in stack.plan.layout.log(POLICY).read_bytes():
        time.sleep(0.1)

    answer = stack.send()
    stack.plan.layout.bundle.write_bytes(good)

    assert answer.kind == AnswerKind.APPROVED


def test_the_stop_file_holds_everything_while_it_is_there(stack: Stack) -> None:
    """With the file there is no answer and a recorded HOLD; without it the same request is approved."""
    stack.plan.layout.stop_file.touch()
    held = ask_until(lambda: stack.send(request_id="stopped-1"), AnswerKind.NO_RESPONSE)
    codes = stack.codes("stopped-1")
    stack.plan.layout.stop_file.unlink()
    ask_until(lambda: stack.send(request_id="stopped-1"), AnswerKind.APPROVED)

    assert held.http_status is None
    assert codes == ["STOPPED"]


def test_a_ping_is_answered_while_stopped(stack: Stack) -> None:
    """Stopping holds decisions; it does not take the callback server away from the node."""
    stack.plan.layout.stop_file.touch()
    answer = stack.send("ping_type_only")
    stack.plan.layout.stop_file.unlink()

    assert (answer.status, answer.action) == (0, None)


def test_a_request_id_with_other_detail_gets_no_decision(stack: Stack) -> None:
    """Under one request_id only byte-equal detail is decided; another is held as REQUEST_ID_REUSED."""
    assert stack.send(request_id="reused-1").kind == AnswerKind.APPROVED

    other = stack.send("keysign_eth_erc20_transfer", request_id="reused-1")

    assert other.kind == AnswerKind.NO_RESPONSE
    assert stack.codes("reused-1") == ["REQUEST_ID_REUSED"]


def test_a_request_that_was_refused_is_not_laundered_by_its_id(stack: Stack) -> None:
    """A harmless request under the id of a refused one is held too."""
    assert stack.send("a09_destination_mismatch", request_id="reused-2").kind == AnswerKind.REJECTED

    assert stack.send(request_id="reused-2").kind == AnswerKind.NO_RESPONSE


def test_the_same_request_asked_again_is_evaluated_again(stack: Stack) -> None:
    """A retry with the same detail gets its answer, and the records are linked."""
    assert stack.send(request_id="retried-1").kind == AnswerKind.APPROVED
    first = stack.records()["retried-1"]

    assert stack.send(request_id="retried-1").kind == AnswerKind.APPROVED

    again = stack.records()["retried-1"]
    assert again["decision_id"] != first["decision_id"]
    assert again["earlier"] == [first["decision_id"]]


def test_the_same_detail_with_other_extra_info_is_evaluated_again(stack: Stack) -> None:
    """Only the detail is what is signed: other extra_info under the same id is judged on its own."""
    allowed = named(ALLOWED)
    spaced = dataclasses.replace(
        allowed, request=dict(allowed.request) | {"extra_info": allowed.request["extra_info"] + " "}
    )
    assert stack.send(request_id="extra-1").kind == AnswerKind.APPROVED

    assert stack.send_sample(spaced, request_id="extra-1").kind == AnswerKind.APPROVED
