"""`placet policy diff` to its end, over samples, cases and decisions that the real pipeline recorded."""

import asyncio
import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from pipeline import running_pipeline
from placet_cli.__main__ import app
from placet_cli.policy.build import build_bundle
from placet_cli.samples import samples
from placet_policy.audit.commands import main as audit
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
SENT = ("keysign_eth_eip1559_transfer", "keysign_message_eip191")
AT = ("--at", "2026-08-01T12:00:00Z")


@dataclass(frozen=True)
class Recorded:
    """A ledger of two samples under the demonstration data, the first asked twice.

    Attributes:
        url: The ledger.
        export: An export of it.
        bundle: What decided.
        decisions: The ids, in the order of the decisions.
    """

    url: str
    export: Path
    bundle: Path
    decisions: list[str]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Through gate, OPA and ledger."""
    folder = tmp_path_factory.mktemp("recorded")
    chosen = [next(each for each in samples() if each.id == name) for name in SENT]

    async def decide() -> list[str]:
        async with running_pipeline(folder) as pipeline:
            first = await pipeline.send(chosen[0])
            again = await pipeline.send(chosen[0], request_id=first.request_id)
            other = await pipeline.send(chosen[1])
            return [each.decision_id for each in (first, again, other)]

    decisions = asyncio.run(decide())
    url, export = f"sqlite:///{folder / 'ledger.sqlite'}", folder / "ledger.jsonl.gz"
    assert audit(["export", "--url", url, "--to", str(export)]) == 0
    bundle = folder / "active.tar.gz"
    bundle.write_bytes(build_bundle(POLICIES, opa=opa_binary(), demo=True).data)
    return Recorded(url, export, bundle, decisions)


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    """A copy of the policies in which one ETH is the most that a request may move."""
    return _limited(tmp_path / "proposed", "ETH", "1000000000000000000")


def _limited(folder: Path, token: str, most: str) -> Path:
    """A copy of the policies in which this is the most that a request may move of a token."""
    shutil.copytree(POLICIES, folder)
    file = folder / "demo/placet/rules/amount_limit/data.json"
    data = json.loads(file.read_bytes())
    data["limits"][token]["max"] = most
    file.write_text(json.dumps(data))
    return folder


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["policy", *map(str, arguments)], env={"PLACET_OPA": str(opa_binary())})


def _diff(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    result = _run("diff", *arguments, *AT, "--json")
    assert result.exit_code < 2, result.stderr
    return result.exit_code, json.loads(result.stdout)


def test_a_lower_limit_rejects_samples_cases_and_recorded_requests(recorded: Recorded, proposed: Path) -> None:
    """A bundle against a folder: what is newly rejected of each source, each request's amount once."""
    code, said = _diff(recorded.bundle, proposed, "--demo", "--export", recorded.export)
    assert code == 1
    assert said["compared"]["recorded"] == 3
    assert said["compared"]["case"] > 100
    assert said["left_out"] == [
        f"under {recorded.bundle}, cases of shipped data: it was built with the demonstration data"
    ]
    assert {(change["source"], change["change"]) for change in said["changes"]} == {
        ("sample", "newly_rejected"),
        ("case", "newly_rejected"),
        ("recorded", "newly_rejected"),
    }
    totals = {total["source"]: total for total in said["totals"]}
    assert totals["sample"]["amounts"] == {"ETH": "1500000000000000000"}
    assert totals["recorded"] == {
        "change": "newly_rejected",
        "source": "recorded",
        "decisions": 2,
        "requests": 1,
        "amounts": {"ETH": "1500000000000000000"},
    }
    (change,) = [each for each in said["changes"] if each["name"] == recorded.decisions[0]]
    assert (change["before"], change["after"]) == (
        {"effect": "allow", "codes": []},
        {"effect": "deny", "codes": ["AMOUNT_ABOVE_LIMIT"]},
    )


