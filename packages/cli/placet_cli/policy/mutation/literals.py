"""Operators on what is written down: numbers, texts, effects, patterns, lists."""

import json
import re
from collections.abc import Iterator

from placet_cli.policy.mutation.edits import Edit, replacing
from placet_cli.policy.mutation.syntax import Node, Source, Visit, call_of, called, walk

EFFECTS = {"allow": ("hold",), "deny": ("hold",), "hold": ("deny",)}
"""What an effect is mistaken for."""

_DIGITS = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_BOUND = re.compile(r"\{([0-9]+,)?([0-9]+)\}", re.ASCII)
_PATTERNS = ("regex.match", "regex.is_valid", "regex.find_n", "regex.replace")
_TEXTS = ("concat", "sprintf")
_PREFIXES = ("startswith", "endswith", "contains", "trim_prefix", "trim_suffix")
# A comparison with its neighbour says the same as one with the next number: `> 0` and `>= 1`.
_SAME_AS_NEIGHBOUR = {("gt", 2): -1, ("gte", 2): 1, ("lt", 2): 1, ("lte", 2): -1}
_SAME_AS_NEIGHBOUR |= {("gt", 1): 1, ("gte", 1): -1, ("lt", 1): -1, ("lte", 1): 1}
_CHANGED = "~"


def change_number(source: Source, rule: Node) -> Iterator[Edit]:
    """A number becomes the next one and the one before."""
    for visit in _literals(source, rule, "number"):
        number = visit.node["value"]
        if isinstance(number, int):
            # Amounts, counts and indices are never negative: below nought nothing is another number.
            for other in (number + step for step in (1, -1) if step != _neighbour(visit) and number + step >= 0):
                yield from replacing("number", source, rule, visit.node, str(other))


def change_string(source: Source, rule: Node) -> Iterator[Edit]:
    """A text becomes another one; an effect becomes another effect, and a prefix is asked for no longer.

    What people read is left alone: whether a sentence has a comma decides nothing.
    """
    for visit in _literals(source, rule, "string"):
        text = visit.node["value"]
        terms = call_of(visit.parent)
        name = called(terms) if terms else None
        if text in EFFECTS:
            for other in EFFECTS[text]:
                yield from replacing("effect", source, rule, visit.node, json.dumps(other))
        elif name not in _TEXTS and (name not in _PATTERNS or terms is None or visit.node is not terms[1]):
            other = "" if name in _PREFIXES else text + _CHANGED
            yield from replacing("string", source, rule, visit.node, json.dumps(other, ensure_ascii=False))


def change_pattern(source: Source, rule: Node) -> Iterator[Edit]:
    """A pattern loses its anchors, and its repetitions are counted one higher."""
    for visit in walk(rule):
        terms = call_of(visit.node)
        if terms is None or called(terms) not in _PATTERNS or terms[1].get("type") != "string":
            continue
        pattern = source.text_of(terms[1]) or ""
        for other in _patterns(pattern):
            yield from replacing("pattern", source, rule, terms[1], other)


def change_boolean(source: Source, rule: Node) -> Iterator[Edit]:
    """``true`` becomes ``false``, and back."""
    others = {"true": "false", "false": "true"}
    for visit in walk(rule):
        text = source.text_of(visit.node) or ""
        if visit.node.get("type") == "boolean" and text in others:
            yield from replacing("boolean", source, rule, visit.node, others[text])


def change_type(source: Source, rule: Node) -> Iterator[Edit]:
    """A number becomes the text of its digits, and digits in quotes become a number."""
    for visit in _literals(source, rule, "number"):
        if visit.parent.get("type") != "ref":
            yield from replacing("text-for-number", source, rule, visit.node, f'"{visit.node["value"]}"')
    for visit in _literals(source, rule, "string"):
        if _DIGITS.fullmatch(visit.node["value"]):
            yield from replacing("number-for-text", source, rule, visit.node, visit.node["value"])


def drop_element(source: Source, rule: Node) -> Iterator[Edit]:
    """A list or a set of literals loses one of them."""
    for visit in walk(rule):
        elements = visit.node.get("value")
        if visit.node.get("type") not in {"array", "set"} or not isinstance(elements, list):
            continue
        texts = [source.text_of(element) for element in elements]
        literal = all(element.get("type") in {"number", "string"} for element in elements)
        if not literal or len(texts) < 2 or None in texts:  # noqa: PLR2004 - one that loses its only element is empty
            continue
        brackets = "[]" if visit.node["type"] == "array" else "{}"
        for gone in range(len(texts)):
            left = ", ".join(text for index, text in enumerate(texts) if text and index != gone)
            yield from replacing("element", source, rule, visit.node, f"{brackets[0]}{left}{brackets[1]}")


def _literals(source: Source, rule: Node, kind: str) -> Iterator[Visit]:
    """Numbers, or texts in quotes, that are no code in a head: another code is what every test would notice."""
    for visit in walk(rule):
        written = source.text_of(visit.node) or ""
        quoted = written[:1] in {'"', "`"}
        if visit.node.get("type") != kind or _names(visit, rule):
            continue
        if quoted if kind == "string" else written == str(visit.node["value"]):
            yield visit


def _names(visit: Visit, rule: Node) -> bool:
    """Whether the literal is the code or the key in the rule's own head."""
    head = rule["head"]
    return visit.node is head.get("key") or visit.node in head["ref"]


def _neighbour(visit: Visit) -> int | None:
    terms = call_of(visit.parent)
    if terms is None:
        return None
    position = next((index for index, term in enumerate(terms) if term is visit.node), 0)
    return _SAME_AS_NEIGHBOUR.get((called(terms) or "", position))


def _patterns(pattern: str) -> Iterator[str]:
    quote, inside = pattern[:1], pattern[1:-1]
    if inside.startswith("^"):
        yield f"{quote}{inside[1:]}{quote}"
    if inside.endswith("$"):
        yield f"{quote}{inside[:-1]}{quote}"
    for bound in _BOUND.finditer(inside):
        higher = f"{{{bound[1] or ''}{int(bound[2]) + 1}}}"
        yield f"{quote}{inside[: bound.start()]}{higher}{inside[bound.end() :]}{quote}"
