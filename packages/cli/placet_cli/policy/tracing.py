"""Which codes of which rules fired on one input document, and which helpers of the rules made them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.heads import EFFECTS, Head, Heads, evaluate, read_heads
from placet_cli.policy.release import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One helper in the body of a code's rule.

    Attributes:
        helper: Its name in Rego.
        wanted: Whether it must be true for the code to fire; else it must not.
        true: Whether it is true for this input; undefined is not.
    """

    helper: str
    wanted: bool
    true: bool

    @property
    def met(self) -> bool:
        """Whether it lets the code fire."""
        return self.wanted == self.true


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTrace:
    """A reason code that a rule can give.

    Attributes:
        code: The code.
        effect: ``deny`` or ``hold``; empty for a code that has a title and no head of its own.
        fired: Whether it did.
        title: What it says of every request.
        message: What it says of this one; the title where it did not fire.
        remediation: What a person should do.
        conditions: The helpers in its body, as far as the body is made of helpers.
    """

    code: str
    effect: str
    fired: bool
    title: str
    message: str
    remediation: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrace:
    """A rule of the bundle.

    Attributes:
        name: The directory under ``rules``.
        asked: Whether the profile of this request names it and it could be asked.
        codes: Its codes, by name.
    """

    name: str
    asked: bool
    codes: tuple[CodeTrace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the rules say of one input document.

    Attributes:
        decision: The ``placet.decision/v1`` document.
        rules: Every rule of the bundle, by name.
    """

    decision: dict[str, Any]
    rules: tuple[RuleTrace, ...]


def trace(release: Release, document: Mapping[str, Any], *, opa: Path) -> Trace:
    """Evaluate the decision, every rule and every helper that a code's body names, in one evaluation.

    Raises:
        BrokenInputError: OPA cannot evaluate the bundle on this document.
    """
    modules = {
        str(name): content.decode()
        for name, content in release.modules.items()
        if name.parts[:2] == ("placet", "rules")
    }
    heads = read_heads(modules, opa=opa)
    rules = sorted({Path(name).parts[2] for name in modules})
    found = evaluate(_query(rules, heads), document, opa=opa, bundle=release.bundle)
    if not found["decision"]:
        raise BrokenInputError(f"{release.name}: data.placet.main.decision is undefined for this input")
    decision = found["decision"][0]
    evaluated = set(decision.get("rules_evaluated", []))
    traced = [_rule(name, found["rules"][name], heads, asked=name in evaluated) for name in rules]
    return Trace(decision=decision, rules=tuple(traced))


def _query(rules: Iterable[str], heads: Heads) -> str:
    asked = ", ".join(f"{json.dumps(rule)}: {_rule_query(rule, heads)}" for rule in rules)
    return f'{{"decision": [d | d := data.placet.main.decision], "rules": {{{asked}}}}}'


def _rule_query(rule: str, heads: Heads) -> str:
    place = f"data.placet.rules[{json.dumps(rule)}]"
    helpers = {
        helper for (owner, _), each in heads.items() if owner == rule for head in each for helper, _ in head.body
    }
    values = ", ".join(f"{json.dumps(each)}: [v | v := {place}[{json.dumps(each)}]]" for each in sorted(helpers))
    sets = [f'"{name}": [c | some c in {place}.{name}]' for name in EFFECTS]
    texts = [f'"{name}": {{c: t | some c, t in {place}.{name}}}' for name in ("title", "message", "remediation")]
    return f'{{{", ".join([*sets, *texts])}, "helpers": {{{values}}}}}'


def _rule(name: str, found: Mapping[str, Any], heads: Heads, *, asked: bool) -> RuleTrace:
    fired = {code: effect for effect in EFFECTS for code in found[effect]}
    known = {code for owner, code in heads if owner == name} | set(found["title"]) | set(fired)
    codes = [_code(code, found, fired, heads.get((name, code), [])) for code in sorted(known)]
    return RuleTrace(name=name, asked=asked, codes=tuple(codes))


def _code(code: str, found: Mapping[str, Any], fired: Mapping[str, str], heads: Sequence[Head]) -> CodeTrace:
    title = str(found["title"].get(code, code))
    # With two heads nobody knows from outside which of them fired.
    body = heads[0].body if len(heads) == 1 else ()
    return CodeTrace(
        code=code,
        effect=fired.get(code) or (heads[0].effect if heads else ""),
        fired=code in fired,
        title=title,
        message=str(found["message"].get(code, title)) if code in fired else title,
        remediation=str(found["remediation"].get(code, "")),
        conditions=tuple(
            Condition(helper=helper, wanted=wanted, true=_true(found["helpers"][helper])) for helper, wanted in body
        ),
    )


def _true(values: Sequence[Any]) -> bool:
    """What stands in a body lets it go on unless it is undefined or false."""
    return bool(values) and values[0] is not False
