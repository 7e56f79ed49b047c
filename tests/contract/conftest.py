"""The event loop of each part, and what several contract suites start from."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import uvloop
from ledger_records import opened
from placet_cli.node.transport import http_client
from placet_policy.ledger.location import Location, SqliteLocation, parse_url
from placet_policy.ledger.migrate import migrate
from placet_policy.ledger.stored import StoredLedger
from postgres import PostgresServer, postgres_server


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give uvloop to the tests of the edge, and asyncio's own loop to all others."""
    del config
    if item.path.name.startswith("test_edge_"):
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengthen the limits that no setting reaches: on a busy machine they would end what is only slow."""
    monkeypatch.setattr("placet_edge.internal._STATUS_TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr("placet_edge.replies._STANDING_ANSWER_SECONDS", 60.0)
    monkeypatch.setattr("placet_policy.opa.session.CONNECT_SECONDS", 60.0)
    monkeypatch.setattr("placet_policy.status._CHECK_SECONDS", 60.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "ledger.sqlite"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A new ledger in PostgreSQL, migrated, not opened yet."""
    with postgres.database() as name:
        url = postgres.url_of(name)
        migrate(parse_url(url))
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, path: Path) -> Location:
    """A place for a ledger, in each of the two stores."""
    if request.param == "sqlite":
        return SqliteLocation(path=path)
    return parse_url(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def ledger(location: Location) -> AsyncIterator[StoredLedger]:
    """A new ledger in each of the two stores, closed at the end."""
    async with opened(location) as ledger:
        yield ledger


@pytest.fixture
async def file_ledger(path: Path) -> AsyncIterator[StoredLedger]:
    """A new ledger in SQLite, closed at the end."""
    async with opened(SqliteLocation(path=path)) as ledger:
        yield ledger


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """The client that a command makes when no CA is named."""
    with http_client() as made:
        yield made
