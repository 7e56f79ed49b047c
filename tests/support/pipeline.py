"""Everything behind the gRPC server with nothing in place of anything: gate, real OPA, policies, SQLite."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import keys
import tokens
from opa_binary import opa_binary
from opa_process import OpaProcess, running_opa
from placet_callback.token import Node
from placet_cli.policy.build import build_bundle
from placet_cli.samples import Sample
from placet_policy.decision import Decision
from placet_policy.errors import BundleRefused, Indeterminate
from placet_policy.evaluate import Evaluator
from placet_policy.gate import BUNDLE_FILE, ActiveBundle, Gate
from placet_policy.ledger.location import Location, SqliteLocation
from placet_policy.ledger.opening import open_ledger
from placet_policy.opa import Opa
from placet_policy.stop import StopSwitch
from placet_policy.tier import LedgerKeeper

POLICIES = Path(__file__).parents[2] / "policies"
NODE = Node(name="node-a", keys=(keys.checker_public(),))
# Nothing here is about an OPA that is slow, and on a busy machine it is.
_OPA_SECONDS = 60


class Quiet:
    """Nobody is told."""

    def bundle_activated(self, bundle: ActiveBundle) -> None:
        """Not of interest here."""

    def bundle_not_kept(self, bundle: ActiveBundle, error: Indeterminate) -> None:
        """Nobody looks."""

    def bundle_refused(self, error: BundleRefused) -> None:
        """A refusal here is a failure of the test."""
        raise error


@dataclass
class Pipeline:
    """An evaluator with everything real behind it."""

    evaluator: Evaluator
    gate: Gate
    opa: Opa
    process: OpaProcess
    folder: Path

    async def send(self, sample: Sample, request_id: str | None = None) -> Decision:
        """Evaluate a sample in a fresh token."""
        package, _ = sample.package(request_id)
        return await self.send_package(package)

    async def send_package(self, package: bytes) -> Decision:
        """Evaluate an envelope in a fresh token."""
        return await self.evaluator.evaluate(token=tokens.make_token(package), received_at=time.time())


@asynccontextmanager
async def running_pipeline(
    work: Path, *, policies: Path = POLICIES, location: Location | None = None
) -> AsyncIterator[Pipeline]:
    """A policy folder with its demonstration data, taken by OPA.

    Args:
        work: An empty folder for the bundle, OPA and the ledger.
        policies: Laid out like `policies/`.
        location: Of the ledger; None for a file in the folder.
    """
    folder = work / "policies"
    folder.mkdir()
    deliver(folder, demo=True, policies=policies)
    ledger = await open_ledger(location or SqliteLocation(path=work / "ledger.sqlite"))
    async with (
        Gate(
            folder=folder,
            port=0,
            accept_unsigned=True,
            reload_seconds=0.02,
            observer=Quiet(),
            keeper=LedgerKeeper(ledger=ledger),
        ) as gate,
        running_opa(work / "opa", gate_port=gate.port) as process,
        Opa(url=process.url, timeout_seconds=_OPA_SECONDS, observe=lambda _seconds: None) as opa,
    ):
        async with asyncio.timeout(120):
            while not await opa.bundle_is_active():  # noqa: ASYNC110 - another process, so there is no event
                await asyncio.sleep(0.02)
        evaluator = Evaluator(
            nodes=lambda: (NODE,),
            opa=opa,
            gate=gate,
            ledger=ledger,
            stop=StopSwitch(path=None),
            clock=time.time,
            new_id=lambda: str(uuid.uuid4()),
        )
        yield Pipeline(evaluator=evaluator, gate=gate, opa=opa, process=process, folder=folder)
    await ledger.close()


def deliver(folder: Path, *, demo: bool, policies: Path = POLICIES) -> None:
    """Build the policies and put them there in one step."""
    built = build_bundle(policies, opa=opa_binary(), demo=demo)
    (folder / "new").write_bytes(built.data)
    (folder / "new").rename(folder / BUNDLE_FILE)
