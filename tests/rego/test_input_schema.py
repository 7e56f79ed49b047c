"""The schema of the input: every fact is described with an example, and OPA refuses a name that is not there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from facts_cases import facts, first_history_of, parsed, registry, sample
from jsonschema import Draft7Validator
from placet_cli.samples import samples
from placet_policy.facts.prove import prove
from placet_policy.input_document import build_input
from policy_folder import POLICIES, opa

_FILE = POLICIES / "schemas" / "input.schema.json"
SCHEMA: dict[str, Any] = json.loads(_FILE.read_bytes())
# Their shape is the method's or the message's own, so nothing inside them is ours to name.
FREE = {"facts.calls[].args", "facts.messages[].domain", "facts.messages[].types", "facts.messages[].values"}


def _target(node: dict[str, Any]) -> dict[str, Any]:
    """What a node says, or what its definition says; a nullable definition is its definition."""
    for choice in node.get("anyOf", [node]):
        if "$ref" in choice:
            found: dict[str, Any] = SCHEMA["definitions"][choice["$ref"].removeprefix("#/definitions/")]
            return found
    return node


def _nodes(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named fact and every item of a list, dotted, with `[]` for an item."""
    yield path, node
    whole = _target(node)
    for name, member in whole.get("properties", {}).items():
        yield from _nodes(member, f"{path}.{name}" if path else name)
    if "items" in whole:
        yield from _nodes(whole["items"], f"{path}[]")


NODES = dict(_nodes(SCHEMA, ""))
LEAVES = sorted(
    path
    for path, node in NODES.items()
    if path.startswith(("facts.", "history.")) and not ({"properties", "items"} & _target(node).keys())
)


@pytest.mark.parametrize("path", NODES)
def test_every_fact_is_described(path: str) -> None:
    """Whoever writes a rule finds out what a fact means without reading Python."""
    assert NODES[path].get("description") or _target(NODES[path]).get("description")


def _examples(node: dict[str, Any]) -> list[Any]:
    """A node's own examples or its definition's; an object's or a list's are made of its members'."""
    whole = _target(node)
    own = node.get("examples") or whole.get("examples")
    if own:
        return list(own)
    if "items" in whole:
        return [_examples(whole["items"])]
    return [{name: _examples(member)[0] for name, member in whole["properties"].items()}]


@pytest.mark.parametrize("path", NODES)
def test_every_fact_has_an_example_that_fits(path: str) -> None:
    """Each example fits its own part of the schema; so does a whole input that is made of them."""
    validator = Draft7Validator({**NODES[path], "definitions": SCHEMA["definitions"]})
    of_reference = Draft7Validator({**_target(NODES[path]), "definitions": SCHEMA["definitions"]})
    examples = _examples(NODES[path])

    assert examples != []
    for example in examples:
        assert [error.message for error in validator.iter_errors(example)] == []
        assert example is None or [error.message for error in of_reference.iter_errors(example)] == []


def test_definitions_have_examples_too() -> None:
    """What several facts share is described once."""
    for name, definition in SCHEMA["definitions"].items():
        validator = Draft7Validator({**definition, "definitions": SCHEMA["definitions"]})
        assert definition["description"], name
        assert definition["examples"], name
        assert all(validator.is_valid(example) for example in definition["examples"]), name


def test_objects_of_facts_are_closed() -> None:
    """A fact that the schema does not name cannot be in a document."""
    is_open = [
        path
        for path, node in NODES.items()
        if "properties" in _target(node) and _target(node).get("additionalProperties") is not False
    ]

    assert is_open == []
    assert {path for path in NODES if path.startswith("facts.") and not (_keywords(NODES[path]))} == FREE


def _keywords(node: dict[str, Any]) -> set[str]:
    return _target(node).keys() & {"type", "anyOf", "enum", "const"}


@pytest.mark.parametrize("name", [each.id for each in samples() if not each.is_ping])
def test_every_fact_of_every_sample_is_described(name: str) -> None:
    """All that the service says about the samples is named by the schema."""
    request_type, detail, extra = sample(name)
    request = parsed(request_type, detail, extra)
    found = prove(request, registry())
    history = first_history_of(request, found)
    document = build_input(decision_id="d", unix=1, node="n", key_id="k", request=request, facts=found, history=history)
    said = set(_paths(document["facts"], "facts")) | set(_paths(document["history"], "history"))

    assert said - NODES.keys() == set()
    assert found.status == facts(request_type, detail, extra).status


def _paths(value: Any, path: str) -> Iterator[str]:
    yield path
    if path in FREE:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _paths(member, f"{path}.{name}")
    if isinstance(value, list):
        for member in value:
            yield from _paths(member, f"{path}[]")


def _module(number: int, path: str) -> str:
    reference = f"input.{path}".replace("[]", "[_]")
    # The value is bound and not tested, so that facts which are false or null are read as well as any.
    return f"""# METADATA
# schemas:
#   - input: schema["input.schema"]
package placet.spelling_{number}

found if {{
	value := {reference}
	value == value
}}
"""


def _misspelt(path: str) -> str:
    """The same path with its last name misspelt; an item of a list has none of its own, so its list is misspelt."""
    name, items = (path[:-2], "[]") if path.endswith("[]") else (path, "")
    return f"{name}x{items}"


def _checked(folder: Path, paths: list[str]) -> set[str]:
    """The paths among these that `opa check --schema` refuses for being undefined."""
    for number, path in enumerate(paths):
        (folder / f"spelling_{number}.rego").write_text(_module(number, path), encoding="utf-8")
    done = opa("check", "--schema", "schemas", "--max-errors", "0", "--format", "json", str(folder))
    errors = json.loads(done.stderr)["errors"] if done.returncode else []
    assert {error["code"] for error in errors} <= {"rego_type_error"}
    assert all(
        error["message"].startswith(("undefined ref: input.facts.", "undefined ref: input.history."))
        for error in errors
    )
    return {paths[int(Path(error["location"]["file"]).stem.split("_")[1])] for error in errors}


def test_opa_accepts_every_fact(tmp_path: Path) -> None:
    """The right names pass, so a refusal below is about the name."""
    assert len(LEAVES) > 60
    assert _checked(tmp_path, LEAVES) == set()


def test_opa_refuses_a_misspelt_fact(tmp_path: Path) -> None:
    """A rule that misspells any fact is refused where it is made, and not silently undefined when it decides."""
    misspelt = [_misspelt(path) for path in LEAVES]

    assert _checked(tmp_path, misspelt) == set(misspelt)
