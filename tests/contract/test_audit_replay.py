"""`audit replay` on records that the real pipeline made: the same again, bit for bit, and other releases on them."""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ledger_records import opened, write
from opa_binary import opa_binary
from pipeline import POLICIES, running_pipeline
from placet_cli.policy.build import build_bundle
from placet_cli.samples import samples
from placet_policy.audit.commands import main
from placet_policy.decision import Decision
from placet_policy.ledger.location import SqliteLocation

Replay = Callable[..., tuple[int, list[dict[str, Any]]]]


@dataclass(frozen=True)
class History:
    """A ledger of every sample, decided under the demonstration release.

    Attributes:
        file: the ledger.
        decisions: by sample.
    """

    file: Path
    decisions: dict[str, Decision]

    @property
    def url(self) -> str:
        """The ledger's URL."""
        return f"sqlite:///{self.file}"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Every sample but pings, through gate, OPA and ledger; one request_id is used again for something else."""
    folder = tmp_path_factory.mktemp("history")

    async def decide() -> dict[str, Decision]:
        async with running_pipeline(folder) as pipeline:
            sent = {each.id: await pipeline.send(each) for each in samples() if not each.is_ping}
            first, other = (each for each in samples() if each.id in {"keygen_secp256k1", "keygen_ed25519"})
            sent["reused"] = await pipeline.send(other, request_id=sent[first.id].request_id)
            return sent

    return History(folder / "ledger.sqlite", asyncio.run(decide()))


@pytest.fixture
def replay(history: History, capsys: pytest.CaptureFixture[str]) -> Replay:
    """Runs the command; exit code and objects."""

    def run(*arguments: str | Path, source: tuple[str | Path, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
        command = ["replay", *(source or ("--url", history.url)), *arguments, "--opa", opa_binary(), "--json"]
        code = main([str(each) for each in command])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_everything_comes_out_bit_for_bit(replay: Replay, history: History) -> None:
    """Facts, input and decision of every record, with the recorded release, time, node and id."""
    code, said = replay()

    assert said == [{"same": len(history.decisions) - 1, "different": 0, "skipped": {"REUSED": 1}}]
    assert code == 0


def test_one_decision(replay: Replay, history: History) -> None:
    """By its id; one that is not there ends with the exit code of what cannot be done."""
    decision = history.decisions["keysign_eth_eip1559_transfer"].decision_id

    assert replay(decision) == (
        0,
        [{"decision_id": decision, "same": True}, {"same": 1, "different": 0, "skipped": {}}],
    )
    code, _ = replay("no-such-decision")
    assert code == 2


def test_what_no_policy_decided_says_so(replay: Replay, history: History) -> None:
    """A reused request_id was held by the ledger."""
    decision = history.decisions["reused"].decision_id
    _, (said, totals) = replay(decision)

    assert said == {
        "decision_id": decision,
        "skipped": "its request_id had been used for something else, and no policy was asked",
    }
    assert totals["skipped"] == {"REUSED": 1}


def test_archived_contents_cannot_be_decided_again(replay: Replay, history: History, tmp_path: Path) -> None:
    """What is gone is counted, and nothing is made up for it."""
    decision = history.decisions["keygen_secp256k1"].decision_id
    url = altered(history, tmp_path, decision)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
        file.execute("DELETE FROM contents")
    file.close()

    assert replay(source=("--url", url)) == (
        0,
        [{"same": 0, "different": 0, "skipped": {"NO_CONTENTS": len(history.decisions)}}],
    )


def test_a_release_that_is_missing_is_a_difference(replay: Replay, history: History, tmp_path: Path) -> None:
    """Nothing else may decide in its place; one that the gate would refuse likewise."""
    decision = history.decisions["keygen_secp256k1"].decision_id
    url = altered(history, tmp_path, decision)
    revision = history.decisions["keygen_secp256k1"].revision
    for statement, now in (("UPDATE bundles SET content = x'0000'", "not a gzip file"), ("DELETE FROM bundles", "")):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            file.execute(statement)
        file.close()
        code, (said, _) = replay(decision, source=("--url", url))
        assert (code, said["path"], said["recorded"]) == (1, "$", f"the release {revision}")
        assert said["now"] == (now or "it is not in the ledger")


async def test_what_the_stop_held_is_not_decided_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No policy was asked, so none can be compared; another policy would not have been asked either."""
    location = SqliteLocation(path=tmp_path / "ledger.sqlite")
    stopped = {"effect": "HOLD", "reasons": [{"code": "STOPPED"}], "facts": None, "input": None}
    async with opened(location) as ledger:
        await write(ledger, 1, **stopped)
        await write(ledger, 2, facts=None, input=None, revision="")
    (tmp_path / "opa").touch()
    arguments = ["replay", "--url", location.shown, "--opa", str(tmp_path / "opa"), "--json"]

    assert await asyncio.to_thread(main, arguments) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["skipped"] == {"STOPPED": 1, "NO_RELEASE": 1}


