"""The provider's public derivation on ed25519: `cpub…` keys, BIP-32's layout and steps (protocol d.5)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_scalarmult_ed25519_base_noclamp,
)
from nacl.exceptions import CryptoError

from placet_policy.chains.derivation import (
    CPUB_VERSION,
    HARDENED,
    MAX_KEY_DEPTH,
    REMEMBERED,
    DerivationError,
    extended_payload,
    extended_text,
    fingerprint,
)

ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""L, the order of the base point (RFC 8032, section 5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ed25519Key:
    """An extended ed25519 public key.

    Attributes:
        depth: Number of steps from the master key.
        parent_fingerprint: 4 bytes.
        child_number: The last step.
        chain_code: 32 bytes.
        public_key: 32 bytes, the point of RFC 8032, section 5.1.2.
    """

    depth: int
    parent_fingerprint: bytes
    child_number: int
    chain_code: bytes
    public_key: bytes

    def child(self, index: int) -> Ed25519Key:
        """One step: HMAC-SHA512 under the chain code; its left half, modulo L, times the base point is added.

        Raises:
            DerivationError: A hardened index, too great a depth, or a sum that is no key.
        """
        if not 0 <= index < HARDENED:
            raise DerivationError("hardened steps need the private key")
        if self.depth >= MAX_KEY_DEPTH:
            raise DerivationError("depth")
        padded = b"\x00" + self.public_key
        digest = hmac.digest(self.chain_code, padded + index.to_bytes(4, "big"), "sha512")
        scalar = int.from_bytes(digest[:32], "big") % ORDER
        try:
            step = crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little"))
            point = crypto_core_ed25519_add(self.public_key, step)
        except CryptoError as error:
            raise DerivationError("invalid child") from error
        if not crypto_core_ed25519_is_valid_point(point):
            raise DerivationError("invalid child")
        return Ed25519Key(
            depth=self.depth + 1,
            parent_fingerprint=fingerprint(padded),
            child_number=index,
            chain_code=digest[32:],
            public_key=point,
        )

    def derive(self, path: tuple[int, ...]) -> Ed25519Key:
        """Walk a path of non-hardened steps."""
        return _derive(self, path)

    def payload(self) -> bytes:
        """The 78 bytes of the serialization: two keys are the same exactly when these are."""
        numbers = bytes([self.depth]) + self.parent_fingerprint + self.child_number.to_bytes(4, "big")
        return CPUB_VERSION + numbers + self.chain_code + b"\x00" + self.public_key

    def to_text(self) -> str:
        """The `cpub…` text."""
        return extended_text(self.payload())


@lru_cache(maxsize=REMEMBERED)
def parse_cpub(text: str) -> Ed25519Key:
    """Read a `cpub…` text.

    Raises:
        DerivationError: Not base58check, not a cpub, or not a point of the curve's main subgroup.
    """
    payload = extended_payload(text)
    if payload[:4] != CPUB_VERSION or payload[45] != 0:
        raise DerivationError("version")
    key = Ed25519Key(
        depth=payload[4],
        parent_fingerprint=payload[5:9],
        child_number=int.from_bytes(payload[9:13], "big"),
        chain_code=payload[13:45],
        public_key=payload[46:],
    )
    if key.depth == 0 and (key.child_number or any(key.parent_fingerprint)):
        raise DerivationError("a master key with a parent")
    if not crypto_core_ed25519_is_valid_point(key.public_key):
        raise DerivationError("not a point")
    return key


@lru_cache(maxsize=REMEMBERED)
def _derive(key: Ed25519Key, path: tuple[int, ...]) -> Ed25519Key:
    """Step by step, so that the keys of one wallet share all steps but the last."""
    return _derive(key, path[:-1]).child(path[-1]) if path else key
