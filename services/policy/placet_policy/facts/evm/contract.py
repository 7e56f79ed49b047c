"""An EVM contract call or creation against its declaration (protocol d.14, EVM_Contract).

What the provider decoded (`calldata_info`) is not read: its own examples describe another contract there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.evm import ADDRESS_BYTES
from placet_policy.codes import Code
from placet_policy.facts.declared_call import compare_calldata, compare_value, declared_hex
from placet_policy.facts.evm.transfer import recipient

if TYPE_CHECKING:
    from placet_policy.facts.evm.transfer import EvmMove


def compare_call(move: EvmMove) -> None:
    """Contract, calldata and value are exactly the declared ones."""
    _compare_contract(move)
    compare_calldata(move.case, move.transaction.data)
    compare_value(move.case, move.transaction.value)


def _compare_contract(move: EvmMove) -> None:
    """An empty address declares the creation of a contract."""
    destination, proven = move.case.destination, move.transaction.to
    if destination.members.get("address") == "":
        if proven is not None:
            destination.findings.contradict(
                Code.DESTINATION_MISMATCH, destination.at("address"), declared=recipient(None), proven=recipient(proven)
            )
        return
    declared = declared_hex(destination, "address")
    if declared is not None and len(declared) != ADDRESS_BYTES:
        destination.findings.miss(Code.DECLARATION_NOT_CANONICAL, destination.at("address"))
    elif declared is not None and declared != proven:
        destination.findings.contradict(
            Code.DESTINATION_MISMATCH, destination.at("address"), declared=recipient(declared), proven=recipient(proven)
        )
