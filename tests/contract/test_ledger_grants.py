"""The SQL that `ledger grants` prints, applied to a real PostgreSQL: what each role can do, and what it cannot."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from ledger_records import decisions, opened, stored, write
from placet_policy.ledger.commands import main
from placet_policy.ledger.location import Location, parse_url
from postgres import PostgresServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """One ledger, as its two roles see it.

    Attributes:
        reader: for the auditor.
        writer: for the policy tier.
    """

    reader: Location
    writer: Location


@pytest.fixture
def roles(postgres: PostgresServer, postgres_url: str, capsys: pytest.CaptureFixture[str]) -> Iterator[Roles]:
    """Two roles whose names need quotes, with the grants that the command prints."""
    name = postgres_url.rsplit("/", 1)[1]
    made = {kind: f"{kind}-{name[-8:]}" for kind in ("reader", "writer")}
    for role in made.values():
        postgres.execute(f'CREATE ROLE "{role}" LOGIN')
    assert main(["grants", "--reader", made["reader"], "--writer", made["writer"]]) == 0
    for statement in capsys.readouterr().out.splitlines():
        postgres.execute(statement, database=name)
    yield Roles(**{kind: parse_url(postgres.url_of(name, user=role)) for kind, role in made.items()})
    for role in made.values():
        postgres.execute(f'DROP OWNED BY "{role}"', database=name)
        postgres.execute(f'DROP ROLE "{role}"')


def run(place: Location, statement: str) -> None:
    """Run one statement as the role of a place."""
    with psycopg.connect(place.shown, autocommit=True) as connection:
        connection.execute(statement.encode())


async def fill(place: Location) -> None:
    """Do everything that a policy tier does."""
    async with opened(place) as ledger:
        await write(ledger, 1)
        await ledger.mark_stop(stopped=True, at=1.0)
        await ledger.check()


def test_the_writer_can_do_its_work_and_the_reader_can_read_it(roles: Roles) -> None:
    """The tier runs with the writer's role; the auditor's role reads and verifies every record."""
    asyncio.run(fill(roles.writer))
    assert [each["verified"] for each in stored(roles.reader)] == [True, True, True, True]
    assert [each["token"] for each in decisions(roles.reader)] == ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln"]


TABLES = ("meta", "writers", "records", "contents", "bundles", "probe", "alembic_version")
FORBIDDEN = (
    *(f"DELETE FROM {table}" for table in TABLES),
    *(f"TRUNCATE {table}" for table in TABLES),
    *(f"DROP TABLE {table}" for table in TABLES),
    "UPDATE records SET effect = 'ALLOW'",
    "UPDATE contents SET facts = NULL",
    "UPDATE bundles SET content = ''",
    "UPDATE meta SET value = 'x'",
    "UPDATE alembic_version SET version_num = '0002'",
    "INSERT INTO meta VALUES ('a', 'b')",
    "DROP TRIGGER records_no_update ON records",
    "ALTER TABLE records DISABLE TRIGGER ALL",
    "ALTER TABLE records ADD COLUMN more text",
    "CREATE OR REPLACE FUNCTION placet_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "SET session_replication_role = replica",
)


@pytest.mark.parametrize("kind", ["reader", "writer"])
def test_no_role_can_change_what_is_written(roles: Roles, kind: str) -> None:
    """Neither updates, deletes, truncates, drops, nor takes a trigger away."""
    asyncio.run(fill(roles.writer))
    place: Location = getattr(roles, kind)
    for statement in FORBIDDEN:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(place, statement)
    assert all(each["verified"] for each in stored(roles.reader))


@pytest.mark.parametrize("table", ["writers", "records", "contents", "bundles", "probe"])
def test_the_reader_cannot_add_anything(roles: Roles, table: str) -> None:
    """An auditor's role adds no row to any table."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(roles.reader, f"INSERT INTO {table} DEFAULT VALUES")
