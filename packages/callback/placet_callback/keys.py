"""RSA keys as files have them, and the nodes they are pinned to (protocol (b), Keys)."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

MIN_KEY_BITS = 2048
MAX_KEY_BITS = 8192
MIN_PUBLIC_EXPONENT = 65537
"""FIPS 186-5 section 5.1 wants more than 2^16."""

MAX_KEY_FILE_BYTES = 64 * 1024
"""A PEM block of RSA-8192 has less than 7 KiB, private part included."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(?:(?!-----).)*+-----END \1-----", re.DOTALL)
_PUBLIC_LABELS = frozenset({b"PUBLIC KEY", b"RSA PUBLIC KEY"})
_PRIVATE_LABELS = frozenset({b"PRIVATE KEY", b"RSA PRIVATE KEY", b"ENCRYPTED PRIVATE KEY"})
_NODE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class KeyFileError(Exception):
    """A key file cannot be used.

    Attributes:
        reason: A sentence for the operator; it never contains a part of the file.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key pinned by an operator.

    Attributes:
        key_id: SHA-256 of the SPKI DER form, 64 lower-case hex digits.
        rsa: The key, 2048 to 8192 bits.
    """

    key_id: str
    rsa: RSAPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A TSS Node and the keys that speak for it.

    Attributes:
        name: The operator's name for it, 1 to 63 of `a-z 0-9 . _ -`.
        keys: At least one; several while a key is being rotated.

    Raises:
        ValueError: For another name, or without keys.
    """

    name: str
    keys: tuple[PublicKey, ...]

    def __post_init__(self) -> None:
        if not _NODE_NAME.fullmatch(self.name):
            raise ValueError("a node's name is 1 to 63 of a-z, 0-9, dot, underscore and hyphen")
        if not self.keys:
            raise ValueError(f"node {self.name} has no key")


def node_set(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes, when together they say of every token which single node signed it.

    Raises:
        ValueError: When there is no node, when two have the same name, or when one key stands twice.
    """
    if not nodes:
        raise ValueError("there is no node")
    owners: dict[str, str] = {}
    names: set[str] = set()
    for node in nodes:
        if node.name in names:
            raise ValueError(f"two nodes have the name {node.name}")
        names.add(node.name)
        for key in node.keys:
            if key.key_id in owners:
                raise ValueError(f"one key is pinned twice, for {owners[key.key_id]} and {node.name}")
            owners[key.key_id] = node.name
    return tuple(nodes)


def fingerprint(key: RSAPublicKey | RSAPrivateKey) -> str:
    """SHA-256 of the public key's SPKI DER form (RFC 5280 section 4.1), 64 lower-case hex digits."""
    public = key.public_key() if isinstance(key, RSAPrivateKey) else key
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def load_public_keys(pem: bytes) -> tuple[PublicKey, ...]:
    """Read one or more public keys, PKCS#1 or SPKI, in the order of the file.

    Text outside the blocks is allowed, as in RFC 7468 section 5.2, but nothing there may look like a damaged block.

    Raises:
        KeyFileError: When there is no key, or any part of the file is not a usable public key.
    """
    keys: dict[str, PublicKey] = {}
    for block in _blocks(pem, _PUBLIC_LABELS, "public"):
        try:
            rsa = load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyFileError("a public key in the file cannot be read") from error
        if not isinstance(rsa, RSAPublicKey):
            raise KeyFileError("a key in the file is not an RSA key")
        _check_strength(rsa)
        key = PublicKey(key_id=fingerprint(rsa), rsa=rsa)
        if key.key_id in keys:
            raise KeyFileError("the file has the same key twice")
        keys[key.key_id] = key
    return tuple(keys.values())


def load_private_key(pem: bytes, *, passphrase: bytes | None = None) -> RSAPrivateKey:
    """Read the one private key of a file, PKCS#1 or PKCS#8, encrypted or not.

    Raises:
        KeyFileError: When the file is not exactly one usable RSA private key, or the passphrase does not fit it. A
            needless passphrase is an error too, because then the operator believes something untrue about the file.
    """
    blocks = _blocks(pem, _PRIVATE_LABELS, "private")
    if len(blocks) != 1:
        raise KeyFileError("the file has more than one private key")
    try:
        rsa = load_pem_private_key(blocks[0], password=passphrase, unsafe_skip_rsa_key_validation=False)
    except TypeError as error:
        state = (
            "is encrypted and there is no passphrase"
            if passphrase is None
            else "is not encrypted, but there is a passphrase"
        )
        raise KeyFileError(f"the private key {state}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError("the private key cannot be read: damaged file or wrong passphrase") from error
    if not isinstance(rsa, RSAPrivateKey):
        raise KeyFileError("the private key is not an RSA key")
    _check_strength(rsa.public_key())
    return rsa


def _blocks(pem: bytes, labels: frozenset[bytes], kind: str) -> list[bytes]:
    """The file's PEM blocks, all of them with one of the labels."""
    if len(pem) > MAX_KEY_FILE_BYTES:
        raise KeyFileError(f"the file has more than {MAX_KEY_FILE_BYTES} bytes")
    if b"-----" in _BLOCK.sub(b"", pem):
        raise KeyFileError("the file has an unfinished or damaged PEM block")
    found = list(_BLOCK.finditer(pem))
    if not found:
        raise KeyFileError(f"the file has no {kind} key in PEM form")
    if any(match.group(1) not in labels for match in found):
        raise KeyFileError(f"the file has a PEM block that is not an RSA {kind} key")
    return [match.group() + b"\n" for match in found]


def _check_strength(rsa: RSAPublicKey) -> None:
    if not MIN_KEY_BITS <= rsa.key_size <= MAX_KEY_BITS:
        raise KeyFileError(f"the RSA key has {rsa.key_size} bits, not {MIN_KEY_BITS} to {MAX_KEY_BITS}")
    if rsa.public_numbers().e < MIN_PUBLIC_EXPONENT:
        raise KeyFileError(f"the RSA key's public exponent is below {MIN_PUBLIC_EXPONENT}")
