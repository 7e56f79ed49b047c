"""Operators on what is compared and computed."""

from collections.abc import Iterator

from placet_cli.policy.mutation.edits import Edit, replacing
from placet_cli.policy.mutation.syntax import Node, Source, call_of, called, walk

# The neighbour, which differs for equal values only, and the opposite direction.
_COMPARISONS = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
}
_ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "*", "|": "&", "&": "|"}
_INFIX = {"lt", "lte", "gt", "gte", "equal", "neq", "plus", "minus", "mul", "div", "rem", "or", "and"}
_OPPOSITES = {
    "max": "min",
    "min": "max",
    "startswith": "endswith",
    "endswith": "startswith",
    "union": "intersection",
    "intersection": "union",
    "sum": "max",
}
_CONVERSIONS = {"abs", "ceil", "floor", "lower", "parse", "round", "to_number", "trim_space", "upper"}


def swap_comparison(source: Source, rule: Node) -> Iterator[Edit]:
    """``<`` becomes ``<=`` and ``>``; ``==`` becomes ``!=``; and so on."""
    for function in _functions(source, rule):
        text = source.text_of(function) or ""
        for other in _COMPARISONS.get(text, ()):
            yield from replacing("comparison", source, rule, function, other)


def swap_arithmetic(source: Source, rule: Node) -> Iterator[Edit]:
    """``+`` becomes ``-``, ``max`` becomes ``min``, ``startswith`` becomes ``endswith``; and so on."""
    for function in _functions(source, rule):
        text = source.text_of(function) or ""
        other = _ARITHMETIC.get(text) or _OPPOSITES.get(text)
        if other is not None:
            yield from replacing("arithmetic", source, rule, function, other)


def drop_conversion(source: Source, rule: Node) -> Iterator[Edit]:
    """``amounts.parse(x)`` becomes ``x``: amounts are compared as texts, and ``"9"`` is more than ``"10"``."""
    for visit in walk(rule):
        terms = call_of(visit.node)
        if terms is None or len(terms[1:]) > 1 or (called(terms) or "").rpartition(".")[2] not in _CONVERSIONS:
            continue
        argument = source.text_of(terms[1])
        if argument is not None:
            yield from replacing("drop-conversion", source, rule, visit.node, argument)


def swap_field(source: Source, rule: Node) -> Iterator[Edit]:
    """``transfer.from`` becomes ``transfer.to``, and back: who pays is taken for who is paid."""
    others = {"from": "to", "to": "from"}
    for visit in walk(rule):
        if visit.node.get("type") != "string" or visit.parent.get("type") != "ref":
            continue
        text = source.text_of(visit.node)
        if text in others:
            yield from replacing("field", source, rule, visit.node, others[text])


def _functions(source: Source, rule: Node) -> Iterator[Node]:
    """The function or the operator of every call, as it is written."""
    for visit in walk(rule):
        terms = call_of(visit.node)
        if terms is not None and source.span(terms[0]) is not None:
            name = called(terms)
            # `lt(a, b)` is a call of that name, and what stands at its place is no sign.
            if name not in _INFIX or source.text_of(terms[0]) in {*_COMPARISONS, *_ARITHMETIC}:
                yield terms[0]
