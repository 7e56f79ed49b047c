"""What ``placet policy try`` says: for people, and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from placet_cli.policy.tracing import CodeTrace, Condition, RuleTrace

_MARKS = {"allow": "✓", "hold": "…", "deny": "✗"}
_WORDS = {
    "allow": "ALLOW: the node would be answered APPROVE",
    "hold": "HOLD: no decision; the node would ask again, and people look",
    "deny": "DENY: the node would be answered REJECT, for good",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One request, tried.

    Attributes:
        name: The request, for people.
        release: The bundle or folder, for people.
        facts: The facts; None where the request is of a type that nobody knows.
        effect: allow, hold or deny.
        reasons: Code, rule, message and remediation of each.
        rules: What each rule of the bundle said.
        notes: What a reader must know about this answer, in sentences.
        of_rules: Whether the effect is what the rules say about facts that nobody proved, and not a decision.
    """

    name: str
    release: str
    facts: Mapping[str, Any] | None
    effect: str
    reasons: list[dict[str, Any]]
    rules: tuple[RuleTrace, ...]
    notes: tuple[str, ...]
    of_rules: bool = False


def as_json(report: Report) -> str:
    """The whole report as one object."""
    return json.dumps(asdict(report), indent=2) + "\n"


def as_text(report: Report) -> str:
    """The report for people. What comes from a request cannot drive a terminal or break a line."""
    return "".join(f"{_printable(line).rstrip()}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.name}, under {report.release}"
    yield from (f"  note: {note}" for note in report.notes)
    yield ""
    yield from _facts(report.facts)
    yield ""
    yield _effect(report)
    for reason in report.reasons:
        yield f"  {reason['code']} ({reason['rule']}): {reason['message']}"
        if reason.get("remediation"):
            yield f"    what to do: {reason['remediation']}"
    yield ""
    asked = [rule for rule in report.rules if rule.asked]
    yield f"Rules  {len(asked)} asked"
    for rule in asked:
        yield from _rule(rule)
    others = [rule.name for rule in report.rules if not rule.asked]
    if others:
        yield f"Not asked, because the profile of this request does not name them: {', '.join(others)}"


def _effect(report: Report) -> str:
    mark = _MARKS.get(report.effect, "?")
    if report.of_rules:
        return f"The rules say  {mark} {report.effect.upper()}"
    return f"Decision  {mark} {_WORDS.get(report.effect, report.effect)}"


def _facts(facts: Mapping[str, Any] | None) -> Iterator[str]:
    if facts is None:
        yield "Facts  none: nobody knows this type of request"
        return
    yield f"Facts  {facts.get('status', 'without a status')}"
    yield from (f"  {sentence}" for sentence in facts.get("summary") or ())
    signer = facts.get("signer") or {}
    if signer.get("group"):
        yield f"  Signed by a key of group {signer['group']}."
    for missing in facts.get("missing") or ():
        yield f"  Missing: {missing.get('code')} at {missing.get('path')}"


def _rule(rule: RuleTrace) -> Iterator[str]:
    fired = {code.effect for code in rule.codes if code.fired}
    said = "denies" if "deny" in fired else "holds" if fired else "has no objection"
    yield f"  {rule.name} {said}"
    for code in rule.codes:
        yield f"    {_MARKS[code.effect] if code.fired else '·'} {_code(code)}"


def _code(code: CodeTrace) -> str:
    if code.fired:
        return f"{code.code}: {code.message} [{_because(code)}]"
    return f"{code.code} did not fire ({_because(code)})"


def _because(code: CodeTrace) -> str:
    decisive = [each for each in code.conditions if code.fired or not each.met]
    if not decisive:
        return "its condition is met" if code.fired else "its condition is not met"
    return ", ".join(_said(each) for each in decisive)


def _said(condition: Condition) -> str:
    words = condition.helper.strip("_").replace("_", " ")
    return f"“{words}” is {'true' if condition.true else 'not true'}"


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
