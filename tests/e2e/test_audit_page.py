"""docs/audit.md, followed by an auditor: each command is run, each shown line appears, each code is explained."""

import re
from pathlib import Path

import pytest
from documented import commands, pattern, reading
from placet_policy.audit.findings import MEANINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"


@pytest.mark.timeout(900)
def test_the_page_works_as_it_stands(tmp_path: Path) -> None:
    """From the demonstration's ledger to its archive: what the page shows is what its reader sees."""
    followed = commands(PAGE)
    assert len(followed) == 11
    with reading(tmp_path) as reader:
        for command in followed:
            printed = reader.follow(command)
            assert pattern(command.shown).fullmatch(printed), f"$ {command.line}\n{printed}"


def test_the_page_explains_every_code_in_the_programs_words() -> None:
    """The table is the program's closed list, no more and no less."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(code.value, meaning) for code, meaning in MEANINGS.items()]
