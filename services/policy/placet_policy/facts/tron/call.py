"""A TRON contract call against its declaration (protocol d.14, TRON_Contract)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.tron import Trigger
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import compare_destination, compare_memo
from placet_policy.facts.comparison import ComparedField
from placet_policy.facts.declared_call import compare_calldata, compare_value
from placet_policy.facts.key_sign_case import RAW_PATH
from placet_policy.facts.tron.payment import compare_no_token

if TYPE_CHECKING:
    from placet_policy.chains.tron import Contract, TronTransaction
    from placet_policy.facts.key_sign_case import KeySignCase


def compare_call(case: KeySignCase, transaction: TronTransaction) -> bool:
    """Every contract is the declared call, and no memo goes with it: the destination has no place for one.

    Returns:
        True: a call declares no more than its destination.
    """
    for contract in transaction.contracts:
        _compare_contract(case, contract)
    compare_memo(case, case.destination, transaction.memo)
    return True


def _compare_contract(case: KeySignCase, contract: Contract) -> None:
    call = contract.content
    if not isinstance(call, Trigger):
        case.findings.contradict(
            Code.CONTRACT_TYPE_MISMATCH, RAW_PATH, declared="the call of a contract", proven=contract.name
        )
        return
    compare_destination(case, case.destination, call.contract, field=ComparedField.CONTRACT)
    compare_calldata(case, call.data)
    compare_value(case, call.call_value)
    compare_no_token(case, call)
