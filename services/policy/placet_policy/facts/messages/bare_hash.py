"""A bare hash: it may be that of any transaction, so it is shown, and never proven.

On Solana it is not even a hash: Ed25519 signs the whole message (protocol d.4), so any bytes may be a transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.evm import HASH_BYTES
from placet_policy.chains.messages import MessageKind
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.facts.key_sign_case import KeySignCase, compare_one_hash
from placet_policy.facts.messages.message_facts import NOTHING, refuse_transaction, unproven_network

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.proof import Proof


def prove_bare_hash(case: KeySignCase, proof: Proof) -> None:
    """The messages of TRON and Solana: the protocol describes no scheme for them but this one (protocol d.3)."""
    refuse_transaction(case)
    show_bare_hash(case, proof, unproven_network(case))
    proof.complete = case.key.signer is not None and bool(proof.messages)


def show_bare_hash(case: KeySignCase, proof: Proof, chain: dict[str, JSONValue]) -> None:
    """Show what is to be signed; `chain` is what is known of the network."""
    case.findings.miss(Code.BLIND_SIGNATURE, case.destination.at("msg_hash"))
    text = case.destination.text("msg_hash")
    try:
        digest = b"" if text is None else decode_hex(text)
    except HexError:
        digest = b""
    if not digest or (len(digest) != HASH_BYTES and not case.scheme.signs_whole_message):
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, case.destination.at("msg_hash"))
        return
    proof.hashes.append({**compare_one_hash(case, digest), "source": "declared"})
    proof.chain = chain
    proof.messages.append(
        {
            **NOTHING,
            "scheme": "raw",
            "kind": str(MessageKind.RAW),
            "may_be_hash": True,
            "digest": encode_hex(digest),
            "source": "declared",
        }
    )
