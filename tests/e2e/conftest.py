"""What the end-to-end tests share."""

from collections.abc import Iterator

import pytest
from stack import Stack, running_stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests of a module; every test sends under request_ids of its own."""
    with running_stack(tmp_path_factory.mktemp("state")) as running:
        yield running
