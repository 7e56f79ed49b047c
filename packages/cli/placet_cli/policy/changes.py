"""What two releases decide of one request, and how the later decision is another one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Source(StrEnum):
    """Where a compared request comes from."""

    SAMPLE = "sample"
    CASE = "case"
    RECORDED = "recorded"


class Kind(StrEnum):
    """What became of a decision, the gravest first."""

    APPROVED = "newly approved"
    REJECTED = "newly rejected"
    HELD = "newly held"
    FAILED = "no decision any more"
    REASONS = "changed reasons"


_KINDS = {"allow": Kind.APPROVED, "deny": Kind.REJECTED, "hold": Kind.HELD, "error": Kind.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One decision under one release.

    Attributes:
        effect: allow, hold or deny; error where there is no decision.
        reasons: Rule and code of each reason; for an error what is said about it, without a rule.
        summary: What the request does, in sentences.
        amounts: Base units that leave, by asset.
    """

    effect: str
    reasons: tuple[tuple[str, str], ...]
    summary: tuple[str, ...] = ()
    amounts: Mapping[str, int] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """The codes of the reasons."""
        return [code for _, code in self.reasons]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A request that the two releases decide differently.

    Attributes:
        source: Where the request comes from.
        name: The sample's id, the case's name, or the recorded decision's id.
        request: What counts as one request, however often it was asked.
        kind: What became of it.
        before: Under the first release.
        after: Under the second one.
    """

    source: Source
    name: str
    request: str
    kind: Kind
    before: Outcome
    after: Outcome

    def to_json(self) -> dict[str, Any]:
        """The change as ``--json`` writes it."""
        return {
            "source": str(self.source),
            "name": self.name,
            "change": self.kind.replace(" ", "_"),
            "before": {"effect": self.before.effect, "codes": self.before.codes},
            "after": {"effect": self.after.effect, "codes": self.after.codes},
            "summary": list(self.after.summary or self.before.summary),
            "amounts": {asset: str(amount) for asset, amount in sorted(self.amounts.items())},
        }

    @property
    def amounts(self) -> Mapping[str, int]:
        """What leaves by the request, by the later release's facts where it has any."""
        return self.after.amounts or self.before.amounts


def change_of(source: Source, name: str, before: Outcome, after: Outcome, *, request: str = "") -> Change | None:
    """Compare two decisions; None where effect and codes are the same, in whatever order."""
    if before.effect != after.effect:
        kind = _KINDS[after.effect]
    elif set(before.reasons) != set(after.reasons):
        kind = Kind.REASONS
    else:
        return None
    return Change(source=source, name=name, request=request or name, kind=kind, before=before, after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The changes of one kind and source together.

    Attributes:
        kind: The kind.
        source: The source.
        decisions: How many decisions.
        requests: How many different requests.
        amounts: Base units that leave by these requests, each counted once, by asset.
    """

    kind: Kind
    source: Source
    decisions: int
    requests: int
    amounts: Mapping[str, int]


def totals(changes: Iterable[Change]) -> list[Total]:
    """Add up changes by kind and source, in the order of both."""
    grouped: dict[tuple[Kind, Source], list[Change]] = {}
    for change in changes:
        grouped.setdefault((change.kind, change.source), []).append(change)
    return [
        _total(kind, source, grouped[kind, source]) for kind in Kind for source in Source if (kind, source) in grouped
    ]


def _total(kind: Kind, source: Source, changes: list[Change]) -> Total:
    requests = {change.request: change for change in changes}
    amounts: Counter[str] = Counter()
    for change in requests.values():
        amounts.update(change.amounts)
    return Total(kind=kind, source=source, decisions=len(changes), requests=len(requests), amounts=amounts)
