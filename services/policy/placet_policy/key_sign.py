"""Proof of a KeySign: which chain and which row of the compared-fields table it is, then the prover of that chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.codes import Code
from placet_policy.comparison import COMPARED, REPLACEMENTS, Row, RowKey
from placet_policy.declared import Declared
from placet_policy.key_sign_evm import EvmCase, prove_evm_withdrawal
from placet_policy.proof import Proof
from placet_policy.registry import EVM, Chain, Registry

if TYPE_CHECKING:
    from placet_policy.detail import ParsedRequest
    from placet_policy.findings import Findings


def prove_key_sign(request: ParsedRequest, registry: Registry, findings: Findings) -> Proof:
    """Prove a KeySign, or say why this version cannot."""
    proof = _prove(request, registry, findings)
    if not proof.summary:
        proof.summary.append("Sign something that cannot be decoded.")
    return proof


def _prove(request: ParsedRequest, registry: Registry, findings: Findings) -> Proof:
    extra = Declared(members=request.extra, path="extra_info", findings=findings)
    transaction = extra.child("transaction")
    if transaction is None:
        return Proof()
    chain = _chain(transaction, registry)
    if chain is None:
        return Proof()
    if chain.kind != EVM:
        findings.miss(Code.CHAIN_NOT_SUPPORTED, transaction.at("chain_id"))
        return Proof()
    destination = transaction.child("destination")
    row = None if destination is None else _row(transaction, destination, chain)
    if destination is None or row is None:
        return Proof()
    case = EvmCase(
        detail=request.detail,
        extra=extra,
        transaction=transaction,
        destination=destination,
        chain=chain,
        row=row,
        registry=registry,
        findings=findings,
    )
    return prove_evm_withdrawal(case)


def _chain(transaction: Declared, registry: Registry) -> Chain | None:
    """The registry's chain of transaction.chain_id and token_id; where both are given they must agree."""
    findings = transaction.findings
    chain_id = transaction.text("chain_id", required=False)
    token_id = transaction.text("token_id", required=False)
    token = None if token_id is None else registry.tokens.get(token_id)
    if chain_id is None and token is None:
        findings.miss(Code.DECLARATION_MISSING, transaction.at("chain_id"))
        return None
    if chain_id is not None and token is not None and token.chain != chain_id:
        findings.contradict(
            Code.CHAIN_ID_MISMATCH,
            transaction.at("chain_id"),
            declared=chain_id,
            proven=f"{token_id} is on {token.chain}",
        )
    known = registry.chains.get(chain_id if chain_id is not None else "" if token is None else token.chain)
    if known is None:
        findings.miss(Code.CHAIN_UNKNOWN, transaction.at("chain_id"))
    return known


def _row(transaction: Declared, destination: Declared, chain: Chain) -> Row | None:
    """The row of the compared-fields table, or None with a finding."""
    findings = transaction.findings
    transaction_type = transaction.text("type")
    destination_type = destination.text("destination_type")
    if transaction_type is None or destination_type is None:
        return None
    replacement = transaction.child("replacement", required=False)
    replaced = None if replacement is None else replacement.text("replaced_type", required=False)
    if replacement is not None and replaced is not None and replaced not in REPLACEMENTS:
        findings.miss(Code.DECLARATION_UNKNOWN, replacement.at("replaced_type"))
        return None
    row = COMPARED.get(RowKey(chain.kind, transaction_type, destination_type, replaced))
    if row is None:
        findings.miss(Code.KIND_NOT_SUPPORTED, destination.at("destination_type"))
    return row
