"""`policies/checks` finds nothing in the policy, and finds each kind of fault when it is planted."""

import copy
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from policy_checks import document, inspected, parsed, violations
from policy_folder import POLICIES

FEE = "placet/rules/fee_limit/fee_limit.rego"
PROVENANCE = "placet/rules/provenance/provenance.rego"
CONTRADICTIONS = "placet/rules/contradictions/contradictions.rego"
MAIN = "placet/main/main.rego"


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    """The parsed policy as it is in the tree."""
    return document()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One fault: a text in a file, what it becomes, and what the checks must say."""

    name: str
    file: str
    old: str
    new: str
    says: str


PLANTED = [
    Planted(
        name="package without a description",
        file=FEE,
        old="# description: The highest fee that the bytes can cost stays",
        new="# note: The highest fee that the bytes can cost stays",
        says=f"PACKAGE_NOT_ANNOTATED: {FEE} needs METADATA with title and description",
    ),
    Planted(
        name="head without an owner",
        file=FEE,
        old="#   owner: security\n",
        new="",
        says=f"ANNOTATION_INCOMPLETE: hold in {FEE}: METADATA lacks custom.owner",
    ),
    Planted(
        name="head with an invented severity",
        file=FEE,
        old="#   severity: critical\n",
        new="#   severity: alarming\n",
        says=f"ANNOTATION_INCOMPLETE: deny in {FEE}: custom.severity is low, medium, high or critical",
    ),
    Planted(
        name="head without a severity",
        file=FEE,
        old="#   severity: critical\n",
        new="",
        says=f"ANNOTATION_INCOMPLETE: deny in {FEE}: custom.severity is low, medium, high or critical",
    ),
    Planted(
        name="head without METADATA",
        file=FEE,
        old="# METADATA\n# title: The transaction can cost more in fees than the limit.\n",
        new="# title: The transaction can cost more in fees than the limit.\n",
        says=f"ANNOTATION_INCOMPLETE: deny in {FEE}: METADATA lacks custom.code",
    ),
    Planted(
        name="head without a description",
        file=FEE,
        old="# description: The highest fee that the bytes allow is above the limit.\n",
        new="",
        says=f"ANNOTATION_INCOMPLETE: deny in {FEE}: METADATA lacks description",
    ),
    Planted(
        name="code that is not the annotation's",
        file=FEE,
        old="#   code: FEE_ABOVE_LIMIT\n",
        new="#   code: FEE_TOO_HIGH\n",
        says=f"CODE_DIFFERS: deny in {FEE}: head FEE_ABOVE_LIMIT, METADATA FEE_TOO_HIGH",
    ),
    Planted(
        name="annotated code without a head",
        file=FEE,
        old="#   code: FEE_ABOVE_LIMIT\n",
        new="#   code: FEE_TOO_HIGH\n",
        says=f"ANNOTATION_WITHOUT_HEAD: FEE_TOO_HIGH in {FEE}",
    ),
    Planted(
        name="head that is no literal",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains sprintf("FEE_ABOVE_%s", ["LIMIT"]) if {\n',
        says=f'HEAD_NOT_LITERAL: deny in {FEE}: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is an object",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains {"code": "FEE_ABOVE_LIMIT"} if {\n',
        says=f'HEAD_NOT_LITERAL: deny in {FEE}: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is a map",
        file=CONTRADICTIONS,
        old='deny contains "CONTRADICTION_DENIED" if not',
        new='deny["CONTRADICTION_DENIED"] := true if not',
        says=f'HEAD_NOT_LITERAL: deny in {CONTRADICTIONS}: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is a boolean",
        file=CONTRADICTIONS,
        old='deny contains "CONTRADICTION_DENIED" if not',
        new="deny if not",
        says=f'HEAD_NOT_LITERAL: deny in {CONTRADICTIONS}: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="code in lower case",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains "fee_above_limit" if {\n',
        says=f"CODE_MALFORMED: deny in {FEE}: fee_above_limit",
    ),
    Planted(
        name="code of another rule",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains "AMOUNT_ABOVE_LIMIT" if {\n',
        says="CODE_NOT_UNIQUE: AMOUNT_ABOVE_LIMIT has 2 heads",
    ),
    Planted(
        name="second head for one code",
        file=FEE,
        old="_within_limit if _fee <= _limit\n",
        new='_within_limit if _fee <= _limit\n\ndeny contains "FEE_ABOVE_LIMIT" if not _within_limit\n',
        says="CODE_NOT_UNIQUE: FEE_ABOVE_LIMIT has 2 heads",
    ),
    Planted(
        name="condition that vanishes when it is undefined",
        file=FEE,
        old="\tnot _within_limit_or_held\n",
        new="\t_fee > _limit\n",
        says=f"HEAD_NOT_NEGATED: deny in {FEE}: the body negates no helper",
    ),
    Planted(
        name="negated comparison instead of a helper",
        file=FEE,
        old="\tnot _within_limit_or_held\n",
        new="\tnot _fee <= _limit\n",
        says=f"HEAD_NOT_NEGATED: deny in {FEE}: the body negates no helper",
    ),
    Planted(
        name="negated call, which vanishes when its argument is undefined",
        file=FEE,
        old="\tnot _within_limit_or_held\n",
        new='\tnot _within_limit_or_held\n\tnot startswith(input.facts.fee.source, "derived")\n',
        says=f"HEAD_NOT_NEGATED: deny in {FEE}: the body negates something else than a helper",
    ),
    Planted(
        name="title that is not the annotation's",
        file=FEE,
        old='"FEE_NOT_BOUNDED": "The bytes do not bound the fee."',
        new='"FEE_NOT_BOUNDED": "The fee is free."',
        says=f'TEXT_DIFFERS: hold in {FEE}: title["FEE_NOT_BOUNDED"] is not the METADATA\'s title',
    ),
    Planted(
        name="remediation that is missing",
        file=FEE,
        old=(
            '\t"FEE_NOT_BOUNDED": "Look at the missing facts of this request, '
            "or say in rules/fee_limit why the chain's fees need no bound.\",\n"
        ),
        new="",
        says=f'TEXT_DIFFERS: hold in {FEE}: remediation["FEE_NOT_BOUNDED"] is not the METADATA\'s remediation',
    ),
    Planted(
        name="message with a condition",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message["CONTRADICTION_HELD"] := code if some code in _codes\n',
        says=f"MESSAGE_VARIES: CONTRADICTION_HELD in {CONTRADICTIONS}",
    ),
    Planted(
        name="message with a variable in a reference",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message["CONTRADICTION_HELD"] := input.contradictions[_].code\n',
        says=f"MESSAGE_VARIES: CONTRADICTION_HELD in {CONTRADICTIONS}",
    ),
    Planted(
        name="two messages for one code",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] :=',
        new='message["CONTRADICTION_DENIED"] :=',
        says=f"MESSAGE_VARIES: CONTRADICTION_DENIED has 2 messages in {CONTRADICTIONS}",
    ),
    Planted(
        name="message under a computed code",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message[code] := "contradicted" if some code in _codes\n',
        says=f"MESSAGE_VARIES: code in {CONTRADICTIONS}",
    ),
    Planted(
        name="comparison with a value that the schema does not have",
        file=PROVENANCE,
        old='input.facts.status == "PROVEN"',
        new='input.facts.status == "PROVED"',
        says=f'ENUM_UNKNOWN: facts.status is compared with "PROVED" in {PROVENANCE}',
    ),
    Planted(
        name="comparison with another input version",
        file=MAIN,
        old='input.schema == "placet.input/v1"',
        new='"placet.input/v2" == input.schema',
        says=f'ENUM_UNKNOWN: schema is compared with "placet.input/v2" in {MAIN}',
    ),
    Planted(
        name="print, which would write requests into OPA's log",
        file=FEE,
        old="_configured if {\n\t_limit >= 0\n",
        new="_configured if {\n\tprint(input.request)\n\t_limit >= 0\n",
        says=f"PRINT_USED: {FEE}",
    ),
    Planted(
        name="package in another directory",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says=f"DIRECTORY_DIFFERS: {FEE} is data.placet.rules.fees",
    ),
    Planted(
        name="rule that no profile names",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says="RULE_UNNAMED: fees is in no profile and has no custom.unused",
    ),
    Planted(
        name="profile that names nothing",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says="PROFILE_NAMES_NOTHING: fee_limit",
    ),
    Planted(
        name="second entrypoint",
        file=FEE,
        old="# title: Fee limit\n",
        new="# title: Fee limit\n# entrypoint: true\n",
        says="ENTRYPOINTS: data.placet.main.decision, data.placet.rules.fee_limit",
    ),
]


def test_the_policy_passes(clean: dict[str, Any], tmp_path: Path) -> None:
    """The checks find nothing in the policy of the tree."""
    assert violations(tmp_path, clean) == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_fault_is_found(planted: Planted, clean: dict[str, Any], tmp_path: Path) -> None:
    """Each kind of fault, written into a copy of the policy, is reported in its own words."""
    bundle = tmp_path / "bundle"
    shutil.copytree(POLICIES / "bundle", bundle, ignore=shutil.ignore_patterns("*_test.rego"))
    text = (bundle / planted.file).read_text(encoding="utf-8")
    assert planted.old in text
    (bundle / planted.file).write_text(text.replace(planted.old, planted.new), encoding="utf-8")

    checked = copy.deepcopy(clean)
    checked["modules"][planted.file] = parsed(bundle, planted.file)
    checked["inspect"] = inspected(bundle)

    assert planted.says in violations(tmp_path, checked)


def test_a_rule_marked_unused_needs_no_profile(clean: dict[str, Any], tmp_path: Path) -> None:
    """A rule outside every profile passes when its package says why."""
    bundle = tmp_path / "bundle"
    shutil.copytree(POLICIES / "bundle", bundle, ignore=shutil.ignore_patterns("*_test.rego"))
    text = (bundle / FEE).read_text(encoding="utf-8")
    custom = "# custom:\n#   configure: |\n"
    assert custom in text
    unused = custom.replace("#   configure", "#   unused: a test\n#   configure")
    (bundle / FEE).write_text(text.replace(custom, unused), encoding="utf-8")

    checked = copy.deepcopy(clean)
    checked["modules"][FEE] = parsed(bundle, FEE)
    checked["profiles"]["request_types"]["KEY_SIGN"]["rules"].remove("fee_limit")

    assert violations(tmp_path, checked) == []


def test_a_rule_that_no_profile_names_is_found(clean: dict[str, Any], tmp_path: Path) -> None:
    """A rule that was taken out of its profile is reported."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_SIGN"]["rules"].remove("fee_limit")

    assert violations(tmp_path, checked) == ["RULE_UNNAMED: fee_limit is in no profile and has no custom.unused"]


