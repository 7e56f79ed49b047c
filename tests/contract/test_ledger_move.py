"""`ledger move`: a ledger goes from a file into a real PostgreSQL, whole or not at all, and its limits go on."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import keys
import psycopg
import pytest
import structlog
from ledger_records import decisions, opened, stored, write
from ledger_sql import execute
from limited_worker import AMOUNT, decided, limited_policies, payment
from pipeline import running_pipeline
from placet_policy.audit.commands import main as audit
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.commands import main
from placet_policy.ledger.location import Location, SqliteLocation, parse_url
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.reservation_tables import RESERVATION_TABLES
from placet_policy.log import configure_logging
from postgres import PostgresServer

TABLES = ("bundles", "writers", "records", "contents", *(table.name for table in RESERVATION_TABLES))

MOVED = "the ledger was moved to PostgreSQL and goes on there; this file can only be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The command from one file to one database, and what it said.

    Attributes:
        file: where the ledger is.
        database: where it goes.
    """

    file: SqliteLocation
    database: Location
    _capsys: pytest.CaptureFixture[str]

    def run(self) -> tuple[int, str]:
        """Exit code, and what it said of its end or its failure."""
        self._capsys.readouterr()
        code = main(["move", "--from", self.file.shown, "--to", self.database.shown])
        out, err = self._capsys.readouterr()
        return code, err if code else out

    def count(self, place: Location) -> dict[str, int]:
        """Rows by table."""
        return {table: execute(place, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}

    def is_locked(self) -> bool:
        """Whether the file cannot even be read."""
        file = sqlite3.connect(self.file.path, timeout=0)
        try:
            file.execute("SELECT 1 FROM meta")
        except sqlite3.OperationalError:
            return True
        finally:
            file.close()
        return False

    def nothing_happened(self) -> bool:
        """Whether the database is as empty as it was, and the file still to be written to."""
        unmarked = execute(self.file, "PRAGMA user_version") == [(0,)]
        return unmarked and set(self.count(self.database).values()) == {0}


@pytest.fixture
def moving(path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]) -> Move:
    """A file that is not there yet, and an empty, migrated database."""
    return Move(file=SqliteLocation(path=path), database=parse_url(postgres_url), _capsys=capsys)


@pytest.fixture
async def filled(moving: Move) -> Move:
    """The same, with three decisions in the file."""
    async with opened(moving.file) as ledger:
        for number in (1, 2, 3):
            await write(ledger, number)
    return moving


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Path]:
    """The log of every writer of the test."""
    path = tmp_path / "policy.log"
    with path.open("w", buffering=1) as stream:
        configure_logging("info", stream=stream)
        yield path
    structlog.reset_defaults()


def whole(place: Location, published: Path, nodes: Path) -> bool:
    """Whether `verify` finds nothing, against the lines of every writer."""
    nodes.mkdir(exist_ok=True)
    (nodes / "node-a.pem").write_bytes(keys.checker_public_pem())
    return audit(["verify", "--url", place.shown, "--nodes", str(nodes), "--published", str(published)]) == 0


def folder(path: Path) -> Path:
    """A new folder."""
    path.mkdir()
    return path


async def test_a_moved_ledger_is_whole_and_its_limits_go_on(tmp_path: Path, moving: Move, published: Path) -> None:
    """A window that was full in the file is full in the database, and the old published lines verify the whole."""
    policies = limited_policies(tmp_path, amount=2 * AMOUNT)
    async with running_pipeline(folder(tmp_path / "one"), policies=policies, location=moving.file) as pipeline:
        before = [await decided(pipeline, payment(nonce)) for nonce in (7, 8, 9)]
    there = moving.count(moving.file)
    code, said = moving.run()

    assert (code, there["records"], there["claims"], there["reservations"] > 0) == (0, 5, 2, True)
    assert f"{there['records']:>9} rows of records\n" in said
    assert moving.count(moving.database) == there
    assert whole(moving.database, published, tmp_path / "nodes")

    async with running_pipeline(folder(tmp_path / "many"), policies=policies, location=moving.database) as pipeline:
        after = [await decided(pipeline, payment(nonce)) for nonce in (7, 10)]

    effects = [each.effect.value for each in (*before, *after)]
    assert effects == ["ALLOW", "ALLOW", "HOLD", "ALLOW", "HOLD"]
    assert [reason.code for reason in after[1].reasons] == ["ROLLING_AMOUNT_FULL"]
    assert whole(moving.database, published, tmp_path / "nodes")
    assert [each["decision_id"] for each in decisions(moving.database)] == [
        each.decision_id for each in (*before, *after)
    ]


