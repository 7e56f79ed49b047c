"""Everything behind the gRPC server with nothing in place of anything: gate, real OPA, shipped rules, SQLite."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import keys
import pytest
import tokens
from opa_binary import opa_binary
from opa_process import OpaProcess, running_opa
from placet_callback.token import Node
from placet_cli.policy_build import build_bundle
from placet_cli.samples import Sample, samples
from placet_policy.decision import Decision, Effect
from placet_policy.errors import BundleRefused, EnvelopeRefused, Indeterminate, OpaUnavailable
from placet_policy.evaluate import Evaluator
from placet_policy.gate import BUNDLE_FILE, ActiveBundle, Gate
from placet_policy.ledger.sqlite import SqliteLedger
from placet_policy.opa import Opa
from placet_policy.stop import StopSwitch

POLICIES = Path(__file__).parents[2] / "policies"
NODE = Node(name="node-a", keys=(keys.checker_public(),))


class Quiet:
    """Nobody is told."""

    def bundle_activated(self, bundle: ActiveBundle) -> None:
        """Not of interest here."""

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
        return await self.evaluator.evaluate(token=tokens.make_token(package), received_at=time.time())


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """The demonstration policies, taken by OPA."""
    folder = tmp_path / "policies"
    folder.mkdir()
    deliver(folder, demo=True)
    ledger = SqliteLedger.open(tmp_path / "ledger.sqlite", on_commit=lambda _size, _seconds: None)
    async with (
        Gate(folder=folder, port=0, accept_unsigned=True, reload_seconds=0.02, observer=Quiet()) as gate,
        running_opa(tmp_path / "opa", gate_port=gate.port) as process,
        Opa(url=process.url, timeout_seconds=2, observe=lambda _seconds: None) as opa,
    ):
        async with asyncio.timeout(20):
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


def deliver(folder: Path, *, demo: bool) -> None:
    """Build the policies and put them there in one step."""
    built = build_bundle(POLICIES, opa=opa_binary(), demo=demo)
    (folder / "new").write_bytes(built.data)
    (folder / "new").rename(folder / BUNDLE_FILE)


async def test_every_sample_is_decided_as_expected(pipeline: Pipeline) -> None:
    """Effect and reason codes of each sample are those of expected.yaml, and a Ping is not evaluated."""
    got: dict[str, tuple[str, list[str]]] = {}
    for sample in samples():
        try:
            decision = await pipeline.send(sample)
        except EnvelopeRefused as refused:
            got[sample.id] = ("PING", [] if refused.code == "PING_NOT_EVALUATED" else [refused.code])
            continue
        got[sample.id] = (decision.effect.value, sorted({reason.code for reason in decision.reasons}))

    assert got == {each.id: (each.expected.effect, sorted(each.expected.codes)) for each in samples()}


async def test_the_shipped_policies_allow_nothing(pipeline: Pipeline) -> None:
    """With the demonstration data gone, nothing that was allowed is; and the change needs no restart."""
    allowed = [each for each in samples() if each.expected.effect == "ALLOW"]
    before = pipeline.gate.active()
    deliver(pipeline.folder, demo=False)
    async with asyncio.timeout(20):
        while pipeline.gate.active() is before:  # noqa: ASYNC110 - the gate tells its observer, not this test
            await asyncio.sleep(0.01)
    effects = {each.id: (await pipeline.send(each)).effect for each in allowed}

    assert effects == {each.id: Effect.HOLD for each in allowed}
    assert len(allowed) == 10


async def test_a_killed_opa_decides_nothing(pipeline: Pipeline) -> None:
    """From one request to the next there is no decision any more, and no pretended one."""
    sample = next(each for each in samples() if each.id == "keygen_ed25519")
    before = await pipeline.send(sample)
    pipeline.process.process.kill()
    await pipeline.process.process.wait()
    with pytest.raises(OpaUnavailable):
        await pipeline.send(sample)

    assert before.effect == Effect.ALLOW


async def test_concurrent_requests_each_have_their_own_decision(pipeline: Pipeline) -> None:
    """Twenty at once: twenty positions in the ledger, twenty ids, no mix-up of effects."""
    pair = [each for each in samples() if each.id in {"keygen_ed25519", "a10_fee_drain"}]
    decisions = await asyncio.gather(*(pipeline.send(each) for each in pair * 10))

    assert len({decision.receipt.position for decision in decisions}) == 20
    assert len({decision.decision_id for decision in decisions}) == 20
    assert [decision.effect.value for decision in decisions] == [each.expected.effect for each in pair * 10]


async def test_one_request_sent_many_times_at_once_is_never_wrong(pipeline: Pipeline) -> None:
    """Racing retries of one request either get its decision or none; the ledger links those that were recorded."""
    sample = next(each for each in samples() if each.id == "keygen_ed25519")
    racing = (pipeline.send(sample, "the-same") for _ in range(6))
    outcomes = await asyncio.gather(*racing, return_exceptions=True)

    decided = [each for each in outcomes if isinstance(each, Decision)]
    assert all(isinstance(each, (Decision, Indeterminate)) for each in outcomes)
    assert [each.effect for each in decided] == [Effect.ALLOW] * len(decided)
    assert decided
