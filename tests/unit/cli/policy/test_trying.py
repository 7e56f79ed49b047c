"""An input document is judged by the rules alone, and the answer never reads like an approval."""

from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.release import Release
from placet_cli.policy.subject import Subject
from placet_cli.policy.try_report import as_text
from placet_cli.policy.trying import try_subject
from placet_cli.reproducible_archive import tar_gz

MAIN = """package placet.main

decision := {"effect": input.says, "reasons": [], "rules_evaluated": ["x"]}
"""
RULE = """package placet.rules.x

deny contains "BAD" if not _good

_good if input.facts.good
"""


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A bundle that decides whatever its input says, with one rule."""
    file = tmp_path / "bundle.tar.gz"
    manifest = b'{"roots": ["placet"], "rego_version": 1}'
    modules = {"/placet/main/main.rego": MAIN.encode(), "/placet/rules/x/x.rego": RULE.encode()}
    file.write_bytes(tar_gz({"/.manifest": manifest, "/data.json": b"{}", **modules}))
    return Release(name="bundle", bundle=file, folder=None)


def tried(release: Release, work: Path, document: dict[str, Any]) -> str:
    """What is said about a document."""
    return as_text(try_subject(Subject(name="edited.json", document=document), release, work, opa=opa_binary()))


def test_rules_that_allow_what_is_not_proven_approve_nothing(release: Release, tmp_path: Path) -> None:
    """The policy tier holds a contradiction whatever the rules say, and the answer says so."""
    text = tried(release, tmp_path, {"says": "allow", "facts": {"status": "CONTRADICTED", "good": True}})
    assert "The rules say  ✓ ALLOW\n" in text
    assert "the rules allow it, and the policy tier does not: it approves only what is proven or accepted\n" in text
    assert "APPROVE\n" not in text


def test_what_is_proven_needs_no_warning(release: Release, tmp_path: Path) -> None:
    """Whose facts they are is said all the same."""
    text = tried(release, tmp_path, {"says": "allow", "facts": {"status": "PROVEN", "good": True}})
    assert "the policy tier does not" not in text
    assert "nothing of them was proven here, and this is what the rules say\n" in text
    assert "    · BAD did not fire (“good” is true)\n" in text


def test_an_undefined_helper_is_not_true(release: Release, tmp_path: Path) -> None:
    """A fact that is absent lets the code fire, and the reader sees which."""
    text = tried(release, tmp_path, {"says": "deny", "facts": {"status": "PROVEN"}})
    assert "The rules say  ✗ DENY\n" in text
    assert "    ✗ BAD: BAD [“good” is not true]\n" in text


def test_a_bundle_that_does_not_decide_is_named(release: Release, tmp_path: Path) -> None:
    """Undefined is no decision."""
    with pytest.raises(BrokenInputError, match=r"bundle: data\.placet\.main\.decision is undefined for this input"):
        tried(release, tmp_path, {"facts": {}})