async def test_a_file_that_was_moved_can_be_read_and_not_written(filled: Move) -> None:
    """No service goes on in the old place, where each window would have its room a second time; audits may read it."""
    assert filled.run()[0] == 0

    with pytest.raises(LedgerUnavailable, match="was moved to PostgreSQL") as refused:
        await open_ledger(filled.file)
    assert refused.value.fault is LedgerFault.REPLACED
    assert [each["verified"] for each in stored(filled.file)] == [True] * 5
    assert filled.run() == (1, f"{filled.database.shown}: {MOVED}\n")


async def test_the_order_of_arrival_goes_on(filled: Move) -> None:
    """What is written after the move comes after what was written before."""
    assert filled.run()[0] == 0
    async with opened(filled.database) as ledger:
        await write(ledger, 4)
    ids = [row[0] for row in execute(filled.database, "SELECT id FROM records ORDER BY id")]
    assert ids == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [each["request_id"] for each in decisions(filled.database)] == [
        f"request-{number}" for number in (1, 2, 3, 4)
    ]


async def test_a_file_that_somebody_has_open_is_not_moved(filled: Move) -> None:
    """A policy tier that runs, or an audit, keeps its ledger where it is."""
    async with opened(filled.file):
        code, said = filled.run()
    assert (code, "somebody has the file open" in said) == (1, True)
    assert filled.nothing_happened()


_UNTIL_TOLD = """
IF NEW.position = 3 THEN
  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711) LOOP
    PERFORM pg_sleep(0.05);
  END LOOP;
END IF
"""


async def test_a_file_that_is_being_moved_is_nobody_elses(filled: Move, postgres: PostgresServer) -> None:
    """A policy tier that starts in the middle of a move does not; the database takes the time of this test."""
    execute(filled.database, *changing("contents", _UNTIL_TOLD))
    running = asyncio.create_task(asyncio.to_thread(filled.run))
    while not filled.is_locked():  # noqa: ASYNC110 - a lock of another process's making
        await asyncio.sleep(0.05)
    with pytest.raises(LedgerUnavailable, match="locked"):
        await open_ledger(filled.file)
    # Not in the ledger's own database, to which nobody else may be connected.
    with psycopg.connect(postgres.url) as other:
        other.execute("SELECT pg_advisory_lock(4711)")
        assert (await running)[0] == 0


async def test_a_database_that_is_a_ledger_is_not_overwritten(filled: Move) -> None:
    """Two ledgers never become one."""
    async with opened(filled.database) as ledger:
        await write(ledger, 9)
    code, said = filled.run()
    assert (code, "the database is another ledger, with rows in bundles" in said) == (1, True)
    assert [each["request_id"] for each in decisions(filled.database)] == ["request-9"]


def test_a_database_that_somebody_uses_is_not_written_to(filled: Move) -> None:
    """A policy tier that is connected to the empty database would go on under an id that is no longer its own."""
    with psycopg.connect(filled.database.shown):
        code, said = filled.run()
    assert (code, "end the 1 other connections to it" in said) == (1, True)
    assert filled.nothing_happened()


def test_a_database_without_tables_is_not_used(filled: Move, postgres: PostgresServer) -> None:
    """The tables are made by the migrations and by nothing else."""
    with postgres.database() as name:
        bare = parse_url(postgres.url_of(name))
        code, said = Move(file=filled.file, database=bare, _capsys=filled._capsys).run()
    assert (code, "run `python -m placet_policy ledger migrate" in said) == (1, True)


def test_a_file_of_another_schema_is_not_moved(filled: Move) -> None:
    """The columns of another version are not what the other place has."""
    execute(filled.file, "UPDATE alembic_version SET version_num = '0001'")
    code, said = filled.run()
    assert (code, "the ledger has schema 0001, this program needs 0002" in said) == (1, True)
    assert filled.nothing_happened()


def test_a_file_of_something_else_is_not_moved(moving: Move, path: Path) -> None:
    """Nor is a file that is not there made."""
    code, said = moving.run()
    assert (code, "unable to open database file" in said, path.exists()) == (1, True, False)
    sqlite3.connect(path).execute("CREATE TABLE notes (text)")
    code, said = moving.run()
    assert (code, "the file is a database of something else" in said) == (1, True)


