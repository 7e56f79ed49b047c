"""Operators on whole rules: one is missing, has the other effect, or answers something else by default."""

import json
from collections.abc import Iterator

from placet_cli.policy.mutation.edits import Edit, replacing
from placet_cli.policy.mutation.syntax import Node, Source, Span, branches, name_of

_OTHER_EFFECTS = {"deny": "hold", "hold": "deny"}
_DEFAULTS = {
    "allow": ("hold", "deny"),
    "deny": ("allow", "hold"),
    "hold": ("allow", "deny"),
    True: (False,),
    False: (True,),
}


def drop_rule(source: Source, rule: Node) -> Iterator[Edit]:
    """A rule is gone, with the comment above it."""
    span = source.span(rule)
    if span is not None and not rule.get("default"):
        whole = Span(start=_above(source, span.start), end=span.end)
        yield Edit(operator="drop-rule", rule=name_of(rule), span=whole, text="")


def drop_else(source: Source, rule: Node) -> Iterator[Edit]:
    """An ``else`` branch is gone, with those after it."""
    for branch in list(branches(rule))[1:]:
        yield from replacing("drop-else", source, rule, branch, "")


def swap_head(source: Source, rule: Node) -> Iterator[Edit]:
    """``deny contains`` becomes ``hold contains``, and back."""
    if "key" in rule["head"] and name_of(rule) in _OTHER_EFFECTS:
        name = rule["head"]["ref"][0]
        yield from replacing("deny-hold", source, rule, name, _OTHER_EFFECTS[name_of(rule)])


def flip_default(source: Source, rule: Node) -> Iterator[Edit]:
    """A default is another one."""
    value = rule["head"].get("value") or {}
    if rule.get("default") and value.get("type") in {"boolean", "string"}:
        for other in _DEFAULTS.get(value["value"], ()):
            yield from replacing("default", source, rule, value, json.dumps(other))


def _above(source: Source, start: int) -> int:
    """Where the comment above a rule begins: annotations of a rule that is gone would be those of the next one."""
    while source.text[:start].endswith("\n"):
        before = source.text.rfind("\n", 0, start - 1) + 1
        if not source.text.startswith("#", before):
            break
        start = before
    return start
