"""`placet policy mutate` to its end: on a folder whose cases notice everything, and on weaker ones."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from opa_binary import opa_binary
from placet_cli.__main__ import app
from small_policy import CASES, write_cases, write_small_policy
from typer.testing import CliRunner, Result


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the verdicts on the small folder as it is."""
    cache = tmp_path_factory.mktemp("cache")
    folder = write_small_policy(tmp_path_factory.mktemp("small"))
    assert _command(cache, folder).exit_code == 0
    return cache


@pytest.fixture
def cache(judged: Path, tmp_path: Path) -> Path:
    """A copy of that cache, so that no test depends on another."""
    return shutil.copytree(judged, tmp_path / "cache")


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """The small folder."""
    return write_small_policy(tmp_path / "policies")


def _command(cache: Path, *arguments: str | Path) -> Result:
    environment = {"PLACET_OPA": str(opa_binary()), "XDG_CACHE_HOME": str(cache)}
    return CliRunner().invoke(app, ["policy", "mutate", *map(str, arguments)], env=environment)


def _json(cache: Path, *arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_command(cache, *arguments, "--format", "json").stdout)
    return found


def test_cases_that_notice_everything_score_100(policies: Path, cache: Path) -> None:
    """Every mutant of rule, decision, data and input is noticed."""
    found = _json(cache, policies)

    assert (found["score"], found["survived"]) == (10_000, 0)
    assert set(found["packages"]) == {"placet.main", "placet.rules.ceiling", "input"}
    assert {each["by"] for each in found["mutants"] if each["verdict"] == "killed"} == {"test", "case"}
    assert {each["operator"] for each in found["mutants"]} >= {
        "negate", "drop-expression", "comparison", "number", "drop-rule", "drop-else", "deny-hold", "effect",
        "empty-datum", "absent-field",
    }  # fmt: skip


def test_data_that_its_schema_refuses_is_not_counted(policies: Path, cache: Path) -> None:
    """A schema that requires a ceiling refuses limits without one; without the schema a case notices them."""
    before = {each["rule"]: each for each in _json(cache, policies)["mutants"] if each["operator"] == "empty-datum"}
    limits = {"type": "object", "required": ["max"]}
    schema = {"type": "object", "required": ["limits"], "properties": {"limits": limits}}
    (policies / "schemas" / "rules").mkdir()
    (policies / "schemas" / "rules" / "ceiling.schema.json").write_text(json.dumps(schema))

    found = {each["rule"]: each for each in _json(cache, policies)["mutants"] if each["operator"] == "empty-datum"}

    assert (before["/limits"]["verdict"], before["/limits"]["by"]) == ("killed", "case")
    assert (found["/limits"]["verdict"], found["/limits"]["by"]) == ("refused", "schema")


def test_a_survivor_is_shown_with_the_case_that_notices_it(policies: Path, cache: Path) -> None:
    """Without a case at the ceiling `<` does for `<=`; the case that is shown, added to the folder, notices it."""
    weak = [{**CASES[0], "name": "below the ceiling", "set": {"/amount": 5}}, *CASES[1:]]
    write_cases(policies, weak)

    result = _command(cache, policies, "--minimum", "100")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "SURVIVED placet.rules.ceiling _within: comparison (bundle/placet/rules/ceiling/ceiling.rego:12)" in lines
    assert "    -_within if input.amount <= data.placet.rules.ceiling.limits.max" in lines
    assert "    +_within if input.amount < data.placet.rules.ceiling.limits.max" in lines
    start = lines.index("  This case would notice it:") + 1
    end = lines.index("  To accept it, in mutate.yaml:")
    (case,) = yaml.safe_load("\n".join(lines[start:end]))
    assert case["expect"] == {"effect": "allow", "codes": []}
    assert case["set"]["/amount"] == case.get("set_data", {}).get("/rules/ceiling/limits/max", 10)

    write_cases(policies, [*weak, case])
    assert _json(cache, policies)["score"] == 10_000


