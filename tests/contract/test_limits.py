"""Limits over time through the real evaluator, OPA, policies and stores: exactly once, whoever asks how often."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_records import decisions
from limited_worker import AMOUNT, decide_all, decided, limited_policies, payment
from pipeline import running_pipeline
from placet_policy.ledger.location import Location, parse_url

SUPPORT = Path(__file__).parents[1] / "support"
FITTING = 50
ASKED = 200


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """The demonstration, in which a day has room for 50 payments."""
    return limited_policies(tmp_path, amount=FITTING * AMOUNT)


def _outcomes(answers: dict[str, list[str]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(answer) for answer in answers.values())


EXACTLY = Counter({("ALLOW",): FITTING, ("HOLD", "ROLLING_AMOUNT_FULL"): ASKED - FITTING})


@pytest.mark.timeout(900)
async def test_one_process_never_exceeds_a_window(tmp_path: Path, policies: Path) -> None:
    """Of 200 payments at once exactly the 50 that fit are allowed, on a file."""
    async with running_pipeline(tmp_path, policies=policies) as pipeline:
        answers = await decide_all(pipeline, range(ASKED))

    assert _outcomes(answers) == EXACTLY
    assert [each["effect"] for each in decisions(tmp_path / "ledger.sqlite")].count("ALLOW") == FITTING


def _three_processes(tmp_path: Path, policies: Path, url: str) -> Iterator[dict[str, list[str]]]:
    shares = [(0, 67), (67, 67), (134, 66)]
    processes = []
    for number, (first, count) in enumerate(shares):
        work = tmp_path / f"work-{number}"
        work.mkdir()
        command = [
            sys.executable,
            str(SUPPORT / "limited_worker.py"),
            str(work),
            str(policies),
            url,
            str(first),
            str(count),
        ]
        processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            yield json.loads(process.communicate()[0])
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("_round", [1, 2])
def test_three_processes_never_exceed_a_window(tmp_path: Path, policies: Path, postgres_url: str, _round: int) -> None:
    """Of 200 payments at once on three processes and one PostgreSQL exactly 50 are allowed and recorded."""
    answers: dict[str, list[str]] = {}
    for share in _three_processes(tmp_path, policies, postgres_url):
        answers |= share

    assert _outcomes(answers) == EXACTLY
    assert [each["effect"] for each in decisions(parse_url(postgres_url))].count("ALLOW") == FITTING


@pytest.mark.long
@pytest.mark.parametrize("_round", range(20))
def test_three_processes_never_exceed_a_window_in_many_rounds(
    tmp_path: Path, policies: Path, postgres_url: str, _round: int
) -> None:
    """The same, often."""
    test_three_processes_never_exceed_a_window(tmp_path, policies, postgres_url, _round)


def _history(location: Location, decision_id: str) -> dict[str, object]:
    """The history with which a decision was made."""
    (found,) = [each for each in decisions(location) if each["decision_id"] == decision_id]
    history: dict[str, object] = found["input"]["history"]
    return history


def _day(location: Location, decision_id: str) -> tuple[str, int]:
    """Amount and count of ETH in the day beside that decision's request."""
    history: dict[str, list[dict[str, object]]] = _history(location, decision_id)  # type: ignore[assignment]
    series = next(each for each in history["series"] if each["asset"] is not None and each["destination"] is None)
    day = next(each for each in series["windows"] if each["name"] == "day")  # type: ignore[attr-defined]
    return day["amount"], day["count"]


async def test_a_repeated_request_is_evaluated_again_and_counted_once(tmp_path: Path, location: Location) -> None:
    """In a window for one payment the same request is allowed as often as it is asked, and another one is not."""
    policies = limited_policies(tmp_path, amount=AMOUNT)
    async with running_pipeline(tmp_path, policies=policies, location=location) as pipeline:
        repeated = [await decided(pipeline, payment(7)) for _ in range(3)]
        another = await decided(pipeline, payment(8))

    assert [each.effect.value for each in repeated] == ["ALLOW", "ALLOW", "ALLOW"]
    assert len({each.decision_id for each in repeated}) == 3
    assert _day(location, repeated[2].decision_id) == ("0", 0)
    assert _history(location, repeated[2].decision_id)["replaced"] == {
        "decision_id": repeated[1].decision_id,
        "request_id": "payment-7",
        "spend": "nonce:1:7",
        "same_hashes": True,
    }
    assert [reason.code for reason in another.reasons] == ["ROLLING_AMOUNT_FULL"]
    assert another.reasons[0].message == "ETH in day: 0 ETH remain of 1.5 ETH, 1.5 ETH asked"


async def test_the_same_bytes_under_other_ids_are_counted_once(tmp_path: Path, location: Location) -> None:
    """Another request_id makes another request, and not another payment."""
    policies = limited_policies(tmp_path, amount=AMOUNT)
    async with running_pipeline(tmp_path, policies=policies, location=location) as pipeline:
        answers = [await decided(pipeline, payment(7, request_id=f"asked-{number}")) for number in range(3)]

    assert [each.effect.value for each in answers] == ["ALLOW", "ALLOW", "ALLOW"]


async def test_a_speed_up_is_counted_once(tmp_path: Path, location: Location) -> None:
    """A payment with the nonce of an earlier one replaces it: both together are one amount."""
    policies = limited_policies(tmp_path, amount=AMOUNT)
    async with running_pipeline(tmp_path, policies=policies, location=location) as pipeline:
        first = await decided(pipeline, payment(7))
        faster = await decided(pipeline, payment(7, request_id="faster", maxFeePerGas=3))
        another = await decided(pipeline, payment(8))

    assert [each.effect.value for each in (first, faster, another)] == ["ALLOW", "ALLOW", "HOLD"]
    replaced: dict[str, object] = _history(location, faster.decision_id)["replaced"]  # type: ignore[assignment]
    assert (replaced["request_id"], replaced["same_hashes"]) == ("payment-7", False)


async def test_what_is_held_reserves_nothing(tmp_path: Path, location: Location) -> None:
    """A payment that does not fit leaves the room to a smaller one."""
    policies = limited_policies(tmp_path, amount=AMOUNT + 5)
    async with running_pipeline(tmp_path, policies=policies, location=location) as pipeline:
        first = await decided(pipeline, payment(7))
        held = await asyncio.gather(*(decided(pipeline, payment(nonce)) for nonce in (8, 9)))
        again = await decided(pipeline, payment(7))

    assert [each.effect.value for each in (first, *held, again)] == ["ALLOW", "HOLD", "HOLD", "ALLOW"]
    assert _day(location, held[1].decision_id) == (str(AMOUNT), 1)
