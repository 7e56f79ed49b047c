"""Cases are read strictly: a fault names file, case and field, and never decides something else than it says."""

from pathlib import Path

import pytest
from placet_cli.policy.cases import CaseError, read_cases, read_inputs

CASE = "- {name: a, input: base, data: shipped, expect: {effect: hold, codes: [X]}}\n"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder with one rule's data, its demonstration data and one input."""
    for name, content in {
        "bundle/placet/rules/fee/data.json": '{"limits": {}, "on": [1, 2]}',
        "demo/placet/rules/fee/data.json": '{"limits": {"ETH": "5"}}',
        "cases/inputs.yaml": "base: {facts: {status: PROVEN}, list: [1, 2]}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def _write(policies: Path, text: str) -> None:
    (policies / "cases" / "fee.yaml").write_text(text, encoding="utf-8")


def test_a_case_has_its_input_and_data_with_its_changes(policies: Path) -> None:
    """What is set is set before what is removed is removed; the named input and data stay as they are."""
    _write(
        policies,
        CASE
        + """
- name: b
  input: base
  data: demo
  set: {/facts/status: UNPROVABLE, /facts/a~1b~0: 1, /list/1: 3}
  remove: [/list/0]
  set_data: {/rules/fee/on/0: 9}
  remove_data: [/rules/fee/limits/ETH]
  expect: {effect: allow, codes: []}
""",
    )

    first, second = read_cases(policies)

    assert (first.name, first.file) == ("fee: a", "cases/fee.yaml")
    assert first.expected == {"effect": "hold", "codes": ["X"]}
    assert first.input == {"facts": {"status": "PROVEN"}, "list": [1, 2]}
    assert first.data == {"rules": {"fee": {"limits": {}, "on": [1, 2]}}}
    assert second.input == {"facts": {"status": "UNPROVABLE", "a/b~": 1}, "list": [3]}
    assert second.data == {"rules": {"fee": {"limits": {}, "on": [9, 2]}}}
    assert second.expected == {"effect": "allow", "codes": []}


def test_demo_lays_the_demonstration_data_over_what_ships(policies: Path) -> None:
    """A case over `demo` sees both."""
    _write(policies, CASE.replace("shipped", "demo"))

    assert read_cases(policies)[0].data == {"rules": {"fee": {"limits": {"ETH": "5"}, "on": [1, 2]}}}


FAULTS = [
    ("a: 1", "cases/fee.yaml: is not a list of cases"),
    ("- 1", "cases/fee.yaml: case 1: is not a map"),
    ("- {", "cases/fee.yaml: expected the node content, but found '<stream end>' (line 1)"),
    (CASE + CASE, "cases/fee.yaml: the name 'fee: a' occurs twice; a failure would not say which case it is"),
    (
        CASE.replace("expect", "expected"),
        (
            "cases/fee.yaml: fee: a: expected: is no field of a case; those are"
            " data, expect, input, name, remove, remove_data, set, set_data"
        ),
    ),
    (CASE.replace("name: a, ", ""), "cases/fee.yaml: fee: case 1: name: is missing"),
    (CASE.replace("input: base, ", ""), "cases/fee.yaml: fee: a: input: is missing"),
    (CASE.replace("base", "bass"), "cases/fee.yaml: fee: a: input: there is no 'bass', only base"),
    (CASE.replace("shipped", "live"), "cases/fee.yaml: fee: a: data: there is no 'live', only demo, shipped"),
    (CASE.replace("hold", "reject"), "cases/fee.yaml: fee: a: expect/effect: is allow, hold or deny, not 'reject'"),
    (CASE.replace("[X]", "X"), "cases/fee.yaml: fee: a: expect/codes: is a list of codes"),
    (CASE.replace(", codes: [X]", ""), "cases/fee.yaml: fee: a: expect: is a map of effect and codes"),
    (
        CASE.replace("expect:", "set: [1], expect:"),
        "cases/fee.yaml: fee: a: set: is a map from JSON pointers to values",
    ),
    (CASE.replace("expect:", "remove: {}, expect:"), "cases/fee.yaml: fee: a: remove: is a list of JSON pointers"),
    (
        CASE.replace("expect:", "set: {facts: 1}, expect:"),
        "cases/fee.yaml: fee: a: set: 'facts' is no JSON pointer; one starts with /",
    ),
    (
        CASE.replace("expect:", "set: {/fact/status: 1}, expect:"),
        "cases/fee.yaml: fee: a: set: /fact/status is not there",
    ),
    (
        CASE.replace("expect:", "set: {/list/2: 1}, expect:"),
        "cases/fee.yaml: fee: a: set: /list/2 is not there",
    ),
    (
        CASE.replace("expect:", "set: {/facts/status/x: 1}, expect:"),
        "cases/fee.yaml: fee: a: set: /facts/status/x is not there",
    ),
    (
        CASE.replace("expect:", "remove: [/facts/state], expect:"),
        "cases/fee.yaml: fee: a: remove: /facts/state is not there",
    ),
    (
        CASE.replace("expect:", "remove_data: [/rules/fee/limit], expect:"),
        "cases/fee.yaml: fee: a: remove_data: /rules/fee/limit is not there",
    ),
]


@pytest.mark.parametrize(("text", "says"), FAULTS)
def test_a_fault_names_file_case_and_field(policies: Path, text: str, says: str) -> None:
    """A case that is not one is refused instead of deciding something else."""
    _write(policies, text)

    with pytest.raises(CaseError) as refused:
        read_cases(policies)
    assert str(refused.value) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a", "cases/inputs.yaml: is not a map from names to input documents"),
        ("a: 1", "cases/inputs.yaml: is not a map from names to input documents"),
        ("a: {b: 1, b: 2}", "cases/inputs.yaml: duplicate key 'b' in line 1"),
    ],
)
def test_inputs_are_named_objects(policies: Path, text: str, says: str) -> None:
    """The inputs that cases start from are read as strictly."""
    (policies / "cases" / "inputs.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(CaseError) as refused:
        read_inputs(policies)
    assert str(refused.value) == says


def test_a_folder_without_inputs_is_named(policies: Path) -> None:
    """The file that is missing is said."""
    (policies / "cases" / "inputs.yaml").unlink()

    with pytest.raises(CaseError, match=r"^cases/inputs\.yaml: No such file or directory$"):
        read_cases(policies)
