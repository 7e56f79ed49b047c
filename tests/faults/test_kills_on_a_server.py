"""kill -9 of every process, PostgreSQL's too, at random moments under load on two policy tiers that share a ledger."""

import random
from contextlib import ExitStack
from pathlib import Path

import pytest
from ledger_server import server_with_ledger
from limited_worker import limited_policies
from placet_cli.stack.services import EDGE, OPA, POLICY
from stack import running_stack
from storm import DATABASE, Storm
from storm_proof import ROOM, killed_under_load, prove

# A storm takes most of a minute; nothing in it may wait for ever.
pytestmark = pytest.mark.timeout(1800)
VICTIMS = [POLICY] * 4 + [DATABASE] * 4 + [OPA] * 2 + [EDGE] * 2


def storm_on_a_server(folder: Path, *, seed: int) -> None:
    """Two stacks on one PostgreSQL."""
    policies = limited_policies(folder, amount=ROOM)
    with server_with_ledger() as (server, url), ExitStack() as running:
        settings = {"LEDGER_URL": url, "LEDGER_HEAD_SECONDS": "0.5"}
        stacks = [
            running.enter_context(
                running_stack(folder / name, policies=policies, policy_settings=settings, patient=False)
            )
            for name in ("one", "two")
        ]
        storm = Storm(stacks=stacks, server=server, published=folder / "published", chance=random.Random(seed))
        prove(storm, killed_under_load(storm, VICTIMS, url, seed=seed), url)
    assert len(storm.kills) == len(VICTIMS)


def test_kills_on_a_server_lose_nothing(tmp_path: Path) -> None:
    """After 12 kills, four of them of the database, every answer has its record, and both tiers share one window."""
    storm_on_a_server(tmp_path, seed=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(201, 211))
def test_many_kills_on_a_server_lose_nothing(tmp_path: Path, seed: int) -> None:
    """The same for 120 kills more, each round at other moments."""
    storm_on_a_server(tmp_path, seed=seed)
