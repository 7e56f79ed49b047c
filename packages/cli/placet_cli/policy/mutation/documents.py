"""Operators on data: a datum is empty, says another effect, or a profile names a rule no longer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from placet_cli.policy.mutation.edits import Edit
from placet_cli.policy.mutation.literals import EFFECTS
from placet_cli.policy.mutation.syntax import Node, Source
from placet_cli.policy.pointers import escaped

_PROFILES = "placet.profiles"
_DEPTH = 2
"""How far down data are emptied: below are entries of people's lists, and each would want a case of its own."""


def empty_datum(source: Source) -> Iterator[Edit]:
    """An object or a list becomes an empty one; below the second name nothing is emptied."""
    for pointer, node in _data(source):
        if node.get("type") in {"object", "array"} and node["value"] and 0 < pointer.count("/") <= _DEPTH:
            yield from _edit("empty-datum", source, pointer, node, "{}" if node["type"] == "object" else "[]")


def swap_effect(source: Source) -> Iterator[Edit]:
    """``"deny"`` becomes ``"hold"``, and back."""
    for pointer, node in _data(source):
        if node.get("type") == "string":
            for other in EFFECTS.get(node["value"], ()):
                yield from _edit("effect", source, pointer, node, json.dumps(other))


def leave_out(source: Source) -> Iterator[Edit]:
    """A profile names one rule less."""
    if source.package != _PROFILES:
        return
    for pointer, node in _data(source):
        if node.get("type") == "array":
            texts = [source.text_of(element) or "" for element in node["value"]]
            for gone in range(len(texts)):
                left = ", ".join(text for index, text in enumerate(texts) if index != gone)
                yield from _edit("profile", source, f"{pointer}/{gone}", node, f"[{left}]")


def _data(source: Source) -> Iterator[tuple[str, Node]]:
    """Every value of the document with its JSON pointer (RFC 6901)."""
    yield from _below("", source.tree)


def _below(pointer: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    yield pointer, node
    if node.get("type") == "object":
        for key, value in node["value"]:
            yield from _below(f"{pointer}/{escaped(str(key['value']))}", value)
    elif node.get("type") == "array":
        for index, value in enumerate(node["value"]):
            yield from _below(f"{pointer}/{index}", value)


def _edit(operator: str, source: Source, pointer: str, node: Node, text: str) -> Iterator[Edit]:
    span = source.span(node)
    if span is not None:
        yield Edit(operator=operator, rule=pointer, span=span, text=text)
