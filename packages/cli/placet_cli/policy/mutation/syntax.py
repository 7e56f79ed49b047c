"""Rego as OPA parses it, with the place of every node in the text."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, TypeAlias

_NO_NODES = {"annotations", "location"}

Node: TypeAlias = Mapping[str, Any]
"""An object of OPA's syntax tree, as ``opa parse --format json --json-include locations`` prints it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a text, in characters: ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """One parsed file.

    Attributes:
        file: Its path below ``bundle``.
        text: What stands in it.
        tree: Its syntax tree; for a ``data.json`` that of the document as a term.
        shift: How many rows the tree is below the text.
    """

    file: PurePosixPath
    text: str
    tree: Node = field(repr=False)
    shift: int = 0

    @property
    def package(self) -> str:
        """``placet.rules.amount_limit``: of a module what it says, of data the folder that it lies in."""
        if self.file.suffix != ".rego":
            return ".".join(self.file.parent.parts)
        return ".".join(str(term["value"]) for term in self.tree["package"]["path"][1:])

    @property
    def rules(self) -> Sequence[Node]:
        """The rules in the order of the text, each with its ``else`` branches inside."""
        found: Sequence[Node] = self.tree.get("rules", [])
        return found

    def span(self, node: Node) -> Span | None:
        """Where a node stands; None where OPA gives a place whose text is another: of what it generates."""
        location = node.get("location")
        if not isinstance(location, Mapping):
            return None
        text = base64.b64decode(location.get("text", "")).decode()
        start = self._lines[location["row"] - 1 - self.shift] + location["col"] - 1
        return Span(start=start, end=start + len(text)) if text and self.text.startswith(text, start) else None

    def text_of(self, node: Node) -> str | None:
        """The text of a node, or None where it has no place of its own."""
        span = self.span(node)
        return self.text[span.start : span.end] if span else None

    def row(self, offset: int) -> int:
        """The line, from 1, of a place in the text."""
        return self.text.count("\n", 0, offset) + 1

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(index + 1 for index, character in enumerate(self.text) if character == "\n")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A node, and the nodes that it stands in, the outermost first."""

    node: Node
    parents: tuple[Node, ...]

    @property
    def parent(self) -> Node:
        """The nearest node around it; an empty one around the outermost."""
        return self.parents[-1] if self.parents else {}


def walk(node: Any, parents: tuple[Node, ...] = ()) -> Iterator[Visit]:
    """Every object below a node of the tree, itself first, in the order of the tree, without places and annotations."""
    if isinstance(node, Mapping):
        yield Visit(node=node, parents=parents)
        for name, value in node.items():
            if name not in _NO_NODES:
                yield from walk(value, (*parents, node))
    elif isinstance(node, list):
        for value in node:
            yield from walk(value, parents)


def is_expression(node: Node) -> bool:
    """Tell a line of a body, also one of a comprehension or of ``every``, from a term."""
    return "index" in node and "terms" in node and not node.get("generated")


def called(terms: Any) -> str | None:
    """The name of what is called: ``count``, ``lt``, ``amounts.parse``; None where nothing is."""
    if not isinstance(terms, list) or not terms or not isinstance(terms[0], Mapping) or terms[0].get("type") != "ref":
        return None
    return ".".join(str(part["value"]) for part in terms[0]["value"])


def call_of(node: Node) -> Sequence[Node] | None:
    """The function and the arguments of a call, be it an expression or a term."""
    terms = node.get("terms") if is_expression(node) else node.get("value") if node.get("type") == "call" else None
    return terms if isinstance(terms, list) and called(terms) else None


def branches(rule: Node) -> Iterator[Node]:
    """A rule, and its ``else`` branches after it."""
    branch: Any = rule
    while isinstance(branch, Mapping):
        yield branch
        branch = branch.get("else")


def name_of(rule: Node) -> str:
    """``deny``, ``message``, ``_within_limit``: the name in the head."""
    return str(rule["head"]["ref"][0]["value"])