def test_a_row_that_arrived_otherwise_moves_nothing(filled: Move) -> None:
    """Every row is read again from both places; here the database changes one on its way in."""
    execute(filled.database, *changing("contents", "NEW.facts := 'none'"))
    code, said = filled.run()
    assert (code, "row 1 of contents is not in both places" in said) == (1, True)
    assert filled.nothing_happened()


def test_a_row_that_did_not_arrive_moves_nothing(filled: Move) -> None:
    """A row that is missing is found like one that differs."""
    execute(filled.database, *changing("contents", "IF NEW.position = 5 THEN RETURN NULL; END IF"))
    code, said = filled.run()
    assert (code, "row 3 of contents is not in both places" in said) == (1, True)
    assert filled.nothing_happened()


async def test_a_move_whose_end_nobody_saw_is_ended_by_the_next(filled: Move) -> None:
    """A COMMIT that fails leaves a file that no service writes to, until the move is run again."""
    late = "CREATE CONSTRAINT TRIGGER meddle AFTER INSERT ON contents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    made, _ = changing("contents", "RAISE EXCEPTION 'too late'")
    execute(filled.database, made, f"{late} EXECUTE FUNCTION meddle()")
    code, said = filled.run()

    assert (code, "is not known, run this again: too late" in said) == (1, True)
    with pytest.raises(LedgerUnavailable, match="run `ledger move` again"):
        await open_ledger(filled.file)
    assert set(filled.count(filled.database).values()) == {0}
    execute(filled.database, "DROP TRIGGER meddle ON contents")
    assert filled.run()[0] == 0
    assert len(decisions(filled.database)) == 3


def test_a_move_that_was_committed_unheard_is_ended_by_the_next(filled: Move) -> None:
    """The database has all of it, and the file says that a move was begun: the next compares, and ends it."""
    assert filled.run()[0] == 0
    execute(filled.file, "PRAGMA user_version = 1")
    there = filled.count(filled.database)

    assert filled.run()[0] == 0
    assert filled.count(filled.database) == there
    assert execute(filled.file, "PRAGMA user_version") == [(2,)]


async def test_a_move_that_is_killed_moved_nothing(filled: Move) -> None:
    """SIGKILL in the middle: the file is what it was, and the next move begins from nothing."""
    execute(filled.database, *changing("contents", "PERFORM pg_sleep(1)"))
    command = [sys.executable, "-m", "placet_policy", "ledger", "move"]
    command += ["--from", filled.file.shown, "--to", filled.database.shown]
    process = await asyncio.create_subprocess_exec(*command)
    while not filled.is_locked():  # noqa: ASYNC110 - a lock of another process's making
        await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    async with opened(filled.file) as ledger:
        await write(ledger, 4)

    while (outcome := filled.run())[0]:
        assert "connections to it" in outcome[1] or "lock timeout" in outcome[1]
        await asyncio.sleep(0.2)
    assert len(decisions(filled.database)) == 4


async def test_a_move_is_not_repeated_once_the_database_went_on(filled: Move) -> None:
    """A file that lacks what was decided since is not the ledger any more, and is not taken for it."""
    assert filled.run()[0] == 0
    execute(filled.file, "PRAGMA user_version = 0")
    async with opened(filled.database) as ledger:
        await write(ledger, 4)

    code, said = filled.run()
    assert (code, "is not in both places" in said) == (1, True)
    assert len(decisions(filled.database)) == 4


def test_the_id_cannot_be_changed_afterwards(filled: Move) -> None:
    """The trigger that a move takes away is there again."""
    assert filled.run()[0] == 0
    UUID(stored(filled.database)[0]["ledger"])
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="meta is append-only"):
        execute(filled.database, "UPDATE meta SET value = 'x'")


def test_a_ledger_moves_from_a_file_into_a_database_only(moving: Move, capsys: pytest.CaptureFixture[str]) -> None:
    """The other ways round have tools of their own."""
    assert main(["move", "--from", moving.database.shown, "--to", moving.file.shown]) == 1
    assert main(["move", "--from", "sqlite://x", "--to", moving.database.shown]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "a ledger moves from a SQLite file into PostgreSQL: --from sqlite:… --to postgresql:…"
    assert said[1].startswith("--from: a ledger URL is sqlite:")


def changing(table: str, what: str) -> tuple[str, str]:
    """A database that does this to every row on its way into a table."""
    return (
        f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$",
        f"CREATE TRIGGER meddle BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle()",
    )
