"""Stores that break under a running policy tier and are whole again afterwards, each a context inside a context."""

import resource
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psycopg
from ledger_server import disconnect, server_with_ledger, swap_databases
from postgres import PostgresServer, can_mount
from tcp_proxy import tcp_proxy

Broken = Callable[[], AbstractContextManager[None]]
Place = AbstractContextManager[tuple[str, str, Broken]]
"""URL for the tier, URL past everything in between, and what breaks the store for as long as it is entered."""

# Room for PostgreSQL's own files and little more.
_DISK_MEGABYTES = 160


@contextmanager
def locked_file(folder: Path) -> Iterator[tuple[str, str, Broken]]:
    """Another process holds the lock of the file: nobody can write, and everybody waits."""
    file = folder / "ledger.sqlite"

    @contextmanager
    def broken() -> Iterator[None]:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()

    yield f"sqlite:///{file}", f"sqlite:///{file}", broken


@contextmanager
def full_file(folder: Path) -> Iterator[tuple[str, str, Broken]]:
    """The kernel refuses to let any file of this process grow: what a full disk is like, without one."""
    file = folder / "ledger.sqlite"

    @contextmanager
    def broken() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.with_name(f"{file.name}-wal").stat().st_size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    yield f"sqlite:///{file}", f"sqlite:///{file}", broken


@contextmanager
def slow_server(_folder: Path) -> Iterator[tuple[str, str, Broken]]:
    """A commit does not come to an end, as with a disk that does not finish fsync."""
    with server_with_ledger() as (server, url), tcp_proxy(_port(url)) as proxy:

        @contextmanager
        def broken() -> Iterator[None]:
            proxy.fast.clear()
            try:
                yield
            finally:
                proxy.fast.set()

        yield server.url_of(_name(url), port=proxy.port), url, broken


@contextmanager
def full_server(_folder: Path) -> Iterator[tuple[str, str, Broken]]:
    """The disk of the database is full. Where nobody may make a small disk, the database may not let files grow."""
    small = can_mount()
    with server_with_ledger(megabytes=_DISK_MEGABYTES if small else None) as (server, url):
        yield url, url, lambda: _full_disk(server) if small else _limited_backends(server)


@contextmanager
def restored_server(_folder: Path) -> Iterator[tuple[str, str, Broken]]:
    """A copy takes over that lacks what was committed last, as a replica that was behind."""
    with server_with_ledger() as (server, url):
        name = _name(url)
        copy = f"{name}_old"

        @contextmanager
        def broken() -> Iterator[None]:
            swap_databases(server, name, copy)
            try:
                yield
            finally:
                swap_databases(server, name, copy)

        # Before the tier writes anything, so that all it writes is missing there.
        disconnect(server, name)
        server.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        yield url, url, broken


STORES: Mapping[str, Callable[[Path], Place]] = {
    function.__name__: function for function in (locked_file, full_file, slow_server, full_server, restored_server)
}


@contextmanager
def _full_disk(server: PostgresServer) -> Iterator[None]:
    assert server.disk is not None
    ballast = server.disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def _limited_backends(server: PostgresServer) -> Iterator[None]:
    with psycopg.connect(server.url) as connection:
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'placet-policy'")
        for (pid,) in found.fetchall():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
    yield


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


def _port(url: str) -> int:
    return int(str(psycopg.conninfo.conninfo_to_dict(url)["port"]))
