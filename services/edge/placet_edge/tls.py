"""TLS 1.2 and newer for the public port, with certificates that are replaced without a restart."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from placet_edge.errors import KeyMaterialError
from placet_edge.files import read_file, read_secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def load_server_context(cert_file: Path, key_file: Path) -> ssl.SSLContext:
    """A fresh context with this pair; nothing that is in use is touched.

    Raises:
        KeyMaterialError: naming the file: unreadable, world readable, expired, or not a pair.
    """
    check_pair(cert_file, key_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    _load_chain(context, cert_file, key_file)
    return context


def listening_context(first: ssl.SSLContext, current: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The context to listen with: every handshake is handed to the ``current`` one before a certificate is chosen.

    A pair is loaded only into a fresh context that no connection uses yet. Loading into the live context would be
    simpler, but a mismatched pair loaded there ends every later handshake, and files can change between a trial
    load and the real one. OpenSSL calls this hook for clients without SNI too.
    """

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = current()

    first.sni_callback = choose
    return first


def check_pair(cert_file: Path, key_file: Path) -> None:
    """Check that these are a certificate inside its validity and its own private key.

    Raises:
        KeyMaterialError: naming the file.
    """
    read_secret(key_file)
    _check_validity(cert_file)
    _load_chain(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), cert_file, key_file)


def check_authorities(ca_file: Path) -> None:
    """Check that ``ca_file`` holds certificates that are all inside their validity.

    Raises:
        KeyMaterialError: naming the file.
    """
    _check_validity(ca_file)


def _check_validity(cert_file: Path) -> None:
    now = datetime.now(UTC)
    for certificate in _certificates(cert_file):
        if certificate.not_valid_after_utc <= now:
            raise KeyMaterialError(cert_file, f"expired at {certificate.not_valid_after_utc.isoformat()}")
        if certificate.not_valid_before_utc > now:
            raise KeyMaterialError(cert_file, f"is valid only from {certificate.not_valid_before_utc.isoformat()}")


def _certificates(cert_file: Path) -> list[x509.Certificate]:
    try:
        certificates = x509.load_pem_x509_certificates(read_file(cert_file))
        for certificate in certificates:
            certificate.public_key()
    except ValueError as e:
        raise KeyMaterialError(cert_file, "holds no PEM certificate") from e
    except (TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as e:
        raise KeyMaterialError(cert_file, f"holds a certificate that cannot be used: {type(e).__name__}") from e
    return certificates


def _load_chain(context: ssl.SSLContext, cert_file: Path, key_file: Path) -> None:
    try:
        # Without a password given, OpenSSL would ask for one at the terminal and hang the start.
        context.load_cert_chain(cert_file, key_file, password="")
    except (ssl.SSLError, OSError) as e:
        raise KeyMaterialError(key_file, f"is not the unencrypted private key of {cert_file}") from e
