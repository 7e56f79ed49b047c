"""What a TRON transaction does, in the form of the input document, whatever was declared (design section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.evm_calls import Call, Operation
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.chains.tron import Contract, Transfer, Trigger, decode_token_transfer
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import add_transfer, native_asset, token_asset
from placet_policy.facts.comparison import Shape
from placet_policy.facts.evm.effects import describe_call
from placet_policy.facts.evm.machine import tron_machine
from placet_policy.facts.key_sign_case import RAW_PATH

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.tron import TronTransaction
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Chain


def describe(case: KeySignCase, proof: Proof, transaction: TronTransaction, chain: Chain | None) -> None:
    """Fill in transfers, calls and sentences for every contract."""
    for contract in transaction.contracts:
        content = contract.content
        if isinstance(content, Transfer):
            asset = native_asset(case, chain)
            add_transfer(case, proof, asset=asset, sender=content.owner, to=content.to, amount=content.amount)
        elif content is None:
            proof.calls.append(_unknown(contract))
            proof.summary.append(f"Do something that is no payment: {contract.name}.")
        else:
            _describe_trigger(case, proof, content, chain)
    if transaction.memo:
        proof.summary.append(f"It carries a memo of {len(transaction.memo)} bytes.")


def _describe_trigger(case: KeySignCase, proof: Proof, trigger: Trigger, chain: Chain | None) -> None:
    """Where a token is declared its transfer is one, of whichever contract; coins beside it move too."""
    token = case.registry.tokens.get(str(case.transaction.members.get("token_id")))
    declared = case.row.shape is Shape.TRANSFER and token is not None and token.contract is not None
    transfer = decode_token_transfer(trigger.data) if declared else None
    if transfer is None:
        _describe_call(case, proof, trigger, chain)
        return
    asset = token_asset(case, chain, "trc20", trigger.contract)
    add_transfer(case, proof, asset=asset, sender=trigger.owner, to=transfer.recipient, amount=transfer.amount)
    if trigger.call_value:
        asset = native_asset(case, chain)
        add_transfer(case, proof, asset=asset, sender=trigger.owner, to=trigger.contract, amount=trigger.call_value)


def _describe_call(case: KeySignCase, proof: Proof, trigger: Trigger, chain: Chain | None) -> None:
    """TRON runs Ethereum's code, so that a call means there what it means here; the addresses have 20 bytes inside."""
    root = Call(
        sender=trigger.owner[1:],
        to=trigger.contract[1:],
        value=trigger.call_value,
        data=trigger.data,
        operation=Operation.CALL,
    )
    described = describe_call(root, tron_machine(case.registry, chain))
    proof.transfers += described.transfers
    proof.calls += described.calls
    proof.summary += described.summary
    if not described.whole:
        case.findings.miss(Code.CALLS_TOO_MANY, RAW_PATH)


def _unknown(contract: Contract) -> dict[str, JSONValue]:
    """A contract of another type in the place of a call, so that a rule sees it."""
    return {
        "to": None,
        "selector": None,
        "method": contract.name,
        "args": [],
        "data": encode_hex(contract.value),
        "value": "0",
        "operation": "call",
        "approval": None,
        "hazards": [],
        "source": "bytes",
    }
