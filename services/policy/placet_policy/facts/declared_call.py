"""The statements about a contract call that EVM and TRON share: calldata and the coins that go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.amounts import AmountError, to_base_units
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code

if TYPE_CHECKING:
    from placet_policy.facts.declared import Declared
    from placet_policy.facts.key_sign_case import KeySignCase

_SHOWN_BYTES = 36
"""Of calldata that differs: the selector and the first argument."""


def compare_calldata(case: KeySignCase, proven: bytes) -> None:
    """`destination.calldata` is the calldata in the bytes, to the last one."""
    declared = declared_hex(case.destination, "calldata")
    if declared is not None and declared != proven:
        case.findings.contradict(
            Code.CALLDATA_MISMATCH,
            case.destination.at("calldata"),
            declared=shown_bytes(declared),
            proven=shown_bytes(proven),
        )


def compare_value(case: KeySignCase, proven: int) -> None:
    """Native coins that go along, in coin units; absent where the contract takes none, so that no coins may move."""
    destination, native = case.destination, case.registry.tokens[case.chain.native_token]
    text = destination.text("value", required=False)
    try:
        declared = 0 if text is None else to_base_units(text, native.decimals)
    except AmountError:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, destination.at("value"))
        return
    if declared != proven:
        case.findings.contradict(Code.AMOUNT_MISMATCH, destination.at("value"), declared=declared, proven=proven)


def declared_hex(record: Declared, name: str) -> bytes | None:
    """Bytes that are declared as hexadecimal text, or None with a finding."""
    text = record.text(name)
    if text is None:
        return None
    try:
        return decode_hex(text)
    except HexError:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at(name))
        return None


def shown_bytes(data: bytes) -> str:
    """Bytes as findings show them: how many, and how they begin."""
    start = encode_hex(data[:_SHOWN_BYTES])
    return f"{len(data)} bytes, {start}…" if len(data) > _SHOWN_BYTES else f"{len(data)} bytes, {start}"
