"""Operators on the lines of a body: what a rule asks for is asked no longer, or its contrary is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_cli.policy.mutation.edits import Edit
from placet_cli.policy.mutation.syntax import Node, Source, Span, call_of, called, is_expression, name_of, walk

_BINDS = ("assign", "eq")
_NOT = "not "


def negate(source: Source, rule: Node) -> Iterator[Edit]:
    """``x`` becomes ``not x``, and ``not x`` becomes ``x``."""
    for node, span in _conditions(source, rule):
        text = source.text[span.start : span.end]
        if not node.get("negated"):
            yield _edit("negate", rule, span, _NOT + text)
        elif text.startswith(_NOT):
            yield _edit("negate", rule, span, text.removeprefix(_NOT).lstrip())


def drop_expression(source: Source, rule: Node) -> Iterator[Edit]:
    """A condition becomes ``true``."""
    every = [(node, span) for node, span in _expressions(source, rule) if _is_every(node)]
    for _, span in [*_conditions(source, rule), *every]:
        yield _edit("drop-expression", rule, span, "true")


def some_for_every(source: Source, rule: Node) -> Iterator[Edit]:
    """``every x in xs { … }`` becomes ``some x in xs`` and the lines of its body."""
    for node, span in _expressions(source, rule):
        if not _is_every(node) or node.get("negated"):
            continue
        domain = source.span(node["terms"]["domain"])
        if domain is None:
            continue
        brace = source.text.index("{", domain.end)
        ranged = source.text[span.start + len("every") : domain.end]
        body = source.text[brace + 1 : span.end - 1].strip()
        yield _edit("some-for-every", rule, span, f"some{ranged}\n{body}")


def every_for_some(source: Source, rule: Node) -> Iterator[Edit]:
    """``some x in xs`` and the lines after it become ``every x in xs { … }``."""
    for visit in walk(rule):
        body = visit.node.get("body")
        # The body of a comprehension yields values, and what is asked of every value yields none.
        if not isinstance(body, list) or "term" in visit.node or "head" not in visit.node:
            continue
        for index, node in enumerate(body[:-1]):
            first, rest, last = source.span(node), source.span(body[index + 1]), source.span(body[-1])
            if _is_some_in(node) and first and rest and last:
                ranged = source.text[first.start + len("some") : first.end]
                lines = source.text[rest.start : last.end]
                span = Span(start=first.start, end=last.end)
                yield _edit("every-for-some", rule, span, f"every{ranged} {{\n{lines}\n}}")


def _expressions(source: Source, rule: Node) -> Iterator[tuple[Node, Span]]:
    for visit in walk(rule):
        span = source.span(visit.node)
        if is_expression(visit.node) and span is not None:
            yield visit.node, _without_else(source, visit.node, span)


def _without_else(source: Source, node: Node, span: Span) -> Span:
    """The place of the condition alone: OPA gives that of the whole branch in ``else := x if condition``."""
    text = source.text[span.start : span.end]
    if not text.startswith("else"):
        return span
    _, found, condition = text.partition(" if ")
    wanted = _NOT if node.get("negated") else ""
    return Span(start=span.end - len(condition), end=span.end) if found and condition.startswith(wanted) else span


def _conditions(source: Source, rule: Node) -> Iterator[tuple[Node, Span]]:
    """The expressions that are true or not, and bind nothing."""
    for node, span in _expressions(source, rule):
        terms = node["terms"]
        declares = isinstance(terms, Mapping) and ("symbols" in terms or "domain" in terms)
        binds = (call_of(node) is not None and called(terms) in _BINDS) or declares
        if not binds:
            yield node, span


def _is_every(node: Node) -> bool:
    return isinstance(node["terms"], Mapping) and "domain" in node["terms"]


def _is_some_in(node: Node) -> bool:
    symbols: Any = node["terms"].get("symbols") if isinstance(node["terms"], Mapping) else None
    return isinstance(symbols, Sequence) and len(symbols) == 1 and symbols[0].get("type") == "call"


def _edit(operator: str, rule: Node, span: Span, text: str) -> Edit:
    return Edit(operator=operator, rule=name_of(rule), span=span, text=text)
