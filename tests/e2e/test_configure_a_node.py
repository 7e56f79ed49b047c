"""docs/configure-a-node.md, followed by a reader who has nothing yet: each command is run, each shown line appears."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from documented import Reader, commands, pattern, reading

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configure-a-node.md"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A person in an empty folder."""
    with reading(tmp_path) as reader:
        yield reader


@pytest.mark.timeout(900)
def test_the_page_works_as_it_stands(reader: Reader) -> None:
    """From the first key to the held request: what the page shows is what its reader sees."""
    followed = commands(PAGE)
    assert len(followed) == 13
    for command in followed:
        printed = reader.follow(command)
        assert pattern(command.shown).fullmatch(printed), f"$ {command.line}\n{printed}"


def test_the_page_names_every_key_that_check_config_knows() -> None:
    """A key of the configuration that the page forgets would be set by nobody."""
    page = PAGE.read_text()
    keys = ("cb_server", "cb_server_v2", "service_address", "pubkey_path", "token_expire_minutes", "retry_times")
    more = ("sleep_seconds", "request_timeout", "monitor_interval")
    assert [key for key in (*keys, *more) if f"`{key}`" not in page] == []
