"""Proof of a TRON transaction: the bytes against the hash, the declaration of a payment or call and the signing key.

Numbered as the comments below: 1 bytes and hash, 2 decoding, 3 network and life time, 4 what every contract must be,
5 what is done, 6 fee. The signing key was compared before (signer.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.strict_hex import encode_hex
from placet_policy.chains.tron import (
    MAX_RAW_BYTES,
    NotCanonicalError,
    Trigger,
    TronTransaction,
    decode_unsigned,
    signing_hash,
)
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import native_asset
from placet_policy.facts.comparison import Shape
from placet_policy.facts.key_sign_case import RAW_PATH, KeySignCase, compare_one_hash, raw_bytes
from placet_policy.facts.network import applicable_chain
from placet_policy.facts.tron.call import compare_call
from placet_policy.facts.tron.describe import describe
from placet_policy.facts.tron.payment import compare_payment

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Chain

_MILLISECONDS = 1000


def prove_tron_transaction(case: KeySignCase, proof: Proof) -> None:
    """Prove a TRON transfer of coins or TRC-20 tokens, or the call of a contract."""
    # 1 The bytes, and that exactly their hash is signed.
    raw = raw_bytes(case, MAX_RAW_BYTES)
    if raw is None:
        return
    proof.hashes.append(compare_one_hash(case, signing_hash(raw)))
    # 2 What the bytes say.
    transaction = _decode(case, raw)
    if transaction is None:
        return
    # 3 The network, which the bytes do not name, and how long they are valid; an expiry is a matter of policy.
    chain = applicable_chain(case)
    proof.chain = _chain_facts(chain, transaction)
    # 4 One contract, by the signing key for itself.
    _compare_contracts(case, transaction)
    # 5 What is done, and nothing else with it.
    is_call = case.row.shape is Shape.CALL
    declared = compare_call(case, transaction) if is_call else compare_payment(case, transaction)
    describe(case, proof, transaction, chain)
    # 6 The most the fee can be, by the bytes and the network's prices in the registry.
    proof.fee = _fee(case, transaction, chain)
    done = bool(proof.transfers) or (is_call and bool(proof.calls))
    proof.complete = case.key.signer is not None and declared and done


def _decode(case: KeySignCase, raw: bytes) -> TronTransaction | None:
    try:
        return decode_unsigned(raw)
    except NotCanonicalError as error:
        case.findings.contradict(
            Code.BYTES_NOT_CANONICAL, RAW_PATH, declared="an unsigned transaction", proven=f"not canonical: {error}"
        )
        return None


def _chain_facts(chain: Chain | None, transaction: TronTransaction) -> dict[str, JSONValue]:
    return {
        "kind": "tron",
        "id": None if chain is None else chain.id,
        "network": None,
        "network_proven": False,
        "source": "declared",
        "valid_until": str(transaction.expiration // _MILLISECONDS),
        "expiration": str(transaction.expiration),
        "timestamp": str(transaction.timestamp),
        "ref_block": {
            "bytes": encode_hex(transaction.ref_block_bytes),
            "hash": encode_hex(transaction.ref_block_hash),
        },
    }


def _compare_contracts(case: KeySignCase, transaction: TronTransaction) -> None:
    """Exactly one contract, for the signing key's own account under its own permission (protocol g.2, G12)."""
    findings = case.findings
    if len(transaction.contracts) != 1:
        findings.contradict(
            Code.CONTRACT_COUNT_MISMATCH, RAW_PATH, declared="one contract", proven=f"{len(transaction.contracts)}"
        )
    for contract in transaction.contracts:
        if contract.permission_id:
            findings.contradict(
                Code.PERMISSION_PRESENT, RAW_PATH, declared="the owner's permission", proven=contract.permission_id
            )
        owner = None if contract.content is None else contract.content.owner
        if owner is not None and case.key.address is not None and owner != case.key.address:
            findings.contradict(
                Code.OWNER_MISMATCH,
                RAW_PATH,
                declared=case.scheme.form.encode(case.key.address),
                proven=case.scheme.form.encode(owner),
            )


def _fee(case: KeySignCase, transaction: TronTransaction, chain: Chain | None) -> dict[str, JSONValue]:
    """The bytes bound the energy of a call (`fee_limit`); the rest is size and events times the network's prices."""
    highest = None
    if chain is not None and chain.tron_prices is not None:
        prices = chain.tron_prices
        highest = transaction.signed_bytes * prices.byte + (prices.memo if transaction.memo else 0)
        for contract in transaction.contracts:
            highest += transaction.fee_limit if isinstance(contract.content, Trigger) else prices.new_account
            # What other contracts cost is not known here.
        if any(contract.content is None for contract in transaction.contracts):
            highest = None
    return {"max": None if highest is None else str(highest), "asset": native_asset(case, chain), "source": "bytes"}