def test_a_rule_named_for_a_key_group_only_is_named(clean: dict[str, Any], tmp_path: Path) -> None:
    """A profile of a key group counts like one of a request type."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_SIGN"]["rules"].remove("fee_limit")
    checked["profiles"]["key_groups"] = {"cold": {"KEY_SIGN": {"rules": ["freeze", "fee_limit"]}}}

    assert violations(tmp_path, checked) == []


def test_a_request_type_without_a_profile_is_found(clean: dict[str, Any], tmp_path: Path) -> None:
    """Every request type of the input schema has a profile."""
    checked = copy.deepcopy(clean)
    del checked["profiles"]["request_types"]["KEY_RESHARE"]

    assert violations(tmp_path, checked) == ["PROFILE_MISSING: KEY_RESHARE"]


def test_a_profile_without_the_freeze_is_found(clean: dict[str, Any], tmp_path: Path) -> None:
    """Whatever a profile is for, a request type or a key group, what is frozen stays frozen in it."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_GEN"]["rules"].remove("freeze")
    checked["profiles"]["key_groups"] = {"cold": {"KEY_SIGN": {"rules": ["provenance"]}}}

    assert violations(tmp_path, checked) == [
        "PROFILE_WITHOUT_FREEZE: KEY_GEN",
        "PROFILE_WITHOUT_FREEZE: KEY_SIGN of cold",
    ]


