"""The edge's contract tests run on the event loop that the edge runs on."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give uvloop to the tests of the edge, and asyncio's own loop to all others."""
    del config
    if item.path.name.startswith("test_edge_"):
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}
