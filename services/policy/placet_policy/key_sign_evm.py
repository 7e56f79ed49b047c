"""Proof of an EVM Withdrawal: the bytes against the hashes, the declaration and the signing key.

Numbered as the comments below: 1 signer, 2 bytes and hashes, 3 decoding, 4 network, 5 what is moved, 6 fee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from placet_policy.chains.derivation import DerivationError, parse_path, path_text
from placet_policy.chains.evm import (
    MAX_RAW_BYTES,
    ChainIdAbsentError,
    EvmTransaction,
    TypeNotSupportedError,
    decode_unsigned,
    signing_hash,
)
from placet_policy.chains.evm_rlp import NotCanonicalError, TooLargeError
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.comparison import ComparedField, Row, Shape
from placet_policy.evm_effects import native_asset
from placet_policy.evm_transfer import RAW_PATH, EvmMove, compare_self_send, compare_transfer, describe
from placet_policy.proof import Proof
from placet_policy.signer import prove_signer

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.declared import Declared
    from placet_policy.findings import Findings
    from placet_policy.registry import Chain, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmCase:
    """Everything a prover of an EVM transaction looks at.

    Attributes:
        detail: request_detail, well-formed fields only.
        extra: extra_info.
        transaction: extra_info.transaction.
        destination: extra_info.transaction.destination.
        chain: The registry's chain that is declared.
        row: What the bytes must be and which declared fields are compared.
        registry: The active registry.
        findings: Where problems are noted.
    """

    detail: dict[str, JSONValue]
    extra: Declared
    transaction: Declared
    destination: Declared
    chain: Chain
    row: Row
    registry: Registry
    findings: Findings


def prove_evm_withdrawal(case: EvmCase) -> Proof:
    """Prove an EVM transfer of coins or tokens."""
    proof = Proof()
    # 1 The key that signs, and whether it is ours.
    key = prove_signer(detail=case.detail, extra=case.extra, transaction=case.transaction, registry=case.registry)
    if key.signer is not None:
        proof.signer = key.signer.to_json()
    # 2 The bytes, and that exactly their hash is signed.
    raw = _raw_bytes(case)
    if raw is None:
        return proof
    _compare_hashes(case, signing_hash(raw))
    proof.hashes.append({"hash": encode_hex(signing_hash(raw)), "path": _path(case), "source": "bytes"})
    # 3 What the bytes say.
    transaction = _decode(case, raw)
    if transaction is None:
        return proof
    # 4 The network and the place in the sender's order.
    proof.chain = _compare_network(case, transaction)
    _compare_nonce(case, transaction)
    # 5 What is moved, and nothing else with it.
    move = EvmMove(
        transaction=transaction,
        declared=case.transaction,
        destination=case.destination,
        chain=case.chain,
        row=case.row,
        registry=case.registry,
        derived=key.address,
        source=None if key.signer is None else key.signer.address,
    )
    if case.row.shape is Shape.TRANSFER:
        compare_transfer(move)
    else:
        compare_self_send(move)
    if transaction.access_list_entries:
        case.findings.contradict(
            Code.ACCESS_LIST_PRESENT,
            RAW_PATH,
            declared="a plain transfer",
            proven=f"an access list of {transaction.access_list_entries} addresses",
        )
    described = describe(move)
    proof.transfers, proof.calls, proof.summary = described.transfers, described.calls, described.summary
    # 6 The most the fee can be; caps are policy, so a declared fee is not compared.
    proof.fee = _fee(case, transaction)
    proof.complete = key.signer is not None and bool(proof.transfers)
    return proof


_NONCE_PATH = "extra_info.transaction.raw_tx_info.used_nonce"
_HASHES_PATH = "request_detail.msg_hash_list"


def _raw_bytes(case: EvmCase) -> bytes | None:
    info = case.transaction.child("raw_tx_info", required=False)
    text = None if info is None else info.text("unsigned_raw_tx", required=False)
    if text is None:
        case.findings.miss(Code.RAW_TX_MISSING, RAW_PATH)
        return None
    if len(text) > 2 * MAX_RAW_BYTES + 2:
        case.findings.miss(Code.RAW_TX_TOO_LARGE, RAW_PATH)
        return None
    try:
        return decode_hex(text)
    except HexError:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, RAW_PATH)
        return None


def _compare_hashes(case: EvmCase, expected: bytes) -> None:
    """An EVM transaction needs one signature: exactly one hash, and it is this one (protocol g.2, G16)."""
    if "msg_hash_list" not in case.detail:
        return  # Noted when request_detail was parsed.
    hashes = cast("list[str]", case.detail["msg_hash_list"])
    if len(hashes) != 1:
        case.findings.contradict(Code.HASH_COUNT_MISMATCH, _HASHES_PATH, declared=len(hashes), proven=1)
    for index, text in enumerate(hashes):
        if decode_hex(text) != expected:
            case.findings.contradict(
                Code.HASH_MISMATCH, f"{_HASHES_PATH}[{index}]", declared=text.lower(), proven=encode_hex(expected)
            )


def _path(case: EvmCase) -> str | None:
    paths = cast("list[str]", case.detail.get("bip32_path_list", []))
    try:
        return path_text(parse_path(paths[0])) if paths else None
    except DerivationError:
        return None  # Noted by the signer.


def _decode(case: EvmCase, raw: bytes) -> EvmTransaction | None:
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
    return None


def _compare_network(case: EvmCase, transaction: EvmTransaction) -> dict[str, JSONValue]:
    """EIP-155: the bytes name their network; the facts follow the bytes, whatever was declared."""
    if transaction.chain_id != case.chain.network:
        case.findings.contradict(
            Code.CHAIN_ID_MISMATCH,
            case.transaction.at("chain_id"),
            declared=f"{case.chain.id} ({case.chain.network})",
            proven=transaction.chain_id,
        )
    proven = case.registry.networks.get(transaction.chain_id)
    return {
        "kind": "evm",
        "id": None if proven is None else proven.id,
        "network": str(transaction.chain_id),
        "network_proven": True,
        "source": "bytes",
    }


def _compare_nonce(case: EvmCase, transaction: EvmTransaction) -> None:
    info = case.transaction.child("raw_tx_info", required=False)
    nonce = None if info is None else info.whole("used_nonce", required=False)
    if ComparedField.NONCE in case.row.fields and nonce is not None and nonce != transaction.nonce:
        case.findings.contradict(Code.NONCE_MISMATCH, _NONCE_PATH, declared=nonce, proven=transaction.nonce)


def _fee(case: EvmCase, transaction: EvmTransaction) -> dict[str, JSONValue]:
    proven = case.registry.networks.get(transaction.chain_id)
    bounded = proven is not None and not proven.fee_outside_bytes
    return {
        "max": str(transaction.max_fee) if bounded else None,
        "asset": native_asset(case.registry, transaction.chain_id),
        "source": "bytes",
    }
