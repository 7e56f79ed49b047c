"""EVM transactions as a subject of changes: ethers builds the honest ones and their twins, and reads changed ones."""

import dataclasses
import random
from collections.abc import Sequence
from typing import Any

from ethers_oracle import ask, keep
from evm_honest import REGISTRY, request, wish
from evm_mutations import bytes_changed, declared_changed, swapped, twin_changed, twin_wish
from evm_verdict import agrees, questions
from facts_cases import parsed
from mutation import Change
from placet_policy.facts.prove import prove


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An honest request.

    Attributes:
        request: What is asked.
        twin: The wish for another transaction that differs in one field.
        twin_built: What ethers made of it, or {"refused": why}.
    """

    request: dict[str, Any]
    twin: dict[str, Any]
    twin_built: dict[str, Any]


class EvmTransactions:
    """Payments, calls, creations and drops."""

    request_type = 2
    registry = REGISTRY
    exact = True

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random wishes as built, each with a twin."""
        wishes = [wish(numbers) for _ in range(count)]
        built = keep(ask(wishes))
        twins = [twin_wish(wished, one, numbers) for wished, one in zip(wishes, built, strict=True)]
        requests = [request(wished, one, numbers) for wished, one in zip(wishes, built, strict=True)]
        parts = zip(requests, twins, ask(twins), strict=True)
        return [Case(request=one, twin=twin, twin_built=twin_built) for one, twin, twin_built in parts]

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """Damaged bytes, or those of the twin; ethers builds no twin with more coins than there can be."""
        if "refused" not in one.twin_built and numbers.random() < 0.5:
            return twin_changed(one.request, one.twin, one.twin_built)
        return _rehashed(bytes_changed(one.request, other.request, numbers))

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        return declared_changed(one.request, numbers)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        return swapped(one.request, other.request, numbers)

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether ethers reads in the bytes what is declared."""
        asked = [questions(change.request) for change in changes]
        answers = iter(ask([question for each in asked for question in each]))
        return [
            agrees(change.request, [next(answers) for _ in each]) for change, each in zip(changes, asked, strict=True)
        ]


def _rehashed(change: Change) -> Change:
    """With the hash of the changed bytes, where it is asked for; it is compared with that of ethers later."""
    if not change.rehash:
        return change
    found = prove(parsed(2, change.request["detail"], change.request["extra"]), REGISTRY)
    detail = {**change.request["detail"], "msg_hash_list": [found.hashes[0]["hash"]]}
    return dataclasses.replace(change, request={**change.request, "detail": detail})
