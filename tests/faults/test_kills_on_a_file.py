"""kill -9 of every process at random moments under load, on SQLite: nothing that a client was told is missing."""

import random
from pathlib import Path

import pytest
from limited_worker import limited_policies
from placet_cli.stack.services import EDGE, OPA, POLICY
from stack import running_stack
from storm import Storm
from storm_proof import ROOM, killed_under_load, prove

# A storm takes most of a minute; nothing in it may wait for ever.
pytestmark = pytest.mark.timeout(1800)
VICTIMS = [POLICY] * 4 + [OPA] * 2 + [EDGE] * 2


def storm_on_a_file(folder: Path, *, seed: int) -> None:
    """One stack on SQLite."""
    policies = limited_policies(folder, amount=ROOM)
    settings = {"LEDGER_HEAD_SECONDS": "0.5"}
    with running_stack(folder / "state", policies=policies, policy_settings=settings, patient=False) as stack:
        storm = Storm(stacks=[stack], server=None, published=folder / "published", chance=random.Random(seed))
        url = stack.plan.layout.ledger_url
        prove(storm, killed_under_load(storm, VICTIMS, url, seed=seed), url)
    assert len(storm.kills) == len(VICTIMS)


def test_kills_on_a_file_lose_nothing(tmp_path: Path) -> None:
    """After 8 kills every answer has its record, no window is exceeded, and the ledger is whole."""
    storm_on_a_file(tmp_path, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(101, 111))
def test_many_kills_on_a_file_lose_nothing(tmp_path: Path, seed: int) -> None:
    """The same for 80 kills more, each round at other moments."""
    storm_on_a_file(tmp_path, seed=seed)
