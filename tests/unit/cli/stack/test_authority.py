"""The development CA and its certificates."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from placet_cli.stack.authority import issue_certificates

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def names_in(certificate: Path) -> list[str]:
    """The subject alternative names, as text."""
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def test_each_certificate_names_whom_it_is_for(tmp_path: Path) -> None:
    """The edge's server certificate is for this machine; the two others carry the names that are pinned."""
    issued = issue_certificates(tmp_path, now=NOW)

    assert names_in(issued.edge_server.certificate) == ["localhost", "127.0.0.1", "::1"]
    assert names_in(issued.edge_client.certificate) == ["placet-edge"]
    assert names_in(issued.policy_server.certificate) == ["placet-policy"]


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """Every key file has mode 0600."""
    issue_certificates(tmp_path, now=NOW)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.key")}
    assert modes == {"ca.key": 0o600, "edge-client.key": 0o600, "edge-server.key": 0o600, "policy-server.key": 0o600}


def test_certificates_that_are_still_good_are_kept(tmp_path: Path) -> None:
    """A second start the next day finds the same certificates."""
    issue_certificates(tmp_path, now=NOW)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    issue_certificates(tmp_path, now=NOW + timedelta(days=1))

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_certificate_near_its_end_is_issued_again_by_the_same_ca(tmp_path: Path) -> None:
    """A year later the leaves are new and the CA, which nodes trust, is the old one."""
    first = issue_certificates(tmp_path, now=NOW)
    ca, leaf = first.ca.read_bytes(), first.edge_server.certificate.read_bytes()

    again = issue_certificates(tmp_path, now=NOW + timedelta(days=380))

    assert again.ca.read_bytes() == ca
    assert again.edge_server.certificate.read_bytes() != leaf


def test_a_new_ca_issues_everything_again(tmp_path: Path) -> None:
    """Without its key the CA is made anew, and no certificate of the old one stays."""
    first = issue_certificates(tmp_path, now=NOW)
    leaf = first.policy_server.certificate.read_bytes()
    (tmp_path / "ca.key").unlink()

    again = issue_certificates(tmp_path, now=NOW)

    assert again.policy_server.certificate.read_bytes() != leaf


@pytest.mark.parametrize("strict", [ssl.VERIFY_DEFAULT, ssl.VERIFY_X509_STRICT])
def test_a_strict_verifier_accepts_the_chain(tmp_path: Path, strict: ssl.VerifyFlags) -> None:
    """A TLS handshake in memory succeeds, with OpenSSL's strict RFC 5280 checks too."""
    issued = issue_certificates(tmp_path, now=datetime.now(UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(issued.edge_server.certificate, issued.edge_server.key)
    client = ssl.create_default_context(cafile=str(issued.ca))
    client.verify_flags |= strict

    assert handshake(client, server) == "TLSv1.3"


def handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> str | None:
    """Let both sides talk through memory; return the TLS version they agree on."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    there = server.wrap_bio(to_server, to_client, server_side=True)
    pending = {here, there}
    for side in [here, there] * 4:
        try:
            if side in pending:
                side.do_handshake()
                pending.discard(side)
        except ssl.SSLWantReadError:
            continue
    assert not pending
    return here.version()
