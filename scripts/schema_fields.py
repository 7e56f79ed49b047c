"""A JSON schema as a table for people: each value that data may have, where it stands and what it means."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

_WORDS: Mapping[str, str] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "any": "any value",
}
# The pattern of one name only, which a backslash may spell: `^\\*$`.
_LITERAL = re.compile(r"\^\\?([\w*]+)\$")
_CHOICES = ("oneOf", "anyOf", "allOf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of a document.

    Attributes:
        path: Where it stands: `limits.<token>.max`; names that the team chooses are in angle brackets.
        value: What it may be, in words or as its choices.
        required: Whether the object around it must have it, in whatever form it is written.
        meaning: The schema's description.
    """

    path: str
    value: str
    required: bool
    meaning: str


def fields(schema: Mapping[str, Any]) -> list[Field]:
    """Every leaf of the documents that fit a schema, and every object that the schema describes.

    Args:
        schema: JSON Schema, draft 7, whose references stay in its own `definitions`. A name that is free is called by
            the `title` of `propertyNames`, or of what a pattern of names leads to, else `name`.
    """
    return list(dict.fromkeys(_below(_Place(root=schema), schema)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    root: Mapping[str, Any]
    path: str = ""
    required: bool = True
    open: frozenset[str] = frozenset()

    def step(self, name: str, *, required: bool) -> "_Place":
        path = f"{self.path}.{name}" if self.path else name
        return replace(self, path=path, required=required)


def _below(place: _Place, schema: Mapping[str, Any]) -> Iterator[Field]:
    reference = schema.get("$ref", "")
    # What is made of its own kind is described once.
    if reference in place.open:
        return
    whole = _resolved(place, schema)
    inside = list(_inside(replace(place, open=place.open | ({reference} - {""})), whole))
    if place.path and (whole.get("description") or not inside):
        yield Field(path=place.path, value=_value(whole), required=place.required, meaning=whole.get("description", ""))
    yield from inside


def _inside(place: _Place, schema: Mapping[str, Any]) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, member in schema.get("properties", {}).items():
        yield from _below(place.step(name, required=name in required), member)
    free = schema.get("additionalProperties")
    if isinstance(free, dict):
        names = _resolved(place, schema.get("propertyNames", {}))
        yield from _below(place.step(_called(names), required=False), free)
    for pattern, member in schema.get("patternProperties", {}).items():
        literal = _LITERAL.fullmatch(pattern)
        yield from _below(place.step(literal.group(1) if literal else _called(member), required=False), member)
    if isinstance(schema.get("items"), dict):
        yield from _below(replace(place, path=f"{place.path}[]", required=False), schema["items"])
    for choice in (entry for key in _CHOICES for entry in schema.get(key, [])):
        for field in _inside(place, _resolved(place, choice)):
            yield replace(field, required=False)


def _called(names: Mapping[str, Any]) -> str:
    return f"<{names.get('title', 'name')}>"


def _resolved(place: _Place, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to; its own words come first."""
    reference = schema.get("$ref", "")
    if not reference:
        return dict(schema)
    target: Any = place.root
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return _resolved(place, target) | {key: value for key, value in schema.items() if key != "$ref"}


def _value(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return ", ".join(_WORDS.get(each, each) for each in kind)
    if kind == "object" and not schema.get("properties") and schema.get("additionalProperties") is False:
        return "`{}`"
    return _WORDS.get(str(kind), "object")
