"""What leaves a wallet by a request, added up by asset: what a report says about a changed decision."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def leaving(facts: Mapping[str, Any]) -> Counter[str]:
    """Add up what leaves, in base units: neither change to an own key nor a payment to the payer itself does.

    Args:
        facts: as `Facts.to_json` has them; empty where there are none.

    Returns:
        Amounts by asset: the registry's id, else chain and contract or kind as the bytes name them.
    """
    amounts: Counter[str] = Counter()
    for transfer in facts.get("transfers", ()):
        if not _returns(transfer):
            amounts[_asset(transfer["asset"])] += int(transfer["amount"])
    return amounts


def _returns(transfer: Mapping[str, Any]) -> bool:
    own = transfer.get("to_path") is not None
    return own or (transfer["from"] is not None and transfer["from"] == transfer["to"])


def _asset(asset: Mapping[str, Any]) -> str:
    if asset.get("token"):
        return str(asset["token"])
    named = asset.get("contract") or asset["kind"]
    return f"{asset.get('chain') or 'unknown chain'} {named}"
