"""The gRPC contract, over the fake policy tier."""

from collections.abc import Awaitable, Callable

import pytest
from fake_policy import FakePolicy, running
from policy_contract import BEHAVIOURS


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.__name__)
async def test_fake_policy_keeps_the_contract(behaviour: Callable[[str], Awaitable[None]]) -> None:
    """What the edge is tested against does what every policy tier must do."""
    async with running(FakePolicy()) as target:
        await behaviour(target)
