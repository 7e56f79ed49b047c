"""One recommended check: where it is made, what it gives and which test provokes it, or why it is not made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_policy.codes import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A line of docs/checks.md; a test proves that its modules, codes, rules and tests exist and belong together.

    Attributes:
        id: The protocol's number or section and what it calls the check, e.g. `BP-05` or `d.2 KeyGen threshold`.
        what: What is compared, one sentence.
        where: Modules of the policy service that give the codes, e.g. `facts/signer.py`.
        codes: What the facts say when it fails.
        rules: Codes of the Rego rules that judge it; effect, rule and cases are read from there.
        tests: `file::test` below tests/unit/policy/facts, each in a file that names one of the codes.
        unmade: Why it is not made, or not wholly; empty when it is.
    """

    id: str
    what: str
    where: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    unmade: str = ""


def made(name: str, what: str, where: str, codes: tuple[Code, ...], test: str, *rules: str) -> Check:
    """A check of the facts.

    Args:
        name: The check's id.
        what: What is compared.
        where: Modules, separated by blanks.
        codes: What the facts say when it fails.
        test: `file::test`, several separated by blanks; `.py` is added.
        *rules: Codes of rules that judge it beside.
    """
    tests = tuple(one.replace("::", ".py::") for one in test.split())
    return Check(id=name, what=what, where=tuple(where.split()), codes=codes, tests=tests, rules=rules)


def judged(name: str, what: str, *rules: str, unmade: str = "") -> Check:
    """A check that rules make from what the facts prove."""
    return Check(id=name, what=what, rules=rules, unmade=unmade)


def unmade(name: str, what: str, why: str) -> Check:
    """A check that is not made."""
    return Check(id=name, what=what, unmade=why)
