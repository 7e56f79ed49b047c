"""Findings as people and programs get them."""

import json
from dataclasses import replace

from placet_cli.policy.findings import Finding, Kind, Level, as_json, as_text
from placet_cli.policy.sarif import as_sarif

ORDERED = Kind(title="Texts are compared", remedy="Read both sides first.")
FORMAT = Kind(title="Not formatted", remedy="Format it.", level=Level.WARNING)
FINDINGS = [
    Finding(id="TEXT_ORDERED", file="bundle/a.rego", line=7, text="max is text", kind=ORDERED),
    Finding(id="NOT_FORMATTED", file="bundle/a.rego", line=1, text="is not formatted", kind=FORMAT),
    Finding(id="TEXT_ORDERED", file="bundle/b.rego", line=3, text="amount is text", kind=ORDERED),
]


def test_text_is_place_level_id_sentence_and_remedy() -> None:
    """An editor finds the place in the first line, a person what to do in the second."""
    assert as_text(FINDINGS[:2]) == (
        "bundle/a.rego:7: error: TEXT_ORDERED: max is text\n"
        "  → Read both sides first.\n"
        "bundle/a.rego:1: warning: NOT_FORMATTED: is not formatted\n"
        "  → Format it.\n"
    )
    assert as_text([]) == ""


def test_advice_of_one_finding_stands_in_the_place_of_its_kinds_remedy() -> None:
    """Everywhere, as people and programs must not be told different things."""
    found = [replace(FINDINGS[0], advice="Read this one first.")]

    assert as_text(found).endswith("  → Read this one first.\n")
    assert json.loads(as_json(found))[0]["remedy"] == "Read this one first."
    result = json.loads(as_sarif(found))["runs"][0]["results"][0]
    assert result["message"]["text"] == "max is text. Read this one first."


def test_json_has_every_field() -> None:
    """A program needs no text to be parsed."""
    assert json.loads(as_json(FINDINGS[:1])) == [
        {
            "id": "TEXT_ORDERED",
            "level": "error",
            "file": "bundle/a.rego",
            "line": 7,
            "text": "max is text",
            "title": "Texts are compared",
            "remedy": "Read both sides first.",
        }
    ]
    assert json.loads(as_json([])) == []


def test_sarif_is_one_run_with_a_rule_for_each_id() -> None:
    """The whole log, as SARIF 2.1.0 wants it: rules once, results by their index, URIs below the repository's root."""
    log = json.loads(as_sarif(FINDINGS, root="policies/"))

    assert log.pop("$schema").endswith("/sarif-schema-2.1.0.json")
    driver = log["runs"][0]["tool"]["driver"]
    assert driver.pop("version") == "0.1.0"
    assert log == {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "placet policy",
                        "rules": [
                            {
                                "id": "NOT_FORMATTED",
                                "shortDescription": {"text": "Not formatted"},
                                "help": {"text": "Format it."},
                                "defaultConfiguration": {"level": "warning"},
                            },
                            {
                                "id": "TEXT_ORDERED",
                                "shortDescription": {"text": "Texts are compared"},
                                "help": {"text": "Read both sides first."},
                                "defaultConfiguration": {"level": "error"},
                            },
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result("error", "TEXT_ORDERED", "max is text. Read both sides first.", "a.rego:7"),
                    _result("warning", "NOT_FORMATTED", "is not formatted. Format it.", "a.rego:1"),
                    _result("error", "TEXT_ORDERED", "amount is text. Read both sides first.", "b.rego:3"),
                ],
            }
        ],
    }


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    """A code host closes what it knew when the results are there and empty."""
    (run,) = json.loads(as_sarif([]))["runs"]

    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def _result(level: str, id_: str, text: str, place: str) -> dict[str, object]:
    file, line = place.split(":")
    physical = {"artifactLocation": {"uri": f"policies/bundle/{file}"}, "region": {"startLine": int(line)}}
    return {
        "ruleId": id_,
        "ruleIndex": ["NOT_FORMATTED", "TEXT_ORDERED"].index(id_),
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": physical}],
    }
