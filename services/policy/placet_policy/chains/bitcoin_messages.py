"""Messages that a Bitcoin key signs: what BIP-137 hashes, and the virtual transactions of BIP-322.

No signature of either is one of a transaction: the prefix of BIP-137 is no transaction's beginning, and what the
virtual transaction spends cannot exist, because its own input spends nothing.
"""

from __future__ import annotations

from typing import Final

from placet_policy.chains.bitcoin import OutPoint, Transaction, TxInput, TxOutput, compact_size
from placet_policy.chains.bitcoin_addresses import ecdsa_scripts, is_taproot
from placet_policy.chains.bitcoin_digest import Digests, Spend, SpentOutput, double_sha256, tagged_hash
from placet_policy.chains.hash160 import hash160

_PREFIX: Final = b"\x18Bitcoin Signed Message:\n"
_MESSAGE_TAG: Final = "BIP0322-signed-message"
_NO_OUTPOINT: Final = bytes(32) + b"\xff" * 4
_PUSH_MESSAGE_HASH: Final = b"\x00\x20"
_OP_RETURN: Final = b"\x6a"
_NO_NUMBER: Final = bytes(4)
_ECDSA_SPENDS: Final = (Spend.P2WPKH, Spend.P2SH_P2WPKH, Spend.P2PKH)
"""In the order of `ecdsa_scripts`."""


def bip137_digest(message: bytes) -> bytes:
    """BIP-137: double SHA-256 of the prefix, the message's length (compact size) and the message."""
    return double_sha256(_PREFIX + compact_size(len(message)) + message)


def bip322_to_spend(message: bytes, script: bytes) -> bytes:
    """The serialized `to_spend` of BIP-322, "Full".

    Args:
        message: As it is, without length or end mark.
        script: The scriptPubKey of the address that is signed for (`message_challenge`).
    """
    unlock = _PUSH_MESSAGE_HASH + tagged_hash(_MESSAGE_TAG, message)
    return b"".join(
        [
            _NO_NUMBER,  # version
            compact_size(1),
            _NO_OUTPOINT,
            compact_size(len(unlock)),
            unlock,
            _NO_NUMBER,  # sequence
            compact_size(1),
            TxOutput(0, script).serialize(),
            _NO_NUMBER,  # lock time
        ]
    )


def bip322_to_sign(message: bytes, script: bytes) -> Transaction:
    """The unsigned `to_sign` of BIP-322, with the fixed version, sequence and lock time of the simple form."""
    challenge = OutPoint(double_sha256(bip322_to_spend(message, script)), 0)
    return Transaction(version=0, inputs=(TxInput(challenge, 0),), outputs=(TxOutput(0, _OP_RETURN),), lock_time=0)


def challenge_of(script: bytes, public_key: bytes) -> SpentOutput | None:
    """The output of `to_spend` as the digests need it.

    Args:
        script: The scriptPubKey of the address that is signed for.
        public_key: 33 bytes, compressed: the key that signs.

    Returns:
        None where neither this key's hash nor a taproot key can unlock the script.
    """
    output = TxOutput(0, script)
    if is_taproot(script):
        return SpentOutput(output=output, spend=Spend.P2TR, key_hash=b"")
    spend = dict(zip(ecdsa_scripts(public_key), _ECDSA_SPENDS, strict=True)).get(script)
    return None if spend is None else SpentOutput(output=output, spend=spend, key_hash=hash160(public_key))


def bip322_digests(message: bytes, challenge: SpentOutput) -> tuple[bytes, ...]:
    """What a signature of a message under one address may be over (BIP-322, "Verification Process", required rules).

    Args:
        message: What is signed.
        challenge: The output of the address, of `challenge_of`.

    Returns:
        One digest for segwit v0 (ALL), two for taproot (DEFAULT and ALL). For P2PKH the virtual transaction's, and the
        one of BIP-137, which is BIP-322's legacy form and open to P2PKH alone.
    """
    transaction = bip322_to_sign(message, challenge.output.script)
    digests = tuple(Digests(transaction, [challenge]).whole(0))
    return (*digests, bip137_digest(message)) if challenge.spend is Spend.P2PKH else digests
