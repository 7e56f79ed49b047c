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


def test_show_takes_the_decision_by_its_place(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The decision_id alone names the record; two of them, or none, name nothing."""
    assert main(["show", "--url", url, "decision-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["decision_id"] == "decision-1"
    for named in ([], ["decision-1", "--decision", "decision-2"]):
        with pytest.raises(SystemExit) as ended:
            main(["show", "--url", url, *named])
        assert ended.value.code == 2
        assert "placet audit show: error: name one decision" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["list", "show", "quota"])
def test_the_usage_names_what_people_type(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Not the module by which the command line starts it."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: placet audit {command} ")


def test_show_prints_the_token_on_request(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--evidence` shows the node's signed token."""
    assert main(["show", "--url", url, "--decision", "decision-1", "--json", "--evidence"]) == 0
    assert json.loads(capsys.readouterr().out)["token"] == TOKEN


def test_show_of_an_unknown_decision_fails(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown decision_id is named, and not the exit code of a record that does not fit."""
    assert main(["show", "--url", url, "--decision", "nope"]) == 2
    assert capsys.readouterr().err == "there is no record of the decision 'nope'\n"


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
    """A file that is not there, or another store, is exit code 2 and named."""
    assert main(["list", "--url", url]) == 2
    assert capsys.readouterr().err.startswith(url)


def test_erased_contents_leave_the_codes(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line still has time, effect, request and codes; it verifies, and says in JSON that contents are gone."""
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute("DELETE FROM contents")
    connection.close()
    assert main(["list", "--url", url, "--request", "request-2"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "2026-11-22T17:49:24.500000+00:00  HOLD    request-2    STOPPED"
    )
    assert main(["show", "--url", url, "--decision", "decision-2", "--json", "--evidence"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["contents"], shown["token"], shown["verified"]) == (False, None, True)


@pytest.mark.parametrize(
    ("trigger", "statement"),
    [
        ("contents_no_update", "UPDATE contents SET facts = NULL"),
        ("contents_no_update", "UPDATE contents SET decision = '{}'"),
        ("records_no_update", "UPDATE records SET signature = zeroblob(64) WHERE kind = 'decision'"),
        ("records_no_update", "UPDATE records SET previous = zeroblob(32) WHERE kind = 'decision'"),
        ("writers_no_update", "UPDATE writers SET public_key = zeroblob(32)"),
    ],
)
def test_each_thing_that_does_not_fit_is_noticed(
    url: str, tmp_path: Path, trigger: str, statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Changed contents, signatures, links and keys."""
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    connection.close()
    assert main(["list", "--url", url, "--request", "request-1"]) == 1
    assert capsys.readouterr().out.endswith("  THE RECORD DOES NOT FIT\n")


def test_migrate_makes_a_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command makes the tables, and says so."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert main(["migrate", "--url", url]) == 0
    assert capsys.readouterr().out == f"{url}: the ledger has this program's schema\n"
    assert main(["list", "--url", url]) == 0


def test_migrate_of_a_place_that_is_not_there_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit code 1."""
    assert main(["migrate", "--url", f"sqlite:///{tmp_path}/missing/new.sqlite"]) == 1
    assert capsys.readouterr().err.endswith("No such file or directory: '" + f"{tmp_path}/missing/new.sqlite'\n")


@pytest.mark.parametrize(("command", "code"), [("migrate", 1), ("list", 2)])
def test_a_password_is_not_repeated(command: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever goes wrong, the URL is shown without it."""
    for url in ("postgresql://u:hunter2@127.0.0.1:1/d", "postgresql://u:hunter2@127.0.0.1:1/d?x=1", "u:hunter2"):
        assert main([command, "--url", url]) == code
        printed = capsys.readouterr()
        assert "hunter2" not in printed.out + printed.err
        assert printed.err


def test_the_url_may_come_from_the_settings(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --url the policy tier's own variable names the ledger."""
    monkeypatch.setenv("PLACET_POLICY_LEDGER_URL", url)
    assert main(["list"]) == 0
    assert "request-1" in capsys.readouterr().out


def test_grants_are_sql_with_quoted_names(capsys: pytest.CaptureFixture[str]) -> None:
    """Names are quoted, the schema is the one that was named, and nobody is given UPDATE or DELETE."""
    assert main(["grants", "--reader", 'audit"or', "--writer", "tier", "--schema", "led"]) == 0
    printed = capsys.readouterr().out
    assert 'GRANT USAGE ON SCHEMA "led" TO "audit""or";' in printed
    assert printed.splitlines()[-1] == (
        'GRANT INSERT ON "led".writers, "led".records, "led".contents, "led".bundles, "led".probe, "led".signers, '
        '"led".series, "led".claims, "led".spends, "led".reservations, "led".superseded, "led".outpoints, '
        '"led".destinations TO "tier";'
    )
    assert "UPDATE" not in printed
    assert "DELETE" not in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--since yesterday", "--since: 'yesterday' is no time; write 2026-01-31 or 2026-01-31T12:00:00Z\n"),
        ("--until 2026-13-01", "--until: '2026-13-01' is no time; write 2026-01-31 or 2026-01-31T12:00:00Z\n"),
        ("--since 2026-01-31T12:00", "--since: '2026-01-31T12:00' has no offset; write 2026-01-31T12:00:00Z\n"),
        ("--limit 0", "--limit: '0' is no number from 1 on\n"),
        ("--limit ten", "--limit: 'ten' is no number from 1 on\n"),
        ("--type KEYSIGN", "--type: 'KEYSIGN' is none of PING, KEY_GEN, KEY_SIGN, KEY_RESHARE, KEY_SHARE_SIGN\n"),
        ("--kind desicion", "--kind: invalid choice: 'desicion'"),
    ],
)
def test_a_wrong_filter_is_named(arguments: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A filter that can match nothing is refused with what is wrong and how to write it."""
    with pytest.raises(SystemExit) as ended:
        main(["list", "--url", "sqlite:////nowhere", *arguments.split()])
    assert ended.value.code == 2
    assert f"error: argument {said}" in capsys.readouterr().err
