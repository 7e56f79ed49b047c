"""A policy's data against its schemas: what does not fit is named with its file and its place."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from placet_cli.errors import CliError
from placet_cli.policy.data import check_data

ADDRESS = "0x0F76F604fd7762bD94b48cA2523f69ab9665C97f"
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "limits": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9]+$"}},
        "listed": {"type": "object", "propertyNames": {"pattern": "^0x[0-9a-f]{40}$"}},
        "contract": {"type": "string", "pattern": "^0x[0-9a-f]{40}$"},
    },
}
NAME = PurePosixPath("placet/rules/fee_limit/data.json")


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder with one schema."""
    _write(tmp_path / "schemas/rules/fee_limit.schema.json", SCHEMA)
    return tmp_path / "schemas"


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def _refusal(schemas: Path, data: Any, *, name: PurePosixPath = NAME) -> str:
    with pytest.raises(CliError) as refused:
        check_data({name: json.dumps(data).encode()}, schemas)
    return str(refused.value)


def test_data_that_fits_is_taken(schemas: Path) -> None:
    """Rules and the manifest are not data and need no schema."""
    good = json.dumps({"limits": {"ETH": "1"}, "listed": {ADDRESS.lower(): {}}, "contract": ADDRESS.lower()}).encode()
    check_data({NAME: good, PurePosixPath(".manifest"): b"{}", NAME.with_name("fee_limit.rego"): b""}, schemas)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"limits": {"ETH": 3}}, '/limits/ETH: 3 is a number; write it as text: "3"'),
        ({"limits": {"a/b~c": 3}}, '/limits/a~1b~0c: 3 is a number; write it as text: "3"'),
        ({"limits": {"ETH": True}}, "/limits/ETH: True is not of type 'string'"),
        ({"listed": {"0x1": {}}}, "/listed/0x1: '0x1' does not match '^0x[0-9a-f]{40}$'"),
        ({"listed": {ADDRESS: {}}}, f"/listed/{ADDRESS}: is not canonical; write EVM addresses in lower case"),
        ({"contract": ADDRESS}, "/contract: is not canonical; write EVM addresses in lower case"),
        (
            {"fees": 3},
            "the document: Additional properties are not allowed ('fees' was unexpected)",
        ),
    ],
)
def test_data_that_does_not_fit_is_named_with_its_place(schemas: Path, data: Any, fault: str) -> None:
    """The file, then the JSON pointer, then what is wrong."""
    assert _refusal(schemas, data) == f"placet/rules/fee_limit/data.json: {fault}"


def test_every_fault_is_named_at_once_up_to_ten(schemas: Path) -> None:
    """A person who mends a list wants them all, and a screen holds ten."""
    lines = _refusal(schemas, {"limits": {f"T{number:02}": number for number in range(12)}}).splitlines()
    assert lines[0] == "the data has 12 faults:"
    assert lines[10] == '  placet/rules/fee_limit/data.json: /limits/T09: 9 is a number; write it as text: "9"'
    assert lines[11:] == ["  and 2 more"]


def test_a_long_value_is_cut(schemas: Path) -> None:
    """A whole allow list in one message would hide what is wrong with it."""
    assert len(_refusal(schemas, {"limits": ["x" * 10_000]})) < 300


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("placet/rules/fees/data.json", "rules/fees.schema.json"),
        ("placet/rules/data.json", "rules.schema.json"),
        ("placet/data.json", ".schema.json"),
        ("other/data.json", "other.schema.json"),
    ],
)
def test_data_without_a_schema_is_refused(schemas: Path, name: str, schema: str) -> None:
    """A misspelt folder would otherwise be data that nobody reads."""
    assert _refusal(schemas, {}, name=PurePosixPath(name)) == f"{name}: has no schema; it would be schemas/{schema}"


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({"type": "thing"}, "is no schema: 'thing' is not valid under any of the given schemas"),
        ([], "is not a JSON object"),
        (
            {"$ref": "https://example.com/other.json"},
            "a reference leads nowhere: Unresolvable: https://example.com/other.json",
        ),
    ],
)
def test_a_schema_that_is_none_is_named(schemas: Path, schema: Any, fault: str) -> None:
    """It is the schema's fault then, not the data's; nothing is fetched from anywhere."""
    _write(schemas / "rules/fee_limit.schema.json", schema)
    assert _refusal(schemas, {}) == f"schemas/rules/fee_limit.schema.json: {fault}"
