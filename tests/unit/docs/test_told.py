"""What the documents tell of samples and tests is so."""

import re
from pathlib import Path

from placet_cli.samples import samples

ROOT = Path(__file__).parents[3]
_ANSWERS = {"ALLOW": "APPROVE", "DENY": "REJECT", "HOLD": "no answer (HOLD)", "PING": "status 0"}


def test_the_samples_shown_have_the_answer_shown() -> None:
    """Each row of the README's table is a sample, its answer the expected one, its first code one of the expected."""
    rows = re.findall(
        r"^ (\w+) {2,}.*? {2,}(APPROVE|REJECT|no answer \(HOLD\)|status 0)(?: +([A-Z_]+))?",
        (ROOT / "README.md").read_text(),
        re.MULTILINE,
    )
    expected = {each.id: each.expected for each in samples()}

    assert len(rows) == 9
    assert [(name, answer) for name, answer, _ in rows] == [
        (name, _ANSWERS[expected[name].effect]) for name, _, _ in rows
    ]
    assert [code for name, _, code in rows if code and code not in expected[name].codes] == []


def test_the_numbers_of_samples_are_those_told() -> None:
    """README counts the honest ones and the attacks."""
    attacks = sum(each.attack for each in samples())
    told = f"{len(samples())} real, signed callback requests, {len(samples()) - attacks} honest and {attacks} attacks"

    assert told in (ROOT / "README.md").read_text()


def test_the_tests_of_the_incidents_exist() -> None:
    """Every test that docs/incidents.md names is one of its suite."""
    named = set(re.findall(r"`(test_[a-z_]+)`", (ROOT / "docs" / "incidents.md").read_text()))
    defined = set(re.findall(r"^def (test_\w+)", (ROOT / "tests/contract/test_incidents.py").read_text(), re.MULTILINE))

    assert len(named) == 4
    assert named - defined == set()
