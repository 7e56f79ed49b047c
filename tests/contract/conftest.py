"""The event loop of each part, and what several contract suites start from."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import uvloop
from placet_cli.node.transport import http_client
from placet_policy.ledger.sqlite import SqliteLedger


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give uvloop to the tests of the edge, and asyncio's own loop to all others."""
    del config
    if item.path.name.startswith("test_edge_"):
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "ledger.sqlite"


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[SqliteLedger]:
    """A new ledger, closed at the end."""
    opened = SqliteLedger.open(path)
    yield opened
    await opened.close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """The client that a command makes when no CA is named."""
    with http_client() as made:
        yield made
