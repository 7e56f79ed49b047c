"""The test keys that the vendor published (vectors.json, `keys`). Outside tests they prove nothing."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from placet_callback.token import Node, PublicKey, fingerprint, load_private_key, load_public_keys

_VECTORS = Path(__file__).with_name("vectors.json")


@cache
def vectors() -> dict[str, Any]:
    """The whole of vectors.json; callers must not change it."""
    loaded: dict[str, Any] = json.loads(_VECTORS.read_text(encoding="utf-8"))
    return loaded


def _pem(name: str) -> bytes:
    text: str = vectors()["keys"][name]
    return text.encode("ascii")


def checker_private_pem() -> bytes:
    """The TSS Node's private key, PKCS#1 PEM, RSA-2048."""
    return _pem("checker_private")


def checker_public_pem() -> bytes:
    """The TSS Node's public key, SPKI PEM."""
    return _pem("checker_public")


def server_private_pem() -> bytes:
    """The callback server's private key, PKCS#1 PEM, RSA-2048."""
    return _pem("server_private")


def server_public_pem() -> bytes:
    """The callback server's public key, SPKI PEM."""
    return _pem("server_public")


@cache
def checker_private() -> RSAPrivateKey:
    """The TSS Node's private key."""
    return load_private_key(checker_private_pem())


@cache
def checker_public() -> PublicKey:
    """The TSS Node's public key."""
    return load_public_keys(checker_public_pem())[0]


@cache
def server_private() -> RSAPrivateKey:
    """The callback server's private key."""
    return load_private_key(server_private_pem())


@cache
def server_public() -> PublicKey:
    """The callback server's public key."""
    return load_public_keys(server_public_pem())[0]


@cache
def stranger_private() -> RSAPrivateKey:
    """A key that nobody has pinned, made once per test run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def stranger_public() -> PublicKey:
    """The public part of the key that nobody has pinned."""
    rsa_key = stranger_private().public_key()
    return PublicKey(key_id=fingerprint(rsa_key), rsa=rsa_key)


def checker_node(name: str = "node-1") -> Node:
    """A node that speaks with the published checker key."""
    return Node(name=name, keys=(checker_public(),))
