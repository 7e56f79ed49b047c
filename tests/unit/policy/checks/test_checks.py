"""The table of recommended checks is whole, and each line names what there is."""

from pathlib import Path

import pytest
from placet_policy.checks.check import Check
from placet_policy.checks.table import CHECKS
from placet_policy.codes import CODES, CodeKind

from scripts import code_places

ROOT = Path(__file__).parents[4]
FACTS = "unit/policy/facts"
MODULES = code_places.source_places(ROOT)
RULES = code_places.rule_places(ROOT)
TESTED = code_places.tested_places(ROOT)

_D2 = {
    "threshold": ["KeyGen", "KeyReshare"],
    "nodes": ["KeyGen", "KeySign", "KeyReshare"],
    "curve / key": ["KeyGen", "KeySign", "KeyReshare"],
    "group id": ["KeySign", "KeyReshare"],
    "business id": ["KeyGen", "KeySign", "KeyReshare"],
    "request type": ["KeyGen", "KeySign", "KeyReshare"],
    "wallet": ["KeyGen", "KeySign", "KeyReshare"],
    "path / address": ["KeySign"],
    "lists": ["KeySign"],
}
_G4 = [
    "strict hex",
    "every hash",
    "canonical encoding",
    "EVM chain id",
    "EVM recipient",
    "EVM native calldata",
    "EVM token calldata",
    "EVM token value",
    "EVM token contract",
    "EVM amount",
    "EVM fee cap",
    "EVM declared fee",
    "TRON one contract",
    "TRON permission",
    "TRON owner",
    "TRON call value and tokens",
    "TRON fee limit",
    "TRON expiration",
    "Solana programs",
    "Solana one transfer",
    "Solana compute budget",
    "Solana account creation",
    "Solana fee payer",
    "Solana nonce advance",
    "Bitcoin outputs",
    "Bitcoin fee",
    "Bitcoin sighash",
    "message domains",
    "message approvals",
    "Safe delegatecall",
    "raw message signature",
    "message that is a hash",
]


def test_every_recommended_check_has_its_line() -> None:
    """Protocol d.2 (each cell of its table that is not empty), g.4, and BP-04 to BP-21; none twice."""
    ids = [check.id for check in CHECKS]

    assert {f"BP-{number:02}" for number in range(4, 22)} == {name for name in ids if name.startswith("BP-")}
    assert {f"d.2 {kind} {name}" for name, kinds in _D2.items() for kind in kinds} == {
        name for name in ids if name.startswith("d.2 ")
    }
    assert {f"g.4 {name}" for name in _G4} == {name for name in ids if name.startswith("g.4 ")}
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_made_or_says_why_not(check: Check) -> None:
    """What is made has codes, and what the facts make has modules and tests; sentences are sentences."""
    assert bool(check.codes or check.rules) or bool(check.unmade)
    assert bool(check.codes) == bool(check.where) == bool(check.tests)
    assert check.what.endswith(".")
    assert check.unmade.endswith(".") or not check.unmade


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_codes_and_modules_belong_together(check: Check) -> None:
    """Each module gives one of the codes, and each code is given by one of the modules."""
    assert [code for code in check.codes if CODES[code].kind is CodeKind.DECISION] == []
    assert [code for code in check.codes if not set(MODULES[code]) & set(check.where)] == []
    assert [module for module in check.where if not any(module in MODULES[code] for code in check.codes)] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_tests_exist_and_name_a_code(check: Check) -> None:
    """Each test is there, in a file that names one of the codes."""
    for test in check.tests:
        file, name = test.split("::")
        assert name in code_places.names_of_tests(ROOT, f"{FACTS}/{file}")
        assert any(f"{FACTS}/{file}" in TESTED[code] for code in check.codes)


@pytest.mark.parametrize("check", [check for check in CHECKS if check.rules], ids=lambda check: check.id)
def test_rules_exist_and_have_cases(check: Check) -> None:
    """Each code of a rule is a head of one, and a case expects it."""
    assert [code for code in check.rules if code not in RULES or not RULES[code].cases] == []