def test_the_same_release_changes_nothing(recorded: Recorded) -> None:
    """Two bundles have no cases, which is said; a ledger is read as an export is."""
    code, said = _diff(recorded.bundle, recorded.bundle, "--url", recorded.url)
    assert (code, said["changes"], said["totals"]) == (0, [], [])
    assert said["compared"]["recorded"] == 3
    assert said["left_out"] == ["cases: neither release is a folder that has some"]


def test_only_new_approvals_fail_where_that_is_asked(recorded: Recorded, proposed: Path) -> None:
    """A stricter release is none; the way back is one, and a pull request shows it."""
    strict = proposed.parent / "strict.tar.gz"
    strict.write_bytes(build_bundle(proposed, opa=opa_binary(), demo=True).data)
    stricter = _run("diff", recorded.bundle, strict, *AT, "--fail-on", "approved", "--markdown")
    opener = _run("diff", strict, recorded.bundle, *AT, "--fail-on", "approved", "--markdown")
    assert (stricter.exit_code, opener.exit_code) == (0, 1)
    assert "| **newly approved** | 1 sample | 1.5 ETH (1500000000000000000 base units) |" in opener.stdout


def test_what_cannot_be_compared_is_no_difference(recorded: Recorded, tmp_path: Path) -> None:
    """Exit status 2 and one sentence: a release that is not there, an export that was cut."""
    missing = _run("diff", tmp_path / "no", recorded.bundle)
    assert (missing.exit_code, missing.stderr) == (
        2,
        f"placet: {tmp_path}/no: is neither a bundle nor a policy folder\n",
    )
    cut = tmp_path / "cut.gz"
    cut.write_bytes(recorded.export.read_bytes()[:-60])
    result = _run("diff", recorded.bundle, recorded.bundle, "--export", cut)
    assert result.exit_code == 2
    assert result.stderr.startswith("placet: EXPORT_")


def test_a_recorded_decision_is_tried_from_its_line_and_from_the_export(recorded: Recorded, tmp_path: Path) -> None:
    """With its time, node and history: a line cut out of the export, and the export with the decision's id."""
    lines = gzip.decompress(recorded.export.read_bytes()).splitlines()
    line = next(each for each in lines if recorded.decisions[2].encode() in each)
    file = tmp_path / "line.json"
    file.write_bytes(line)
    for arguments in ((file,), (recorded.export, "--decision", recorded.decisions[2])):
        result = _run("try", *arguments, "--bundle", recorded.bundle, "--json")
        said = json.loads(result.stdout)
        assert (said["effect"], said["name"]) == ("hold", f"decision {recorded.decisions[2]}")
        assert [reason["code"] for reason in said["reasons"]] == ["MESSAGES_NOT_CONFIGURED"]
        assert said["notes"] == ["limits over time: decided with the history that stands in the file"]

    edited = tmp_path / "edited.json"
    edited.write_bytes(line.replace(b"personal", b"Personal"))
    result = _run("try", edited, "--bundle", recorded.bundle)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "its contents are not readable: run verify" in result.stderr


def test_bitcoin_payments_of_cases_are_added_up_without_change(tmp_path: Path) -> None:
    """The payment of a case that is newly rejected counts, what goes to an own key does not."""
    folder = _limited(tmp_path / "proposed", "BTC", "0")
    for other in (folder / "cases").glob("*.yaml"):
        if other.name not in {"bitcoin_outputs.yaml", "inputs.yaml"}:
            other.unlink()

    _, said = _diff(POLICIES, folder, "--demo")

    (total,) = [each for each in said["totals"] if each["source"] == "case" and each["change"] == "newly_rejected"]
    assert set(total["amounts"]) == {"BTC"}
    assert int(total["amounts"]["BTC"]) > 0
    (own,) = [each for each in said["changes"] if each["name"].endswith(": a payment with change to an own key")]
    assert own["amounts"] == {"BTC": "60000000"}
