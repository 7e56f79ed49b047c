"""What must hold after disruptions under load: a node's answers beside what its samples deserve and the ledger has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RETRY_SECONDS = 3600.0
"""How long a node asks again: 60 tries with 60 seconds between them (the defaults of its configuration)."""
_ANSWERS = {"approved": "ALLOW", "rejected": "DENY"}
_SILENCE = "no response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of the stand-in.

    Attributes:
        kind: of ``placet_cli.node.reactions.AnswerKind``.
        signer: which of the server's keys signed the answer, 0 being the first; None where there is none.
        why: what was wrong.
        at: when it was sent, seconds since 1970.
        seconds: until the answer, or until there was none.
    """

    request_id: str
    sample: str
    kind: str
    signer: int | None
    why: str
    at: float
    seconds: float

    @property
    def answered_at(self) -> float:
        """When it ended, seconds since 1970."""
        return self.at + self.seconds


def by_request(tries: Iterable[Try]) -> Mapping[str, Sequence[Try]]:
    """The tries of every request, in their order."""
    found: dict[str, list[Try]] = defaultdict(list)
    for each in sorted(tries, key=lambda one: one.at):
        found[each.request_id].append(each)
    return found


def findings(tries: Sequence[Try], decisions: Iterable[Mapping[str, Any]], effects: Mapping[str, str]) -> list[str]:
    """Everything that is wrong, one sentence each.

    Args:
        tries: all of them.
        decisions: the ledger's, as ``ledger list --json`` gives them.
        effects: what each sample deserves: ``ALLOW``, ``DENY`` or ``HOLD``.
    """
    recorded: dict[str, set[str]] = defaultdict(set)
    found = []
    for each in decisions:
        recorded[each["request_id"]].add(each["effect"])
        if not each["verified"]:
            found.append(f"the record of decision {each['decision_id']} does not verify")
    for request_id, mine in by_request(tries).items():
        found += _about(request_id, mine, recorded[request_id], effects[mine[0].sample])
    return found


def _about(request_id: str, tries: Sequence[Try], recorded: set[str], deserved: str) -> Iterator[str]:
    who = f"{request_id} ({tries[0].sample})"
    answers = [_ANSWERS[each.kind] for each in tries if each.kind in _ANSWERS]
    for answer in answers:
        if answer != deserved:
            yield f"{who} deserves {deserved} and was told {answer}"
        if answer not in recorded:
            yield f"{who} was told {answer}, and the ledger has {sorted(recorded) or 'nothing'}"
    for each in tries:
        if each.kind not in {*_ANSWERS, _SILENCE}:
            yield f"{who} got what no node understands: {each.kind}: {each.why}"
    if deserved == "HOLD":
        if "HOLD" not in recorded:
            yield f"{who} was held by nobody: the ledger has {sorted(recorded) or 'nothing'}"
    elif not answers:
        yield f"{who} was never answered in {len(tries)} tries: {tries[-1].why}"
    elif tries[-1].answered_at - tries[0].at > RETRY_SECONDS:
        yield f"{who} was answered after {tries[-1].answered_at - tries[0].at:.0f} s, when no node asks any more"
