"""What `placet policy check` finds beside the checks in Rego, each planted in a folder in which it finds nothing."""

import json
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli.errors import CliError
from placet_cli.policy.check import check_folder, refuse_errors
from placet_cli.policy.folder import BrokenFolderError
from small_policies import replace, small_policies

DATA = "bundle/placet/rules/on/data.json"
MAIN = "bundle/placet/main/main.rego"
SCHEMA = "schemas/rules/on.schema.json"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder without a fault."""
    return small_policies(tmp_path / "policies")


def _found(policies: Path) -> list[tuple[str, str, int, str]]:
    return [(each.id, each.file, each.line, each.text) for each in check_folder(policies, opa=opa_binary())]


def test_all_is_found_at_once(policies: Path) -> None:
    """A banned builtin does not hide a misspelt reference, nor the Rego what is wrong with data, schemas and cases."""
    replace(policies, MAIN, 'default _effect := "hold"\n', 'default _effect   := "hold"\n\n_now := time.now_ns()\n')
    replace(policies, MAIN, "input.chain]\n", "input.chain]\n\n_wrong := count(1)\n")
    replace(policies, DATA, '{\n  "chains": {}', '{\n  "chain": {},\n  "chains": {"ETH": 1.5}')
    replace(policies, SCHEMA, '"additionalProperties": false, ', "")
    replace(policies, "cases/on.yaml", "expect: { effect: allow", "expects: { effect: allow")
    (policies / "bundle/placet/rules/on/notes.txt").write_text("")
    (policies / "bundle/other").mkdir()
    (policies / "bundle/other/x.rego").write_text("package other\n")
    (policies / "bundle/placet/main/second").mkdir()
    (policies / "bundle/placet/main/second/data.json").write_text('{"a": 1, "a": 2}')

    found = _found(policies)

    assert [each[:3] for each in found if not each[0].startswith("REGO_")] == [
        ("STRAY_FILE", "bundle/other/x.rego", 1),
        ("NOT_FORMATTED", MAIN, 1),
        ("BUILTIN_BANNED", MAIN, 7),
        ("DATA_INVALID", "bundle/placet/main/second/data.json", 1),
        ("DATA_INVALID", DATA, 3),
        ("DATA_NOT_INTEGER", DATA, 3),
        ("STRAY_FILE", "bundle/placet/rules/on/notes.txt", 1),
        ("CASE_BROKEN", "cases", 1),
        ("SCHEMA_OPEN", SCHEMA, 1),
    ]
    assert [each[:3] for each in found if each[0].startswith("REGO_")] == [
        ("REGO_LOAD_ERROR", "bundle", 1),
        ("REGO_TYPE_ERROR", MAIN, 11),
    ]


def test_a_broken_case_is_found_with_its_line(policies: Path) -> None:
    """One case that cannot be read leaves the others."""
    replace(policies, "cases/on.yaml", "expect: { effect: allow", "expects: { effect: allow")

    ((id_, file, line, text),) = _found(policies)

    assert (id_, file, line) == ("CASE_BROKEN", "cases/on.yaml", 6)
    assert text.startswith("on: one is on: expects: is no field of a case")


def test_rego_that_cannot_be_parsed_is_found_with_its_line(policies: Path) -> None:
    """The checks in Rego are not asked about what is no Rego."""
    replace(policies, MAIN, "decision :=", "decision := :=")

    assert {each[:3] for each in _found(policies)} == {("REGO_PARSE_ERROR", MAIN, 3)}


def test_data_for_the_demonstration_are_judged_where_they_stand(policies: Path) -> None:
    """A fault that only the overlay has is the overlay's."""
    demo = policies / "demo/placet/rules/on/data.json"
    demo.parent.mkdir(parents=True)
    demo.write_text('{\n  "chains": {\n    "BTC": "yes"\n  }\n}\n')

    assert _found(policies) == [
        ("DATA_INVALID", "demo/placet/rules/on/data.json", 3, "/chains/BTC: 'yes' is not of type 'boolean'"),
    ]


def test_capabilities_that_allow_what_is_not_repeatable_are_found(policies: Path) -> None:
    """The file that bans builtins is itself held to what it must ban."""
    file = policies / "capabilities.json"
    allowed = json.loads(file.read_bytes())
    allowed["builtins"].append({"name": "time.now_ns", "nondeterministic": True, "decl": {"type": "function"}})
    file.write_text(json.dumps(allowed | {"allow_net": ["example.org"]}))

    assert [(each[0], each[3]) for each in _found(policies) if each[1] == "capabilities.json"] == [
        ("CAPABILITY_OPENED", "allow_net is not empty"),
        ("CAPABILITY_OPENED", "it allows time.now_ns"),
    ]


def test_what_the_checks_in_rego_find_is_found(policies: Path) -> None:
    """A folder's own check speaks with its own remedy and level."""
    (policies / "checks/checks.rego").write_text(
        'package checks\n\nfindings := {{"id": "OURS", "file": "bundle/x", "line": 2, "text": "so"}}\n\n'
        'kinds := {"OURS": {"title": "t", "remedy": "r", "level": "warning"}}\n'
    )

    (found,) = check_folder(policies, opa=opa_binary())

    assert (found.id, found.file, found.line, found.text) == ("OURS", "bundle/x", 2, "so")
    assert (found.kind.title, found.kind.remedy, found.kind.level) == ("t", "r", "warning")


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ("package checks\n", "the checks define no data.checks.findings, or no data.checks.kinds"),
        (
            'package checks\n\nfindings := {{"id": "OURS"}}\n\nkinds := {}\n',
            "checks: {'id': 'OURS'} has not id, file, line and text, or its id is not in data.checks.kinds",
        ),
    ],
)
def test_checks_that_say_nothing_usable_are_a_broken_folder(policies: Path, checks: str, says: str) -> None:
    """A check that cannot speak must not pass for one that is content."""
    (policies / "checks/checks.rego").write_text(checks)

    with pytest.raises(BrokenFolderError) as refused:
        check_folder(policies, opa=opa_binary())
    assert str(refused.value) == says


@pytest.mark.parametrize("name", ["bundle", "schemas", "checks", "cases/inputs.yaml", "capabilities.json"])
def test_a_folder_without_one_of_its_parts_is_none(policies: Path, name: str) -> None:
    """Nothing is said about a folder that lacks what it is judged by."""
    (policies / name).rename(policies / "aside")

    with pytest.raises(BrokenFolderError) as refused:
        check_folder(policies, opa=opa_binary())
    assert str(refused.value) == f"{policies}: is no policy folder; it has no {name}"
    assert refused.value.exit_code == 2


def test_a_bundle_is_refused_for_errors_and_not_for_warnings(policies: Path) -> None:
    """What could decide wrongly is not built; what people only miss is."""
    checks = policies / "checks/checks.rego"
    for level in ("warning", "error"):
        checks.write_text(
            'package checks\n\nfindings := {{"id": "OURS", "file": "bundle/x", "line": 2, "text": "so"}}\n\n'
            f'kinds := {{"OURS": {{"title": "t", "remedy": "r", "level": "{level}"}}}}\n'
        )
        if level == "warning":
            refuse_errors(policies, opa=opa_binary())
    with pytest.raises(CliError) as refused:
        refuse_errors(policies, opa=opa_binary())
    assert str(refused.value) == "no bundle may have these errors:\n  bundle/x:2: OURS: so"
