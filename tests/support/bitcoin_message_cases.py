"""Requests that sign a Bitcoin message, built from keys of the samples' root key, with digests that fit."""

from typing import Any

from bitcoin_cases import MAINNET, Spending, key_of, own_script
from facts_cases import put
from placet_policy.chains.bitcoin_digest import Spend
from placet_policy.chains.bitcoin_messages import bip137_digest, bip322_digests, challenge_of

MESSAGE = b"Hello World"
PATH = (44, 0, 1, 0, 0)
_TX = "extra.transaction"
_DESTINATION = f"{_TX}.destination"


def digests_of_bip322(message: bytes, spend: Spend, *, tweaked: bool = True) -> tuple[bytes, ...]:
    """What the key of `PATH` may sign for a message under one of its addresses."""
    challenge = challenge_of(own_script(PATH, spend, tweaked=tweaked), key_of(PATH))
    return () if challenge is None else bip322_digests(message, challenge)


def bip137_request(declared: str, digest: bytes | None = None, spend: Spend = Spend.P2PKH) -> dict[str, Any]:
    """The parts of a request for BIP-137; the digest is that of "Hello World" unless another is given."""
    signed = bip137_digest(MESSAGE) if digest is None else digest
    return _request({"destination_type": "BTC_BIP_137_Signature", "message_bip137": declared}, signed, spend)


def bip322_request(
    declared: str, spend: Spend = Spend.P2WPKH, digest: bytes | None = None, *, tweaked: bool = True
) -> dict[str, Any]:
    """The parts of a request for BIP-322; the digest is the first one of "Hello World" unless another is given."""
    signed = digests_of_bip322(MESSAGE, spend, tweaked=tweaked)[0] if digest is None else digest
    destination = {"destination_type": "BTC_BIP_322_Signature", "message_bip322": declared}
    return _request(destination, signed, spend, tweaked=tweaked)


def bare_hash_request(digest: bytes) -> dict[str, Any]:
    """The parts of a request for a bare hash."""
    shown = "0x" + digest.hex()
    return _request({"destination_type": "Raw_Message_Signature", "msg_hash": shown}, digest, Spend.P2WPKH)


def _request(destination: dict[str, Any], digest: bytes, spend: Spend, *, tweaked: bool = True) -> dict[str, Any]:
    """As the protocol describes a MessageSign: no transaction, and one hash."""
    parts = Spending(inputs=[(spend, 1)], payments=[], change=0, tweaked=tweaked).parts()
    put(parts, f"{_TX}.type", "MessageSign")
    put(parts, f"{_TX}.raw_tx_info", None)
    put(parts, f"{_TX}.source.address", MAINNET.encode(own_script(PATH, spend, tweaked=tweaked)))
    put(parts, _DESTINATION, destination)
    put(parts, "detail.msg_hash_list", ["0x" + digest.hex()])
    return parts
