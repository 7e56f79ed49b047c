"""What pays an own Bitcoin key, through the real evaluator, OPA and demonstration policies, which list no such key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bitcoin_cases import CHANGE_PATH, MAINNET, STRANGER, SUPPLIER, Spending, own_script
from bitcoin_packages import package
from facts_cases import put
from limited_worker import decided
from pipeline import running_pipeline
from placet_policy.chains.bitcoin import TxOutput
from placet_policy.chains.bitcoin_digest import Spend

COIN = 10**8
COINS = [(Spend.P2WPKH, 50 * COIN), (Spend.P2WPKH, 50 * COIN)]
REST = 100 * COIN - 10_000


def consolidation() -> dict[str, Any]:
    """More than the limit of a payment, declared as a payment to an own key."""
    own = MAINNET.encode(own_script((44, 0, 1, 0, 0), Spend.P2WPKH))
    return Spending(inputs=COINS, payments=[(own, REST)], change=0).parts()


def drop() -> dict[str, Any]:
    """The replaced payment is still declared, and everything goes to the change branch."""
    parts = Spending(inputs=COINS, payments=[], change=REST).parts()
    put(parts, "extra.transaction.replacement", {"replaced_type": "Drop"})
    put(parts, "extra.transaction.destination.utxo_outputs", [{"address": STRANGER, "amount": "1"}])
    return parts


def payment() -> dict[str, Any]:
    """A small payment with a large change."""
    return Spending(inputs=COINS, payments=[(SUPPLIER, 60_000)], change=REST - 60_000).parts()


def paying(path: tuple[int, ...]) -> dict[str, Any]:
    """The same with the change at another key of the root key."""
    change = TxOutput(REST - 60_000, own_script(path, Spend.P2WPKH))
    return Spending(inputs=COINS, payments=[(SUPPLIER, 60_000)], change=0, extra_outputs=[change]).parts()


async def _answer(folder: Path, parts: dict[str, Any]) -> list[str]:
    async with running_pipeline(folder) as pipeline:
        decision = await decided(pipeline, package(parts, "one"))
    return [decision.effect.value, *(reason.code for reason in decision.reasons)]


@pytest.mark.parametrize("make", [consolidation, drop, payment])
async def test_what_stays_needs_no_listing_and_counts_in_no_limit(
    tmp_path: Path, make: Callable[[], dict[str, Any]]
) -> None:
    """Nothing but the payment and the fee leaves."""
    assert await _answer(tmp_path, make()) == ["ALLOW"]


@pytest.mark.parametrize("path", [(*CHANGE_PATH[:-1], 250), (44, 60, 1, 0, 0), (44, 0, 2, 1, 0)])
async def test_change_elsewhere_is_held_and_never_refused(tmp_path: Path, path: tuple[int, ...]) -> None:
    """It may be honest, and coins there are where nobody looks."""
    assert await _answer(tmp_path, paying(path)) == [
        "HOLD",
        "CHANGE_NOT_PROVEN",
        "UNPROVABLE",
        "CHANGE_NOT_LISTED",
        "AMOUNT_MAY_BE_ABOVE_LIMIT",
        "BITCOIN_OUTPUTS_HELD",
        "ROLLING_AMOUNT_FULL",
    ]
