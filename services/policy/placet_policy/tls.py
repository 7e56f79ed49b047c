"""Mutual TLS of the gRPC server: the files are checked before they serve, and taken anew when they change."""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from placet_policy.reload import Contents, FilesInvalid, Reloaded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from placet_policy.metrics import Metrics

_KEY_FILE_MODE = stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where the server's TLS files are, all PEM.

    Attributes:
        certificate: the server's chain, its own certificate first.
        key: the server's private key; nobody but owner and group may read it.
        client_ca: authorities for client certificates.
    """

    certificate: Path
    key: Path
    client_ca: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsMaterial:
    """The contents of TLS files that fit together."""

    certificate: bytes
    key: bytes
    client_ca: bytes

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        """Return the form in which gRPC takes it."""
        return grpc.ssl_server_certificate_configuration(
            [(self.key, self.certificate)], root_certificates=self.client_ca
        )


def tls_material(files: TlsFiles, *, metrics: Metrics) -> Reloaded[TlsMaterial]:
    """Return the TLS files' contents, kept up to date.

    Raises:
        FilesInvalid: a file is missing, readable by everybody, damaged or expired, or key and certificate are no pair.
    """
    return Reloaded(
        what="tls", read=lambda: _read(files), parse=lambda contents: _parse(contents, files), metrics=metrics
    )


class Newest:
    """What gRPC calls, on a thread of its own, before every handshake: the configuration when it changed."""

    def __init__(self, material: Reloaded[TlsMaterial]) -> None:
        self._material = material
        self._current = material.value

    def __call__(self) -> grpc.ServerCertificateConfiguration | None:
        """Return the newest usable configuration, None when the server has it already."""
        newest = self._material.value
        if newest is self._current:
            return None
        self._current = newest
        return newest.configuration()


def server_credentials(material: Reloaded[TlsMaterial]) -> grpc.ServerCredentials:
    """Return credentials that demand a client certificate and use the newest usable files for each new connection."""
    return grpc.dynamic_ssl_server_credentials(
        material.value.configuration(),
        Newest(material),  # type: ignore[arg-type]  # the stubs forget that None means "no change"
        require_client_authentication=True,
    )


def _read(files: TlsFiles) -> Contents:
    try:
        if files.key.stat().st_mode & _KEY_FILE_MODE:
            raise FilesInvalid(str(files.key), "a private key that everybody may open")
        return {
            "certificate": files.certificate.read_bytes(),
            "key": files.key.read_bytes(),
            "client_ca": files.client_ca.read_bytes(),
        }
    except OSError as error:
        raise FilesInvalid(str(error.filename), error.strerror or type(error).__name__) from error


def _parse(contents: Mapping[str, bytes], files: TlsFiles) -> TlsMaterial:
    chain = _certificates(contents["certificate"], files.certificate)
    _require_pair(chain[0], contents["key"], files)
    now = datetime.now(UTC)
    for certificate in chain:
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise FilesInvalid(str(files.certificate), "a certificate that is not valid at this time")
    _certificates(contents["client_ca"], files.client_ca)
    try:
        # OpenSSL must like the authorities too, before a handshake depends on them.
        ssl.create_default_context(cadata=contents["client_ca"].decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError) as error:
        raise FilesInvalid(str(files.client_ca), "not usable as authorities") from error
    return TlsMaterial(certificate=contents["certificate"], key=contents["key"], client_ca=contents["client_ca"])


def _certificates(pem: bytes, path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise FilesInvalid(str(path), "no certificate in PEM form, or a damaged one") from error


def _require_pair(certificate: x509.Certificate, pem: bytes, files: TlsFiles) -> None:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise FilesInvalid(str(files.key), "not a private key in PEM form without a passphrase") from error
    ours, theirs = (
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for public in (key.public_key(), certificate.public_key())
    )
    if ours != theirs:
        raise FilesInvalid(str(files.key), f"not the private key of {files.certificate}")
