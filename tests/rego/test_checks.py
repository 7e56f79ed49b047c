"""`policies/checks` finds nothing in the policy, and finds each kind of fault when it is planted."""

import copy
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.policy.cases import read_cases
from placet_cli.policy.conventions import document, evaluate
from planted_faults import AMOUNT, FEE, MAIN, PLANTED, Planted
from policy_folder import POLICIES

from scripts.traps import traps

NOTHING: dict[str, Any] = {
    "sources": {},
    "lines": {},
    "annotations": [],
    "tests": [],
    "profiles": {},
    "cases": [],
    "input_schema": {},
    "data_schemas": {},
}


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    """The policy as it is in the tree, in which the checks find nothing."""
    found = document(POLICIES, read_cases(POLICIES), opa=opa_binary())
    assert _found(found) == []
    return found


def _found(asked: dict[str, Any]) -> list[dict[str, Any]]:
    found, _ = evaluate(POLICIES / "checks", asked, opa=opa_binary())
    return found


def _says(asked: dict[str, Any]) -> list[str]:
    return sorted(f"{each['id']}: {each['text']}" for each in _found(asked))


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_fault_is_found(planted: Planted, tmp_path: Path) -> None:
    """Each kind of fault, written into a copy of the policy, is reported in its own words with its file."""
    bundle = tmp_path / "bundle"
    for name in {planted.file, MAIN, AMOUNT, "placet/profiles/data.json"}:
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(POLICIES / "bundle" / name, bundle / name)
    (tmp_path / "schemas").symlink_to(POLICIES / "schemas")
    text = (bundle / planted.file).read_text(encoding="utf-8")
    assert planted.old in text
    (bundle / planted.file).write_text(text.replace(planted.old, planted.new), encoding="utf-8")

    found = _found(document(tmp_path, [], opa=opa_binary()))

    file = "placet/profiles/data.json" if planted.says.startswith("PROFILE") else planted.file
    places = {each["file"] for each in found if f"{each['id']}: {each['text']}" == planted.says}
    # An entrypoint too many is the main package's to answer for, whoever claims it.
    assert places & {f"bundle/{file}", f"bundle/{MAIN}"} != set()


def test_a_finding_has_the_line_of_its_rule(clean: dict[str, Any]) -> None:
    """Whoever reads a finding is led to the rule, not to the file."""
    sources = {
        **clean["sources"],
        FEE: clean["sources"][FEE].replace("\tnot _within_limit_or_held\n", "\t_fee > _limit\n"),
    }

    (found,) = _found({**clean, "sources": sources})

    line = 1 + sources[FEE].splitlines().index('deny contains "FEE_ABOVE_LIMIT" if {')
    assert (found["id"], found["file"], found["line"]) == ("HEAD_NOT_NEGATED", f"bundle/{FEE}", line)


def test_a_rule_marked_unused_needs_no_profile(clean: dict[str, Any]) -> None:
    """A rule outside every profile passes when its package says why."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_SIGN"]["rules"].remove("fee_limit")
    assert [each["id"] for each in _found(checked)] == ["RULE_UNNAMED"]

    package = next(
        entry["annotations"]
        for entry in checked["annotations"]
        if entry["file"] == FEE and entry["annotations"]["scope"] == "package"
    )
    package["custom"] = {**package.get("custom", {}), "unused": "a test"}
    assert _found(checked) == []


def test_a_finding_can_be_accepted_with_a_reason_only(clean: dict[str, Any]) -> None:
    """A package that says why is believed; one that says nothing is not."""
    checked = copy.deepcopy(clean)
    package = next(
        entry["annotations"]
        for entry in checked["annotations"]
        if entry["file"].endswith("transaction_type.rego") and entry["annotations"]["scope"] == "package"
    )
    assert list(package["custom"]["accepted"]) == ["NOT_CONFIGURED_MISSING"]

    package["custom"]["accepted"]["NOT_CONFIGURED_MISSING"] = ""
    assert {each["id"] for each in _found(checked)} == {"NOT_CONFIGURED_MISSING"}

    package["custom"]["accepted"] = {"NOT_CONFIGURED_MISSING": "why", "FLOAT_USED": "why"}
    assert _says(checked) == ["ACCEPTED_NOTHING: FLOAT_USED is accepted and not found"]


def test_a_rule_named_for_a_key_group_only_is_named(clean: dict[str, Any]) -> None:
    """A profile of a key group counts like one of a request type."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_SIGN"]["rules"].remove("fee_limit")
    checked["profiles"]["key_groups"] = {"cold": {"KEY_SIGN": {"rules": ["freeze", "fee_limit"]}}}

    assert _found(checked) == []


