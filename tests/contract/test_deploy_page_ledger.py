"""docs/deploy.md on backups, restores and moves of the ledger: its commands run as they stand, with what they show."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from audit_ledger import audited, more
from documented import commands_under
from ledger_records import opened, write
from placet_policy.ledger.location import SqliteLocation, parse_url
from postgres import PostgresServer, client_programs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "deploy.md"
WHOLE = "The ledger is whole, as far as it was checked.\n"
OWNER = "postgresql://ledger_owner@db.example"


@dataclass(slots=True, kw_only=True)
class Reader:
    """Who types the page's commands.

    Attributes:
        folder: where they are typed.
        instead: what is typed in place of the page's databases.
    """

    folder: Path
    instead: dict[str, str] = field(default_factory=dict)

    def type(self, command: str) -> str:
        """Type a command; its output, errors included."""
        for example, chosen in self.instead.items():
            command = command.replace(example, chosen)
        tools = [str(Path(sys.executable).parent), str(client_programs()), os.environ["PATH"]]
        environment = {**os.environ, "PATH": os.pathsep.join(tools)}
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def follow(self, heading: str) -> list[str]:
        """Type the commands of a section; what each of them printed."""
        return [self.type(command) for command in commands_under(PAGE, heading)]


@contextmanager
def roles(postgres: PostgresServer, database: str, *names: str) -> Iterator[None]:
    """The runbook's roles, which may be left of a test that was interrupted."""
    for role in names:
        postgres.execute(f"DROP ROLE IF EXISTS {role}")
        postgres.execute(f"CREATE ROLE {role} LOGIN")
    yield
    for role in names:
        postgres.execute(f"DROP OWNED BY {role}", database=database)
        postgres.execute(f"DROP ROLE {role}")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A reader in a folder of his own."""
    return Reader(folder=tmp_path)


@pytest.fixture
def restored(postgres: PostgresServer, postgres_url: str, reader: Reader) -> Iterator[str]:
    """An empty database to restore into; the reader types it and the ledger's database."""
    with postgres.database() as name:
        reader.instead = {f"{OWNER}/placet": postgres_url, f"{OWNER}/restored": postgres.url_of(name)}
        yield postgres.url_of(name)


async def with_published_lines(url: str, folder: Path) -> None:
    """A ledger with two writers; the page's `nodes` and `policy.log` are beside it."""
    made = await audited(parse_url(url), folder)
    made.published.rename(folder / "policy.log")


async def test_a_dump_is_restored_whole(postgres_url: str, restored: str, reader: Reader) -> None:
    """`pg_dump` and `pg_restore` keep every row and every trigger, and `verify` finds what was published."""
    await with_published_lines(postgres_url, reader.folder)
    dumped, loaded, verified = reader.follow("PostgreSQL")

    assert (dumped, loaded, verified.endswith(WHOLE)) == ("", "", True), verified
    async with opened(parse_url(restored)) as ledger:
        await write(ledger, 30)


async def test_an_older_dump_is_behind_and_a_tail_is_missing_for_ever(
    postgres_url: str, restored: str, reader: Reader
) -> None:
    """`LEDGER_BEHIND` names what is lost; once the restored ledger goes on, the same loss is `TAIL_CUT`."""
    await with_published_lines(postgres_url, reader.folder)
    dump, restore, verify = commands_under(PAGE, "PostgreSQL")
    reader.type(dump)
    lines = reader.folder / "policy.log"
    await more(parse_url(postgres_url), lines, 20)
    reader.type(restore)
    assert re.search(r"^The first: LEDGER_BEHIND: ", reader.type(verify), re.MULTILINE)

    await more(parse_url(restored), lines, 30)
    assert re.search(r"^The first: TAIL_CUT: ", reader.type(verify), re.MULTILINE)


async def test_a_file_is_copied_while_somebody_writes_to_it(reader: Reader) -> None:
    """The copy has what is in the write-ahead log too, and nothing that was published is missing."""
    file = SqliteLocation(path=reader.folder / "ledger.sqlite")
    await with_published_lines(file.shown, reader.folder)
    async with opened(file) as ledger:
        await write(ledger, 30)
        assert (reader.folder / "ledger.sqlite-wal").stat().st_size > 0
        copied, verified = reader.follow("SQLite")

    assert copied == ""
    assert "9 decisions" in verified
    # The writer of this test was published nowhere.
    assert re.search(r"^The first: WRITER_UNPUBLISHED: ", verified, re.MULTILINE)


async def test_a_ledger_moves_as_the_page_says(postgres: PostgresServer, reader: Reader) -> None:
    """Migration, move, grants and verification, from a file into a database that the owner made."""
    await with_published_lines(f"sqlite:///{reader.folder / 'ledger.sqlite'}", reader.folder)
    with postgres.database() as name, roles(postgres, name, "ledger_reader", "ledger_writer"):
        reader.instead = {f"{OWNER}/placet": postgres.url_of(name)}
        migrated, moved, granted, verified = reader.follow("From one machine to many")
        assert "the ledger has this program's schema" in migrated
        assert "compared row by row" in moved
        assert granted.count("GRANT") == 5
        assert verified.endswith(WHOLE)
        async with opened(parse_url(postgres.url_of(name, user="ledger_writer"))) as ledger:
            await write(ledger, 30)
