"""A PostgreSQL that a test may break, with a new ledger in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from placet_policy.ledger.location import parse_url
from placet_policy.ledger.migrate import migrate
from postgres import PostgresServer, postgres_server


@contextmanager
def server_with_ledger(*, megabytes: int | None = None) -> Iterator[tuple[PostgresServer, str]]:
    """The server and the ledger's URL; see ``postgres_server``."""
    with postgres_server({}, megabytes=megabytes) as server, server.database() as name:
        url = server.url_of(name)
        migrate(parse_url(url))
        yield server, url


def swap_databases(server: PostgresServer, name: str, other: str) -> None:
    """Give two databases each other's name, as a restored backup takes the place of a database."""
    for statement in (
        f"ALTER DATABASE {name} RENAME TO {name}_away",
        f"ALTER DATABASE {other} RENAME TO {name}",
        f"ALTER DATABASE {name}_away RENAME TO {other}",
    ):
        disconnect(server, name, other, f"{name}_away")
        server.execute(statement)


def disconnect(server: PostgresServer, *names: str) -> None:
    """End every connection to these databases."""
    listed = ", ".join(f"'{name}'" for name in names)
    server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ({listed})")
