"""``python -m placet_policy explain --bundle PATH``: what would be decided, without ledger, gRPC or approval.

Each line of standard input is an object ``{callback_request, node, decision: {id, time}, history?}``; each line of
standard output is ``{facts, input, decision, amounts}`` for it, or ``{error}``; ``amounts`` is what leaves, in base
units by asset. ``history`` is the object ``input.history`` to decide with, as a record has it; without it the request
is decided as if nothing had been approved before. It is the service's own decoder and judgement, so that there is one
of each in the world (design section 8). Nothing here can answer a node: no key of anybody, no receipt.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from placet_callback.envelope import Ping

from placet_policy.codes import Code
from placet_policy.combine import pipeline_reason
from placet_policy.decision import Effect
from placet_policy.errors import BundleRefused, Indeterminate
from placet_policy.explain_line import LineRefused, Question, Questions
from placet_policy.facts.detail import kind_of
from placet_policy.gate import load_bundle
from placet_policy.judge import judge, prove_request
from placet_policy.leaving import leaving
from placet_policy.ledger.history import first_history
from placet_policy.ledger.reservations import reservation_of
from placet_policy.private_opa import find_opa, private_opa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType

    from placet_callback.strict_json import JSONValue

    from placet_policy.decision import Reason
    from placet_policy.facts.detail import ParsedRequest
    from placet_policy.facts.prove import Facts
    from placet_policy.gate import ActiveBundle
    from placet_policy.judge import DecidesInput

_TERMINATED: Final = 128 + signal.SIGTERM


def main(argv: Sequence[str]) -> int:
    """Run the ``explain`` subcommand.

    Returns:
        0 when every line was explained, 1 when one was not, 2 when nothing could be: no OPA, or a bundle that the gate
        refuses.
    """
    parser = argparse.ArgumentParser(prog="placet_policy explain", description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle.tar.gz to decide under")
    parser.add_argument("--opa", type=Path, help="the OPA to run; else PLACET_OPA, else opa on PATH")
    options = parser.parse_args(argv)
    binary = find_opa(options.opa, os.environ)
    if binary is None:
        return _fail("no OPA: give --opa, set PLACET_OPA, or put it on PATH")
    # The end of the program must end OPA too, also when it comes as a signal between two lines.
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return _explain_all(load_bundle(options.bundle), binary)
    except BundleRefused as e:
        return _fail(f"the bundle is refused: {e.reason} {e.path}".rstrip())
    except Indeterminate as e:
        return _fail(f"OPA is not usable: {e.cause}")
    except OSError as e:
        return _fail(f"OPA cannot be started: {e.strerror}")


async def explain(question: Question, *, bundle: ActiveBundle, opa: DecidesInput) -> dict[str, JSONValue]:
    """Return the answer to one question, as the module says, or ``{error}`` where the service would decide nothing."""
    request = question.request
    if isinstance(request, Ping):
        return {"error": "PING_NOT_EVALUATED"}
    head: dict[str, JSONValue] = {"id": question.occasion.decision_id, "request_id": request.request_id}
    if kind_of(request.request_type) is None:
        reason = pipeline_reason(Code.REQUEST_TYPE_UNKNOWN, detail=str(request.request_type))
        decision = head | _outcome(Effect.DENY, [reason], bundle)
        return {"facts": None, "input": None, "decision": decision, "amounts": {}}
    parsed, facts = await prove_request(request, bundle.registry)
    try:
        history = _history(question, parsed, facts, bundle)
        judged = await judge(parsed, facts, history=history, occasion=question.occasion, bundle=bundle, opa=opa)
    except Indeterminate as e:
        return {"error": f"{type(e).__name__}: {e.cause}"}
    decision = head | _outcome(judged.effect, judged.reasons, bundle)
    said = facts.to_json()
    amounts: dict[str, JSONValue] = {asset: str(amount) for asset, amount in sorted(leaving(said).items())}
    return {"facts": said, "input": judged.document, "decision": decision, "amounts": amounts}


def _history(question: Question, parsed: ParsedRequest, facts: Facts, bundle: ActiveBundle) -> JSONValue:
    if question.has_history:
        return question.history
    reservation = reservation_of(parsed.kind, facts)
    if reservation is None:
        return None
    return first_history(reservation, windows=bundle.windows, now=question.occasion.unix).to_json()


def _outcome(effect: Effect, reasons: Iterable[Reason], bundle: ActiveBundle) -> dict[str, JSONValue]:
    return {
        "effect": effect.value,
        "reasons": [reason.to_json() for reason in reasons],
        "revision": bundle.revision,
        "version": bundle.version,
    }


def _explain_all(bundle: ActiveBundle, binary: Path) -> int:
    """Answer line by line, so that a caller can ask, read, and ask again.

    The event loop runs only while there is a line to answer: a blocking read of standard input works for files, pipes
    and terminals alike.
    """
    questions, failed = Questions(), False
    with tempfile.TemporaryDirectory(prefix="placet-explain-") as folder, asyncio.Runner() as runner:
        context = private_opa(bundle, binary=binary, folder=Path(folder))
        opa = runner.run(context.__aenter__())
        try:
            for line in questions.lines(sys.stdin.buffer):
                try:
                    answer = runner.run(explain(questions.read(line), bundle=bundle, opa=opa))
                except LineRefused as e:
                    answer = {"error": e.reason}
                failed = failed or "error" in answer
                sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
                sys.stdout.flush()
        finally:
            runner.run(context.__aexit__(None, None, None))
    return 1 if failed else 0


def _terminated(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)


def _fail(problem: str) -> int:
    sys.stderr.write(f"explain: {problem}\n")
    return 2
