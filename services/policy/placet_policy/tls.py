"""Mutual TLS of the gRPC server: the files are checked before they serve, and taken anew when they change."""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import grpc
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from placet_policy.reload import Contents, FilesInvalid, Reloaded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from placet_policy.metrics import Metrics

_KEY_FILE_MODE = stat.S_IRWXO
_NO_CERTIFICATE = "no certificate in PEM form, or a damaged one"
# What cryptography raises for contents that it cannot use. The two of its own are no ValueErrors: a version or an
# algorithm that it does not know must end a reload with the old files in use, and not with the service.
_UNUSABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


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
    if _public_key(contents["key"], files.key) != _certified_key(contents["certificate"], files.certificate):
        raise FilesInvalid(str(files.key), f"not the private key of {files.certificate}")
    _check_authorities(contents["client_ca"], files.client_ca)
    return TlsMaterial(certificate=contents["certificate"], key=contents["key"], client_ca=contents["client_ca"])


def _certified_key(pem: bytes, path: Path) -> bytes:
    """Return the public key of the server's own certificate, the first one, after checking the chain's validity."""
    now = datetime.now(UTC)
    try:
        chain = x509.load_pem_x509_certificates(pem)
        key = _encoded(chain[0].public_key())
        valid = all(each.not_valid_before_utc <= now <= each.not_valid_after_utc for each in chain)
    except _UNUSABLE as error:
        raise FilesInvalid(str(path), _NO_CERTIFICATE) from error
    if not valid:
        raise FilesInvalid(str(path), "a certificate that is not valid at this time")
    return key


def _public_key(pem: bytes, path: Path) -> bytes:
    try:
        return _encoded(load_pem_private_key(pem, password=None).public_key())
    except _UNUSABLE as error:
        raise FilesInvalid(str(path), "not a private key in PEM form without a passphrase") from error


def _check_authorities(pem: bytes, path: Path) -> None:
    try:
        x509.load_pem_x509_certificates(pem)
    except _UNUSABLE as error:
        raise FilesInvalid(str(path), _NO_CERTIFICATE) from error
    try:
        # OpenSSL must like the authorities too, before a handshake depends on them.
        ssl.create_default_context(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise FilesInvalid(str(path), "not usable as authorities") from error


def _encoded(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
