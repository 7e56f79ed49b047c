"""A new rule: what its name may be, and that nothing that is there is ever replaced."""

import json
from pathlib import Path

import pytest
from placet_cli.errors import CliError
from placet_cli.policy.commands import app
from placet_cli.policy.folder import BrokenFolderError
from placet_cli.policy.new_rule import new_rule
from typer.testing import CliRunner

MODULE = 'package placet.rules.fee_limit\n\nhold contains "SOME_RULE_NOT_ALLOWED" if not _x\n'


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder with what new rules need to know."""
    for name in ("bundle/placet/rules/fee_limit", "schemas/rules", "checks", "cases"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "capabilities.json").write_text("{}")
    (tmp_path / "bundle/placet/rules/fee_limit/fee_limit.rego").write_text(MODULE)
    request = {"request": {"type": "KEY_SIGN"}}
    inputs = {
        "call": request | {"facts": {"chain": {"id": "ETH"}, "calls": [{}], "messages": []}},
        "payment": request | {"facts": {"chain": {"id": "TRON"}, "calls": [], "messages": []}},
    }
    (tmp_path / "cases/inputs.yaml").write_text(json.dumps(inputs))
    return tmp_path


def test_a_new_rule_is_five_files_and_no_other_changes(policies: Path) -> None:
    """Rule, test, data, schema and cases, which start from an input that no other rule must judge."""
    files = new_rule(policies, "cold_days")

    assert sorted(files) == [
        "bundle/placet/rules/cold_days/cold_days.rego",
        "bundle/placet/rules/cold_days/cold_days_test.rego",
        "bundle/placet/rules/cold_days/data.json",
        "cases/cold_days.yaml",
        "schemas/rules/cold_days.schema.json",
    ]
    assert "package placet.rules.cold_days\n" in files["bundle/placet/rules/cold_days/cold_days.rego"]
    assert 'hold contains "COLD_DAYS_NOT_CONFIGURED" if' in files["bundle/placet/rules/cold_days/cold_days.rego"]
    assert "  input: payment\n" in files["cases/cold_days.yaml"]
    assert "{ TRON: { label: payments } }" in files["cases/cold_days.yaml"]
    assert all("@" not in text for text in files.values())


@pytest.mark.parametrize("name", ["", "Cold", "9days", "cold-days", "../x", "a" * 41, "main", "every", "x_test", "ä"])
def test_a_name_that_no_rule_can_have_is_refused(policies: Path, name: str) -> None:
    """A name is a step of a package's path and the beginning of codes."""
    with pytest.raises(BrokenFolderError, match="is no name for a rule: a letter, then at most 39 small letters"):
        new_rule(policies, name)


@pytest.mark.parametrize("file", ["bundle/placet/rules/cold/data.json", "schemas/rules/cold.schema.json"])
def test_what_is_there_is_never_replaced(policies: Path, file: str) -> None:
    """One file of that name is enough to refuse all."""
    (policies / file).parent.mkdir(parents=True, exist_ok=True)
    (policies / file).write_text("{}")

    with pytest.raises(BrokenFolderError) as refused:
        new_rule(policies, "cold")
    assert str(refused.value) == f"{policies / file} is there already; choose another name"


def test_a_code_of_another_rule_is_refused(policies: Path) -> None:
    """Codes are one namespace, so the name of the rule is taken too."""
    with pytest.raises(BrokenFolderError, match=r"^the code SOME_RULE_NOT_ALLOWED is another rule's already"):
        new_rule(policies, "some_rule")


def test_without_an_input_to_start_from_nothing_is_written(policies: Path) -> None:
    """The cases of the new rule would prove nothing."""
    (policies / "cases/inputs.yaml").write_text("{}")

    with pytest.raises(BrokenFolderError, match=r"^cases/inputs\.yaml: has no transaction without calls and messages"):
        new_rule(policies, "cold")


def test_the_command_writes_the_files_and_says_what_comes_next(policies: Path) -> None:
    """The paths, then the steps, on standard output."""
    done = CliRunner().invoke(app, ["new", "cold", str(policies)])

    assert done.exit_code == 0
    assert done.stdout.startswith(f"{policies}/bundle/placet/rules/cold/cold.rego\n")
    assert f"placet policy check {policies} && placet policy test {policies}" in done.stdout
    assert (policies / "cases/cold.yaml").read_text().startswith("# No profile names the rule yet")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """The exit status is that of a broken folder, and the sentence says what it lacks."""
    done = CliRunner().invoke(app, ["new", "cold", str(tmp_path)])

    assert isinstance(done.exception, CliError)
    assert done.exception.exit_code == 2
    assert str(done.exception) == f"{tmp_path}: is no policy folder; it has no bundle"
