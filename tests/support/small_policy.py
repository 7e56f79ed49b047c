"""A policy folder of one rule, small enough that all of its mutants are judged in seconds."""

import json
from pathlib import Path
from typing import Any

import yaml
from policy_folder import POLICIES

_MAIN = """package placet.main

import data.placet.rules.ceiling

decision := {"effect": "deny", "reasons": _reasons(ceiling.deny)} if {
	count(ceiling.deny) > 0
} else := {"effect": "hold", "reasons": _reasons(ceiling.hold)} if {
	count(ceiling.hold) > 0
} else := {"effect": "allow", "reasons": []}

_reasons(codes) := [{"code": code} | some code in codes]
"""
_RULE = """package placet.rules.ceiling

deny contains "TOO_MUCH" if {
	_known
	not _within
}

hold contains "NO_AMOUNT" if not _known

_known if is_number(input.amount)

_within if input.amount <= data.placet.rules.ceiling.limits.max
"""
_TEST = """package placet.rules.ceiling_test

import data.placet.rules.ceiling

test_holds_without_an_amount if {
	ceiling.hold == {"NO_AMOUNT"} with input as {}
	ceiling.deny == set() with input as {}
}
"""
CASES: list[dict[str, Any]] = [
    {"name": "exactly the ceiling", "input": "ten", "data": "shipped", "expect": {"effect": "allow", "codes": []}},
    {
        "name": "one above the ceiling",
        "input": "ten",
        "data": "shipped",
        "set": {"/amount": 11},
        "expect": {"effect": "deny", "codes": ["TOO_MUCH"]},
    },
    {
        "name": "no amount",
        "input": "ten",
        "data": "shipped",
        "remove": ["/amount"],
        "expect": {"effect": "hold", "codes": ["NO_AMOUNT"]},
    },
]
"""Three decisions by which every mutant is noticed."""


def write_small_policy(folder: Path) -> Path:
    """Write the folder, with a test and `CASES`; nothing of it survives mutation."""
    bundle = folder / "bundle" / "placet"
    for name, text in {
        "main/main.rego": _MAIN,
        "rules/ceiling/ceiling.rego": _RULE,
        "rules/ceiling/ceiling_test.rego": _TEST,
        "rules/ceiling/data.json": json.dumps({"limits": {"max": 10}}),
    }.items():
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text(text, encoding="utf-8")
    for name in ("schemas", "checks", "cases"):
        (folder / name).mkdir()
    (folder / "capabilities.json").write_text((POLICIES / "capabilities.json").read_text(encoding="utf-8"))
    (folder / "schemas" / "input.schema.json").write_text("{}")
    (folder / "cases" / "inputs.yaml").write_text("ten: { amount: 10 }\n")
    write_cases(folder, CASES)
    return folder


def write_cases(folder: Path, cases: list[dict[str, Any]]) -> None:
    """Replace the cases of the rule."""
    (folder / "cases" / "ceiling.yaml").write_text(yaml.safe_dump(cases), encoding="utf-8")
