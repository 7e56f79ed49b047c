"""A policy folder of a few lines, in which the bench finds nothing: tests spoil it in one place."""

import json
from pathlib import Path

from policy_folder import POLICIES

MAIN = """package placet.main

decision := {"effect": _effect, "reasons": []}

default _effect := "hold"

_effect := "allow" if data.placet.rules.on.chains[input.chain]
"""
MAIN_TEST = """package placet.main_test

import data.placet.main

effect(chain) := found if {
	found := main.decision.effect with input as {"chain": chain} with data.placet.rules.on.chains as {"ETH": true}
}

test_allows_what_is_on if effect("ETH") == "allow"

test_holds_the_rest if effect("TRON") == "hold"
"""
CASES = """- name: nothing is on
  input: one
  data: shipped
  expect: { effect: hold, codes: [] }

- name: one is on
  input: one
  data: shipped
  set_data: { /rules/on/chains: { ETH: true } }
  expect: { effect: allow, codes: [] }
"""
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"chains": {"type": "object", "additionalProperties": {"type": "boolean"}}},
}
CHECKS = """package checks

findings := set()

kinds := {}
"""


def small_policies(folder: Path) -> Path:
    """Write the folder."""
    for name, text in {
        "bundle/.manifest": '{"roots": ["placet"], "rego_version": 1}',
        "bundle/placet/main/main.rego": MAIN,
        "bundle/placet/main/main_test.rego": MAIN_TEST,
        "bundle/placet/rules/on/data.json": '{\n  "chains": {}\n}\n',
        "schemas/rules/on.schema.json": json.dumps(SCHEMA),
        "schemas/input.schema.json": "{}",
        "cases/inputs.yaml": "one: { chain: ETH }\n",
        "cases/on.yaml": CASES,
        "checks/checks.rego": CHECKS,
        "capabilities.json": (POLICIES / "capabilities.json").read_text(encoding="utf-8"),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def replace(policies: Path, name: str, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = (policies / name).read_text(encoding="utf-8")
    assert old in text
    (policies / name).write_text(text.replace(old, new), encoding="utf-8")