def test_a_code_without_a_case_is_found(clean: dict[str, Any], tmp_path: Path) -> None:
    """A code that no case expects is reported."""
    checked = {**clean, "cases": [code for code in clean["cases"] if code != "FEE_NOT_BOUNDED"]}

    assert violations(tmp_path, checked) == ["CODE_WITHOUT_CASE: FEE_NOT_BOUNDED"]


def test_a_rule_without_tests_is_found(clean: dict[str, Any], tmp_path: Path) -> None:
    """A module that decides has a test file beside it."""
    modules = {file: module for file, module in clean["modules"].items() if file != FEE.replace(".rego", "_test.rego")}

    assert violations(tmp_path, {**clean, "modules": modules}) == [f"RULE_WITHOUT_TEST: {FEE}"]


def test_every_kind_of_fault_is_planted_here() -> None:
    """No check stands in `policies/checks` that the tests above never saw speak."""
    source = "".join(file.read_text(encoding="utf-8") for file in (POLICIES / "checks").glob("*.rego"))
    kinds = {
        part.split('"')[0].split(":")[0]
        for marker in ('sprintf("', '_says("')
        for part in source.split(f"violation contains {marker}")[1:]
    }
    seen = {planted.says.split(":")[0] for planted in PLANTED}

    assert kinds - seen == {"PROFILE_MISSING", "PROFILE_WITHOUT_FREEZE", "CODE_WITHOUT_CASE", "RULE_WITHOUT_TEST"}


def test_the_checks_are_strict_rego_themselves(tmp_path: Path) -> None:
    """An empty document does not pass: the checks have something to say about a policy that is not there."""
    nothing = {"modules": {}, "inspect": {"annotations": []}, "profiles": {}, "cases": [], "input_schema": {}}

    assert violations(tmp_path, json.loads(json.dumps(nothing))) == ["ENTRYPOINTS: "]
