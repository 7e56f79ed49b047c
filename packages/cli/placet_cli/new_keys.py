"""Making an RSA key pair under the names that the node's documentation uses."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from placet_cli.errors import CliError
from placet_cli.key_files import public_pem, write_new

KEY_BITS = 4096
"""What the node's documentation has openssl make (protocol (b), Keys)."""

_PUBLIC_EXPONENT = 65537
_OWNER_ONLY = 0o600
_EVERYONE_READS = 0o644


@dataclass(frozen=True, slots=True)
class KeyPairFiles:
    """Where the two halves of a pair lie."""

    private: Path
    public: Path


def pair_files(directory: Path, name: str) -> KeyPairFiles:
    """Name the files of a pair: ``NAME-pri.pem`` and ``NAME-pub.key``."""
    return KeyPairFiles(directory / f"{name}-pri.pem", directory / f"{name}-pub.key")


def create_pair(files: KeyPairFiles, *, passphrase: bytes | None = None) -> rsa.RSAPrivateKey:
    """Make an RSA-4096 pair and write both files; the folders must be there.

    Args:
        files: Neither may exist.
        passphrase: Encrypts the private key's file.

    Raises:
        CliError: A file is there already or cannot be written.
    """
    for path in (files.private, files.public):
        # Looked at before the second or two that a key takes; write_new is what really prevents overwriting.
        if path.exists():
            raise CliError(f"{path}: is there already and is never overwritten")
    key = rsa.generate_private_key(public_exponent=_PUBLIC_EXPONENT, key_size=KEY_BITS)
    write_pair(files, key, passphrase=passphrase)
    return key


def write_pair(files: KeyPairFiles, key: rsa.RSAPrivateKey, *, passphrase: bytes | None = None) -> None:
    """Write both files of a pair: the private one as PKCS#8 PEM with mode 0600, the public one as SPKI PEM.

    Raises:
        CliError: A file is there already or cannot be written.
    """
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    write_new(files.private, private, mode=_OWNER_ONLY)
    write_new(files.public, public_pem(key.public_key()).encode(), mode=_EVERYONE_READS)
