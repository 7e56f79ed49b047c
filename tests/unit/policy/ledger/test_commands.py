"""`python -m placet_policy ledger`: what it prints, what it keeps to itself, and when it fails."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from ledger_records import opened, record
from placet_policy.ledger.commands import main
from placet_policy.ledger.location import SqliteLocation

TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A ledger with two decisions and a stop."""
    path = tmp_path / "ledger.sqlite"

    async def fill() -> None:
        async with opened(SqliteLocation(path=path)) as ledger:
            await ledger.commit(record(1), versions={})
            reasons = [{"code": "STOPPED", "message": "Deciding is\x1b[2J stopped."}]
            await ledger.commit(record(2, effect="HOLD", reasons=reasons, facts=None), versions={})
            await ledger.mark_stop(stopped=True, at=1795369765.0)

    asyncio.run(fill())
    return f"sqlite:///{path}"


def test_list_prints_a_readable_line_a_record(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A line has time, effect, request, what it does and why; control characters of a request are replaced."""
    assert main(["list", "--url", url]) == 0
    writer, *others = capsys.readouterr().out.splitlines()[-5:]
    assert "  writer  " in writer
    assert others == [
        "2026-11-22T17:48:20.000000+00:00  bundle  sha256:" + "cd" * 32,
        "2026-11-22T17:49:24.500000+00:00  ALLOW   request-1  Sends 1 ETH.",
        "2026-11-22T17:49:24.500000+00:00  HOLD    request-2    STOPPED: Deciding is\ufffd[2J stopped.",
        "2026-11-22T17:49:25.000000+00:00  stop",
    ]


def test_list_prints_json_without_evidence(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` gives one object a line, with facts and reasons and the hash's verdict, and without the token."""
    assert main(["list", "--url", url, "--json"]) == 0
    first, _second, third = map(json.loads, capsys.readouterr().out.splitlines()[-3:])
    assert first["facts"] == {"summary": ["Sends 1 ETH."]}
    assert (first["request_type"], first["position"], first["verified"]) == (2, 3, True)
    assert (third["kind"], third["request_id"], third["verified"]) == ("stop", None, True)
    assert "token" not in first
    assert "input" not in first


def test_list_can_be_narrowed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--request` shows the records of one request."""
    assert main(["list", "--url", url, "--json", "--request", "request-2"]) == 0
    only = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(only)["decision_id"] == "decision-2"


def test_show_prints_everything_but_the_token(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` adds the input document; the token, which could be replayed, is not shown."""
    assert main(["show", "--url", url, "--decision", "decision-1"]) == 0
    shown = capsys.readouterr().out
    assert '"schema": "placet.input/v1"' in shown
    assert TOKEN not in shown


def test_show_prints_the_token_on_request(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--evidence` shows the node's signed token."""
    assert main(["show", "--url", url, "--decision", "decision-1", "--json", "--evidence"]) == 0
    assert json.loads(capsys.readouterr().out)["token"] == TOKEN


def test_show_of_an_unknown_decision_fails(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown decision_id is exit code 1 and says so."""
    assert main(["show", "--url", url, "--decision", "nope"]) == 1
    assert capsys.readouterr().err == "there is no such record\n"


def test_a_changed_record_is_noticed(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record whose hash does not fit is marked, and the exit code is 1."""
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER records_no_update")
        connection.execute("UPDATE records SET effect = 'ALLOW' WHERE decision_id = 'decision-2'")
    connection.close()
    assert main(["list", "--url", url]) == 1
    lines = capsys.readouterr().out.splitlines()[-5:]
    assert [line.endswith("THE RECORD DOES NOT FIT") for line in lines] == [False, False, False, True, False]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/ledger.sqlite", "postgresql://user@localhost:1/db"])
def test_a_ledger_that_cannot_be_read_fails(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there, or another store, is exit code 1 and named."""
    assert main(["list", "--url", url]) == 1
    assert capsys.readouterr().err.startswith(url)
