"""TLS files: what is wrong with them is said before a handshake depends on them."""

import datetime as dt
from pathlib import Path

import pytest
import trustme
from certificates import KeyPair, issue, write_tls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_pem import change_one_byte, with_unknown_curve, with_unknown_version
from placet_policy.metrics import Metrics
from placet_policy.reload import FilesInvalid
from placet_policy.tls import Newest, TlsFiles, tls_material
from structlog.testing import capture_logs

AUTHORITY = trustme.CA()
PAIR = issue(AUTHORITY, "placet-policy")


@pytest.fixture
def files(tmp_path: Path) -> TlsFiles:
    """Good files."""
    written = write_tls(tmp_path, PAIR, AUTHORITY)
    return TlsFiles(
        certificate=written["tls_cert_file"], key=written["tls_key_file"], client_ca=written["client_ca_file"]
    )


def refusal(files: TlsFiles) -> tuple[str, str]:
    """Name of the file that stops the start, and why."""
    with pytest.raises(FilesInvalid) as refused:
        tls_material(files, metrics=Metrics())
    return Path(refused.value.path).name, refused.value.reason


def test_good_files_are_taken(files: TlsFiles) -> None:
    """The material is the files' content."""
    assert tls_material(files, metrics=Metrics()).value.certificate == PAIR.certificate


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644, 0o777])
def test_a_key_that_everybody_may_open_stops_the_start(files: TlsFiles, mode: int) -> None:
    """Owner and group may read the key, nobody else."""
    files.key.chmod(mode)
    assert refusal(files) == ("tls.key", "a private key that everybody may open")


def test_a_key_that_the_group_may_read_is_fine(files: TlsFiles) -> None:
    """Kubernetes gives mounted secrets to a group."""
    files.key.chmod(0o640)
    assert tls_material(files, metrics=Metrics()).value.key == PAIR.key


def test_a_mismatched_pair_stops_the_start(files: TlsFiles) -> None:
    """The key must be the certificate's."""
    files.key.write_bytes(issue(AUTHORITY, "placet-policy").key)
    name, reason = refusal(files)
    assert (name, reason.startswith("not the private key of ")) == ("tls.key", True)


@pytest.mark.parametrize("content", [b"", b"garbage", PAIR.key])
def test_no_certificate_stops_the_start(files: TlsFiles, content: bytes) -> None:
    """The certificate file must hold certificates."""
    files.certificate.write_bytes(content)
    assert refusal(files) == ("tls.pem", "no certificate in PEM form, or a damaged one")


@pytest.mark.parametrize("content", [b"", b"garbage", PAIR.certificate])
def test_no_key_stops_the_start(files: TlsFiles, content: bytes) -> None:
    """The key file must hold a private key."""
    files.key.write_bytes(content)
    assert refusal(files) == ("tls.key", "not a private key in PEM form without a passphrase")


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_no_authority_stops_the_start(files: TlsFiles, content: bytes) -> None:
    """Empty means no: without authorities nobody is a client."""
    files.client_ca.write_bytes(content)
    assert refusal(files) == ("client-ca.pem", "no certificate in PEM form, or a damaged one")


def test_an_expired_certificate_stops_the_start(files: TlsFiles) -> None:
    """A certificate that is over is refused before a client does it."""
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    made = AUTHORITY.issue_cert("placet-policy", not_after=past)
    expired = KeyPair(certificate=made.cert_chain_pems[0].bytes(), key=made.private_key_pem.bytes())
    files.certificate.write_bytes(expired.certificate)
    files.key.write_bytes(expired.key)
    assert refusal(files) == ("tls.pem", "a certificate that is not valid at this time")


@pytest.mark.parametrize("name", ["certificate", "key", "client_ca"])
def test_a_missing_file_is_named(files: TlsFiles, name: str) -> None:
    """A file that is not there stops the start."""
    missing: Path = getattr(files, name)
    missing.unlink()
    assert refusal(files) == (missing.name, "No such file or directory")


def test_authorities_that_openssl_cannot_read_stop_the_start(files: TlsFiles) -> None:
    """What one library takes and the handshake's does not is no authority."""
    files.client_ca.write_bytes(b"\xff\n" + AUTHORITY.cert_pem.bytes())
    assert refusal(files) == ("client-ca.pem", "not usable as authorities")


NO_CERTIFICATE = "no certificate in PEM form, or a damaged one"
ODD = pytest.mark.parametrize(
    ("file", "content", "name", "reason"),
    [
        ("certificate", with_unknown_version(PAIR.certificate), "tls.pem", NO_CERTIFICATE),
        ("certificate", with_unknown_curve(PAIR.certificate), "tls.pem", NO_CERTIFICATE),
        ("key", with_unknown_curve(PAIR.key), "tls.key", "not a private key in PEM form without a passphrase"),
        ("client_ca", with_unknown_version(AUTHORITY.cert_pem.bytes()), "client-ca.pem", NO_CERTIFICATE),
    ],
    ids=["version", "curve of the certificate", "curve of the key", "version of the authority"],
)


@ODD
def test_odd_contents_stop_the_start_by_name(
    files: TlsFiles, file: str, content: bytes, name: str, reason: str
) -> None:
    """A version or a curve that the library does not know is the file's fault, whatever the library raises for it."""
    getattr(files, file).write_bytes(content)
    assert refusal(files) == (name, reason)


@ODD
def test_odd_contents_keep_the_old_files_and_alert(
    files: TlsFiles, file: str, content: bytes, name: str, reason: str
) -> None:
    """While the service runs, the same contents are refused, named and counted, and what served goes on serving."""
    metrics = Metrics()
    material = tls_material(files, metrics=metrics)
    getattr(files, file).write_bytes(content)
    with capture_logs() as logs:
        assert material.reload() is False
    assert [(line["log_level"], Path(line["path"]).name, line["reason"]) for line in logs] == [("error", name, reason)]
    assert (material.value.certificate, material.value.key) == (PAIR.certificate, PAIR.key)
    assert metrics.registry.get_sample_value("placet_policy_reload_failures_total", {"what": "tls"}) == 1


# Some changed bytes make certificates that the library takes and warns about; a running service goes on with them.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(name=st.sampled_from(["certificate", "key", "client_ca"]), data=st.data())
def test_damaged_files_are_refused_and_never_break_the_reload(files: TlsFiles, name: str, data: st.DataObject) -> None:
    """One changed byte inside the DER is taken or refused; no other error reaches the watcher, which would end with it.

    The file is restored at the end, because hypothesis uses the fixture's files for every example.
    """
    material = tls_material(files, metrics=Metrics())
    path: Path = getattr(files, name)
    good = path.read_bytes()
    try:
        path.write_bytes(change_one_byte(good, data.draw(st.integers(0, 4095)), data.draw(st.integers(1, 255))))
        material.reload()
    finally:
        path.write_bytes(good)


def test_the_handshake_gets_a_configuration_when_it_changed(files: TlsFiles) -> None:
    """None means "no change" to gRPC; a changed file is handed over once."""
    material = tls_material(files, metrics=Metrics())
    newest = Newest(material)
    assert newest() is None
    files.client_ca.write_bytes(trustme.CA().cert_pem.bytes())
    assert material.reload() is True
    assert [newest() is None, newest() is None] == [False, True]
