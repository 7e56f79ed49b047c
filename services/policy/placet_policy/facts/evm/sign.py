"""Proof of an EVM transaction: the bytes against the hashes and the declaration of a Withdrawal or a ContractCall.

Numbered as the comments below: 1 bytes and hashes, 2 decoding, 3 network, 4 what is done, 5 fee. The signing key was
compared before (signer.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.evm import (
    MAX_RAW_BYTES,
    ChainIdAbsentError,
    EvmTransaction,
    TypeNotSupportedError,
    decode_unsigned,
    signing_hash,
)
from placet_policy.chains.evm_rlp import NotCanonicalError, TooLargeError
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.codes import Code
from placet_policy.facts.comparison import ComparedField, Shape
from placet_policy.facts.evm.contract import compare_call
from placet_policy.facts.evm.machine import evm_machine
from placet_policy.facts.evm.transfer import (
    EvmMove,
    compare_nothing_beside,
    compare_self_send,
    compare_transfer,
    describe,
)
from placet_policy.facts.key_sign_case import RAW_PATH, KeySignCase, compare_one_hash, raw_bytes

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.proof import Proof


def prove_evm_transaction(case: KeySignCase, proof: Proof) -> None:
    """Prove an EVM transfer of coins or tokens, a contract call or the creation of a contract."""
    # 1 The bytes, and that exactly their hash is signed.
    raw = raw_bytes(case, MAX_RAW_BYTES)
    if raw is None:
        return
    proof.hashes.append(compare_one_hash(case, signing_hash(raw)))
    # 2 What the bytes say.
    transaction = _decode(case, raw, proof)
    if transaction is None:
        return
    # 3 The network and the place in the sender's order.
    proof.chain = _compare_network(case, transaction)
    _compare_nonce(case, transaction)
    # 4 What is done, and that the declaration says the same.
    move = EvmMove(
        case=case,
        transaction=transaction,
        derived=case.key.address,
        source=None if case.key.signer is None else case.key.address,
    )
    _compare_shape(move)
    described = describe(move)
    proof.transfers, proof.calls, proof.summary = described.transfers, described.calls, described.summary
    if not described.whole:
        case.findings.miss(Code.CALLS_TOO_MANY, RAW_PATH)
    # 5 The most the fee can be; caps are policy, so a declared fee is not compared.
    proof.fee = _fee(case, transaction)
    proof.complete = case.key.signer is not None and bool(proof.transfers or proof.calls)


_UNPROTECTED = "unprotected"
_NONCE_PATH = "extra_info.transaction.raw_tx_info.used_nonce"


def _compare_shape(move: EvmMove) -> None:
    """The declaration by the row's shape; only a contract call may carry more than its call."""
    if move.case.row.shape is Shape.CALL:
        compare_call(move)
        return
    if move.case.row.shape is Shape.SELF_SEND:
        compare_self_send(move)
    else:
        compare_transfer(move)
    compare_nothing_beside(move)


def _decode(case: KeySignCase, raw: bytes, proof: Proof) -> EvmTransaction | None:
    try:
        return decode_unsigned(raw)
    except TooLargeError:
        case.findings.miss(Code.RAW_TX_TOO_LARGE, RAW_PATH)
    except NotCanonicalError as error:
        case.findings.contradict(
            Code.BYTES_NOT_CANONICAL, RAW_PATH, declared="an unsigned transaction", proven=f"not canonical: {error}"
        )
    except TypeNotSupportedError:
        case.findings.miss(Code.KIND_NOT_SUPPORTED, RAW_PATH)
    except ChainIdAbsentError:
        case.findings.miss(Code.CHAIN_ID_NOT_PROVEN, RAW_PATH)
        # Valid on every network: nothing else is said about it, so that no rule can allow it as if it were for one.
        proof.chain = _chain_facts(None, None, _UNPROTECTED)
        proof.summary.append("Sign a transaction that names no network, so that it is valid on every one (EIP-155).")
    return None


def _compare_network(case: KeySignCase, transaction: EvmTransaction) -> dict[str, JSONValue]:
    """EIP-155: the bytes name their network; the facts follow the bytes, whatever was declared."""
    if transaction.chain_id != case.chain.network:
        case.findings.contradict(
            Code.CHAIN_ID_MISMATCH,
            case.transaction.at("chain_id"),
            declared=f"{case.chain.id} ({case.chain.network})",
            proven=transaction.chain_id,
        )
    proven = case.registry.networks.get(transaction.chain_id)
    facts = _chain_facts(None if proven is None else proven.id, transaction.chain_id, str(transaction.type))
    facts["nonce"] = str(transaction.nonce)
    facts["blob_hashes"] = [encode_hex(blob) for blob in transaction.blob_hashes]
    facts["authorizations"] = [
        {"network": str(entry.chain_id), "address": encode_hex(entry.address), "nonce": str(entry.nonce)}
        for entry in transaction.authorizations
    ]
    return facts


def _chain_facts(chain: str | None, network: int | None, transaction_type: str) -> dict[str, JSONValue]:
    return {
        "kind": "evm",
        "id": chain,
        "network": None if network is None else str(network),
        "network_proven": network is not None,
        "valid_until": None,
        "transaction_type": transaction_type,
        "nonce": None,
        "blob_hashes": [],
        "authorizations": [],
        "source": "bytes",
    }


def _compare_nonce(case: KeySignCase, transaction: EvmTransaction) -> None:
    info = case.transaction.child("raw_tx_info", required=False)
    nonce = None if info is None else info.whole("used_nonce", required=False)
    if ComparedField.NONCE in case.row.fields and nonce is not None and nonce != transaction.nonce:
        case.findings.contradict(Code.NONCE_MISMATCH, _NONCE_PATH, declared=nonce, proven=transaction.nonce)


def _fee(case: KeySignCase, transaction: EvmTransaction) -> dict[str, JSONValue]:
    proven = case.registry.networks.get(transaction.chain_id)
    bounded = proven is not None and not proven.fee_outside_bytes
    return {
        "max": str(transaction.max_fee) if bounded else None,
        "asset": evm_machine(case.registry, transaction.chain_id).native_asset(),
        "source": "bytes",
    }
