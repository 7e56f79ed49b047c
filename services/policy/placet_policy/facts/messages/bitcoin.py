"""Proof of a Bitcoin message: BIP-137, BIP-322, or a bare hash.

The provider describes `message_bip137` and `message_bip322` as hexadecimal (reference of its SDKs) and shows no
example, while it writes the messages of EIP-191 as base64 and wallets hand over texts. So a message is read in each of
these ways, and the digest decides: it is the digest of one reading alone, and that one is what is signed, whatever was
meant. If no reading has it, the message may be another one, or be written in a way that nobody documents: unproven,
with no message in the facts, because a message that is not proven to be signed must not be judged as one that is.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from placet_callback import canonical_base64

from placet_policy.chains.addresses import AddressError
from placet_policy.chains.bitcoin_messages import bip137_digest, bip322_digests, challenge_of
from placet_policy.chains.strict_hex import HexError, decode_hex
from placet_policy.codes import Code
from placet_policy.facts.bitcoin.hashes import compare_key, hashes_of
from placet_policy.facts.comparison import Shape
from placet_policy.facts.detail_fields import SCHNORR
from placet_policy.facts.key_sign_case import KeySignCase, compare_one_hash
from placet_policy.facts.messages.bare_hash import show_bare_hash
from placet_policy.facts.messages.message_facts import refuse_transaction, text_message, unproven_network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_policy.chains.bitcoin_digest import SpentOutput
    from placet_policy.facts.proof import Proof


def prove_bitcoin_message(case: KeySignCase, proof: Proof) -> None:
    """Prove a message of BIP-137 or BIP-322; say of a bare hash that nothing can be proven."""
    refuse_transaction(case)
    if case.row.shape is Shape.BIP137_MESSAGE:
        _prove_bip137(case, proof)
    elif case.row.shape is Shape.BIP322_MESSAGE:
        _prove_bip322(case, proof)
    else:
        show_bare_hash(case, proof, unproven_network(case))
    proof.complete = case.key.signer is not None and bool(proof.messages)


def _prove_bip137(case: KeySignCase, proof: Proof) -> None:
    """The digest names no address: that the key has the declared one was compared before (source_addresses.py)."""
    text = case.destination.text("message_bip137")
    if text is None:
        return
    if case.detail.get("signature_type") == SCHNORR:
        case.findings.contradict(
            Code.SIGNATURE_TYPE_MISMATCH,
            "request_detail.signature_type",
            declared=SCHNORR,
            proven="BIP-137 signs with ECDSA",
        )
    _prove(case, proof, "bip137", {bip137_digest(message): message for message in _readings(text)})


def _prove_bip322(case: KeySignCase, proof: Proof) -> None:
    """The digest binds the address that is signed for, so that one is the signer's address in the facts."""
    text, challenge = case.destination.text("message_bip322"), _challenge(case)
    if text is None or challenge is None:
        return
    script = challenge.output.script
    compare_key(case, 0, challenge)
    if proof.signer is not None and script in case.key.addresses:
        proof.signer["address"] = case.scheme.form.encode(script)
    readings = _readings(text)
    _prove(case, proof, "bip322", {it: message for message in readings for it in bip322_digests(message, challenge)})


def _prove(case: KeySignCase, proof: Proof, scheme: str, messages: Mapping[bytes, bytes]) -> None:
    """Exactly one hash is signed, and it is the digest of a reading.

    Args:
        case: The request.
        proof: Where the facts are put.
        scheme: `bip137` or `bip322`.
        messages: The reading by its digest, the documented one first; expected where not one hash is signed.
    """
    signed = hashes_of(case) or []
    digest = next((one for one in signed if one in messages), None)
    proof.chain = unproven_network(case)
    if digest is None and len(signed) == 1:
        case.findings.miss(Code.MESSAGE_ENCODING_NOT_PROVEN, case.destination.at(f"message_{scheme}"))
        return
    digest = next(iter(messages)) if digest is None else digest
    proof.hashes.append(compare_one_hash(case, digest))
    proof.messages.append(text_message(scheme=scheme, message=messages[digest], digest=digest))


def _readings(text: str) -> tuple[bytes, ...]:
    """What a declared message may be: hexadecimal, base64 and the text itself, in this order."""
    readings = [text.encode("utf-8")]
    with suppress(canonical_base64.NotCanonicalError):
        readings.insert(0, canonical_base64.decode_padded(text))
    with suppress(HexError):
        readings.insert(0, decode_hex(text))
    return tuple(readings)


def _challenge(case: KeySignCase) -> SpentOutput | None:
    """The output of the address that is signed for; None with a finding, here or where addresses were compared."""
    script, public_key = _signed_for(case), case.key.public_key
    if script is None or public_key is None:
        return None
    if script not in case.key.addresses and script not in case.key.under_tree:
        return None  # SOURCE_ADDRESS_MISMATCH
    return challenge_of(script, public_key)


def _signed_for(case: KeySignCase) -> bytes | None:
    """The declared source address; without one, the address that is declared for the key's path."""
    source = case.transaction.child("source")
    text = None if source is None else source.text("address", required=case.key.named is None)
    if text is None:
        return case.key.named
    try:
        return case.scheme.form.decode(text)
    except AddressError:
        return None  # Noted where the address was compared.
