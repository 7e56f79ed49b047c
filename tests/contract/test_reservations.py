"""What every ledger does with reservations, in SQLite and in PostgreSQL alike."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import bundles
import pytest
from facts_cases import ROOT_KEY, registry_data
from ledger_records import decisions, opened, record
from ledger_sql import execute, refused_by_trigger
from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.gate import parse_bundle
from placet_policy.ledger import RequestKey, Snapshot
from placet_policy.ledger.commands import main
from placet_policy.ledger.history import Usage, Window
from placet_policy.ledger.location import Location
from placet_policy.ledger.migrate import migrate
from placet_policy.ledger.series import WHOLE_KEY, Asset, Reservation, Series, SigningKey
from placet_policy.ledger.stored import StoredLedger

KEY = SigningKey(ROOT_KEY, "m/44/60/1/0/0")
ETH = Asset(network="evm:1", kind="native", contract="", token="ETH", chain="ETH")
ALL, TO_A = Series(asset=ETH), Series(asset=ETH, destination="0xa")
DAY = Window(name="day", seconds=86400)


def paying(nonce: int, amount: int = 5) -> Reservation:
    """A payment of ETH to 0xa."""
    return Reservation(
        key=KEY,
        hashes=(f"0x{nonce}",),
        spends=frozenset({f"nonce:1:{nonce}"}),
        amounts={WHOLE_KEY: 0, ALL: amount, TO_A: amount},
        inputs={},
    )


def spending(**inputs: int) -> Reservation:
    """An approval that spends outpoints with these amounts."""
    return Reservation(
        key=SigningKey(ROOT_KEY, "*"),
        hashes=("0x1",),
        spends=frozenset(f"outpoint:{outpoint}" for outpoint in inputs),
        amounts={WHOLE_KEY: 0},
        inputs=inputs,
    )


async def look(ledger: StoredLedger, number: int, reservation: Reservation) -> Snapshot:
    """The snapshot of a request."""
    return await ledger.snapshot(node="node-a", request_id=f"request-{number}", reservation=reservation, windows=(DAY,))


async def decide(ledger: StoredLedger, number: int, reservation: Reservation, **changes: Any) -> Snapshot:
    """One evaluation's use of the ledger; the snapshot that it saw."""
    snapshot = await look(ledger, number, reservation)
    await ledger.commit(
        record(number, **changes), versions=snapshot.versions, reservation=reservation, unseen=snapshot.unseen
    )
    return snapshot


def usages(snapshot: Snapshot) -> list[Usage]:
    """In the day: of the key, of ETH, of ETH to 0xa."""
    assert snapshot.history is not None
    return [series.windows[0][1] for series in snapshot.history.series]


def replaces(snapshot: Snapshot) -> list[int | None]:
    """What the earlier ALLOW counts, by series."""
    assert snapshot.history is not None
    return [series.replaces for series in snapshot.history.series]


async def test_an_allow_counts_for_key_asset_and_destination(ledger: StoredLedger) -> None:
    """The next request of the key sees it in each of its series."""
    await decide(ledger, 1, paying(1))
    snapshot = await look(ledger, 2, paying(2, 7))

    assert usages(snapshot) == [Usage(0, 1), Usage(5, 1), Usage(5, 1)]
    assert snapshot.versions == {RequestKey("node-a", "request-2"): 0, KEY: 1}
    assert snapshot.history is not None
    assert snapshot.history.replaced is None


async def test_what_an_earlier_allow_paid_is_told_by_series(ledger: StoredLedger) -> None:
    """Of the key, of ETH and to whom; somebody else was paid nothing by it, and another nonce replaces nothing."""
    await decide(ledger, 1, paying(1))
    elsewhere = dataclasses.replace(paying(1), amounts={WHOLE_KEY: 0, ALL: 7, Series(asset=ETH, destination="0xb"): 7})
    found = [await look(ledger, 2, each) for each in (paying(1, 7), elsewhere, paying(2))]

    assert [replaces(each) for each in found] == [[0, 5, 5], [0, 5, 0], [None, None, None]]


@pytest.mark.parametrize("effect", ["HOLD", "DENY"])
async def test_nothing_else_reserves(ledger: StoredLedger, effect: str) -> None:
    """What is refused spends nothing, and moves no version of the key."""
    await decide(ledger, 1, paying(1), effect=effect)
    snapshot = await look(ledger, 2, paying(2))

    assert usages(snapshot) == [Usage(0, 0)] * 3
    assert snapshot.versions[KEY] == 0


async def test_another_key_has_a_history_of_its_own(ledger: StoredLedger) -> None:
    """Neither another path nor another root key sees it."""
    await decide(ledger, 1, paying(1))
    others = [SigningKey(KEY.root_key, "m/44/60/1/0/1"), SigningKey("xpub-other", KEY.path)]
    found = [await look(ledger, 2, dataclasses.replace(paying(1), key=key)) for key in others]

    assert [usages(each) for each in found] == [[Usage(0, 0)] * 3] * 2


