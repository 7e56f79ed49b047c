"""The ledger file: where it is, what version it has, and who may read it."""

import sqlite3
from pathlib import Path

import pytest
from placet_policy.errors import LedgerUnavailable
from placet_policy.ledger import schema
from placet_policy.ledger.schema import connect, create_or_open, ledger_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////var/lib/placet/ledger.sqlite", "/var/lib/placet/ledger.sqlite"),
        ("sqlite:///state/ledger.sqlite", "state/ledger.sqlite"),
        ("sqlite:////a%20b", "/a b"),
    ],
)
def test_a_url_names_a_file(url: str, path: str) -> None:
    """Four slashes are an absolute path, three a relative one."""
    assert ledger_path(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    ["", "/var/lib/x", "sqlite:///", "sqlite://", "sqlite://host/x", "postgresql://h/d", "sqlite:////x?mode=memory"],
)
def test_another_url_is_refused(url: str) -> None:
    """No other store, no host, no options, no database in memory."""
    with pytest.raises(ValueError, match="a ledger URL is"):
        ledger_path(url)


def test_the_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """The file and SQLite's files beside it have mode 0600: they hold the nodes' tokens."""
    path = tmp_path / "ledger.sqlite"
    create_or_open(path)
    connection = connect(path, mode="rw")
    connection.execute("SELECT * FROM meta").fetchall()
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
    connection.close()
    assert modes == {"ledger.sqlite": "0o600", "ledger.sqlite-wal": "0o600", "ledger.sqlite-shm": "0o600"}


def test_an_existing_file_is_tightened(tmp_path: Path) -> None:
    """A file that others could read is theirs no longer once it is opened."""
    path = tmp_path / "ledger.sqlite"
    create_or_open(path)
    path.chmod(0o644)
    create_or_open(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_store_keeps_its_id(tmp_path: Path) -> None:
    """Opening again gives the id that was made at first, not a new one."""
    path = tmp_path / "ledger.sqlite"
    assert create_or_open(path, new_id=lambda: "first") == "first"
    assert create_or_open(path, new_id=lambda: "second") == "first"


def test_commits_are_durable(tmp_path: Path) -> None:
    """A connection that writes has WAL and synchronous=FULL."""
    path = tmp_path / "ledger.sqlite"
    create_or_open(path)
    connection = connect(path, mode="rw")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def test_a_newer_schema_stops_the_start(tmp_path: Path) -> None:
    """A file written by a newer version is not touched."""
    path = tmp_path / "ledger.sqlite"
    create_or_open(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(LedgerUnavailable) as refused:
        create_or_open(path)
    assert refused.value.cause == "the file has schema version 2, this program knows 1"


def test_another_database_stops_the_start(tmp_path: Path) -> None:
    """A database of something else is not written to."""
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(LedgerUnavailable) as refused:
        create_or_open(path)
    assert refused.value.cause == "the file is a database of something else"


def test_a_ledger_without_an_id_stops_the_start(tmp_path: Path) -> None:
    """A file whose making was interrupted in an impossible way is not used."""
    path = tmp_path / "ledger.sqlite"
    create_or_open(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM meta")
    connection.close()
    with pytest.raises(LedgerUnavailable) as refused:
        create_or_open(path)
    assert refused.value.cause == "the file does not say which ledger it is"


@pytest.mark.parametrize("content", [b"garbage" * 1000, None])
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, content: bytes | None) -> None:
    """Garbage, and a folder that is not there, are LedgerUnavailable and name the file."""
    path = tmp_path / "folder" / "ledger.sqlite"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(LedgerUnavailable) as refused:
        create_or_open(path)
    assert str(path) in refused.value.cause


def test_two_makers_agree_on_one_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two processes that found the file empty, the slower one takes what the faster one made."""
    path = tmp_path / "ledger.sqlite"
    create_or_open(path, new_id=lambda: "faster")
    looks = iter([True, False])
    monkeypatch.setattr(schema, "_is_empty", lambda _connection: next(looks))
    assert create_or_open(path, new_id=lambda: "slower") == "faster"


def test_tables_that_cannot_be_made_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure while the tables are made leaves an empty file and no ledger."""
    monkeypatch.setattr(schema, "_SCHEMA", "BEGIN EXCLUSIVE; CREATE TABLE meta (name TEXT, value TEXT); nonsense;")
    with pytest.raises(LedgerUnavailable):
        create_or_open(tmp_path / "ledger.sqlite")
    monkeypatch.undo()
    assert create_or_open(tmp_path / "ledger.sqlite", new_id=lambda: "id") == "id"


def test_a_file_system_without_shared_memory_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite cannot have a write-ahead log a commit would mean something else."""
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, **options: real(f"{name}&vfs=unix-dotfile", **options))
    with pytest.raises(LedgerUnavailable) as refused:
        create_or_open(tmp_path / "ledger.sqlite")
    assert "the file system does not allow write-ahead logging" in refused.value.cause
