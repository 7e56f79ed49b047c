"""docs/checks.md is what the code says, and the generator reads the code rightly."""

import ast
from pathlib import Path

import pytest
from placet_policy.codes import CODES, Code

from scripts import checks_doc, code_places

ROOT = Path(__file__).parents[3]


def test_the_committed_document_is_fresh() -> None:
    """After a change of a code, of what gives it or of its tests, `make generate` has been run."""
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == checks_doc.render(ROOT)


def test_every_code_has_one_row_with_its_title() -> None:
    """The rows of the codes are the codes, whatever else the document says."""
    rows = [line.split(" | ")[:2] for line in checks_doc.render(ROOT).splitlines() if line.startswith("| `")]

    assert sorted(rows) == sorted([f"| `{code}`", CODES[code].title] for code in Code)


def test_a_place_is_an_attribute_of_code() -> None:
    """`Code.NAME` in an expression counts; a comment, a text and another object's attribute do not."""
    tree = ast.parse("x = Code.HASH_MISMATCH\n# Code.STOPPED\ny = 'Code.OWNER_MISMATCH'\nz = other.AMOUNT_MISMATCH")

    assert list(code_places.attributes(tree)) == ["HASH_MISMATCH"]


def test_a_test_may_name_a_code_in_a_text_but_not_in_a_docstring() -> None:
    """What a docstring tells is not provoked."""
    tree = ast.parse("def test_x():\n    '''HASH_MISMATCH'''\n    assert codes == ['AMOUNT_MISMATCH', Code.STOPPED]")

    assert sorted(code_places.words(tree)) == ["AMOUNT_MISMATCH", "STOPPED"]


def test_a_code_without_a_test_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can add a code that nothing provokes."""
    monkeypatch.setattr(checks_doc, "tested_places", lambda _: {})

    with pytest.raises(ValueError, match="HASH_MISMATCH needs a source"):
        checks_doc.render(ROOT)
