"""Files of a running edge change: good ones are taken without a restart, bad ones keep the old and are said once."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import keys
import odd_pem
import pytest
import structlog
import tokens
import trustme
from claimed_port import free_port
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fake_policy import FakePolicy, running
from placet_callback.response import read_response
from placet_callback.token import PublicKey, fingerprint
from placet_edge.server import serve
from running_edge import HOST_NAME, EdgeFiles, RunningEdge, running_edge, status_only, write

if TYPE_CHECKING:
    import ssl

POLICY_NAME = "policy.placet.test"


@pytest.fixture
def files(tmp_path: Path) -> EdgeFiles:
    """The files of one edge."""
    return EdgeFiles(folder=tmp_path)


async def served_certificate(edge: RunningEdge, *, name: str | None = HOST_NAME) -> bytes:
    """The certificate of a new handshake; without a name, the client sends no SNI."""
    context = edge.files.client_context()
    context.check_hostname = name is not None
    _, writer = await asyncio.open_connection(
        "127.0.0.1", edge.port, ssl=context, server_hostname="" if name is None else name
    )
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    certificate = connection.getpeercert(binary_form=True)
    writer.transport.abort()
    assert certificate is not None
    return certificate


def written_certificate(files: EdgeFiles) -> bytes:
    """The first certificate in the file."""
    loaded = x509.load_pem_x509_certificates(files.cert.read_bytes())[0]
    return loaded.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("name", [HOST_NAME, None], ids=["with SNI", "without SNI"])
async def test_a_new_certificate_is_served_without_a_restart(files: EdgeFiles, name: str | None) -> None:
    """New handshakes get the new certificate; a connection that is open goes on."""
    package = tokens.make_request()
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        await edge.client.get(f"{edge.url}/ping")
        before = await served_certificate(edge, name=name)
        files.issue()
        await edge.until_logged("reloaded")
        after = await served_certificate(edge, name=name)
        answer = await edge.send(tokens.make_token(package), package["request_id"])
        assert await edge.metric('placet_edge_reloads_total{result="taken",what="tls"}') >= 1
    assert before != after
    assert after == written_certificate(files)
    assert answer.kind == "approved"


def _foreign_key(files: EdgeFiles) -> None:
    write(files.cert_key, files.authority.issue_cert(HOST_NAME).private_key_pem.bytes(), mode=0o600)


def _open_to_everybody(files: EdgeFiles) -> None:
    files.cert_key.chmod(0o644)


def _expired(files: EdgeFiles) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    issued = files.authority.issue_cert(HOST_NAME, not_before=yesterday - timedelta(days=1), not_after=yesterday)
    write(files.cert_key, issued.private_key_pem.bytes(), mode=0o600)
    write(files.cert, issued.cert_chain_pems[0].bytes())


def _not_a_certificate(files: EdgeFiles) -> None:
    write(files.cert, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def _version_100(files: EdgeFiles) -> None:
    write(files.cert, odd_pem.with_unknown_version(files.cert.read_bytes()))


def _unknown_curve(files: EdgeFiles) -> None:
    write(files.cert, odd_pem.with_unknown_curve(files.cert.read_bytes()))


def _gone(files: EdgeFiles) -> None:
    files.cert.unlink()


def _encrypted(files: EdgeFiles) -> None:
    loaded = serialization.load_pem_private_key(files.cert_key.read_bytes(), password=None)
    pem = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    write(files.cert_key, pem, mode=0o600)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_foreign_key, "tls.key: is not the unencrypted private key of"),
        (_open_to_everybody, "tls.key: is open to everybody (mode 0644)"),
        (_expired, "tls.crt: expired at"),
        (_not_a_certificate, "tls.crt: holds no PEM certificate"),
        (_version_100, "tls.crt: holds a certificate that cannot be used: InvalidVersion"),
        (_unknown_curve, "tls.crt: holds a certificate that cannot be used: UnsupportedAlgorithm"),
        (_gone, "tls.crt: cannot be read: No such file or directory"),
        (_encrypted, "tls.key: is not the unencrypted private key of"),
    ],
)
async def test_a_bad_tls_pair_keeps_the_old_one(
    files: EdgeFiles, spoil: Callable[[EdgeFiles], None], reason: str
) -> None:
    """Handshakes go on with the old pair, one ERROR names the file, and a later good pair is taken."""
    async with running_edge(files, "127.0.0.1:1") as edge:
        before = await served_certificate(edge)
        spoil(files)
        (alert, *_rest) = await edge.until_logged("alert")
        await asyncio.sleep(0.3)
        assert [await served_certificate(edge) for _ in range(3)] == [before] * 3
        assert (alert["alert"], alert["what"], alert["log_level"]) == ("reload_refused", "tls", "error")
        assert reason in alert["reason"]
        assert len(edge.logged("alert")) == await edge.metric('placet_edge_reloads_total{result="refused",what="tls"}')
        files.issue()
        await edge.until_logged("reloaded")
        assert await served_certificate(edge) == written_certificate(files)


async def test_a_folder_that_cannot_be_listed_is_refused_and_the_rest_is_watched_on(
    files: EdgeFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nodes that cannot be listed any more keep the old ones with an alert, and a certificate is still replaced."""

    def refuse(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(path))

    async with running_edge(files, "127.0.0.1:1") as edge:
        monkeypatch.setattr(Path, "iterdir", refuse)
        (alert,) = await edge.until_logged("alert")
        files.issue()
        (reloaded, *_rest) = await edge.until_logged("reloaded")
        monkeypatch.undo()
    assert alert["reason"] == f"{files.nodes_dir}: cannot be read: Permission denied"
    assert (alert["what"], reloaded["what"]) == ("node_keys", "tls")