def test_a_range_of_time(replay: Replay) -> None:
    """Nothing was decided before 2020."""
    assert replay("--until", "2020-01-01") == (0, [{"same": 0, "different": 0, "skipped": {}}])
    assert replay("--since", "2020-01-01")[1][-1]["same"] > 40


def test_an_export_is_replayed_alike(
    replay: Replay, history: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file alone is enough."""
    file = tmp_path / "ledger.jsonl.gz"
    assert main(["export", "--url", history.url, "--to", str(file)]) == 0
    capsys.readouterr()
    decision = history.decisions["keygen_secp256k1"].decision_id

    code, said = replay(decision, source=("--export", file))
    assert (code, said[-1]["same"]) == (0, 1)


def altered(history: History, tmp_path: Path, decision: str, *changes: tuple[str, str, str]) -> str:
    """The URL of a copy in which texts beside one record were changed, and their digests with them."""
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(history.file) as original:
        original.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    original.close()
    shutil.copy(history.file, copy)
    with sqlite3.connect(copy) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        find = "SELECT writer, position FROM records WHERE decision_id = ?"
        place = file.execute(find, (decision,)).fetchone()
        for column, before, after in changes:
            (text,) = file.execute(f"SELECT {column} FROM contents WHERE writer = ? AND position = ?", place).fetchone()
            assert before in text
            text = text.replace(before, after)
            digest = hashlib.sha256(text.encode()).digest()
            file.execute(f"UPDATE contents SET {column} = ? WHERE writer = ? AND position = ?", (text, *place))
            file.execute(f"UPDATE records SET {column}_sha256 = ? WHERE writer = ? AND position = ?", (digest, *place))
    file.close()
    return f"sqlite:///{copy}"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (("facts", '"status":"PROVEN"', '"status":"NONE"'), ("$.facts.status", "NONE", "PROVEN")),
        (("decision", '"ALLOW"', '"DENY"'), ("$.decision.effect", "DENY", "ALLOW")),
        (("decision", '"reasons":[]', '"reasons":["a"]'), ("$.decision.reasons[0]", "a", "(absent)")),
        (("input", '"name":"node-a",', ""), ("$.input.node.name", "(absent)", "node-a")),
        (("decision", '":"ALLOW"', '": "ALLOW"'), ("$.decision", "the same values, written otherwise", "")),
    ],
)
def test_the_first_difference_is_named(
    replay: Replay, history: History, tmp_path: Path, change: tuple[str, str, str], difference: tuple[str, str, str]
) -> None:
    """A record that this program would not have made, as if another program had made it."""
    decision = history.decisions["keysign_eth_eip1559_transfer"].decision_id
    url = altered(history, tmp_path, decision, change)
    path, recorded, now = difference

    code, said = replay(decision, source=("--url", url))
    assert code == 1
    assert said[0] == {"decision_id": decision, "same": False, "path": path, "recorded": recorded, "now": now}


def test_damaged_contents_are_for_verify(replay: Replay, history: History, tmp_path: Path) -> None:
    """What does not fit its record is not decided again."""
    decision = history.decisions["keysign_eth_eip1559_transfer"].decision_id
    url = altered(history, tmp_path, decision, ("facts", "PROVEN", "PROVEM"))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
        file.execute("UPDATE records SET facts_sha256 = zeroblob(32) WHERE decision_id = ?", (decision,))
    file.close()

    assert replay(decision, source=("--url", url))[1][0]["skipped"] == "its contents are not readable: run verify"


def candidate(tmp_path: Path, change: Callable[[Path], None] = lambda _folder: None, *, demo: bool = True) -> Path:
    """A bundle of the repository's policies, changed."""
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder)
    change(folder)
    file = tmp_path / "candidate.tar.gz"
    file.write_bytes(build_bundle(folder, opa=opa_binary(), demo=demo).data)
    return file


