"""Two requests for one Bitcoin transaction, through the real evaluator, OPA, policies and stores."""

import asyncio
import json
from pathlib import Path

import pytest
from bitcoin_cases import SUPPLIER, Spending
from bitcoin_packages import package
from ledger_records import decisions
from limited_worker import decided
from opa_binary import opa_binary
from pipeline import running_pipeline
from placet_policy.audit.commands import main
from placet_policy.chains.bitcoin_digest import Spend
from placet_policy.decision import Decision
from placet_policy.ledger.location import Location, SqliteLocation, parse_url

COIN = 10**8
PAID, CHANGE, SHOWN_FEE = 1_000_000, 9 * COIN, 10_000
# What each of the two outputs holds, and what a request must say of the other one for a fee of SHOWN_FEE.
TRUE, FALSE = 9 * COIN, PAID + SHOWN_FEE


def spending(*values: int, change: int = CHANGE) -> Spending:
    """One transaction, whatever is said of its inputs."""
    return Spending(inputs=[(Spend.P2WPKH, value) for value in values], payments=[(SUPPLIER, PAID)], change=change)


def answer(decision: Decision) -> list[str]:
    """Effect and codes."""
    return [decision.effect.value, *(reason.code for reason in decision.reasons)]


def test_the_two_requests_are_halves_of_one_transaction() -> None:
    """Each has one digest that is truly the transaction's; together they sign all of it, and 8 BTC are fee."""
    truth, first, second = spending(TRUE, TRUE), spending(TRUE, FALSE), spending(FALSE, TRUE)

    assert truth.transaction == first.transaction == second.transaction
    assert [first.digests()[0], second.digests()[1]] == truth.digests()
    assert 2 * TRUE - PAID - CHANGE == 899_000_000


async def test_two_halves_are_never_both_allowed(tmp_path: Path, location: Location) -> None:
    """The first is allowed, which signs nothing by itself; the second is held, as often as it is asked."""
    async with running_pipeline(tmp_path, location=location) as pipeline:
        first = await decided(pipeline, package(spending(TRUE, FALSE).parts(), "first"))
        second = await decided(pipeline, package(spending(FALSE, TRUE).parts(), "second"))
        again = await decided(pipeline, package(spending(FALSE, TRUE).parts(), "second"))
        truth = await decided(
            pipeline, package(spending(TRUE, TRUE, change=2 * TRUE - PAID - SHOWN_FEE).parts(), "truth")
        )

    assert answer(first) == ["ALLOW"]
    assert [answer(each) for each in (second, again, truth)] == [["HOLD", "OUTPOINT_AMOUNT_DIFFERS"]] * 3
    assert second.reasons[0].rule == "ledger"
    assert second.reasons[0].message == (
        "An earlier ALLOW stated another amount for an output that this transaction spends. "
        "(0100010001000100010001000100010001000100010001000100010001000100:0: 1010000 declared, "
        f"900000000 in decision {first.decision_id})"
    )
    (record,) = [each for each in decisions(location) if each["decision_id"] == second.decision_id]
    assert (record["input"], record["facts"]["chain"]["inputs"][0]["amount"]) == (None, "1010000")


@pytest.mark.parametrize("_round", range(3))
async def test_two_halves_at_once_are_never_both_allowed(tmp_path: Path, location: Location, _round: int) -> None:
    """Whichever is recorded first moves the version of the key, and the other one is evaluated again."""
    async with running_pipeline(tmp_path, location=location) as pipeline:
        halves = [package(spending(TRUE, FALSE).parts(), "first"), package(spending(FALSE, TRUE).parts(), "second")]
        answers = await asyncio.gather(*(decided(pipeline, half) for half in halves))

    assert sorted(map(answer, answers)) == [["ALLOW"], ["HOLD", "OUTPOINT_AMOUNT_DIFFERS"]]


@pytest.mark.parametrize("_round", range(3))
async def test_two_halves_at_two_pods_are_never_both_allowed(tmp_path: Path, postgres_url: str, _round: int) -> None:
    """Each pod has its own OPA and connection; the versions in the ledger that they share keep them apart."""
    place = parse_url(postgres_url)
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    async with running_pipeline(folders[0], location=place) as one, running_pipeline(folders[1], location=place) as two:
        answers = await asyncio.gather(
            decided(one, package(spending(TRUE, FALSE).parts(), "first")),
            decided(two, package(spending(FALSE, TRUE).parts(), "second")),
        )

    assert sorted(map(answer, answers)) == [["ALLOW"], ["HOLD", "OUTPOINT_AMOUNT_DIFFERS"]]


async def test_what_states_the_same_amounts_is_allowed(tmp_path: Path, location: Location) -> None:
    """A retry, the same bytes under another id, a speed-up, and one of the outputs in another transaction."""
    speed_up = spending(TRUE, FALSE, change=CHANGE - 5_000)
    async with running_pipeline(tmp_path, location=location) as pipeline:
        answers = [
            await decided(pipeline, package(spending(TRUE, FALSE).parts(), "first")),
            await decided(pipeline, package(spending(TRUE, FALSE).parts(), "first")),
            await decided(pipeline, package(spending(TRUE, FALSE).parts(), "other-id")),
            await decided(pipeline, package(speed_up.parts(), "faster")),
            await decided(pipeline, package(spending(TRUE, change=TRUE - PAID - SHOWN_FEE).parts(), "one-input")),
        ]

    assert [answer(each) for each in answers] == [["ALLOW"]] * 5


async def test_an_audit_says_why_no_policy_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ALLOW comes out bit for bit; what the ledger's memory held is not decided again."""
    file = tmp_path / "ledger.sqlite"
    async with running_pipeline(tmp_path, location=SqliteLocation(path=file)) as pipeline:
        await decided(pipeline, package(spending(TRUE, FALSE).parts(), "first"))
        await decided(pipeline, package(spending(FALSE, TRUE).parts(), "second"))
    capsys.readouterr()  # The ledger's own log.
    command = ["replay", "--url", f"sqlite:///{file}", "--opa", str(opa_binary()), "--json"]
    code = await asyncio.to_thread(main, command)

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"same": 1, "different": 0, "skipped": {"OTHER_AMOUNT": 1}}
    ]
    assert code == 0