async def test_a_destination_is_seen_when_it_is_first_asked_for(ledger: StoredLedger) -> None:
    """Whatever came of that request; a second one changes nothing."""
    first = await decide(ledger, 1, paying(1), effect="HOLD")
    (second,) = (await decide(ledger, 2, paying(2))).history.destinations  # type: ignore[union-attr]
    (third,) = (await look(ledger, 3, paying(3))).history.destinations  # type: ignore[union-attr]

    assert [to.address for to in first.unseen] == ["0xa"]
    assert first.history is not None
    assert first.history.destinations[0].first_seen is None
    assert (second.chain, second.address) == ("ETH", "0xa")
    assert second.first_seen is not None
    assert first.history.now <= second.first_seen <= first.history.now + 60
    assert third.first_seen == second.first_seen


async def test_of_two_that_saw_the_same_one_must_look_again(ledger: StoredLedger) -> None:
    """Two requests of one key cannot both spend the last unit; a refusal need not look again."""
    one, two, three = [await look(ledger, number, paying(number)) for number in (1, 2, 3)]
    await ledger.commit(record(1), versions=one.versions, reservation=paying(1), unseen=one.unseen)
    with pytest.raises(VersionMoved):
        await ledger.commit(record(2), versions=two.versions, reservation=paying(2), unseen=two.unseen)
    await ledger.commit(record(3, effect="HOLD"), versions=three.versions, reservation=paying(3), unseen=three.unseen)

    assert usages(await look(ledger, 2, paying(2))) == [Usage(0, 1), Usage(5, 1), Usage(5, 1)]


@pytest.fixture
async def neighbour(location: Location, ledger: StoredLedger) -> AsyncIterator[StoredLedger]:
    """A second writer in the same store: another process, where the store takes several."""
    del ledger
    async with opened(location) as second:
        yield second


async def test_who_is_alone_is_not_overtaken(ledger: StoredLedger, neighbour: StoredLedger, location: Location) -> None:
    """Others about the key move on to their next attempt, in this process and in others, and wait for nothing."""
    overtaking = [ledger] if type(location).__name__ == "SqliteLocation" else [ledger, neighbour]
    async with ledger.alone({KEY}):
        snapshot = await look(ledger, 1, paying(1))
        for number, other in enumerate(overtaking, start=2):
            with pytest.raises(VersionMoved):
                await decide(other, number, paying(number))
            await decide(other, number + 10, paying(number), effect="HOLD")
        await ledger.commit(
            record(1), versions=snapshot.versions, reservation=paying(1), unseen=snapshot.unseen, alone=True
        )
    for number, other in enumerate(overtaking, start=2):
        await decide_at_last(other, number)


async def decide_at_last(ledger: StoredLedger, number: int) -> None:
    """Decide once nobody is alone any more: who was lets go of the locks by itself, after it is over."""
    async with asyncio.timeout(120):
        while True:
            try:
                await decide(ledger, number, paying(number))
            except VersionMoved:
                await asyncio.sleep(0.01)
            else:
                return


async def test_one_is_alone_at_a_time(ledger: StoredLedger, neighbour: StoredLedger, location: Location) -> None:
    """Whoever else wants to be waits for its turn, also in another process."""
    second = ledger if type(location).__name__ == "SqliteLocation" else neighbour
    order: list[str] = []

    async def later() -> None:
        async with second.alone({KEY}):
            order.append("second")

    async with ledger.alone({KEY}):
        waiting = asyncio.create_task(later())
        await asyncio.sleep(0.2)
        order.append("first")
    await waiting

    assert order == ["first", "second"]


async def test_a_deadline_ends_the_wait_and_leaves_nothing_locked(ledger: StoredLedger) -> None:
    """Cancelled while it waits, an evaluation holds nobody up."""
    async with ledger.alone({KEY}):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), ledger.alone({KEY}):
                raise AssertionError
    async with asyncio.timeout(60), ledger.alone({KEY}):
        pass
    await decide(ledger, 1, paying(1))


@pytest.mark.parametrize(
    "table", ["signers", "series", "claims", "spends", "reservations", "superseded", "destinations"]
)
async def test_what_is_counted_from_is_append_only(ledger: StoredLedger, location: Location, table: str) -> None:
    """The database itself refuses to forget an approval."""
    await decide(ledger, 1, paying(1))
    await decide(ledger, 2, paying(1, 6))

    assert execute(location, f"SELECT count(*) FROM {table}")[0][0] > 0
    assert refused_by_trigger(location, f"DELETE FROM {table}")


def _limited() -> bytes:
    """A release with limits for the samples' key group."""
    rules = {
        "rolling_amount": {"limits": {"hot": {"ETH": {"windows": {"day": {"max": "12", "max_per_destination": "6"}}}}}},
        "rolling_count": {"limits": {"*": {"windows": {"day": {"max": 3}}}}},
        "lifetime_cap": {"caps": {"hot": {"*": {"unchecked": "why"}}}},
    }
    data = {"registry": registry_data(), "windows": {"day": {"seconds": 86400}}, "rules": rules}
    return parse_bundle(bundles.bundle(data=data)).served


