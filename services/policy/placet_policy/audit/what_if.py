"""What another release would have done with recorded requests: newly approved, newly rejected, newly held."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from placet_policy.explain import explain
from placet_policy.leaving import leaving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from placet_callback.strict_json import JSONValue

    from placet_policy.audit.replay import Recorded
    from placet_policy.gate import ActiveBundle
    from placet_policy.judge import DecidesInput

CHANGES: Final = {"ALLOW": "newly_approved", "DENY": "newly_rejected", "HOLD": "newly_held", "ERROR": "no_decision"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One decision that would have been another.

    Attributes:
        decision_id: of the record.
        node: whose request it was.
        request_id: the node's.
        change: a value of ``CHANGES``.
        before: the recorded effect.
        after: the effect under the other release; ``ERROR`` for an evaluation that has none.
        codes: the reasons' codes under the other release, or the error.
        summary: what the request does, in sentences.
        amounts: base units that leave, by asset.
    """

    decision_id: str
    node: str
    request_id: str
    change: str
    before: str
    after: str
    codes: tuple[str, ...]
    summary: tuple[str, ...]
    amounts: Mapping[str, int]

    def to_json(self) -> dict[str, JSONValue]:
        """Return the object that ``replay --policy --json`` writes."""
        return {
            "decision_id": self.decision_id,
            "node": self.node,
            "request_id": self.request_id,
            "change": self.change,
            "before": self.before,
            "after": self.after,
            "codes": list(self.codes),
            "summary": list(self.summary),
            "amounts": {asset: str(amount) for asset, amount in self.amounts.items()},
        }


@dataclass(slots=True)
class Totals:
    """What changed altogether. A request that was asked many times counts its decisions, and its amounts once.

    Attributes:
        compared: decisions that were made again.
        decisions: by change.
        requests: distinct requests by change.
        amounts: base units by change and asset.
    """

    compared: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    amounts: dict[str, Counter[str]] = field(default_factory=dict)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, change: Change) -> None:
        """Count a change."""
        self.decisions[change.change] += 1
        key = (change.change, change.node, change.request_id)
        if key in self._seen:
            return
        self._seen.add(key)
        self.requests[change.change] += 1
        self.amounts.setdefault(change.change, Counter()).update(change.amounts)

    def to_json(self) -> dict[str, JSONValue]:
        """Return the last object that ``replay --policy --json`` writes."""
        changes: dict[str, JSONValue] = {
            name: {
                "decisions": self.decisions[name],
                "requests": self.requests[name],
                "amounts": {asset: str(amount) for asset, amount in sorted(self.amounts.get(name, {}).items())},
            }
            for name in CHANGES.values()
        }
        return {"compared": self.compared, **changes}


async def change_of(recorded: Recorded, *, bundle: ActiveBundle, opa: DecidesInput) -> Change | None:
    """Decide under another release; None when the effect is the same."""
    answer = await explain(recorded.question, bundle=bundle, opa=opa)
    after, codes = _outcome(answer)
    row = recorded.stored.row
    if after == row["effect"]:
        return None
    facts: Any = answer.get("facts") or {}
    return Change(
        decision_id=str(row["decision_id"]),
        node=str(row["node"]),
        request_id=str(row["request_id"]),
        change=CHANGES[after],
        before=str(row["effect"]),
        after=after,
        codes=codes,
        summary=tuple(facts.get("summary", ())),
        amounts=leaving(facts),
    )


def _outcome(answer: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    if "error" in answer:
        return "ERROR", (str(answer["error"]),)
    decision = answer["decision"]
    return str(decision["effect"]), tuple(str(reason["code"]) for reason in decision["reasons"])


def table(totals: Totals) -> Iterator[str]:
    """Yield the totals as lines for people."""
    yield f"{'change':<16}{'decisions':>10}{'requests':>10}  amounts in base units"
    for name in CHANGES.values():
        amounts = sorted(totals.amounts.get(name, {}).items())
        shown = [f"{amount} {asset}" for asset, amount in amounts] or ["-"]
        yield f"{name.replace('_', ' '):<16}{totals.decisions[name]:>10}{totals.requests[name]:>10}  {shown[0]}"
        yield from (" " * 38 + line for line in shown[1:])
