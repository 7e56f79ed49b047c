"""`policies/checks` finds nothing in the policy, and finds each kind of fault when it is planted."""

import copy
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.policy.cases import read_cases
from placet_cli.policy.conventions import document, evaluate
from policy_folder import POLICIES

FEE = "placet/rules/fee_limit/fee_limit.rego"
PROVENANCE = "placet/rules/provenance/provenance.rego"
CONTRADICTIONS = "placet/rules/contradictions/contradictions.rego"
MAIN = "placet/main/main.rego"
AMOUNT = "placet/rules/amount_limit/amount_limit.rego"
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
        says="PACKAGE_NOT_ANNOTATED: the package needs METADATA with title and description",
    ),
    Planted(
        name="head without an owner",
        file=FEE,
        old="#   owner: security\n",
        new="",
        says="ANNOTATION_INCOMPLETE: hold: METADATA lacks custom.owner",
    ),
    Planted(
        name="head with an invented severity",
        file=FEE,
        old="#   severity: critical\n",
        new="#   severity: alarming\n",
        says="ANNOTATION_INCOMPLETE: deny: custom.severity is low, medium, high or critical",
    ),
    Planted(
        name="head without a severity",
        file=FEE,
        old="#   severity: critical\n",
        new="",
        says="ANNOTATION_INCOMPLETE: deny: custom.severity is low, medium, high or critical",
    ),
    Planted(
        name="head without METADATA",
        file=FEE,
        old="# METADATA\n# title: The transaction can cost more in fees than the limit.\n",
        new="# title: The transaction can cost more in fees than the limit.\n",
        says="ANNOTATION_INCOMPLETE: deny: METADATA lacks custom.code",
    ),
    Planted(
        name="head without a description",
        file=FEE,
        old="# description: The highest fee that the bytes allow is above the limit.\n",
        new="",
        says="ANNOTATION_INCOMPLETE: deny: METADATA lacks description",
    ),
    Planted(
        name="code that is not the annotation's",
        file=FEE,
        old="#   code: FEE_ABOVE_LIMIT\n",
        new="#   code: FEE_TOO_HIGH\n",
        says="CODE_DIFFERS: deny: head FEE_ABOVE_LIMIT, METADATA FEE_TOO_HIGH",
    ),
    Planted(
        name="annotated code without a head",
        file=FEE,
        old="#   code: FEE_ABOVE_LIMIT\n",
        new="#   code: FEE_TOO_HIGH\n",
        says="ANNOTATION_WITHOUT_HEAD: FEE_TOO_HIGH",
    ),
    Planted(
        name="head that is no literal",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains sprintf("FEE_ABOVE_%s", ["LIMIT"]) if {\n',
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is an object",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains {"code": "FEE_ABOVE_LIMIT"} if {\n',
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is a map",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny["FEE_ABOVE_LIMIT"] := true if {\n',
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is a boolean",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new="deny if {\n",
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="code in lower case",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains "fee_above_limit" if {\n',
        says="CODE_MALFORMED: deny: fee_above_limit",
    ),
    Planted(
        name="code of another rule",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains "AMOUNT_ABOVE_LIMIT" if {\n',
        says="CODE_NOT_UNIQUE: deny: AMOUNT_ABOVE_LIMIT has 2 heads",
    ),
    Planted(
        name="second head for one code",
        file=FEE,
        old="_within_limit if _fee <= _limit\n",
        new='_within_limit if _fee <= _limit\n\ndeny contains "FEE_ABOVE_LIMIT" if not _within_limit\n',
        says="CODE_NOT_UNIQUE: deny: FEE_ABOVE_LIMIT has 2 heads",
    ),
    Planted(
        name="condition that vanishes when it is undefined",
        file=FEE,
        old="\tnot _within_limit\n",
        new="\t_fee > _limit\n",
        says="HEAD_NOT_NEGATED: deny: the body negates no helper",
    ),
    Planted(
        name="negated comparison instead of a helper",
        file=FEE,
        old="\tnot _within_limit\n",
        new="\tnot _fee <= _limit\n",
        says="HEAD_NOT_NEGATED: deny: the body negates no helper",
    ),
    Planted(
        name="negated call, which vanishes when its argument is undefined",
        file=FEE,
        old="\tnot _within_limit\n",
        new='\tnot _within_limit\n\tnot startswith(input.facts.fee.source, "derived")\n',
        says="HEAD_NOT_NEGATED: deny: the body negates something else than a helper",
    ),
    Planted(
        name="title that is not the annotation's",
        file=FEE,
        old='"FEE_NOT_BOUNDED": "The bytes do not bound the fee."',
        new='"FEE_NOT_BOUNDED": "The fee is free."',
        says='TEXT_DIFFERS: hold: title["FEE_NOT_BOUNDED"] is not the METADATA\'s title',
    ),
    Planted(
        name="remediation that is missing",
        file=FEE,
        old=(
            '\t"FEE_NOT_BOUNDED": "Look at the missing facts of this request, '
            "or say in rules/fee_limit why the chain's fees need no bound.\",\n"
        ),
        new="",
        says='TEXT_DIFFERS: hold: remediation["FEE_NOT_BOUNDED"] is not the METADATA\'s remediation',
    ),
    Planted(
        name="message with a condition",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message["CONTRADICTION_HELD"] := code if some code in _codes\n',
        says="MESSAGE_VARIES: the message of CONTRADICTION_HELD has a condition or a variable",
    ),
    Planted(
        name="message with a variable in a reference",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message["CONTRADICTION_HELD"] := input.contradictions[_].code\n',
        says="MESSAGE_VARIES: the message of CONTRADICTION_HELD has a condition or a variable",
    ),
    Planted(
        name="two messages for one code",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] :=',
        new='message["CONTRADICTION_DENIED"] :=',
        says="MESSAGE_VARIES: CONTRADICTION_DENIED has 2 messages",
    ),
    Planted(
        name="message under a computed code",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message[code] := "contradicted" if some code in _codes\n',
        says="MESSAGE_VARIES: the message of code has a condition or a variable",
    ),
    Planted(
        name="comparison with a value that the schema does not have",
        file=PROVENANCE,
        old='input.facts.status == "PROVEN"',
        new='input.facts.status == "PROVED"',
        says='ENUM_UNKNOWN: facts.status is compared with "PROVED"',
    ),
    Planted(
        name="comparison with another input version",
        file=MAIN,
        old='input.schema == "placet.input/v1"',
        new='"placet.input/v2" == input.schema',
        says='ENUM_UNKNOWN: schema is compared with "placet.input/v2"',
    ),
    Planted(
        name="print, which would write requests into OPA's log",
        file=FEE,
        old="_configured if _limit >= 0\n",
        new="_configured if {\n\tprint(input.request)\n\t_limit >= 0\n}\n",
        says="PRINT_USED: print writes what it is given into OPA's log",
    ),
    Planted(
        name="package in another directory",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says="DIRECTORY_DIFFERS: the package is data.placet.rules.fees",
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
        says="PROFILE_NAMES_NOTHING: there is no rule fee_limit",
    ),
    Planted(
        name="second entrypoint",
        file=FEE,
        old="# title: Fee limit\n",
        new="# title: Fee limit\n# entrypoint: true\n",
        says="ENTRYPOINTS: entrypoints are: data.placet.main.decision, data.placet.rules.fee_limit",
    ),
]


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
    sources = {**clean["sources"], FEE: clean["sources"][FEE].replace("\tnot _within_limit\n", "\t_fee > _limit\n")}

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
    package["custom"] = {"unused": "a test"}
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
    assert [each["id"] for each in _found(checked)] == ["NOT_CONFIGURED_MISSING"]


def test_a_rule_named_for_a_key_group_only_is_named(clean: dict[str, Any]) -> None:
    """A profile of a key group counts like one of a request type."""
    checked = copy.deepcopy(clean)
    checked["profiles"]["request_types"]["KEY_SIGN"]["rules"].remove("fee_limit")
    checked["profiles"]["key_groups"] = {"cold": {"KEY_SIGN": {"rules": ["fee_limit"]}}}

    assert _found(checked) == []


def test_a_request_type_without_a_profile_is_found(clean: dict[str, Any]) -> None:
    """Every request type of the input schema has a profile."""
    checked = copy.deepcopy(clean)
    del checked["profiles"]["request_types"]["KEY_RESHARE"]

    assert _says(checked) == ["PROFILE_MISSING: the request type KEY_RESHARE has no profile"]


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


def test_every_finding_says_what_to_do() -> None:
    """Each id that a check can speak of has a title, a remedy and a level, and none is left over."""
    source = "".join(file.read_text(encoding="utf-8") for file in (POLICIES / "checks").glob("*.rego"))
    spoken = set(re.findall(r'(?:finding|in_file|says|_in_profiles)\("([A-Z_]+)"', source))
    _, kinds = evaluate(POLICIES / "checks", NOTHING, opa=opa_binary())

    assert kinds.keys() == spoken
    assert all(kind.keys() == {"title", "remedy", "level"} and all(kind.values()) for kind in kinds.values())
    assert {kind["level"] for kind in kinds.values()} == {"error", "warning"}


def test_the_checks_are_strict_rego_themselves() -> None:
    """An empty document does not pass: the checks have something to say about a policy that is not there."""
    assert _says(NOTHING) == ["ENTRYPOINTS: entrypoints are: "]
