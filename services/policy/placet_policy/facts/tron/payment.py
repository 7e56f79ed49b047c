"""A TRON payment against its declaration: one contract that transfers coins or TRC-20 tokens (protocol g.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.tron import Contract, Transfer, Trigger, decode_token_transfer
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import (
    account_output,
    compare_amount,
    compare_destination,
    compare_memo,
    declared_token,
)
from placet_policy.facts.key_sign_case import RAW_PATH

if TYPE_CHECKING:
    from placet_policy.chains.tron import TronTransaction
    from placet_policy.facts.declared import Declared
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.registry import Token


def compare_payment(case: KeySignCase, transaction: TronTransaction) -> bool:
    """Every contract is the declared payment, and the memo is the declared one.

    Returns:
        Whether there was a declaration to compare with; its absence was noted.
    """
    token = declared_token(case)
    output = account_output(case)
    for contract in transaction.contracts:
        _compare_content(case, contract, token, output)
    if output is not None:
        compare_memo(case, output, transaction.memo)
    return token is not None and output is not None


def compare_no_token(case: KeySignCase, call: Trigger) -> None:
    """Nothing can declare TRC-10 tokens that go along with a call."""
    if call.call_token_value or call.token_id:
        case.findings.contradict(
            Code.TRC10_VALUE_PRESENT,
            RAW_PATH,
            declared="no TRC-10 token",
            proven=f"{call.call_token_value} units of TRC-10 token {call.token_id}",
        )


def _compare_content(case: KeySignCase, contract: Contract, token: Token | None, output: Declared | None) -> None:
    """The contract is the declared payment and nothing else."""
    content = contract.content
    if token is None or output is None:
        return  # Noted where they were read.
    if isinstance(content, Transfer) and token.contract is None:
        compare_destination(case, output, content.to)
        compare_amount(case, output, token, content.amount)
    elif isinstance(content, Trigger) and token.contract is not None:
        _compare_call(case, content, token, output)
    else:
        case.findings.contradict(
            Code.CONTRACT_TYPE_MISMATCH,
            RAW_PATH,
            declared="a transfer of coins" if token.contract is None else "a transfer of tokens",
            proven=contract.name,
        )


def _compare_call(case: KeySignCase, call: Trigger, token: Token, output: Declared) -> None:
    """TRC-20: the token's contract is called with exactly one transfer, and nothing goes along (protocol g.4)."""
    findings, form = case.findings, case.scheme.form
    contract = form.encode(call.contract)
    if contract != token.contract:
        findings.contradict(
            Code.TOKEN_CONTRACT_MISMATCH,
            case.transaction.at("token_id"),
            declared=f"{token.id} ({token.contract})",
            proven=contract,
        )
    if call.call_value:
        findings.contradict(
            Code.NATIVE_VALUE_IN_TOKEN_TRANSFER, RAW_PATH, declared="0", proven=f"{call.call_value} base units"
        )
    compare_no_token(case, call)
    transfer = decode_token_transfer(call.data)
    if transfer is None:
        findings.contradict(
            Code.CALLDATA_NOT_EXACT,
            RAW_PATH,
            declared="one TRC-20 transfer",
            proven=f"{len(call.data)} bytes of something else",
        )
        return
    compare_destination(case, output, transfer.recipient)
    compare_amount(case, output, token, transfer.amount)
