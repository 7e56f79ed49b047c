"""Proof of a Solana message: against what is signed, the declared payment or instructions, and the signing key.

Numbered as the comments below: 1 message and what is signed, 2 decoding, 3 network, 4 signer, 5 what is done, 6 fee.
The signing key was compared before (signer.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.addresses import SOLANA_FORM
from placet_policy.chains.solana import (
    MAX_RAW_BYTES,
    LookupTableError,
    NotCanonicalError,
    SolanaMessage,
    TooLargeError,
    VersionNotSupportedError,
    WrapperError,
    decode_message,
    unwrap,
)
from placet_policy.chains.solana_fee import fee_bound
from placet_policy.chains.solana_programs import decode_instruction
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import account_output, declared_token, native_asset
from placet_policy.facts.comparison import Shape
from placet_policy.facts.key_sign_case import RAW_PATH, KeySignCase, compare_one_hash, raw_bytes
from placet_policy.facts.network import applicable_chain
from placet_policy.facts.solana.compare import compare_withdrawal
from placet_policy.facts.solana.describe import describe
from placet_policy.facts.solana.instructions import compare_instructions
from placet_policy.facts.solana.move import SolanaMove

if TYPE_CHECKING:
    from placet_policy.facts.proof import Proof


def prove_solana_message(case: KeySignCase, proof: Proof) -> None:
    """Prove a Solana transfer of coins or tokens, or declared instructions."""
    # 1 The message, and that exactly it is signed: Ed25519 has no hash of its own to compare.
    signed = _message(case)
    if signed is None:
        return
    proof.hashes.append(compare_one_hash(case, signed))
    # 2 What the bytes say.
    message = _decode(case, signed)
    if message is None:
        return
    is_call = case.row.shape is Shape.INSTRUCTIONS
    move = SolanaMove(
        case=case,
        message=message,
        effects=tuple(map(decode_instruction, message.instructions)),
        token=None if is_call else declared_token(case),
        output=None if is_call else account_output(case),
        chain=applicable_chain(case),
    )
    # 3 The bytes name no network, so the strictest one that they may be meant for applies.
    proof.chain = {
        "kind": "solana",
        "id": None if move.chain is None else move.chain.id,
        "network": None,
        "network_proven": False,
        # A recent block, which names no time, or a nonce account, which lasts until it is advanced.
        "valid_until": None,
        "source": "declared",
    }
    # 4 One signer, and it is the derived key.
    _compare_signer(case, message)
    # 5 What is done, and nothing else with it.
    declared = compare_instructions(move) if is_call else compare_withdrawal(move)
    describe(move, proof)
    # 6 The most that the fee payer can lose beside it; caps are policy, so a declared fee is not compared.
    bound = fee_bound(len(message.signers), move.effects)
    proof.fee = {
        "max": None if bound is None else str(bound),
        "asset": native_asset(case, move.chain),
        "source": "bytes",
    }
    done = bool(proof.transfers) or (is_call and bool(proof.calls))
    proof.complete = case.key.signer is not None and declared and done


def _message(case: KeySignCase) -> bytes | None:
    raw = raw_bytes(case, MAX_RAW_BYTES)
    if raw is None:
        return None
    try:
        return unwrap(raw)
    except TooLargeError:
        case.findings.miss(Code.RAW_TX_TOO_LARGE, RAW_PATH)
    except WrapperError:
        # The wrapper is the provider's and is not signed, so another form of it says nothing about the bytes.
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, RAW_PATH)
    return None


def _decode(case: KeySignCase, signed: bytes) -> SolanaMessage | None:
    try:
        return decode_message(signed)
    except NotCanonicalError as error:
        case.findings.contradict(
            Code.BYTES_NOT_CANONICAL, RAW_PATH, declared="an unsigned message", proven=f"not canonical: {error}"
        )
    except VersionNotSupportedError:
        case.findings.miss(Code.KIND_NOT_SUPPORTED, RAW_PATH)
    except LookupTableError:
        case.findings.miss(Code.LOOKUP_TABLE_NOT_PROVEN, RAW_PATH)
    return None


def _compare_signer(case: KeySignCase, message: SolanaMessage) -> None:
    """The derived key is the one signer, and so pays the fee; another signer's part in this is not declared."""
    if len(message.signers) != 1:
        case.findings.miss(Code.KIND_NOT_SUPPORTED, RAW_PATH)
    derived = None if case.key.address is None else SOLANA_FORM.encode(case.key.address)
    if derived is not None and derived not in message.signers:
        case.findings.contradict(Code.OWNER_MISMATCH, RAW_PATH, declared=derived, proven=message.fee_payer)
