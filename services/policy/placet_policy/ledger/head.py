"""Signed heads: each record is signed by its writer, so whoever owns the database cannot rebuild a chain.

The signature is Ed25519 (RFC 8032) over the canonical bytes (``ledger.record``) of the domain ``placet.head/v1`` and
ledger id, writer id, position and record_hash. The key is made when the process starts and never leaves its memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from placet_policy.ledger.record import canonical_bytes

if TYPE_CHECKING:
    from placet_policy.ledger.interface import Receipt

DOMAIN = b"placet.head/v1"


class HeadInvalid(Exception):  # noqa: N818  (named after what happened)
    """A signature is not the writer's over this head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A record's receipt and its writer's signature over it.

    Attributes:
        receipt: where the record is, and its hash.
        signature: Ed25519, 64 bytes.
    """

    receipt: Receipt
    signature: bytes


class WriterKey:
    """The key of one process start."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.public_key = private_key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> WriterKey:
        """Make a key that nobody else has and that ends with the process."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, receipt: Receipt) -> Head:
        """Sign a record that has its place."""
        return Head(receipt=receipt, signature=self._private_key.sign(head_bytes(receipt)))


def verify_head(head: Head, *, public_key: bytes) -> Receipt:
    """Return the receipt that the writer signed.

    Args:
        head: what is claimed.
        public_key: the writer's, 32 bytes, from where it was published, never from the database alone.

    Raises:
        HeadInvalid: another key signed it, or something else was signed.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(head.signature, head_bytes(head.receipt))
    except (InvalidSignature, ValueError) as error:
        raise HeadInvalid(head.receipt.writer, head.receipt.position) from error
    return head.receipt


def head_bytes(receipt: Receipt) -> bytes:
    """Return what is signed."""
    return canonical_bytes(DOMAIN, (receipt.ledger, receipt.writer, receipt.position, receipt.record_hash))
