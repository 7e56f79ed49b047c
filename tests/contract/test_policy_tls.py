"""Mutual TLS of the policy tier: only the pinned client comes in, and files are replaced while it runs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import trustme
from certificates import KeyPair, issue, write_tls
from odd_pem import with_unknown_version
from placet.policy.v1 import policy_pb2
from placet.policy.v1.policy_pb2_grpc import PolicyServiceStub
from placet_policy.endpoint import Endpoint
from placet_policy.settings import load_settings
from placet_policy.tier import Tier
from running_policy import environment, lay_out, running_tier

SAN = "placet-edge"
SERVER = "placet-policy"


@dataclass(frozen=True)
class Secured:
    """A tier with TLS, and the authority that both sides trust."""

    tier: Tier
    folder: Path
    authority: trustme.CA

    async def ask(self, client: KeyPair | None, *, authority: trustme.CA | None = None) -> policy_pb2.GetStatusResponse:
        """GetStatus over a new connection."""
        roots = (authority or self.authority).cert_pem.bytes()
        credentials = (
            grpc.ssl_channel_credentials(roots, client.key, client.certificate)
            if client is not None
            else grpc.ssl_channel_credentials(roots)
        )
        # Without a pool of its own a channel would reuse another test's connection.
        options = [("grpc.ssl_target_name_override", SERVER), ("grpc.use_local_subchannel_pool", 1)]
        target = f"127.0.0.1:{self.tier.port}"
        async with grpc.aio.secure_channel(target, credentials, options=options) as channel:
            return await PolicyServiceStub(channel).GetStatus(policy_pb2.GetStatusRequest(), timeout=60)

    async def refusal(self, client: KeyPair | None) -> grpc.StatusCode:
        """The status with which a client is refused."""
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await self.ask(client)
        return refused.value.code()

    @property
    def endpoint(self) -> Endpoint:
        """The gRPC server."""
        return self.tier.endpoint


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Secured]:
    """A tier with TLS on loopback; OPA is not needed to see who gets in."""
    authority = trustme.CA()
    files = write_tls(tmp_path, issue(authority, SERVER), authority)
    changes = {**files, "client_san": SAN, "opa_url": "http://127.0.0.1:9", "reload_seconds": 600}
    settings = load_settings(environment(lay_out(tmp_path), **changes))
    async with running_tier(settings) as tier:
        yield Secured(tier=tier, folder=tmp_path, authority=authority)


async def test_the_pinned_client_comes_in(secured: Secured) -> None:
    """A certificate of our authority with the pinned name is answered."""
    answer = await secured.ask(issue(secured.authority, SAN))
    assert answer.unsigned is True


@pytest.mark.parametrize("name", ["placet-edge.example", "other", "*.placet-edge", "placet-edg"])
async def test_another_name_is_refused(secured: Secured, name: str) -> None:
    """A certificate of our authority with another name is refused by name, not by prefix or pattern."""
    assert await secured.refusal(issue(secured.authority, name)) == grpc.StatusCode.PERMISSION_DENIED


async def test_no_client_certificate_is_refused(secured: Secured) -> None:
    """The handshake fails without a client certificate."""
    assert await secured.refusal(None) == grpc.StatusCode.UNAVAILABLE


async def test_a_strangers_certificate_is_refused(secured: Secured) -> None:
    """The pinned name from another authority is worth nothing."""
    assert await secured.refusal(issue(trustme.CA(), SAN)) == grpc.StatusCode.UNAVAILABLE


async def test_plaintext_is_refused(secured: Secured) -> None:
    """A client without TLS is not answered."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{secured.tier.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await PolicyServiceStub(channel).GetStatus(policy_pb2.GetStatusRequest(), timeout=60)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


def reload(secured: Secured) -> bool:
    """Look at the TLS files now."""
    tls = secured.endpoint._tls
    assert tls is not None
    return tls.reload()


async def test_new_files_serve_new_connections(secured: Secured) -> None:
    """After a reload the server has the new certificate, and trusts the new authority only."""
    client = issue(secured.authority, SAN)
    await secured.ask(client)
    new = trustme.CA()
    write_tls(secured.folder, issue(new, SERVER), new)
    assert reload(secured) is True
    assert (await secured.ask(issue(new, SAN), authority=new)).unsigned is True
    with pytest.raises(grpc.aio.AioRpcError):
        await secured.ask(client, authority=new)


async def test_a_mismatched_pair_keeps_the_old_files(secured: Secured) -> None:
    """A certificate without its key is not taken; new connections are served with the old pair."""
    client = issue(secured.authority, SAN)
    (secured.folder / "tls.pem").write_bytes(issue(secured.authority, SERVER).certificate)
    assert reload(secured) is False
    assert (await secured.ask(client)).unsigned is True


async def test_an_odd_certificate_keeps_the_old_files_and_ends_nothing(secured: Secured) -> None:
    """A certificate of a version that nobody knows is passed over, and the good one that follows is taken."""
    client, path = issue(secured.authority, SAN), secured.folder / "tls.pem"
    path.write_bytes(with_unknown_version(path.read_bytes()))
    assert reload(secured) is False
    assert (await secured.ask(client)).unsigned is True
    write_tls(secured.folder, issue(secured.authority, SERVER), secured.authority)
    assert reload(secured) is True
    assert (await secured.ask(client)).unsigned is True
