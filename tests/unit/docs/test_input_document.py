"""docs/input-document.md is what the schema says, field by field."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scripts.input_document import SCHEMA, TARGET, render

DOCUMENT = json.loads(SCHEMA.read_text(encoding="utf-8"))


def paths(node: Mapping[str, Any], path: str) -> Iterator[str]:
    """Every member that the schema names, as a rule reads it."""
    for name, member in node.get("properties", {}).items():
        yield f"{path}{name}"
        yield from paths(member, f"{path}{name}.")
        yield from paths(member.get("items", {}), f"{path}{name}[].")


def test_the_committed_page_is_fresh() -> None:
    """After a change of the schema, `make generate` has been run."""
    assert TARGET.read_text(encoding="utf-8") == render(DOCUMENT)


def test_every_field_has_a_row() -> None:
    """No fact is left for its readers to guess."""
    rows = [line.split("`")[1] for line in render(DOCUMENT).splitlines() if line.startswith("| `")]
    known = [*paths(DOCUMENT, ""), *(name for name in DOCUMENT["definitions"])]
    assert [path for path in known if path not in rows] == []
    assert len(known) > 100


def test_a_row_says_type_presence_meaning_and_example() -> None:
    """A pipe in a sentence does not end its cell."""
    schema = {
        "description": "A document.",
        "required": ["sure"],
        "properties": {
            "sure": {
                "description": "Either | or.",
                "type": "object",
                "required": ["a"],
                "properties": {
                    "a": {"description": "A.", "type": ["string", "null"], "examples": ["x"]},
                    "b": {"description": "B.", "anyOf": [{"$ref": "#/definitions/amount"}, {"type": "null"}]},
                    "c": {"description": "C.", "type": "array", "items": {"enum": ["x", "y"]}},
                },
            }
        },
        "definitions": {"amount": {"description": "An amount.", "type": "string"}},
    }
    page = render(schema)
    assert "| `sure` | object | yes | Either \\| or. |  |\n" in page
    assert '| `sure.a` | string or null | yes | A. | `"x"` |\n' in page
    assert "| `sure.b` | `amount` or null | no | B. |  |\n" in page
    assert "| `sure.c` | array of one of `x`, `y` | no | C. |  |\n" in page
    assert "| `amount` | string | yes | An amount. |  |\n" in page


def test_a_field_without_a_sentence_is_refused() -> None:
    """A row that says nothing would be worse than an error."""
    with pytest.raises(ValueError, match="x needs a description in input"):
        render({"description": "A document.", "properties": {"x": {"type": "string"}}, "definitions": {}})
