"""A development CA on this machine, and the three certificates the stack needs.

Every certificate follows RFC 5280 as strict verifiers read it: critical basic constraints and key usage, subject and
authority key identifiers, and names only in the subject alternative name.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from placet_cli.stack.layout import write_file

EDGE_SAN = "placet-edge"
POLICY_SAN = "placet-policy"
CA_LIFETIME = timedelta(days=3650)
# Some TLS clients refuse server certificates that are valid for longer than this.
LEAF_LIFETIME = timedelta(days=397)
# A certificate near its end is issued again at the next start, so that a stack does not expire while it runs.
RENEW_BEFORE = timedelta(days=30)
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """What the stack's processes are given."""

    ca: Path
    edge_server: Pair
    edge_client: Pair
    policy_server: Pair


@dataclass(frozen=True, slots=True)
class _Issuer:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def issue_certificates(folder: Path, *, now: datetime) -> Certificates:
    """Make, or find still good, the CA and everything it issues.

    Args:
        folder: where the files lie; it exists and only its owner can read it.
        now: the present, in UTC.
    """
    issuer = _authority(Pair(folder / "ca.pem", folder / "ca.key"), now=now)
    return Certificates(
        ca=folder / "ca.pem",
        edge_server=_leaf(folder, "edge-server", ["localhost", "127.0.0.1", "::1"], issuer=issuer, now=now),
        edge_client=_leaf(folder, "edge-client", [EDGE_SAN], issuer=issuer, now=now),
        policy_server=_leaf(folder, "policy-server", [POLICY_SAN], issuer=issuer, now=now),
    )


def _authority(pair: Pair, *, now: datetime) -> _Issuer:
    if pair.certificate.is_file() and pair.key.is_file():
        certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        key = serialization.load_pem_private_key(pair.key.read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and now + RENEW_BEFORE < certificate.not_valid_after_utc:
            return _Issuer(certificate, key)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Placet development CA")
    certificate = (
        _builder(name, name, key.public_key(), now=now, lifetime=CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(pair, certificate, key)
    return _Issuer(certificate, key)


def _leaf(folder: Path, name: str, names: Sequence[str], *, issuer: _Issuer, now: datetime) -> Pair:
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    if _still_good(pair, issuer=issuer, now=now):
        return pair
    key = ec.generate_private_key(ec.SECP256R1())
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        _builder(_name(name), issuer.certificate.subject, key.public_key(), now=now, lifetime=LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(text) for text in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    _write(pair, certificate, key)
    return pair


def _still_good(pair: Pair, *, issuer: _Issuer, now: datetime) -> bool:
    if not (pair.certificate.is_file() and pair.key.is_file()):
        return False
    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    identifier = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return identifier == ours and now + RENEW_BEFORE < certificate.not_valid_after_utc


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - CLOCK_SLACK)
        .not_valid_after(now.astimezone(UTC) + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _write(pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    write_file(pair.key, key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    write_file(pair.certificate, certificate.public_bytes(pem), mode=0o644)