def test_the_same_policy_changes_nothing(replay: Replay, tmp_path: Path) -> None:
    """A what-if with the release that was active: nothing new, exit code 0."""
    code, (totals,) = replay("--policy", candidate(tmp_path))

    assert code == 0
    assert totals["newly_approved"] == {"decisions": 0, "requests": 0, "amounts": {}}
    assert totals["newly_rejected"]["decisions"] == totals["newly_held"]["decisions"] == 0


def test_a_higher_limit_shows_what_it_would_approve(replay: Replay, history: History, tmp_path: Path) -> None:
    """The fee that drained a wallet is let through: the request, its amount, and an exit code that stops CI."""

    def raise_limit(folder: Path) -> None:
        limits = folder / "demo" / "placet" / "rules" / "fee_limit" / "data.json"
        limits.write_text(limits.read_text().replace("10000000000000000", "9" * 30))

    code, said = replay("--policy", candidate(tmp_path, raise_limit))
    approved = [change for change in said if change.get("change") == "newly_approved"]

    assert code == 1
    assert [change["decision_id"] for change in approved] == [history.decisions["a10_fee_drain"].decision_id]
    assert (approved[0]["before"], approved[0]["after"], approved[0]["codes"]) == ("DENY", "ALLOW", [])
    assert said[-1]["newly_approved"] == {"decisions": 1, "requests": 1, "amounts": {"ETH": "1000000000000000"}}


def test_a_stricter_policy_shows_what_it_would_hold(replay: Replay, tmp_path: Path) -> None:
    """The shipped data without the demonstration's lists approves no payment; nothing new is approved."""
    code, said = replay("--policy", candidate(tmp_path, demo=False))
    totals = said[-1]

    assert (code, totals["newly_approved"]["decisions"]) == (0, 0)
    assert totals["newly_held"]["decisions"] > 10


def test_people_get_a_table(history: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as sentences and columns, with nothing that drives a terminal."""
    bundle = candidate(tmp_path, demo=False)
    opa = str(opa_binary())
    assert main(["replay", "--url", history.url, "--policy", str(bundle), "--opa", opa]) == 0
    what_if = capsys.readouterr().out
    assert main(["replay", "--url", history.url, "--opa", opa]) == 0
    again = capsys.readouterr().out

    assert "newly held: ALLOW → HOLD" in what_if
    assert (
        "change           decisions  requests  amounts in base units\nnewly approved           0         0  -\n"
        in what_if
    )
    assert again == (
        "1 not decided again: its request_id had been used for something else, and no policy was asked\n"
        f"{len(history.decisions) - 1} decisions came out bit for bit, 0 did not\n"
    )


def test_without_an_opa_or_with_a_bundle_that_is_none(
    history: History, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and one line: nothing was compared."""
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"no bundle")
    assert main(["replay", "--url", history.url, "--policy", str(bad), "--opa", str(opa_binary())]) == 2
    assert capsys.readouterr().err == "audit: the bundle is refused: not a gzip file bad.tar.gz\n"

    monkeypatch.delenv("PLACET_OPA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["replay", "--url", history.url]) == 2
    assert capsys.readouterr().err == "audit: no OPA: give --opa, set PLACET_OPA, or put it on PATH\n"
