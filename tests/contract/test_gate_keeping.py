"""No bundle decides before the ledger keeps it."""

from pathlib import Path

import bundles
import pytest
from gates import Keeper, Told, deliver, make_gate, until_true
from placet_policy.errors import NoActiveBundle


async def test_a_bundle_is_kept_before_it_is_active(tmp_path: Path) -> None:
    """What is kept is what OPA is served, once a release; the same file again is nothing new."""
    told, keeper = Told(), Keeper()
    deliver(tmp_path, bundles.bundle())
    async with make_gate(tmp_path, told, keeper=keeper) as gate:
        first = gate.active()
        deliver(tmp_path, bundles.bundle())
        deliver(tmp_path, bundles.bundle(data={"open": True}))
        await until_true(lambda: len(told.activated) == 2)
        second = gate.active()
    assert keeper.kept == [(first.revision, first.served), (second.revision, second.served)]


async def test_a_bundle_that_cannot_be_kept_lets_nothing_decide(tmp_path: Path) -> None:
    """Neither it nor the one before it is active until the ledger has it, which is tried at every look."""
    told, keeper = Told(), Keeper()
    deliver(tmp_path, bundles.bundle())
    async with make_gate(tmp_path, told, keeper=keeper) as gate:
        gate.active()
        keeper.broken = True
        deliver(tmp_path, bundles.bundle(data={"open": True}))
        await until_true(lambda: len(told.not_kept) >= 2)
        with pytest.raises(NoActiveBundle) as none:
            gate.active()
        assert none.value.cause == "the delivered bundle is not in the ledger yet"
        keeper.broken = False
        await until_true(lambda: len(told.activated) == 2)
        assert gate.active().revision == told.activated[1] == keeper.kept[1][0] == told.not_kept[0]


async def test_a_first_bundle_that_cannot_be_kept_is_tried_again(tmp_path: Path) -> None:
    """A tier that starts while the ledger is out of reach becomes able to decide by itself."""
    told, keeper = Told(), Keeper(broken=True)
    deliver(tmp_path, bundles.bundle())
    async with make_gate(tmp_path, told, keeper=keeper) as gate:
        with pytest.raises(NoActiveBundle):
            gate.active()
        keeper.broken = False
        await until_true(lambda: len(told.activated) == 1)
        gate.active()
