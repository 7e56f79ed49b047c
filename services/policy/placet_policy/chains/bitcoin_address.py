"""Bitcoin addresses and scriptPubKeys, and the scripts that a key can be paid by.

Mainnet writes segwit addresses with `bc`, every test network with `tb`; base58 addresses have the version bytes of
Bitcoin Core's chain parameters. Signet and testnet share all of them, so an address cannot tell these two apart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import base58
from coincurve import PublicKey, PublicKeyXOnly
from Crypto.Hash import RIPEMD160
from embit import bech32  # type: ignore[import-untyped]  # the library has no annotations; Pieter Wuille's reference

from placet_policy.chains.bitcoin_digest import Spend, tagged_hash

HASH160_BYTES: Final = 20
_MAX_CHARS: Final = 90
"""BIP-173; base58 addresses have at most 35, and decoding base58 takes quadratic time."""
_MAX_BASE58: Final = 35
_REMEMBERED: Final = 4096

_WITNESS_V1: Final = 0x51
_TAPROOT: Final = 1


class AddressError(ValueError):
    """A text that is no address of the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How a network writes addresses.

    Attributes:
        hrp: Human-readable part of segwit addresses (BIP-173).
        p2pkh: Version byte.
        p2sh: Version byte.
    """

    hrp: str
    p2pkh: int
    p2sh: int


MAINNET: Final = Network(hrp="bc", p2pkh=0x00, p2sh=0x05)
TESTNET: Final = Network(hrp="tb", p2pkh=0x6F, p2sh=0xC4)
"""Testnet 3 and 4 and signet."""


def network(*, testnet: bool) -> Network:
    """The form of addresses on a registry chain."""
    return TESTNET if testnet else MAINNET


def script_of(address: str, form: Network) -> bytes:
    """The scriptPubKey that an address stands for.

    Args:
        address: Bech32 (BIP-173), bech32m (BIP-350; all lower or all upper case) or base58check.
        form: The network's way to write addresses.

    Raises:
        AddressError: No address of this network, or a witness version without a meaning yet.
    """
    if len(address) > _MAX_CHARS:
        raise AddressError("too long")
    if address.lower().startswith(f"{form.hrp}1"):
        return _segwit_script(address, form)
    return _base58_script(address, form)


def address_of(script: bytes, form: Network) -> str | None:
    """The one canonical address of a scriptPubKey; None for a script that has none."""
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":  # noqa: PLR2004 -- P2PKH
        return base58.b58encode_check(bytes([form.p2pkh]) + script[3:23]).decode("ascii")
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":  # noqa: PLR2004 -- BIP-16
        return base58.b58encode_check(bytes([form.p2sh]) + script[2:22]).decode("ascii")
    if script[:2] in (b"\x00\x14", b"\x00\x20", b"\x51\x20") and len(script) == 2 + script[1]:
        version = 0 if script[0] == 0 else script[0] - _WITNESS_V1 + 1
        return str(bech32.encode(form.hrp, version, list(script[2:])))
    return None


@lru_cache(maxsize=_REMEMBERED)
def key_script(public_key: bytes, spend: Spend) -> bytes:
    """The scriptPubKey by which a key alone can be paid.

    Args:
        public_key: 33 bytes, compressed.
        spend: The kind of script; P2TR is the output key of BIP-341 with an empty script tree.
    """
    if spend is Spend.P2TR:
        return b"\x51\x20" + taproot_output_key(public_key)
    witness = b"\x00\x14" + hash160(public_key)
    if spend is Spend.P2WPKH:
        return witness
    if spend is Spend.P2SH_P2WPKH:
        return b"\xa9\x14" + hash160(witness) + b"\x87"
    return b"\x76\xa9\x14" + hash160(public_key) + b"\x88\xac"


def untweaked_taproot_script(public_key: bytes) -> bytes:
    """P2TR of the key itself: how the provider's own kit makes taproot addresses (protocol d.5).

    Nothing but the key can spend it: a script tree would have to hash to the difference of two keys.
    """
    return b"\x51\x20" + public_key[1:]


def taproot_tweak(public_key: bytes, tree_hash: bytes = b"") -> bytes:
    """BIP-341: the hash by which the internal key is tweaked, 32 bytes; the tree hash is empty for no script tree."""
    return tagged_hash("TapTweak", public_key[1:] + tree_hash)


def taproot_output_key(public_key: bytes, tree_hash: bytes = b"") -> bytes:
    """BIP-341, "Constructing and spending Taproot outputs": 32 bytes, x only.

    Raises:
        ValueError: A tweak that BIP-341 calls invalid, which no one has ever seen.
    """
    # Only the x coordinate of the internal key counts; its point is the one with even y (BIP-340).
    even = PublicKey(b"\x02" + public_key[1:])
    return even.add(taproot_tweak(public_key, tree_hash)).format(compressed=True)[1:]


def is_point(x_only: bytes) -> bool:
    """Whether 32 bytes are a point's x coordinate; nobody can spend an output whose key is none."""
    try:
        PublicKeyXOnly(x_only)
    except ValueError:
        return False
    return True


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256; OpenSSL 3 no longer offers RIPEMD-160 to hashlib."""
    return RIPEMD160.new(hashlib.sha256(data).digest()).digest()


def _segwit_script(address: str, form: Network) -> bytes:
    version, program = bech32.decode(form.hrp, address if address.islower() else address.lower())
    # bech32.decode refuses mixed case itself, but it has just been lowered.
    if version is None or not (address.islower() or address.isupper()):
        raise AddressError("not bech32")
    if version > _TAPROOT or (version == _TAPROOT and len(program) != 32):  # noqa: PLR2004 -- BIP-341
        raise AddressError("a witness version without a meaning")
    return bytes([0 if version == 0 else _WITNESS_V1 + version - 1, len(program)]) + bytes(program)


def _base58_script(address: str, form: Network) -> bytes:
    if len(address) > _MAX_BASE58:
        raise AddressError("too long")
    try:
        payload = base58.b58decode_check(address)
    except ValueError as error:
        raise AddressError("not base58check") from error
    # The library cuts blanks; the text must be the one encoding of its bytes.
    if len(payload) != 1 + HASH160_BYTES or base58.b58encode_check(payload).decode("ascii") != address:
        raise AddressError("not an address")
    if payload[0] == form.p2pkh:
        return b"\x76\xa9\x14" + payload[1:] + b"\x88\xac"
    if payload[0] == form.p2sh:
        return b"\xa9\x14" + payload[1:] + b"\x87"
    raise AddressError("an address of another network")
