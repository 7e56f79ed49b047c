"""policies/README.md is followed to the letter: a rule is added in a copy of the folder, in its five steps."""

import json
import re
import shutil
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli.policy.build import build_bundle
from placet_cli.policy.cases import read_cases
from placet_cli.policy.check import check_folder
from placet_cli.policy.decisions import decide
from policy_folder import POLICIES

README = (POLICIES / "README.md").read_text(encoding="utf-8")
# A path in backticks at the end of a paragraph, and the block below it: a file and what it holds.
_BLOCKS = re.compile(r"`([a-z_./]+\.(?:rego|json|yaml))`\n\n```(?:rego|json|yaml)\n(.*?)```\n", re.DOTALL)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the policy folder after the five steps."""
    policies = tmp_path_factory.mktemp("readme") / "policies"
    shutil.copytree(POLICIES, policies)
    for name, content in _BLOCKS.findall(README):
        (policies / name).parent.mkdir(parents=True, exist_ok=True)
        (policies / name).write_text(content, encoding="utf-8")
    profiles = policies / "bundle" / "placet" / "profiles" / "data.json"
    named = json.loads(profiles.read_bytes())
    named["request_types"]["KEY_SIGN"]["rules"].append("open_days")
    profiles.write_text(json.dumps(named), encoding="utf-8")
    shipped = policies / "cases" / "shipped.yaml"
    last = "      - LIFETIME_CAP_NOT_CONFIGURED\n"
    text = shipped.read_text(encoding="utf-8")
    shipped.write_text(text.replace(last, f"{last}      - OPEN_DAYS_NOT_CONFIGURED\n"), encoding="utf-8")
    return policies


def test_readme_gives_every_file_of_the_new_rule(followed: Path) -> None:
    """The steps write the rule, its data, schema, demonstration data, test and cases, and nothing else."""
    new = {file.relative_to(followed).as_posix() for file in followed.rglob("*") if file.is_file()}
    old = {file.relative_to(POLICIES).as_posix() for file in POLICIES.rglob("*") if file.is_file()}

    assert new - old == {
        "bundle/placet/rules/open_days/data.json",
        "bundle/placet/rules/open_days/open_days.rego",
        "bundle/placet/rules/open_days/open_days_test.rego",
        "cases/open_days.yaml",
        "demo/placet/rules/open_days/data.json",
        "schemas/rules/open_days.schema.json",
    }


def test_check_accepts_the_new_rule(followed: Path) -> None:
    """Nothing is found after the five steps."""
    assert check_folder(followed, opa=opa_binary()) == []


def test_check_misses_a_forgotten_step(followed: Path) -> None:
    """Without the cases of step 5 the check objects, so the steps are all needed."""
    cases = followed / "cases" / "open_days.yaml"
    text = cases.read_bytes()
    cases.unlink()
    found = check_folder(followed, opa=opa_binary())
    cases.write_bytes(text)

    assert [(each.id, each.text) for each in found] == [
        ("CODE_WITHOUT_CASE", "hold: no case expects DAY_NOT_OPEN"),
    ]


def test_every_case_holds_after_the_five_steps(followed: Path) -> None:
    """The new cases and all old ones are decided as written."""
    decided = decide(followed, read_cases(followed), opa=opa_binary())

    assert {each.case.name: each.found for each in decided if not each.holds} == {}
    assert {"open_days: a day that is not open", "open_days: no open day"} <= {each.case.name for each in decided}


def test_a_release_with_the_new_rule_can_be_built(followed: Path) -> None:
    """The tool that makes releases takes the folder after the five steps."""
    assert build_bundle(followed, opa=opa_binary()).files > build_bundle(POLICIES, opa=opa_binary()).files