def test_a_request_type_without_a_profile_is_found(clean: dict[str, Any]) -> None:
    """Every request type of the input schema has a profile."""
    checked = copy.deepcopy(clean)
    del checked["profiles"]["request_types"]["KEY_RESHARE"]

    assert _says(checked) == ["PROFILE_MISSING: the request type KEY_RESHARE has no profile"]


def test_a_profile_without_the_freeze_is_found(clean: dict[str, Any]) -> None:
    """Whatever a profile is for, a request type or a key group, what is frozen stays frozen in it."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_GEN"]["rules"].remove("freeze")
    checked["profiles"]["key_groups"] = {"cold": {"KEY_SIGN": {"rules": ["provenance"]}}}

    assert _says(checked) == [
        "PROFILE_WITHOUT_FREEZE: KEY_GEN does not name freeze",
        "PROFILE_WITHOUT_FREEZE: KEY_SIGN of cold does not name freeze",
    ]


def test_a_code_without_a_case_is_found(clean: dict[str, Any]) -> None:
    """A code that no case expects is reported."""
    cases = [case for case in clean["cases"] if "FEE_NOT_BOUNDED" not in case["codes"]]

    assert _says({**clean, "cases": cases}) == ["CODE_WITHOUT_CASE: hold: no case expects FEE_NOT_BOUNDED"]


def test_a_rule_that_never_lets_anything_through_is_found(clean: dict[str, Any]) -> None:
    """A rule needs a case that is allowed while it runs; one in which it does not run is none."""
    cases = [case for case in clean["cases"] if case["effect"] != "allow" or "fee_limit" not in case["rules"]]

    assert "RULE_WITHOUT_ALLOW: no case is allowed while fee_limit runs" in _says({**clean, "cases": cases})


def test_a_rule_without_tests_is_found(clean: dict[str, Any]) -> None:
    """A module that decides has a test file beside it."""
    tests = [file for file in clean["tests"] if file != FEE.replace(".rego", "_test.rego")]

    (found,) = _found({**clean, "tests": tests})
    assert (found["id"], found["file"]) == ("RULE_WITHOUT_TEST", f"bundle/{FEE}")


def _spoken() -> set[str]:
    """Every id that stands in `policies/checks`."""
    source = "".join(file.read_text(encoding="utf-8") for file in (POLICIES / "checks").glob("*.rego"))
    return set(re.findall(r'(?:finding|in_file|says|_in_profiles)\("([A-Z_]+)"', source))


def test_a_rule_without_a_head_is_found(clean: dict[str, Any]) -> None:
    """A package among the rules that objects to nothing is no rule."""
    file = "placet/rules/quiet/quiet.rego"
    sources = {**clean["sources"], file: "package placet.rules.quiet\n\n_x := 1\n"}

    found = _found({**clean, "sources": sources, "lines": {**clean["lines"], file: [3]}})

    assert ("RULE_WITHOUT_HEAD", f"bundle/{file}") in {(each["id"], each["file"]) for each in found}


def test_every_kind_of_fault_is_seen() -> None:
    """No check stands in `policies/checks` that neither the tests here nor the corpus of traps ever saw speak."""
    planted = {each.says.split(":")[0] for each in PLANTED} | {each.finding for each in traps()}

    assert _spoken() - planted == {
        "ACCEPTED_NOTHING",
        "PROFILE_MISSING",
        "PROFILE_WITHOUT_FREEZE",
        "RULE_WITHOUT_HEAD",
        "RULE_WITHOUT_TEST",
    }


def test_every_finding_says_what_to_do() -> None:
    """Each id that a check can speak of has a title, a remedy and a level, and none is left over."""
    spoken = _spoken()
    _, kinds = evaluate(POLICIES / "checks", NOTHING, opa=opa_binary())

    assert kinds.keys() == spoken
    assert all(kind.keys() == {"title", "remedy", "level"} and all(kind.values()) for kind in kinds.values())
    assert {kind["level"] for kind in kinds.values()} == {"error", "warning"}


def test_the_checks_are_strict_rego_themselves() -> None:
    """An empty document does not pass: the checks have something to say about a policy that is not there."""
    assert _says(NOTHING) == ["ENTRYPOINTS: entrypoints are: "]
