"""Everything behind the gRPC server with nothing in place of anything: gate, real OPA, shipped rules, SQLite."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pipeline import Pipeline, deliver, running_pipeline
from placet_cli.samples import samples
from placet_policy.decision import Decision, Effect
from placet_policy.errors import EnvelopeRefused, Indeterminate, OpaUnavailable


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """The demonstration policies, taken by OPA."""
    async with running_pipeline(tmp_path) as running:
        yield running


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
    before = pipeline.gate.active().revision
    deliver(pipeline.folder, demo=False)
    # The gate has it first. Until OPA has taken it too nothing is decided, which on a busy machine is longer than a
    # request tries again.
    async with asyncio.timeout(20):
        while (await pipeline.opa.decide({})).revision == before:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
    effects = {each.id: (await pipeline.send(each)).effect for each in allowed}

    assert effects == {each.id: Effect.HOLD for each in allowed}
    assert len(allowed) == 13


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
