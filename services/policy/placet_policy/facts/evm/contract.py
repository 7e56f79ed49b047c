"""An EVM contract call or creation against its declaration (protocol d.14, EVM_Contract).

What the provider decoded (`calldata_info`) is not read: its own examples describe another contract there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.amounts import AmountError, to_base_units
from placet_policy.chains.evm import ADDRESS_BYTES
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.facts.evm.transfer import EvmMove, recipient

if TYPE_CHECKING:
    from placet_policy.facts.declared import Declared

_SHOWN_BYTES = 36
"""Of calldata that differs: the selector and the first argument."""


def compare_call(move: EvmMove) -> None:
    """Contract, calldata and value are exactly the declared ones."""
    _compare_contract(move)
    _compare_calldata(move.case.destination, move.transaction.data)
    _compare_value(move)


def _compare_contract(move: EvmMove) -> None:
    """An empty address declares the creation of a contract."""
    destination, proven = move.case.destination, move.transaction.to
    if destination.members.get("address") == "":
        if proven is not None:
            destination.findings.contradict(
                Code.DESTINATION_MISMATCH, destination.at("address"), declared=recipient(None), proven=recipient(proven)
            )
        return
    declared = _hex(destination, "address")
    if declared is not None and len(declared) != ADDRESS_BYTES:
        destination.findings.miss(Code.DECLARATION_NOT_CANONICAL, destination.at("address"))
    elif declared is not None and declared != proven:
        destination.findings.contradict(
            Code.DESTINATION_MISMATCH, destination.at("address"), declared=recipient(declared), proven=recipient(proven)
        )


def _compare_calldata(destination: Declared, proven: bytes) -> None:
    declared = _hex(destination, "calldata")
    if declared is not None and declared != proven:
        destination.findings.contradict(
            Code.CALLDATA_MISMATCH,
            destination.at("calldata"),
            declared=_shown(declared),
            proven=_shown(proven),
        )


def _compare_value(move: EvmMove) -> None:
    """Native coins that go along, in coin units; absent where the contract takes none, so that no coins may move."""
    destination, native = move.case.destination, move.case.registry.tokens[move.case.chain.native_token]
    text = destination.text("value", required=False)
    try:
        declared = 0 if text is None else to_base_units(text, native.decimals)
    except AmountError:
        destination.findings.miss(Code.DECLARATION_NOT_CANONICAL, destination.at("value"))
        return
    if declared != move.transaction.value:
        destination.findings.contradict(
            Code.AMOUNT_MISMATCH, destination.at("value"), declared=declared, proven=move.transaction.value
        )


def _hex(record: Declared, name: str) -> bytes | None:
    text = record.text(name)
    if text is None:
        return None
    try:
        return decode_hex(text)
    except HexError:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at(name))
        return None


def _shown(data: bytes) -> str:
    start = encode_hex(data[:_SHOWN_BYTES])
    return f"{len(data)} bytes, {start}…" if len(data) > _SHOWN_BYTES else f"{len(data)} bytes, {start}"
