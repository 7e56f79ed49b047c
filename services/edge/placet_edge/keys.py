"""The nodes' public keys and our private key, read from files and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_callback import token

from placet_edge.errors import KeyMaterialError
from placet_edge.files import read_file, read_secret

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_NODE_FILE_SUFFIX = ".pem"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ServerKey:
    """The private key that signs our answers, and the fingerprint of its public half (SHA-256 of SPKI, hex)."""

    rsa: RSAPrivateKey
    key_id: str


def load_server_key(path: Path, passphrase_file: Path | None) -> ServerKey:
    """Our private key as openssl writes it: PKCS#1 or PKCS#8, encrypted or not (protocol section b).

    Raises:
        KeyMaterialError: naming the file that cannot be used.
    """
    passphrase = read_secret(passphrase_file).rstrip(b"\r\n") if passphrase_file else None
    try:
        rsa = token.load_private_key(read_secret(path), passphrase=passphrase)
    except token.KeyFileError as e:
        raise KeyMaterialError(path, f"is no usable private key: {e.reason}") from e
    return ServerKey(rsa=rsa, key_id=token.fingerprint(rsa.public_key()))


def load_nodes(folder: Path) -> tuple[token.Node, ...]:
    """The nodes whose tokens we accept: each file ``<node>.pem`` holds the public keys of one node.

    Several keys in one file belong to one node, while its key is rotated. Names that begin with a dot are
    skipped: Kubernetes keeps the data of a mount under them. Any other name is refused, as in the policy tier: a key
    that is passed over in silence would be missed only when the node asks.

    Raises:
        KeyMaterialError: naming the file or folder that cannot be used; a folder without a node is one.
    """
    nodes = [_load_node(path) for path in _node_files(folder)]
    if not nodes:
        raise KeyMaterialError(folder, "holds no <node>.pem, so no token could ever be accepted")
    try:
        return tuple(token.node_set(nodes))
    except ValueError as e:
        raise KeyMaterialError(folder, f"cannot be one set of nodes: {e}") from e


def _node_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as e:
        raise KeyMaterialError(folder, f"cannot be read: {e.strerror}") from e


def _load_node(path: Path) -> token.Node:
    if path.suffix != _NODE_FILE_SUFFIX:
        raise KeyMaterialError(path, "is not named <node>.pem")
    try:
        return token.Node(name=path.stem, keys=token.load_public_keys(read_file(path)))
    except token.KeyFileError as e:
        raise KeyMaterialError(path, f"holds no usable public keys: {e.reason}") from e
    except ValueError as e:
        raise KeyMaterialError(path, f"is no node: {e}") from e
