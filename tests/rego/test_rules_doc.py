"""docs/rules says what the policy folder says, and refuses to tell what does not hold together."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from opa_binary import opa_binary
from placet_cli.policy.addresses import check_addresses
from placet_cli.policy.conventions import document
from policy_folder import POLICIES

from scripts import rules_doc
from scripts.rule_sources import Rule, rules

RULES = {rule.name: rule for rule in rules(POLICIES)}
REGISTRY = PurePosixPath("placet/registry/chains/data.json")


def test_the_committed_pages_are_fresh() -> None:
    """After a change of a rule, its schema or its cases, `make generate` has been run, and no page is left over."""
    files = rules_doc.render(POLICIES)

    assert {file.path: file.path.read_text(encoding="utf-8") for file in files} == {
        file.path: file.text for file in files
    }
    assert set(rules_doc.FOLDER.iterdir()) == {file.path for file in files}


def test_every_rule_and_every_code_has_its_place() -> None:
    """The pages are the folders of the rules, and each code of the bundle stands on the page of its rule."""
    entries = document(POLICIES, [], opa=opa_binary())["annotations"]
    codes = {entry["annotations"].get("custom", {}).get("code") for entry in entries} - {None}
    told = [code.code for rule in RULES.values() for code in rule.codes]

    assert RULES.keys() == {path.name for path in (POLICIES / "bundle" / "placet" / "rules").iterdir()}
    assert sorted(told) == sorted(code for code in codes if code not in _codes_of_main())


def test_a_code_is_told_with_all_that_its_annotation_says() -> None:
    """One row, written out."""
    row = next(line for line in rules_doc.page(RULES["fee_limit"]).splitlines() if "`FEE_ABOVE_LIMIT` |" in line)

    assert row.split(" | ") == [
        "| `FEE_ABOVE_LIMIT`",
        "**deny**",
        "critical",
        "The transaction can cost more in fees than the limit.",
        "The highest fee that the bytes allow is above the limit.",
        "Build the transaction again with a lower gas price, or raise the limit in rules/fee_limit.",
        "treasury |",
    ]


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.example], ids=lambda rule: rule.name)
def test_an_example_names_chains_and_addresses_that_there_are(rule: Rule) -> None:
    """What a page shows can be built: the tool that makes releases takes its chains and addresses."""
    files = {
        REGISTRY: (POLICIES / "bundle" / REGISTRY).read_bytes(),
        PurePosixPath(f"placet/rules/{rule.name}/data.json"): rules_doc.written(rule.example).encode(),
    }

    check_addresses(files)


def test_an_example_that_does_not_fit_is_refused() -> None:
    """Nobody is shown data that the build would refuse."""
    wrong = replace(RULES["fee_limit"], example={"limits": {"ETH": {"max": 5}}, "unbounded": {}})

    with pytest.raises(ValueError, match="the example of rules/fee_limit does not fit its schema: 5 is not of type"):
        rules_doc.page(wrong)


def test_data_without_a_schema_is_refused() -> None:
    """A rule cannot have data that no schema describes."""
    with pytest.raises(ValueError, match="rules/fee_limit has data without a schema"):
        rules_doc.page(replace(RULES["fee_limit"], schema=None))


def test_a_rule_of_no_profile_says_why() -> None:
    """The reason of `custom.unused` stands where the request types would."""
    alone = replace(RULES["fee_limit"], profiles=[], unused="for teams that pay no fees")

    assert "No profile names it as it ships: for teams that pay no fees\n" in rules_doc.page(alone)
    assert "| none as it ships | 2 | 5 |" in rules_doc.index([alone])


def test_a_pipe_does_not_end_a_cell() -> None:
    """A text of an annotation cannot break its table."""
    piped = replace(RULES["fee_limit"], description="one | two")

    assert "| one \\| two |" in rules_doc.index([piped])


def test_a_document_is_written_in_lines_that_people_can_read() -> None:
    """What fits in a line stands in one, in the order of its names."""
    short = {"limits": {"ETH": {"max": "5"}, "BTC": {"max": "7"}}}
    long = {"limits": {f"TOKEN_{number}": {"max": "5"} for number in range(9)}}

    assert rules_doc.written(short) == '{ "limits": { "ETH": { "max": "5" }, "BTC": { "max": "7" } } }'
    assert rules_doc.written(long).splitlines()[:3] == ["{", '  "limits": {', '    "TOKEN_0": { "max": "5" },']


def _codes_of_main() -> set[str]:
    source = (POLICIES / "bundle" / "placet" / "main" / "main.rego").read_text(encoding="utf-8")
    return {line.split('"')[1] for line in source.splitlines() if line.startswith('hold contains "')}


def test_the_policy_folder_leads_to_the_index() -> None:
    """Whoever reads about the policy finds the pages."""
    assert "](../docs/rules/README.md)" in (POLICIES / "README.md").read_text(encoding="utf-8")
