"""Bitcoin addresses: base58check, bech32 (BIP-173) and bech32m (BIP-350). Their bytes are output scripts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import base58
from coincurve import PublicKey

from placet_policy.chains import bech32
from placet_policy.chains.addresses import AddressError, AddressForm, base58check
from placet_policy.chains.hash160 import hash160

if TYPE_CHECKING:
    from collections.abc import Mapping

_HASH_BYTES: Final = 20
_PROGRAM_BYTES: Final = 32
_TAPROOT: Final = 1
_OP_1: Final = 0x51
# A request with 512 inputs names each address several times, and so do the facts. What is remembered is a function of
# the text or the bytes alone; a failure is an exception, which is not remembered, so that entries are short.
_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prefixes:
    """What the addresses of a network start with."""

    key_hash: int
    script_hash: int
    witness: str


_MAIN: Final = _Prefixes(key_hash=0x00, script_hash=0x05, witness="bc")
_TEST: Final = _Prefixes(key_hash=0x6F, script_hash=0xC4, witness="tb")


def key_hash_script(digest: bytes) -> bytes:
    """P2PKH: OP_DUP OP_HASH160 <20 bytes> OP_EQUALVERIFY OP_CHECKSIG."""
    return b"\x76\xa9\x14" + digest + b"\x88\xac"


def script_hash_script(digest: bytes) -> bytes:
    """P2SH (BIP-16): OP_HASH160 <20 bytes> OP_EQUAL."""
    return b"\xa9\x14" + digest + b"\x87"


def witness_script(version: int, program: bytes) -> bytes:
    """A witness program (BIP-141): version and one push."""
    return bytes([0 if version == 0 else _OP_1 - 1 + version, len(program)]) + program


@lru_cache(maxsize=_REMEMBERED)
def ecdsa_scripts(public_key: bytes) -> tuple[bytes, ...]:
    """The outputs that one compressed key spends by ECDSA: P2WPKH, P2SH-P2WPKH (BIP-141) and P2PKH."""
    key_hash = hash160(public_key)
    witness = witness_script(0, key_hash)
    return witness, script_hash_script(hash160(witness)), key_hash_script(key_hash)


@lru_cache(maxsize=_REMEMBERED)
def schnorr_scripts(public_key: bytes) -> tuple[bytes, ...]:
    """The taproot outputs whose key path a key spends.

    Args:
        public_key: 33 bytes, compressed.

    Returns:
        The key itself as the output key, as the provider's recovery kit derives it (protocol d.5), and the key with
        an empty script tree (BIP-341, BIP-86).
    """
    output = taproot_output_key(public_key)
    return witness_script(_TAPROOT, public_key[1:]), witness_script(_TAPROOT, output)


def is_taproot(script: bytes) -> bool:
    """Whether a scriptPubKey is P2TR (BIP-341): version 1 and 32 bytes."""
    return len(script) == _PROGRAM_BYTES + 2 and script == witness_script(_TAPROOT, script[2:])


def taproot_tweak(public_key: bytes, tree_hash: bytes = b"") -> bytes:
    """What BIP-341 adds to an internal key: 32 bytes; the tree hash is empty for an empty script tree (BIP-86)."""
    tag = hashlib.sha256(b"TapTweak").digest()
    return hashlib.sha256(tag + tag + public_key[1:] + tree_hash).digest()


def taproot_output_key(public_key: bytes, tree_hash: bytes = b"") -> bytes:
    """The output key of an internal key (BIP-341, "Constructing and spending Taproot outputs").

    Args:
        public_key: 33 bytes, compressed; only x counts, and its point is the one with even y (BIP-340).
        tree_hash: Merkle root of the script tree; empty for none.

    Returns:
        32 bytes, x only.
    """
    even = PublicKey(b"\x02" + public_key[1:])
    return even.add(taproot_tweak(public_key, tree_hash)).format(compressed=True)[1:]


@lru_cache(maxsize=_REMEMBERED)
def _decode(text: str, prefixes: _Prefixes) -> bytes:
    if text[:3].lower() == prefixes.witness + "1":
        return _decode_witness(text, prefixes)
    payload = base58check(text)
    version, digest = payload[:1], payload[1:]
    if len(digest) != _HASH_BYTES:
        raise AddressError("a Bitcoin address has a hash of 20 bytes")
    if version == bytes([prefixes.key_hash]):
        return key_hash_script(digest)
    if version == bytes([prefixes.script_hash]):
        return script_hash_script(digest)
    raise AddressError("an address of another network")


def _decode_witness(text: str, prefixes: _Prefixes) -> bytes:
    try:
        version, program = bech32.decode(prefixes.witness, text)
    except bech32.Bech32Error as error:
        raise AddressError("not a segwit address") from error
    # Anyone can spend an output of a version that is not defined yet (BIP-141), so nobody honest is paid there.
    if (version, len(program)) not in ((0, _HASH_BYTES), (0, _PROGRAM_BYTES), (1, _PROGRAM_BYTES)):
        raise AddressError("not a segwit or taproot address")
    return witness_script(version, program)


@lru_cache(maxsize=_REMEMBERED)
def _encode(script: bytes, prefixes: _Prefixes) -> str:
    if script[:3] == b"\x76\xa9\x14" and script == key_hash_script(script[3:23]) and len(script) == _HASH_BYTES + 5:
        return _base58(prefixes.key_hash, script[3:23])
    if script[:2] == b"\xa9\x14" and script == script_hash_script(script[2:22]) and len(script) == _HASH_BYTES + 3:
        return _base58(prefixes.script_hash, script[2:22])
    for version, length in ((0, _HASH_BYTES), (0, _PROGRAM_BYTES), (1, _PROGRAM_BYTES)):
        if len(script) == length + 2 and script == witness_script(version, script[2:]):
            return bech32.encode(prefixes.witness, version, script[2:])
    raise AddressError("a script without an address")


def _base58(version: int, digest: bytes) -> str:
    return base58.b58encode_check(bytes([version]) + digest).decode("ascii")


def _form(prefixes: _Prefixes) -> AddressForm:
    return AddressForm(
        decode=lambda text: _decode(text, prefixes),
        encode=lambda script: _encode(script, prefixes),
    )


BITCOIN_FORMS: Final[Mapping[bool, AddressForm]] = MappingProxyType({False: _form(_MAIN), True: _form(_TEST)})
"""By whether it is a test network (testnet and signet write addresses alike)."""
