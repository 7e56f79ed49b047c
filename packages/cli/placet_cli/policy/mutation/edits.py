"""A mutation as a change of text."""

from collections.abc import Iterator
from dataclasses import dataclass

from placet_cli.policy.mutation.syntax import Node, Source, Span, name_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of a file's text.

    Attributes:
        operator: The operator's name: ``negate``.
        rule: The name of the rule, or the JSON pointer of the datum, in which it is.
        span: What is replaced.
        text: What stands there instead.
    """

    operator: str
    rule: str
    span: Span
    text: str

    def applied(self, text: str) -> str:
        """The text after the change."""
        return text[: self.span.start] + self.text + text[self.span.end :]


def replacing(operator: str, source: Source, rule: Node, node: Node, text: str) -> Iterator[Edit]:
    """The one edit that replaces a node of a rule; none where the node has no place of its own."""
    span = source.span(node)
    if span is not None:
        yield Edit(operator=operator, rule=name_of(rule), span=span, text=text)
