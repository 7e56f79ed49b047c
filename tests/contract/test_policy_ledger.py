"""The tier and its ledger: releases are kept, heads are published, tables are made only when told, on both stores."""

import asyncio
from pathlib import Path
from typing import Any

import bundles
import pytest
import tokens
from ledger_records import stored
from ledger_sql import execute
from placet_policy.errors import LedgerUnavailable
from placet_policy.gate import parse_bundle
from placet_policy.ledger import Receipt
from placet_policy.ledger.head import Head, verify_head
from placet_policy.ledger.location import Location, parse_url
from placet_policy.settings import load_settings
from policy_contract import evaluate, unknown_request
from postgres import PostgresServer
from running_policy import environment, lay_out, running_policy, running_tier
from structlog.testing import capture_logs


async def test_every_revision_of_a_record_has_its_bundle(location: Location, tmp_path: Path) -> None:
    """Under each of two releases decisions are recorded; the ledger holds both, as OPA was served them."""
    policies = [bundles.bundle(data={"open": True}), bundles.bundle(data={"open": False})]
    async with running_policy(tmp_path / "tier", ledger_url=location.shown) as policy:
        await evaluate(policy.target, tokens.make_token(unknown_request()))
        (policy.folder / "bundle" / "bundle.tar.gz").write_bytes(policies[1])
        wanted = parse_bundle(policies[1]).revision
        async with asyncio.timeout(120):
            while True:
                answer = await evaluate(policy.target, tokens.make_token(unknown_request()))
                if answer.policy.revision == wanted:
                    break
    kept = dict(execute(location, "SELECT revision, content FROM bundles"))
    assert {revision: bytes(content) for revision, content in kept.items()} == {
        parsed.revision: parsed.served for parsed in map(parse_bundle, policies)
    }
    found = stored(location)
    assert {each["revision"] for each in found if each["kind"] == "decision"} == set(kept)
    assert [each["revision"] for each in found if each["kind"] == "bundle"] == list(kept)
    assert all(each["verified"] for each in found)


async def test_heads_are_published_and_the_last_one_is_the_end(location: Location, tmp_path: Path) -> None:
    """The key is published first; published heads verify under it; the last line is the chain's last record."""
    with capture_logs() as logs:
        async with running_policy(tmp_path, ledger_url=location.shown, ledger_head_seconds=0.05) as policy:
            for _ in range(3):
                await evaluate(policy.target, tokens.make_token(unknown_request()))
                await asyncio.sleep(0.1)
    lines = [line for line in logs if line["event"] in {"ledger_writer", "ledger_head"}]
    assert lines[0]["event"] == "ledger_writer"
    assert len(lines) >= 4
    for line in lines[1:]:
        receipt = Receipt(
            ledger=line["ledger"],
            writer=line["writer"],
            position=line["position"],
            record_hash=bytes.fromhex(line["record_hash"]),
        )
        head = Head(receipt=receipt, signature=bytes.fromhex(line["signature"]))
        assert verify_head(head, public_key=bytes.fromhex(lines[0]["public_key"])) == receipt
    last = stored(location)[-1]
    assert (lines[-1]["position"], lines[-1]["record_hash"]) == (last["position"], last["record_hash"])


async def test_a_lost_database_is_a_reason_and_its_return_needs_no_hands(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    """While the database accepts nobody there is no decision; afterwards the tier decides again by itself."""
    name = postgres_url.rsplit("/", 1)[1]
    async with running_policy(tmp_path, ledger_url=postgres_url) as policy:
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        report = await policy.until(ready=False)
        assert report.reasons == ("the ledger cannot be written",)
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await policy.until(ready=True)
        answer = await evaluate(policy.target, tokens.make_token(unknown_request()))
    found = stored(parse_url(postgres_url))
    assert found[-1]["record_hash"] == answer.receipt.record_hash.hex()
    assert all(each["verified"] for each in found)


@pytest.mark.parametrize("migrate", ["refuse", "at-start"])
async def test_tables_are_made_only_when_told(postgres: PostgresServer, tmp_path: Path, migrate: str) -> None:
    """By default an empty database stops the start; with at-start it becomes a ledger."""
    lay_out(tmp_path)
    with postgres.database() as name:
        changes: dict[str, Any] = {"ledger_url": postgres.url_of(name), "ledger_migrate": migrate}
        settings = load_settings(environment(tmp_path, **changes))
        if migrate == "refuse":
            with pytest.raises(LedgerUnavailable, match="ledger migrate"):
                async with running_tier(settings):
                    pass
            return
        async with running_tier(settings) as tier:
            assert (await tier.status.report()).ledger != ""


async def test_a_migration_that_fails_stops_the_start(tmp_path: Path) -> None:
    """What the migration said is the cause, without the password."""
    lay_out(tmp_path)
    url = "postgresql://user:hunter2@127.0.0.1:1/db"
    settings = load_settings(environment(tmp_path, ledger_url=url, ledger_migrate="at-start"))
    with pytest.raises(LedgerUnavailable) as refused:
        async with running_tier(settings):
            pass
    assert refused.value.cause.startswith("postgresql://user@127.0.0.1:1/db: ")
    assert "hunter2" not in refused.value.cause


async def test_a_password_comes_from_its_file(postgres_url: str, tmp_path: Path) -> None:
    """The file is read for every connection; one that is not there, or is no text, is a cause and not a crash."""
    place = parse_url(postgres_url)
    file = tmp_path / "password"
    url = environment(tmp_path, ledger_url=place.shown, ledger_password_file=file)
    lay_out(tmp_path)
    for content, cause in ((None, "No such file"), (b"\xff\xfe", "not UTF-8")):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(LedgerUnavailable, match=cause):
            async with running_tier(load_settings(url)):
                pass
    file.write_text("secret\n")
    async with running_tier(load_settings(url)) as tier:
        assert (await tier.status.report()).ledger != ""
