"""Exports that are interrupted and go on, archives that erase only what they hold, and who may read."""

import gzip
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audit_ledger import Audited, audited
from ledger_records import opened, write
from ledger_sql import execute
from placet_policy.audit import export_write
from placet_policy.audit.commands import main
from placet_policy.ledger.commands import main as ledger_main
from placet_policy.ledger.location import Location, SqliteLocation, parse_url
from postgres import PostgresServer

_TWO_HOURS = 7200.0


@pytest.fixture
async def ledger(location: Location, tmp_path: Path) -> Audited:
    """A whole ledger in each of the two stores; the first writer's decisions are two hours old."""
    return await audited(location, tmp_path, age=_TWO_HOURS)


@pytest.fixture
async def file_ledger(tmp_path: Path) -> Audited:
    """The same in SQLite alone."""
    return await audited(SqliteLocation(path=tmp_path / "ledger.sqlite"), tmp_path, age=_TWO_HOURS)


def export(ledger: Audited, file: Path, *more: str) -> int:
    """Run `export`."""
    return main(["export", "--url", ledger.location.shown, "--to", str(file), *more])


def report(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    """What `verify` says."""
    capsys.readouterr()
    main(["verify", *map(str, arguments), "--json"])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_an_export_is_private_and_never_overwritten(
    file_ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds the nodes' tokens; what is there stays there."""
    file = tmp_path / "export"
    assert export(file_ledger, file) == 0
    before = file.read_bytes()

    assert file.stat().st_mode & 0o777 == 0o600
    assert export(file_ledger, file) == 2
    assert capsys.readouterr().err == f"audit: {file}: File exists\n"
    assert file.read_bytes() == before


def test_an_interrupted_export_goes_on_to_the_same_bytes(
    file_ledger: Audited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut anywhere, also inside a piece: resumed, it is what it would have been."""
    monkeypatch.setattr(export_write, "MEMBER_BYTES", 2000)
    file = tmp_path / "export"
    export(file_ledger, file)
    whole = file.read_bytes()
    assert whole.count(b"\x1f\x8b\x08") > 4

    for length in (0, 1, 500, len(whole) // 2, len(whole) - 1, len(whole)):
        file.write_bytes(whole[:length])
        assert export(file_ledger, file, "--resume") == 0
        assert file.read_bytes() == whole


async def test_a_finished_export_takes_in_what_is_new(
    file_ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Resumed after another writer worked, it holds both and is whole."""
    file = tmp_path / "export"
    export(file_ledger, file)
    async with opened(file_ledger.location) as later:
        await write(later, 21)

    assert export(file_ledger, file, "--resume") == 0
    said = report(capsys, "--export", file)
    assert (said["whole"], said["records"], said["writers"]) == (True, 15, 3)


def test_only_an_export_of_the_same_ledger_is_continued(
    file_ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another ledger's export and any other file are left as they are."""
    other, strange = tmp_path / "other", tmp_path / "strange"
    other.write_bytes(
        gzip.compress(b'{"type":"header","format":"placet.ledger-export/v1","ledger":"x","schema":"0001"}\n')
    )
    strange.write_bytes(b"a file that somebody needs")

    assert (export(file_ledger, other, "--resume"), export(file_ledger, strange, "--resume")) == (2, 2)
    assert capsys.readouterr().err == (
        "audit: the file is an export of another ledger, x\naudit: EXPORT_DAMAGED: not a compressed piece at byte 0\n"
    )
    assert strange.read_bytes() == b"a file that somebody needs"


def archive(ledger: Audited, file: Path, *, hours: float = 1.5) -> int:
    """Run `archive` with what is older than some hours."""
    before = datetime.now(UTC) - timedelta(hours=hours)
    return main(["archive", "--url", ledger.location.shown, "--to", str(file), "--before", before.isoformat()])


def test_archived_contents_are_told_from_missing_ones(
    ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old contents leave the ledger, the file has them, the chain stays whole, the archive is published."""
    file = tmp_path / "archive"
    assert archive(ledger, file) == 0
    said = capsys.readouterr()
    with ledger.published.open("a") as published:
        published.write(said.out)

    assert said.err.endswith("holds 8 contents; 4 of them were erased from the ledger\n")
    kept = report(capsys, "--export", file, "--nodes", ledger.nodes)
    assert (kept["whole"], kept["contents"], kept["archived"]) == (True, 8, 0)
    left = report(capsys, "--url", ledger.location.shown, "--nodes", ledger.nodes, "--published", ledger.published)
    assert (left["whole"], left["contents"], left["archived"], left["writers"]) == (True, 4, 4, 3)

    _disable(ledger.location)
    execute(ledger.location, f"DELETE FROM contents WHERE writer = '{ledger.second}' AND position = 4")
    left = report(capsys, "--url", ledger.location.shown)
    assert (left["archived"], left["counts"]) == (4, {"CONTENT_MISSING": 1})
    assert left["first"]["decision_id"] == "decision-12"


def test_a_ledger_that_is_not_whole_is_not_archived(
    ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is erased, and nothing is recorded."""
    _disable(ledger.location)
    execute(ledger.location, f"UPDATE contents SET facts = '1' WHERE writer = '{ledger.first}' AND position = 4")

    assert archive(ledger, tmp_path / "archive") == 1
    assert "Nothing was erased." in capsys.readouterr().err
    left = report(capsys, "--url", ledger.location.shown)
    assert (left["contents"], left["writers"]) == (8, 2)


def test_the_last_hour_is_never_archived(
    file_ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record dated before the limit could still arrive."""
    assert archive(file_ledger, tmp_path / "archive", hours=0.9) == 2
    assert capsys.readouterr().err == "audit: --before must be an hour ago at least\n"


def test_erased_bytes_are_gone_from_the_file(file_ledger: Audited, tmp_path: Path) -> None:
    """Neither SQLite's free pages nor its write-ahead log keep what was erased."""
    location = file_ledger.location
    assert isinstance(location, SqliteLocation)
    find = f"SELECT token_zlib FROM contents WHERE writer = '{file_ledger.first}'"
    tokens = [token for (token,) in execute(location, find)]
    assert archive(file_ledger, tmp_path / "archive") == 0

    kept = b"".join(path.read_bytes() for path in location.path.parent.glob("ledger.sqlite*"))
    assert [token for token in tokens if token[50:250] in kept] == []


@pytest.fixture
async def postgres_ledger(postgres_url: str, tmp_path: Path) -> Audited:
    """The same in PostgreSQL alone."""
    return await audited(parse_url(postgres_url), tmp_path, age=_TWO_HOURS)


def test_the_readers_role_is_enough_to_audit_and_not_to_archive(
    postgres: PostgresServer,
    postgres_url: str,
    postgres_ledger: Audited,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the grants that `ledger grants` prints, an auditor verifies and exports, and erases nothing."""
    made = postgres_ledger
    database = postgres_url.rsplit("/", 1)[1]
    reader, writer = (f"{name}_{uuid.uuid4().hex[:8]}" for name in ("reader", "writer"))
    for role in (reader, writer):
        postgres.execute(f"CREATE ROLE {role} LOGIN", database=database)
    assert ledger_main(["grants", "--reader", reader, "--writer", writer]) == 0
    for statement in capsys.readouterr().out.splitlines():
        postgres.execute(statement, database=database)
    url = postgres.url_of(database, user=reader)

    said = report(capsys, "--url", url, "--nodes", made.nodes, "--published", made.published)
    assert (said["whole"], said["records"]) == (True, 12)
    before = (datetime.now(UTC) - timedelta(hours=1.5)).isoformat()
    assert main(["archive", "--url", url, "--to", str(tmp_path / "archive"), "--before", before]) == 2
    assert "permission denied" in capsys.readouterr().err
    assert report(capsys, "--url", url)["contents"] == 8


@pytest.mark.parametrize(("before", "wrong"), [("noon", "is no time"), ("2026-01-31T12:00", "has no offset")])
def test_the_age_of_what_is_erased_must_be_a_time(before: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A date that cannot be read is named with its argument, and nothing is opened."""
    with pytest.raises(SystemExit) as ended:
        main(["archive", "--url", "sqlite:////nowhere/l", "--to", "f", "--before", before])
    assert ended.value.code == 2
    assert f"error: argument --before: '{before}' {wrong}; write 2026-01-31" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "audit: no ledger: give --url, or set PLACET_POLICY_LEDGER_URL\n"),
        (["verify", "--url", "mysql://h/d"], "audit: a ledger URL is sqlite:"),
        (["verify", "--url", "sqlite:////nowhere/l", "--export", "e"], "audit: --url and --export are two sources"),
        (["verify", "--url", "sqlite:////nowhere/l"], "audit: /nowhere/l: No such file or directory\n"),
        (["verify", "--export", "/nowhere/e"], "audit: /nowhere/e: No such file or directory\n"),
        (["verify", "--url", "sqlite:////nowhere/l", "--nodes", "/nowhere"], "audit: /nowhere: No such file"),
        (["verify", "--url", "postgresql://u@127.0.0.1:1/d"], "audit: connection failed"),
    ],
)
def test_what_cannot_be_read_has_an_exit_code_of_its_own(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """2 and one line: nothing was judged."""
    monkeypatch.delenv("PLACET_POLICY_LEDGER_URL", raising=False)

    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(said)


def test_a_malformed_published_line_is_no_proof(
    file_ledger: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other lines of a log are passed over; one of ours that cannot be read ends the command."""
    log = tmp_path / "log"
    log.write_text('plain text\n[1]\n{"event": "ready"}\n{"event": "ledger_head", "ledger": "x"}\n')

    assert main(["verify", "--url", file_ledger.location.shown, "--published", str(log)]) == 2
    assert capsys.readouterr().err == "audit: log:4: not a published line of a ledger\n"


def test_people_are_told_the_first_finding_first(file_ledger: Audited, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong, how much there is, what was not checked, and the verdict."""
    assert main(["verify", "--url", file_ledger.location.shown]) == 0
    whole = capsys.readouterr().out.splitlines()
    _disable(file_ledger.location)
    execute(file_ledger.location, "UPDATE records SET effect = 'HOLD' WHERE position = 4")
    assert main(["verify", "--url", file_ledger.location.shown]) == 1
    found = capsys.readouterr().out.splitlines()

    summary = f"Ledger {file_ledger.ledger}: 12 records of 2 writers, 8 decisions, 8 with contents, 0 archived"
    assert whole[0] == summary
    assert whole[1].startswith("Not checked: no published lines were given")
    assert whole[-1] == "The ledger is whole, as far as it was checked."
    assert found[0] == (
        f"The first: RECORD_CHANGED: writer {file_ledger.first} position 4, decision decision-2:"
        " the record's fields do not give its hash: one of them was changed"
    )
    assert found[2] == "Found: RECORD_CHANGED 2"
    assert found[-1] == "The ledger is NOT whole."


def _disable(location: Location) -> None:
    if isinstance(location, SqliteLocation):
        names = execute(location, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        execute(location, *(f"DROP TRIGGER {name}" for (name,) in names))
    else:
        execute(location, *(f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in ("records", "contents")))
