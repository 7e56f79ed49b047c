"""docs/policy-guide.md, followed by somebody who writes policies: each command is run, each shown line appears."""

from pathlib import Path

import pytest
from documented import commands, pattern, reading

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-guide.md"


@pytest.mark.timeout(1800)
def test_the_page_works_as_it_stands(tmp_path: Path) -> None:
    """From a rejection that is read to a rule that can be merged: what the page shows is what its reader sees."""
    followed = commands(PAGE)
    assert len(followed) == 27
    with reading(tmp_path) as reader:
        for command in followed:
            printed = reader.follow(command)
            assert pattern(command.shown).fullmatch(printed), f"$ {command.line}\n{printed}"
