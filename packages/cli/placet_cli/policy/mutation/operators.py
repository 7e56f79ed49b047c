"""The operators: each a way in which a rule may be wrong."""

from collections.abc import Iterator

from placet_cli.policy.mutation import calls, documents, expressions, heads, literals
from placet_cli.policy.mutation.edits import Edit
from placet_cli.policy.mutation.syntax import Source, name_of

OF_RULES = (
    # Before those on literals, as a change is made once and has the name of who makes it first.
    heads.flip_default,
    expressions.negate,
    expressions.drop_expression,
    expressions.some_for_every,
    expressions.every_for_some,
    calls.swap_comparison,
    calls.swap_arithmetic,
    calls.drop_conversion,
    calls.swap_field,
    literals.change_number,
    literals.change_string,
    literals.change_pattern,
    literals.change_boolean,
    literals.change_type,
    literals.drop_element,
    heads.drop_rule,
    heads.drop_else,
    heads.swap_head,
)
"""Operators on one rule of a module."""

OF_DATA = (documents.empty_datum, documents.swap_effect, documents.leave_out)
"""Operators on one ``data.json``."""

_CONSTANT_TEXTS = ("title", "remediation")
"""Texts that repeat the annotations: ``placet policy check`` compares them, and no test has to."""


def edits(source: Source) -> Iterator[Edit]:
    """Every mutation of a file, in the order of the operators; none is made twice."""
    made = set()
    for edit in _edits(source):
        place = (edit.span.start, edit.span.end, edit.text)
        if place not in made and edit.applied(source.text) != source.text:
            made.add(place)
            yield edit


def _edits(source: Source) -> Iterator[Edit]:
    if source.file.suffix != ".rego":
        for of_data in OF_DATA:
            yield from of_data(source)
        return
    for rule in source.rules:
        if name_of(rule) not in _CONSTANT_TEXTS:
            for operator in OF_RULES:
                yield from operator(source, rule)
