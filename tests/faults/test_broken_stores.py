"""The whole tier over a store that breaks: no decision, not ready, and both again without hands when it is whole."""

import asyncio
from pathlib import Path

import grpc
import httpx
import pytest
import tokens
from broken_stores import STORES
from ledger_records import decisions, stored
from placet_policy.ledger.location import parse_url
from policy_contract import evaluate, unknown_request
from running_policy import RunningPolicy, running_policy

BEHIND = "the ledger lacks what this process wrote last"
UNWRITABLE = "the ledger cannot be written"


async def undecided(policy: RunningPolicy, package: dict[str, object]) -> grpc.StatusCode:
    """Ask until there is no decision: pages that are not full take a record even on a full disk."""
    async with asyncio.timeout(60):
        while True:
            try:
                await evaluate(policy.target, tokens.make_token(package))
            except grpc.aio.AioRpcError as error:
                return error.code()


async def until_ready(policy: RunningPolicy, *reasons: str) -> None:
    """Wait until the tier's endpoint gives these reasons; without any, until it is ready.

    Before a reason comes another for a moment: the connection that a restored database ended.
    """
    wanted = {"ready": not reasons, "reasons": list(reasons)}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client, asyncio.timeout(120):
        while (await client.get(f"{policy.internal}/readyz")).json() != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("store", STORES)
async def test_a_broken_store_means_no_decision_until_it_is_whole(tmp_path: Path, store: str) -> None:
    """Evaluate fails and readiness says why while the store is broken; then the same request is decided and linked."""
    package = unknown_request()
    with STORES[store](tmp_path) as (url, direct, broken):
        async with running_policy(tmp_path / "tier", ledger_url=url, evaluation_seconds=5) as policy:
            before = await evaluate(policy.target, tokens.make_token(package))
            with broken():
                code = await undecided(policy, package)
                await until_ready(policy, BEHIND if store == "restored_server" else UNWRITABLE)
            await until_ready(policy)
            after = await evaluate(policy.target, tokens.make_token(package))
        found = decisions(parse_url(direct))
        whole = all(each["verified"] for each in stored(parse_url(direct)))

    ids = [each["decision_id"] for each in found]
    assert code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
    assert (ids[0], ids[-1]) == (before.decision_id, after.decision_id)
    assert found[-1]["earlier"] == ids[:-1]
    assert whole
