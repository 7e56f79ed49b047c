"""Certificates for tests of TLS between the tiers, made on the spot and written as files."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class KeyPair:
    """A certificate chain and its private key, PEM."""

    certificate: bytes
    key: bytes


def issue(authority: trustme.CA, name: str) -> KeyPair:
    """A certificate for one name, good for server and client."""
    made = authority.issue_cert(name)
    return KeyPair(
        certificate=b"".join(blob.bytes() for blob in made.cert_chain_pems), key=made.private_key_pem.bytes()
    )


def write_tls(folder: Path, pair: KeyPair, authority: trustme.CA) -> dict[str, Path]:
    """Write a server's three files, the key for its owner only; the names are the settings'."""
    files = {
        "tls_cert_file": folder / "tls.pem",
        "tls_key_file": folder / "tls.key",
        "client_ca_file": folder / "client-ca.pem",
    }
    files["tls_cert_file"].write_bytes(pair.certificate)
    files["tls_key_file"].write_bytes(pair.key)
    files["tls_key_file"].chmod(0o600)
    files["client_ca_file"].write_bytes(authority.cert_pem.bytes())
    return files
