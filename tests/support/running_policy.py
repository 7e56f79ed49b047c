"""The real policy tier in this process, beside a real OPA, on free loopback ports."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bundles
import keys
from claimed_port import free_port
from opa_process import OpaProcess, running_opa
from placet_policy.settings import Settings, load_settings
from placet_policy.status import StatusReport
from placet_policy.tier import Tier, open_tier


@dataclass(frozen=True)
class RunningPolicy:
    """A running tier.

    Attributes:
        target: of its gRPC server.
        internal: URL of its internal port.
        tier: its parts.
        folder: `nodes/`, `bundle/`, `ledger.sqlite` and `stop` are in here.
        opa: the OPA beside it.
    """

    target: str
    internal: str
    tier: Tier
    folder: Path
    opa: OpaProcess

    async def until(self, *, ready: bool) -> StatusReport:
        """Wait until the tier is ready, or is not."""
        async with asyncio.timeout(120):
            # Readiness is something to ask for, not something that is announced.
            while (report := await self.tier.status.report()).ready != ready:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return report


def environment(folder: Path, **changes: Any) -> dict[str, str]:
    """Settings for a tier on loopback whose files are in `folder`; None leaves a setting out."""
    usual = {
        "host": "127.0.0.1",
        "port": 0,
        "internal_host": "127.0.0.1",
        "internal_port": 0,
        "gate_port": 0,
        "nodes_dir": folder / "nodes",
        "bundle_dir": folder / "bundle",
        "unsigned": "accept",
        "ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}",
        "stop_file": folder / "stop",
        "reload_seconds": 0.1,
        "unready_seconds": 0.1,
        # Tests are about what is answered; on a busy machine that takes its time.
        "opa_timeout_seconds": 30,
        "evaluation_seconds": 50,
    }
    chosen = {name: value for name, value in {**usual, **changes}.items() if value is not None}
    return {f"PLACET_POLICY_{name.upper()}": str(value) for name, value in chosen.items()}


def lay_out(folder: Path, *, bundle: bytes | None = None) -> Path:
    """Make the folders: node `node-a` with the published key, and a bundle that allows everything."""
    for name in ("nodes", "bundle"):
        (folder / name).mkdir(parents=True)
    (folder / "nodes" / "node-a.pem").write_bytes(keys.checker_public_pem())
    (folder / "bundle" / "bundle.tar.gz").write_bytes(bundles.bundle(data={"open": True}) if bundle is None else bundle)
    return folder


@contextlib.asynccontextmanager
async def running_tier(settings: Settings) -> AsyncIterator[Tier]:
    """A tier with its watchers; it need not be ready."""
    async with contextlib.AsyncExitStack() as stack:
        tier = await open_tier(settings, stack)
        watching = [asyncio.create_task(watcher) for watcher in tier.watchers]
        try:
            yield tier
        finally:
            for task in watching:
                task.cancel()
            await asyncio.wait(watching)


@contextlib.asynccontextmanager
async def running_policy(folder: Path, **changes: Any) -> AsyncIterator[RunningPolicy]:
    """A tier and its OPA; the value is ready to decide."""
    lay_out(folder)
    gate_port = free_port()
    async with running_opa(folder, gate_port=gate_port) as opa:
        settings = load_settings(environment(folder, gate_port=gate_port, opa_url=opa.url, **changes))
        async with running_tier(settings) as tier:
            running = RunningPolicy(
                target=f"127.0.0.1:{tier.port}",
                internal=f"http://127.0.0.1:{tier.internal_port}",
                tier=tier,
                folder=folder,
                opa=opa,
            )
            await running.until(ready=True)
            yield running
