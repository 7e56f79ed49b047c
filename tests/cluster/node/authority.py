"""The cluster's certificates: two authorities, and a pair for each party. What is there already is kept."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = dt.timedelta(days=3650)
_BOTH_ENDS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who gets a certificate.

    Attributes:
        file: the name of its files, without suffix.
        user: the common name, which Kubernetes takes for the user's name.
        group: the organization, which Kubernetes takes for a group.
        names: DNS names and addresses under which it serves.
    """

    file: str
    user: str
    group: str = ""
    names: Sequence[str] = ()


class Authority:
    """An authority whose key and certificate are in a folder; made there when missing."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the authority, or make it."""
        self._folder = folder
        self._subject = _subject(name, "")
        self._key = _key(folder / f"{name}.key")
        self.certificate = folder / f"{name}.crt"
        if not self.certificate.exists():
            usage = _key_usage(signs_certificates=True)
            self._write(
                self.certificate, self._subject, self._key, [x509.BasicConstraints(ca=True, path_length=0), usage]
            )

    def issue(self, party: Party) -> None:
        """Write ``<file>.crt`` and ``<file>.key`` for a party, unless they are there."""
        certificate = self._folder / f"{party.file}.crt"
        key = _key(self._folder / f"{party.file}.key")
        if certificate.exists():
            return
        extensions: list[x509.ExtensionType] = [_key_usage(signs_certificates=False), _BOTH_ENDS]
        if party.names:
            extensions.append(x509.SubjectAlternativeName([_general_name(name) for name in party.names]))
        self._write(certificate, _subject(party.user, party.group), key, extensions)

    def _write(
        self, path: Path, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extensions: Sequence[x509.ExtensionType]
    ) -> None:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self._subject, public_key=key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=1))
            .not_valid_after(now + _LIFE)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def write_token_key(folder: Path) -> None:
    """Write ``sa.key`` and ``sa.pub``, with which service account tokens are signed and checked, unless there."""
    private, public = folder / "sa.key", folder / "sa.pub"
    if public.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    _write_key(private, key)
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        _write_key(path, ec.generate_private_key(ec.SECP256R1()))
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds another kind of key")
    return key


def _write_key(path: Path, key: PrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _subject(user: str, group: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