async def test_a_quota_shows_what_is_left(
    ledger: StoredLedger, location: Location, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the release that became active last sees it, for the key, the asset and the destination."""
    await ledger.keep_bundle(revision="sha256:" + "ef" * 32, version=0, content=_limited(), at=1795369701.0)
    await decide(ledger, 1, paying(1))
    code = await asyncio.to_thread(main, ["quota", "--json", "--url", location.shown, ROOT_KEY])
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert code == 0
    assert [(each["asset"], each["destination"], each["window"]) for each in printed] == [
        (None, None, "day"),
        (None, None, None),
        ("ETH", None, "day"),
        ("ETH", None, None),
        ("ETH", "0xa", "day"),
        ("ETH", "0xa", None),
    ]
    assert [(each["used"], each["limit"], each["remaining"]) for each in printed] == [
        ("1", "3", "2"),
        ("1", None, None),
        ("5", "12", "7"),
        ("5", None, None),
        ("5", "6", "1"),
        ("5", None, None),
    ]


async def test_a_quota_is_a_sentence_for_people(file_ledger: StoredLedger, path: Path, capsys: Any) -> None:
    """What is used, what remains, and of what; a key that nobody knows is named."""
    await file_ledger.keep_bundle(revision="sha256:" + "ef" * 32, version=0, content=_limited(), at=1795369701.0)
    await decide(file_ledger, 1, paying(1))
    arguments = ["quota", "--url", f"sqlite:///{path}", "--path", KEY.path]

    assert await asyncio.to_thread(main, [*arguments, ROOT_KEY]) == 0
    assert "m/44/60/1/0/0  ETH in day: 5 used, 7 remain of 12\n" in capsys.readouterr().out
    assert await asyncio.to_thread(main, [*arguments, "xpub-unknown"]) == 2
    assert capsys.readouterr().err == "xpub-unknown: this key has no approval and no limit\n"


async def test_an_older_ledger_is_migrated_by_the_command_alone(location: Location) -> None:
    """A ledger from before limits over time stops the start until somebody migrates it, and keeps its records."""
    async with opened(location) as before:
        await before.commit(record(1), versions={})
    tables = ("signers", "series", "claims", "spends", "reservations", "superseded", "outpoints", "destinations")
    execute(location, *(f"DROP TABLE {table}" for table in tables), "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(LedgerUnavailable, match="run `python -m placet_policy ledger migrate"):
        async with opened(location):
            raise AssertionError
    await asyncio.to_thread(migrate, location)
    async with opened(location) as after:
        await decide(after, 2, paying(1))

    assert [each["decision_id"] for each in decisions(location)] == ["decision-1", "decision-2"]


async def test_every_outpoint_of_an_allow_is_remembered(ledger: StoredLedger) -> None:
    """Also those that a group's claims do not share: each of them has had its first amount ever since."""
    await decide(ledger, 1, spending(a=5, b=7))
    await decide(ledger, 2, spending(b=7, c=9))
    await decide(ledger, 3, spending(b=7, d=2))
    found = [(await look(ledger, 4, spending(**{name: 1}))).other_amount for name in "abcdx"]

    assert [None if each is None else each.text() for each in found] == [
        "a: 1 declared, 5 in decision decision-1",
        "b: 1 declared, 7 in decision decision-1",
        "c: 1 declared, 9 in decision decision-2",
        "d: 1 declared, 2 in decision decision-3",
        None,
    ]
    assert (await look(ledger, 4, spending(a=5, b=7, c=9, d=2, x=1))).other_amount is None


@pytest.mark.parametrize("effect", ["HOLD", "DENY"])
async def test_only_an_allow_states_an_amount(ledger: StoredLedger, effect: str) -> None:
    """Nobody can occupy an outpoint with a request that is refused."""
    await decide(ledger, 1, spending(a=5), effect=effect)

    assert (await look(ledger, 2, spending(a=6))).other_amount is None


async def test_another_amount_is_never_reserved(ledger: StoredLedger) -> None:
    """Even for a caller that does not look at its snapshot; nothing of the attempt stays."""
    await decide(ledger, 1, spending(a=5))
    with pytest.raises(VersionMoved):
        await decide(ledger, 2, spending(a=6, b=1))

    snapshot = await look(ledger, 3, spending(b=2))
    assert (snapshot.other_amount, snapshot.versions[SigningKey(ROOT_KEY, "*")]) == (None, 1)


async def test_of_two_amounts_at_once_one_is_reserved(ledger: StoredLedger) -> None:
    """Both saw an empty ledger; the second finds the key's version moved, and must look again."""
    one, other = spending(a=5, b=1), spending(a=1, b=5)
    seen = [await look(ledger, number, each) for number, each in enumerate((one, other), start=1)]
    said = await asyncio.gather(
        *(
            ledger.commit(record(number), versions=snapshot.versions, reservation=each)
            for number, (each, snapshot) in enumerate(zip((one, other), seen, strict=True), start=1)
        ),
        return_exceptions=True,
    )

    assert [each.other_amount for each in seen] == [None, None]
    assert sorted(type(each).__name__ for each in said) == ["Receipt", "VersionMoved"]
