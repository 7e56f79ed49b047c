"""BIP-32 public derivation on secp256k1 and the Ethereum address of a key (protocol d.5)."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import base58
from coincurve import PublicKey

from placet_policy.chains.evm import ADDRESS_BYTES, keccak256
from placet_policy.chains.hash160 import hash160

XPUB_VERSION: Final = bytes.fromhex("0488b21e")
"""BIP-32, "Serialization format": public key on main networks; the provider uses it for every network."""
CPUB_VERSION: Final = bytes.fromhex("02e8de90")
"""The provider's own version for ed25519 keys (protocol d.5); same layout."""
MAX_DEPTH: Final = 16
"""Steps of one path. The provider's have five; each step costs a point addition."""
_PAYLOAD_BYTES: Final = 78
_MAX_TEXT: Final = 120
"""Characters; 78 bytes and a checksum have 111 or 112."""
HARDENED: Final = 2**31
"""The first index that needs the private key (BIP-32, "Extended keys")."""
MAX_KEY_DEPTH: Final = 255
"""The depth is one byte in the serialization of BIP-32."""
# A wallet signs with few keys again and again, and each request names its root key five times; all of this is pure, so
# the results are remembered, and their number is bounded whatever requesters send.
REMEMBERED: Final = 1024
_STEP: Final = re.compile(r"\A(?:0|[1-9][0-9]{0,9})\Z")


class DerivationError(ValueError):
    """A key or path that cannot be read or derived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedKey:
    """An extended secp256k1 public key (BIP-32).

    Attributes:
        depth: Number of steps from the master key.
        parent_fingerprint: 4 bytes.
        child_number: The last step.
        chain_code: 32 bytes.
        public_key: 33 bytes, compressed.
    """

    depth: int
    parent_fingerprint: bytes
    child_number: int
    chain_code: bytes
    public_key: bytes

    def child(self, index: int) -> ExtendedKey:
        """CKDpub of BIP-32, "Public parent key → public child key".

        Raises:
            DerivationError: A hardened index, too great a depth, or the case that BIP-32 declares invalid.
        """
        if not 0 <= index < HARDENED:
            raise DerivationError("hardened steps need the private key")
        if self.depth >= MAX_KEY_DEPTH:
            raise DerivationError("depth")
        digest = hmac.digest(self.chain_code, self.public_key + index.to_bytes(4, "big"), "sha512")
        try:
            point = _point(self.public_key).add(digest[:32])
        except ValueError as error:
            raise DerivationError("invalid child") from error
        return ExtendedKey(
            depth=self.depth + 1,
            parent_fingerprint=fingerprint(self.public_key),
            child_number=index,
            chain_code=digest[32:],
            public_key=point.format(compressed=True),
        )

    def derive(self, path: tuple[int, ...]) -> ExtendedKey:
        """Walk a path of non-hardened steps."""
        return _derive(self, path)

    def payload(self) -> bytes:
        """The 78 bytes of BIP-32's serialization: two keys are the same exactly when these are."""
        numbers = bytes([self.depth]) + self.parent_fingerprint + self.child_number.to_bytes(4, "big")
        return XPUB_VERSION + numbers + self.chain_code + self.public_key

    def to_text(self) -> str:
        """The `xpub…` text."""
        return extended_text(self.payload())

    def evm_address(self) -> bytes:
        """The last 20 bytes of keccak256 of the uncompressed point (Yellow Paper, appendix F)."""
        return evm_address(self.public_key)


@lru_cache(maxsize=REMEMBERED)
def evm_address(public_key: bytes) -> bytes:
    """The 20 bytes of the Ethereum address of a secp256k1 public key in either form."""
    uncompressed = PublicKey(public_key).format(compressed=False)
    return keccak256(uncompressed[1:])[-ADDRESS_BYTES:]


@lru_cache(maxsize=REMEMBERED)
def parse_xpub(text: str) -> ExtendedKey:
    """Read an `xpub…` text.

    Raises:
        DerivationError: Not base58check, not an xpub, or not a point of the curve.
    """
    payload = extended_payload(text)
    if payload[:4] != XPUB_VERSION:
        raise DerivationError("version")
    key = ExtendedKey(
        depth=payload[4],
        parent_fingerprint=payload[5:9],
        child_number=int.from_bytes(payload[9:13], "big"),
        chain_code=payload[13:45],
        public_key=payload[45:],
    )
    if key.depth == 0 and (key.child_number or any(key.parent_fingerprint)):
        raise DerivationError("a master key with a parent")  # BIP-32, test vector 5
    try:
        PublicKey(key.public_key)
    except ValueError as error:
        raise DerivationError("not a point") from error
    return key


@lru_cache(maxsize=REMEMBERED)
def _point(public_key: bytes) -> PublicKey:
    """The point of a key; many children of one parent add to the same."""
    return PublicKey(public_key)


@lru_cache(maxsize=REMEMBERED)
def _derive(key: ExtendedKey, path: tuple[int, ...]) -> ExtendedKey:
    """Step by step, so that the keys of one wallet share all steps but the last."""
    return _derive(key, path[:-1]).child(path[-1]) if path else key


def is_cpub(text: str) -> bool:
    """Whether the text is a well-formed `cpub…`, the provider's extended ed25519 key."""
    try:
        payload = extended_payload(text)
    except DerivationError:
        return False
    return payload[:4] == CPUB_VERSION and payload[45] == 0


@lru_cache(maxsize=REMEMBERED)
def parse_path(text: str) -> tuple[int, ...]:
    """Read a path of non-hardened steps, with or without `m/` (protocol d.5).

    Raises:
        DerivationError: Empty, too deep, hardened, or not decimal without leading zeros.
    """
    steps = text.removeprefix("m/").split("/")
    if len(steps) > MAX_DEPTH:
        raise DerivationError("too deep")
    if not all(_STEP.match(step) for step in steps):
        raise DerivationError("not a path of plain numbers")
    path = tuple(int(step) for step in steps)
    if any(index >= HARDENED for index in path):
        raise DerivationError("hardened")
    return path


def path_text(path: tuple[int, ...]) -> str:
    """The one form Placet writes: `m/44/60/1/0/0`."""
    return "/".join(["m", *map(str, path)])


def extended_payload(text: str) -> bytes:
    """The 78 bytes of an extended key of either curve.

    The text must be the one base58check encoding of its bytes; the library alone would cut trailing blanks.

    Raises:
        DerivationError: It is not.
    """
    if len(text) > _MAX_TEXT:  # Decoding base58 takes quadratic time.
        raise DerivationError("too long")
    try:
        payload = base58.b58decode_check(text)
    except ValueError as error:
        raise DerivationError("not base58check") from error
    if len(payload) != _PAYLOAD_BYTES or base58.b58encode_check(payload).decode("ascii") != text:
        raise DerivationError("not an extended key")
    return payload


@lru_cache(maxsize=REMEMBERED)
def extended_text(payload: bytes) -> str:
    """The text of the 78 bytes; a key that 512 entries contradict is written once."""
    return base58.b58encode_check(payload).decode("ascii")


@lru_cache(maxsize=REMEMBERED)
def fingerprint(public_key: bytes) -> bytes:
    """The first four bytes of RIPEMD-160 of SHA-256 (BIP-32)."""
    return hash160(public_key)[:4]
