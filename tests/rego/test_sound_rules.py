"""Rules that look like traps and are none are let through: a bench that refuses honest rules is switched off."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from opa_binary import opa_binary
from placet_cli.policy.check import check_folder
from placet_cli.policy.findings import Finding
from policy_folder import POLICIES

from scripts.traps import Trap, plant

SOUND: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "sound.yaml").read_bytes())


def _planted(number: int, entry: dict[str, Any]) -> Trap:
    return Trap(
        number=number,
        title=entry["rule"],
        opens="",
        changes=entry["change"],
        refused_by="",
        finding="",
        at="",
        alone=True,
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What `check` finds in one folder with all of them."""
    policies = tmp_path_factory.mktemp("sound") / "policies"
    shutil.copytree(POLICIES, policies)
    for number, entry in enumerate(SOUND, start=1):
        plant(_planted(number, entry), policies)
    return check_folder(policies, opa=opa_binary())


@pytest.mark.parametrize("number", range(1, len(SOUND) + 1), ids=[entry["rule"] for entry in SOUND])
def test_nothing_is_found_in_a_sound_rule(number: int, found: list[Finding]) -> None:
    """What is stated may be negated, collected, counted and gone through."""
    assert [(each.id, each.text) for each in found if f"/trap_{number:02}/" in each.file] == []


def test_nothing_else_is_found(found: list[Finding]) -> None:
    """The other rules are not judged otherwise because these are there."""
    assert [each for each in found if "/trap_" not in each.file] == []
