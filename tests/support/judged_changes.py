"""Changed requests, judged as a whole: no ALLOW unless bytes and declaration still mean the same.

What a request means is said by the oracle of its subject and by nothing of the product.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from evaluation import ACTIVE, ALLOW
from facts_cases import codes
from facts_cases import request as callback_request
from mutation import Change
from mutation_counts import Counts
from placet_callback.strict_json import JSONValue
from placet_policy.facts.prove import Facts
from placet_policy.judge import Occasion, judge, prove_request
from placet_policy.opa import OpaResult
from placet_policy.registry import Registry

_BATCH = 2_000
"""Changes that are in memory at once, and in one question to the oracle."""
_OCCASION = Occasion(decision_id="id-1", unix=1_790_000_000, node="node-a", key_id="00")


class Subject(Protocol):
    """One sort of request, its changes and its oracle.

    Attributes:
        request_type: The envelope's number.
        registry: What its requests are proven with.
        exact: Whether what means the same must be proven, too.
    """

    request_type: int
    registry: Registry
    exact: bool

    def honest(self, count: int, numbers: random.Random) -> Sequence[Any]:
        """Cases, each an honest request and what belongs to it."""
        ...

    def changed_bytes(self, one: Any, other: Any, numbers: random.Random) -> Change:
        """What is signed is changed."""
        ...

    def declared(self, one: Any, other: Any, numbers: random.Random) -> Change:
        """One declared field is changed."""
        ...

    def swap(self, one: Any, other: Any, numbers: random.Random) -> Change:
        """A part of another valid request is put in its place."""
        ...

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """For each change whether bytes and declaration mean the same, as the oracle reads them."""
        ...


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the changes.

    Attributes:
        changed: How many there were of each kind.
        proven: How many were PROVEN and allowed, because they mean the same, by name.
        survivors: Everything about those that came out otherwise than the oracle says.
    """

    changed: Counter[str] = field(default_factory=Counter)
    proven: Counter[str] = field(default_factory=Counter)
    survivors: list[dict[str, Any]] = field(default_factory=list)

    def line(self, name: str) -> str:
        """One line for people."""
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.changed.items())
        return (
            f"{name}: {self.changed.total():,} changed ({kinds}), {self.proven.total():,} PROVEN because they mean the "
            f"same, {len(self.survivors)} survivors"
        )


def change_all(subject: Subject, counts: Counts, seed: int) -> Tally:
    """Make and judge as many changes as asked for, of random honest requests."""
    tally, numbers = Tally(), random.Random(seed)
    left = {"bytes": counts.changed_bytes, "declared": counts.declared, "swaps": counts.swaps}
    while any(left.values()):
        share = {kind: min(count, -(-_BATCH * count // sum(left.values()))) for kind, count in left.items()}
        _judge_batch(subject, share, numbers, tally)
        left = {kind: count - share[kind] for kind, count in left.items()}
    return tally


def _judge_batch(subject: Subject, share: Mapping[str, int], numbers: random.Random, tally: Tally) -> None:
    # Four changes of each honest request, so that few have to be built.
    cases = subject.honest(max(2, sum(share.values()) // 4), numbers)
    makers = {"bytes": subject.changed_bytes, "declared": subject.declared, "swaps": subject.swap}
    changes = []
    for kind, count in share.items():
        changes += [makers[kind](*_two(cases, index, numbers), numbers) for index in range(count)]
        tally.changed[kind] += count
    agreeing = iter(subject.same([change for change in changes if not change.never]))
    for change, (found, effect) in zip(changes, asyncio.run(_judge_all(subject, changes)), strict=True):
        _count(subject, change, found, effect, tally, same=not change.never and next(agreeing))


def _two(cases: Sequence[Any], index: int, numbers: random.Random) -> tuple[Any, Any]:
    """Each case in turn, and any other one."""
    return cases[index % len(cases)], cases[(index + numbers.randrange(1, len(cases))) % len(cases)]


def _count(subject: Subject, change: Change, found: Facts, effect: str, tally: Tally, *, same: bool) -> None:
    proven = found.status == "PROVEN"
    tally.proven[change.name] += proven
    wrongly_proven = proven and not same
    wrongly_refused = subject.exact and same and not proven and not change.odd
    if wrongly_proven or wrongly_refused or (effect == "ALLOW") != proven:
        tally.survivors.append(
            {
                "change": change.name,
                "status": str(found.status),
                "effect": effect,
                "codes": codes(found),
                "means the same": same,
                "request": change.request,
            }
        )


async def _judge_all(subject: Subject, changes: Sequence[Change]) -> list[tuple[Facts, str]]:
    """Facts and effect of each, with a policy that allows whatever it is asked."""
    return [await _judged(subject, change) for change in changes]


async def _judged(subject: Subject, change: Change) -> tuple[Facts, str]:
    asked = callback_request(subject.request_type, change.request["detail"], change.request["extra"])
    parsed, found = await prove_request(asked, subject.registry)
    judgement = await judge(parsed, found, history=None, occasion=_OCCASION, bundle=ACTIVE, opa=_AllowsEverything())
    return found, judgement.effect.name


class _AllowsEverything:
    async def decide(self, _document: Mapping[str, JSONValue]) -> OpaResult:
        return OpaResult(result=ALLOW, revision=ACTIVE.revision, version="1.22.2")


def lines_of(survivors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each survivor in full."""
    for survivor in survivors:
        yield "\n".join(f"  {name}: {value}" for name, value in survivor.items())
