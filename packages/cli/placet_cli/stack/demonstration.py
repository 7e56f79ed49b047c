"""Send every sample through the stand-in, and set what came back beside what was expected."""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import Answer, ask
from placet_cli.node.transport import http_client
from placet_cli.samples import Sample
from placet_cli.stack.errors import StackError
from placet_cli.stack.stand_in import StandIn

_NODE_ANSWER = {"ALLOW": AnswerKind.APPROVED, "DENY": AnswerKind.REJECTED, "HOLD": AnswerKind.NO_RESPONSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One sample that has been sent.

    Attributes:
        request_id: the fresh id it was sent under; None for a ping without one.
    """

    sample: Sample
    request_id: str | None
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        words: what the request does, as the ledger record says it.
        answer: what the node was told.
        reasons: why, as the ledger record says it; empty for an approval.
        differences: how it differs from what was expected; empty when it does not.
    """

    sample_id: str
    words: str
    answer: str
    reasons: tuple[str, ...]
    differences: tuple[str, ...]


def send_samples(samples: Sequence[Sample], *, stand_in: StandIn) -> Iterator[Sent]:
    """Send each sample once, under a fresh request_id, and yield what came back."""
    with http_client(ca_file=stand_in.ca_file) as client:
        for sample in samples:
            package, request_id = sample.package()
            answer = ask(
                stand_in.server, stand_in.key, package, request_id=request_id, client=client, ping=sample.is_ping
            )
            yield Sent(sample=sample, request_id=request_id, answer=answer)


def read_records(ledger_url: str) -> dict[str, Mapping[str, Any]]:
    """The newest ledger record of every request_id.

    Raises:
        StackError: the ledger could not be read.
    """
    command = [sys.executable, "-m", "placet_policy", "ledger", "list", "--url", ledger_url, "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # the command is ours
    if done.returncode:
        raise StackError(f"the ledger could not be read: {done.stderr.strip()}")
    records = [json.loads(line) for line in done.stdout.splitlines() if line]
    return {record["request_id"]: record for record in records if record["kind"] == "decision"}


def row(sent: Sent, record: Mapping[str, Any] | None) -> Row:
    """The table's line about one sample."""
    return Row(
        sample_id=sent.sample.id,
        words=_words(sent, record),
        answer=_answer_words(sent.answer, record),
        reasons=_reasons(sent.answer, record),
        differences=tuple(_differences(sent, record)),
    )


def _words(sent: Sent, record: Mapping[str, Any] | None) -> str:
    facts = record["facts"] if record is not None else None
    return " ".join(facts["summary"] if facts else ()) or sent.sample.title


def _answer_words(answer: Answer, record: Mapping[str, Any] | None) -> str:
    if answer.kind == AnswerKind.NO_RESPONSE:
        return "no answer (HOLD)" if record is not None and record["effect"] == "HOLD" else "no answer"
    if answer.kind == AnswerKind.UNDOCUMENTED:
        return "undocumented"
    return answer.action or f"status {answer.status}"


def _reasons(answer: Answer, record: Mapping[str, Any] | None) -> tuple[str, ...]:
    if record is None:
        return (answer.why,) if answer.why else ()
    return tuple(f"{reason['code']}: {reason['message']}" for reason in record["reasons"])


def _differences(sent: Sent, record: Mapping[str, Any] | None) -> Iterator[str]:
    if sent.sample.is_ping:
        yield from _ping_differences(sent.answer, record)
        return
    expected = sent.sample.expected
    kind = _NODE_ANSWER[expected.effect]
    if sent.answer.kind != kind:
        yield f"the node was told: {sent.answer.kind} ({sent.answer.why}); expected: {kind}"
    if record is None:
        yield "the ledger has no record of it"
        return
    if record["effect"] != expected.effect:
        yield f"the effect is {record['effect']}; expected: {expected.effect}"
    codes = {reason["code"] for reason in record["reasons"]}
    if codes != set(expected.codes):
        yield f"the codes are {_listed(codes)}; expected: {_listed(expected.codes)}"


def _ping_differences(answer: Answer, record: Mapping[str, Any] | None) -> Iterator[str]:
    if answer.status != 0 or answer.action is not None:
        yield f"the ping was answered: {answer.kind} ({answer.why}); expected: status 0 without action"
    if record is not None:
        yield "a ping left a decision in the ledger"


def _listed(codes: Collection[str]) -> str:
    return ", ".join(sorted(codes)) or "none"
