"""Proof of a KeySign: the chain, the signing keys, the row of the compared-fields table, then the chain's prover.

What does not depend on the bytes (the keys, lists, ids and groups) is compared first and for every request of a known
chain, so that a foreign key is found where the bytes cannot be decoded, too.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.codes import Code
from placet_policy.facts.bitcoin.sign import prove_bitcoin
from placet_policy.facts.comparison import COMPARED, REPLACEMENTS, Row, RowKey
from placet_policy.facts.declared import Declared
from placet_policy.facts.evm.sign import prove_evm_transaction
from placet_policy.facts.key_sign_case import KeySignCase
from placet_policy.facts.messages.bare_hash import prove_bare_hash
from placet_policy.facts.messages.bitcoin import prove_bitcoin_message
from placet_policy.facts.messages.evm import prove_evm_message
from placet_policy.facts.proof import Proof
from placet_policy.facts.signer import DerivedKey, prove_signers
from placet_policy.facts.signing_scheme import signing_scheme
from placet_policy.facts.solana.sign import prove_solana_message
from placet_policy.facts.spelling import add_declared_spellings
from placet_policy.facts.tron.sign import prove_tron_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from placet_policy.facts.detail import ParsedRequest
    from placet_policy.facts.findings import Findings
    from placet_policy.registry import Chain, Registry

PROVERS: Final[Mapping[tuple[str, str], Callable[[KeySignCase, Proof], None]]] = MappingProxyType(
    {
        ("evm", "Withdrawal"): prove_evm_transaction,
        ("evm", "ContractCall"): prove_evm_transaction,
        ("evm", "MessageSign"): prove_evm_message,
        ("solana", "Withdrawal"): prove_solana_message,
        ("solana", "ContractCall"): prove_solana_message,
        ("bitcoin", "Withdrawal"): prove_bitcoin,
        ("bitcoin", "Stake"): prove_bitcoin,
        ("bitcoin", "Unstake"): prove_bitcoin,
        ("bitcoin", "MessageSign"): prove_bitcoin_message,
        ("tron", "Withdrawal"): prove_tron_transaction,
        ("tron", "ContractCall"): prove_tron_transaction,
        ("tron", "MessageSign"): prove_bare_hash,
        ("solana", "MessageSign"): prove_bare_hash,
    }
)
"""By chain kind and transaction type; each fills in the proof and sets `complete` last."""


def prove_key_sign(request: ParsedRequest, registry: Registry, findings: Findings) -> Proof:
    """Prove a KeySign, or say why this version cannot."""
    proof = Proof()
    _prove(request, registry, findings, proof)
    return proof


def _prove(request: ParsedRequest, registry: Registry, findings: Findings, proof: Proof) -> None:
    extra = Declared(members=request.extra, path="extra_info", findings=findings)
    transaction = extra.child("transaction")
    chain = None if transaction is None else _chain(transaction, registry)
    if transaction is None or chain is None:
        return
    scheme = signing_scheme(chain)
    keys = prove_signers(detail=request.detail, extra=extra, transaction=transaction, registry=registry, scheme=scheme)
    first = keys[0] if keys else DerivedKey()
    proof.signer = None if first.signer is None else first.signer.to_json()
    destination = transaction.child("destination")
    found = None if destination is None else _row(transaction, destination, chain)
    if destination is None or found is None:
        return
    key, row = found
    case = KeySignCase(
        detail=request.detail,
        extra=extra,
        transaction=transaction,
        destination=destination,
        chain=chain,
        row=row,
        scheme=scheme,
        keys=keys,
        registry=registry,
        findings=findings,
    )
    PROVERS[key.chain_kind, key.transaction_type](case, proof)
    add_declared_spellings(case, proof)


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
            Code.TOKEN_CHAIN_MISMATCH,
            transaction.at("chain_id"),
            declared=chain_id,
            proven=f"{token_id} is on {token.chain}",
        )
    known = registry.chains.get(chain_id if chain_id is not None else "" if token is None else token.chain)
    if known is None:
        findings.miss(Code.CHAIN_UNKNOWN, transaction.at("chain_id"))
    return known


def _row(transaction: Declared, destination: Declared, chain: Chain) -> tuple[RowKey, Row] | None:
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
    key = RowKey(chain.kind, transaction_type, destination_type, replaced)
    row = COMPARED.get(key)
    if row is None:
        findings.miss(Code.KIND_NOT_SUPPORTED, destination.at("destination_type"))
        return None
    return key, row
