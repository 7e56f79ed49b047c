"""Decide recorded requests again: under their own release, bit for bit, or under another one, to see what it would do.

The code that decides is that of ``explain``. What is not in the request comes from the record: the time and the
history that OPA saw, the node, the decision's id. What the policy never saw is not decided again: a request that was
held by the stop, and one that the ledger's memory held: its request_id had been used for something else, or one of its
outpoints had been approved with another amount.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from placet_callback.canonical_base64 import NotCanonicalError, decode_padded, decode_url

from placet_policy.audit.difference import Difference, first_difference
from placet_policy.audit.evidence import EvidenceCheck
from placet_policy.codes import Code
from placet_policy.explain import explain
from placet_policy.explain_line import LineRefused, Question, Questions
from placet_policy.gate import parse_bundle
from placet_policy.judge import Occasion
from placet_policy.ledger.record import json_text

if TYPE_CHECKING:
    from placet_policy.audit.items import StoredContents, StoredRecord
    from placet_policy.gate import ActiveBundle
    from placet_policy.judge import DecidesInput

_MICROSECONDS: Final = 1_000_000
_DIGESTS: Final = EvidenceCheck(nodes=None)


class Skipped(StrEnum):
    """Why a record is not decided again."""

    NO_CONTENTS = "its contents are archived or missing"
    DAMAGED = "its contents are not readable: run verify"
    STOPPED = "it was held by the stop, and no policy was asked"
    REUSED = "its request_id had been used for something else, and no policy was asked"
    OTHER_AMOUNT = "an outpoint had been approved with another amount, and no policy was asked"
    NO_RELEASE = "no release was active"


_NOT_ASKED: Final = {
    Code.STOPPED: Skipped.STOPPED,
    Code.REQUEST_ID_REUSED: Skipped.REUSED,
    Code.OUTPOINT_AMOUNT_DIFFERS: Skipped.OTHER_AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A record that can be decided again.

    Attributes:
        stored: the record.
        contents: its contents.
        question: what was asked, when, and by whom.
    """

    stored: StoredRecord
    contents: StoredContents
    question: Question


def recorded_bundle(revision: str, content: bytes) -> ActiveBundle:
    """Return a release as it was when it was active, from the archive that OPA was served then.

    Raises:
        BundleRefused: it is not one that the gate of this program would have made.
    """
    # The archive is the gate's own repacking: opened again it gives the same registry and profiles, and the revision
    # inside it is that of the file as it was delivered.
    return replace(parse_bundle(content), revision=revision, served=content)


def ask_again(stored: StoredRecord, *, questions: Questions) -> Recorded | Skipped:
    """Return the question that a decision's record answers, or why there is none."""
    contents = stored.contents
    if contents is None:
        return Skipped.NO_CONTENTS
    undecided = _undecided(stored, contents)
    if undecided is not None:
        return undecided
    try:
        document = None if contents.input is None else json.loads(contents.input)
        package = package_of(contents.token or "")
        occasion = _occasion(stored, document)
        request = questions.request(package, now=occasion.unix)
        # The ledger's memory is not asked again: it has grown since. What OPA saw of it is in the recorded input.
        history = None if document is None else document["history"]
    except (ValueError, KeyError, TypeError, NotCanonicalError, LineRefused):
        return Skipped.DAMAGED
    question = Question(request=request, occasion=occasion, history=history, has_history=document is not None)
    return Recorded(stored=stored, contents=contents, question=question)


def _undecided(stored: StoredRecord, contents: StoredContents) -> Skipped | None:
    """Say why no policy would be asked again."""
    asked, codes = contents.input is not None, str(stored.row["codes"])
    if any(_DIGESTS.findings(stored, contents)):
        return Skipped.DAMAGED
    for code, skipped in _NOT_ASKED.items():
        if not asked and f'"{code}"' in codes:
            return skipped
    return Skipped.NO_RELEASE if stored.row["revision"] is None else None


async def differs(recorded: Recorded, *, bundle: ActiveBundle, opa: DecidesInput) -> Difference | None:
    """Decide again and return the first difference; None when facts, input and decision are the same, bit for bit."""
    answer = await explain(recorded.question, bundle=bundle, opa=opa)
    if "error" in answer:
        return Difference("$", "a decision", answer["error"])
    decision = answer["decision"]
    outcome = {name: decision[name] for name in ("effect", "reasons")} if isinstance(decision, dict) else None
    contents = recorded.contents
    for name, now, then in (
        ("facts", answer["facts"], contents.facts),
        ("input", answer["input"], contents.input),
        ("decision", outcome, contents.decision),
    ):
        text = None if now is None else json_text(now)
        if text != then:
            return _named(name, then, text)
    return None


def _named(name: str, then: str | None, now: str | None) -> Difference:
    recorded, found = ({name: None if text is None else json.loads(text)} for text in (then, now))
    same_values = Difference(f"$.{name}", "the same values, written otherwise", "")
    return first_difference(recorded, found) or same_values


def package_of(token: str) -> bytes:
    """Return what a token carries. Who signed it is for ``verify`` to say.

    Raises:
        ValueError, KeyError, TypeError, NotCanonicalError: the text is no such token.
    """
    _header, claims, _signature = token.split(".")
    said = json.loads(decode_url(claims))
    return decode_padded(said["package_data"])


def _occasion(stored: StoredRecord, document: Any) -> Occasion:
    decided_at = stored.row["decided_at"]
    unix = document["decision"]["unix"] if document is not None else int(str(decided_at)) // _MICROSECONDS
    return Occasion(
        decision_id=str(stored.row["decision_id"]),
        unix=unix,
        node=str(stored.row["node"]),
        key_id=str(stored.row["key_id"]),
    )