async def test_a_dead_watcher_ends_the_edge(files: EdgeFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edge that looks at no file any more would miss a revoked key in silence, so it does not go on."""

    async def broken(_watched: object, *, seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise RuntimeError("broken")

    monkeypatch.setattr("placet_edge.server.watch", broken)
    settings = files.settings("127.0.0.1:1")
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(60):
            await serve(settings, log=structlog.get_logger(), stop=asyncio.Event(), ready=lambda _port, _internal: None)
    assert caught.group_contains(RuntimeError, match="broken")


async def test_one_bad_state_is_said_once(files: EdgeFiles) -> None:
    """However often the files are looked at, one bad state is one ERROR line and one count."""
    async with running_edge(files, "127.0.0.1:1") as edge:
        files.cert_key.chmod(0o644)
        await edge.until_logged("alert")
        await asyncio.sleep(0.5)
        assert len(edge.logged("alert")) == 1
        assert await edge.metric('placet_edge_reloads_total{result="refused",what="tls"}') == 1
        assert await edge.metric('placet_edge_alerts_total{alert="reload_refused"}') == 1


def new_server_key() -> tuple[bytes, PublicKey]:
    """Another server key as PKCS#8, and its public half."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, PublicKey(key_id=fingerprint(private), rsa=private.public_key())


async def test_a_new_server_key_signs_without_a_restart(files: EdgeFiles) -> None:
    """Answers are signed by the new key, the standing ones too, though their copies are still young."""
    pem, public = new_server_key()
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        assert status_only(await edge.post("garbage")) == {"status": 20}
        write(files.server_key, pem, mode=0o600)
        await edge.until_logged("reloaded")
        standing = await edge.post("garbage")
        package = tokens.make_request()
        approval = await edge.post(tokens.make_token(package))
    read = [
        read_response(response.content, server_key=public, request_id=request_id, now=1.0)
        for response, request_id in ((standing, None), (approval, package["request_id"]))
    ]
    assert [answer.kind for answer in read] == ["error", "approved"]
    assert [line["key_ids"] for line in edge.logged("reloaded")] == [[public.key_id]]


@pytest.mark.parametrize("content", [b"", b"no key", keys.server_public_pem()])
async def test_a_bad_server_key_keeps_the_old_one(files: EdgeFiles, content: bytes) -> None:
    """An empty file, garbage or a public key instead of a private one: the old key signs on."""
    package = tokens.make_request()
    async with running(FakePolicy()) as target, running_edge(files, target) as edge:
        write(files.server_key, content, mode=0o600)
        (alert, *_rest) = await edge.until_logged("alert")
        answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert (alert["what"], answer.kind) == ("server_key", "approved")
    assert "server.key" in alert["reason"]


async def test_node_keys_come_and_go_without_a_restart(files: EdgeFiles) -> None:
    """A node's file that appears is a node; one that disappears is none; an empty folder keeps the last nodes."""
    other = keys.stranger_private()
    pem = other.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    token = tokens.make_token(b"not JSON", key=other)
    async with running_edge(files, "127.0.0.1:1") as edge:
        unknown = status_only(await edge.post(token))
        (files.nodes_dir / "node-2.pem").write_bytes(pem)
        await edge.until_logged("reloaded", count=1)
        known = status_only(await edge.post(token))
        (files.nodes_dir / "node-1.pem").unlink()
        await edge.until_logged("reloaded", count=2)
        gone = status_only(await edge.post(tokens.make_token(b"not JSON")))
        (files.nodes_dir / "node-2.pem").unlink()
        await edge.until_logged("alert")
        kept = status_only(await edge.post(token))
    ids = [keys.checker_public().key_id, keys.stranger_public().key_id]
    assert [line["key_ids"] for line in edge.logged("reloaded")] == [ids, ids[1:]]
    assert (unknown, known, gone, kept) == ({"status": 20}, {"status": 10}, {"status": 20}, {"status": 10})


async def test_a_swapped_symbolic_link_is_noticed(files: EdgeFiles, tmp_path: Path) -> None:
    """Kubernetes swaps `..data`; the files' own names stay links to the same path."""
    pem, public = new_server_key()
    for version, content in (("v1", keys.server_private_pem()), ("v2", pem)):
        (tmp_path / f"..{version}").mkdir()
        write(tmp_path / f"..{version}" / "mounted.key", content, mode=0o600)
    (tmp_path / "..data").symlink_to("..v1")
    (tmp_path / "mounted.key").symlink_to("..data/mounted.key")
    mounted = {"server_key_file": tmp_path / "mounted.key"}
    async with running_edge(files, "127.0.0.1:1", **mounted) as edge:
        assert status_only(await edge.post("garbage")) == {"status": 20}
        (tmp_path / "..tmp").symlink_to("..v2")
        (tmp_path / "..tmp").replace(tmp_path / "..data")
        await edge.until_logged("reloaded")
        response = await edge.post("garbage")
    assert read_response(response.content, server_key=public, request_id=None, now=1.0).kind == "error"


class PolicyPki:
    """The authority between the tiers, and the files that it gave the edge."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = folder / "policy-ca.crt"
        self.cert_file = folder / "edge-client.crt"
        self.key_file = folder / "edge-client.key"
        write(self.ca_file, self.authority.cert_pem.bytes())
        self.issue_edge("edge.placet.test")

    def issue_edge(self, name: str) -> None:
        """Write a fresh client pair."""
        issued = self.authority.issue_cert(name)
        write(self.key_file, issued.private_key_pem.bytes(), mode=0o600)
        write(self.cert_file, issued.cert_chain_pems[0].bytes())

    def server(self, name: str, *, authority: trustme.CA | None = None) -> grpc.ServerCredentials:
        """Credentials of a policy tier with this name, which wants clients of this authority."""
        issued = (authority or self.authority).issue_cert(name)
        pair = (issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes())
        return grpc.ssl_server_credentials([pair], self.authority.cert_pem.bytes(), require_client_auth=True)

    def settings(self) -> dict[str, Any]:
        """What the edge needs for mTLS."""
        return {
            "policy_ca_file": self.ca_file,
            "policy_cert_file": self.cert_file,
            "policy_key_file": self.key_file,
            "policy_san": POLICY_NAME,
        }


async def test_the_policy_tier_is_asked_over_mtls(files: EdgeFiles, tmp_path: Path) -> None:
    """Both sides show a certificate of the authority, and the tier's carries the pinned name."""
    pki, package = PolicyPki(tmp_path), tokens.make_request()
    async with (
        running(FakePolicy(), credentials=pki.server(POLICY_NAME)) as target,
        running_edge(files, target, **pki.settings()) as edge,
    ):
        answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert answer.kind == "approved"


@pytest.mark.parametrize("wrong", ["name", "authority"])
async def test_another_policy_tier_is_not_believed(files: EdgeFiles, tmp_path: Path, wrong: str) -> None:
    """A certificate for another name, or by another authority, is no policy tier."""
    pki, policy = PolicyPki(tmp_path), FakePolicy()
    credentials = (
        pki.server("other.placet.test") if wrong == "name" else pki.server(POLICY_NAME, authority=trustme.CA())
    )
    async with (
        running(policy, credentials=credentials) as target,
        running_edge(files, target, **pki.settings()) as edge,
    ):
        ready = await edge.internal("/readyz")
    assert ready.json() == {"ready": False, "reasons": ["policy_unavailable"]}
    assert policy.statuses == 0


async def test_new_files_make_a_new_channel(files: EdgeFiles, tmp_path: Path) -> None:
    """The authority between the tiers is replaced: the edge connects with the new files, without a restart."""
    port = free_port()
    (tmp_path / "new").mkdir()
    pki, new, policy = PolicyPki(tmp_path), PolicyPki(tmp_path / "new"), FakePolicy()
    first, second = tokens.make_request(), tokens.make_request()
    async with running_edge(files, f"127.0.0.1:{port}", **pki.settings()) as edge:
        async with running(policy, port=port, credentials=pki.server(POLICY_NAME)):
            before = await edge.send(tokens.make_token(first), first["request_id"])
        for path in (pki.ca_file, pki.cert_file, pki.key_file):
            (tmp_path / "new" / path.name).replace(path)
        await edge.until_logged("reloaded")
        async with running(policy, port=port, credentials=new.server(POLICY_NAME)):
            after = await edge.send(tokens.make_token(second), second["request_id"])
    assert (before.kind, after.kind) == ("approved", "approved")


async def test_bad_client_files_keep_the_channel(files: EdgeFiles, tmp_path: Path) -> None:
    """A client key that does not fit its certificate is refused, and the channel that works is kept."""
    pki, package = PolicyPki(tmp_path), tokens.make_request()
    async with (
        running(FakePolicy(), credentials=pki.server(POLICY_NAME)) as target,
        running_edge(files, target, **pki.settings()) as edge,
    ):
        write(pki.key_file, pki.authority.issue_cert("other").private_key_pem.bytes(), mode=0o600)
        (alert, *_rest) = await edge.until_logged("alert")
        answer = await edge.send(tokens.make_token(package), package["request_id"])
    assert (alert["what"], answer.kind) == ("policy_channel", "approved")