def test_a_survivor_can_be_accepted_with_a_reason(policies: Path, cache: Path) -> None:
    """The entry that is shown, with a reason, takes the survivor out of the list and leaves the score."""
    write_cases(policies, [{**CASES[0], "set": {"/amount": 5}}, *CASES[1:]])
    lines = _command(cache, policies, "--no-search").stdout.splitlines()
    (entry,) = yaml.safe_load(lines[lines.index("  To accept it, in mutate.yaml:") + 1])
    (policies / "mutate.yaml").write_text(yaml.safe_dump([{**entry, "reason": "a test"}]))

    found = _json(cache, policies)

    assert (found["survived"], found["accepted"]) == (1, 1)
    assert found["score"] < 10_000
    assert "SURVIVED" not in _command(cache, policies).stdout


def test_an_entry_that_no_survivor_has_is_refused(policies: Path, cache: Path) -> None:
    """A list of accepted survivors that outlives them would hide the next one."""
    entry = {
        "package": "placet.rules.ceiling",
        "rule": "_within",
        "operator": "comparison",
        "before": "<=",
        "after": "<",
    }
    (policies / "mutate.yaml").write_text(yaml.safe_dump([{**entry, "reason": "a test"}]))

    result = _command(cache, policies)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "✗ mutate.yaml accepts what does not survive; take it out:"
        " placet.rules.ceiling _within: comparison: '<=' to '<'"
    )


def test_the_minimum_decides_the_exit_status(policies: Path, cache: Path) -> None:
    """One survivor of some forty mutants is good enough for 90 % and not for 99 %."""
    write_cases(policies, [{**CASES[0], "set": {"/amount": 5}}, *CASES[1:]])

    assert _command(cache, policies, "--no-search", "--minimum", "90").exit_code == 0
    assert _command(cache, policies, "--no-search", "--minimum", "99").exit_code == 1


def test_a_field_whose_absence_denies_is_a_survivor(policies: Path, cache: Path) -> None:
    """What is missing must hold: a request that is denied because a field is absent is shown with the field."""
    rule = policies / "bundle" / "placet" / "rules" / "ceiling" / "ceiling.rego"
    rule.write_text(rule.read_text().replace("\t_known\n\tnot", "\tnot"))
    test = rule.with_name("ceiling_test.rego")
    test.write_text(test.read_text().replace("ceiling.deny == set() with input as {}", "true"))
    write_cases(policies, CASES[:2])

    found = _json(cache, policies, "--only", "input")

    assert [(each["rule"], each["words"]) for each in found["mutants"] if each["verdict"] == "survived"] == [
        ("amount", "ceiling: exactly the ceiling: without it the request is denied, and with it allowed")
    ]


def test_what_a_commit_has_already_is_not_judged_again(policies: Path, cache: Path) -> None:
    """With `--since` only files that differ from the commit have mutants."""
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(policies), *command], check=True)
    assert _json(cache, policies, "--since", "HEAD")["mutants"] == []

    main = policies / "bundle" / "placet" / "main" / "main.rego"
    main.write_text(main.read_text() + "\n# Another line.\n")

    assert set(_json(cache, policies, "--since", "HEAD")["packages"]) == {"placet.main"}


def test_a_folder_whose_cases_fail_is_not_mutated(policies: Path, cache: Path) -> None:
    """What is wrong already says nothing about mutants: the case is named, and the exit status is 2."""
    write_cases(policies, [{**CASES[0], "set": {"/amount": 12}}])

    result = _command(cache, policies)

    assert result.exit_code == 2
    assert result.stderr == (
        "placet: ceiling: exactly the ceiling: the cases must hold before anything is mutated;"
        " see `placet policy test`\n"
    )


def test_a_folder_whose_tests_fail_is_not_mutated(policies: Path, cache: Path) -> None:
    """The failing test is named, and the exit status is 2."""
    test = policies / "bundle" / "placet" / "rules" / "ceiling" / "ceiling_test.rego"
    test.write_text(test.read_text().replace('{"NO_AMOUNT"}', '{"OTHER"}'))

    result = _command(cache, policies)

    assert (result.exit_code, result.stderr) == (
        2,
        (
            "placet: placet.rules.ceiling_test.test_holds_without_an_amount: the tests must pass before anything is"
            " mutated; see `placet policy test`\n"
        ),
    )
