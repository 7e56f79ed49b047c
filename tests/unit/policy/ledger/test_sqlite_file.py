"""The ledger file: where it is, what version it has, and who may read it."""

import sqlite3
from pathlib import Path

import pytest
from placet_policy.errors import LedgerUnavailable
from placet_policy.ledger import sqlite_file
from placet_policy.ledger.location import SqliteLocation
from placet_policy.ledger.sqlite import SqliteStore
from placet_policy.ledger.sqlite_file import connect_file, make_file


def ledger_id(path: Path) -> str:
    """The id that opening the file finds."""
    return SqliteStore(SqliteLocation(path=path)).ledger_id


def open_file(path: Path, *, new_id: str = "id") -> str:
    """Make the file with this id if there is none, and open it."""
    make_file(path, new_id=lambda: new_id)
    return ledger_id(path)


def test_the_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """The file and SQLite's files beside it have mode 0600: they hold the nodes' tokens."""
    path = tmp_path / "ledger.sqlite"
    open_file(path)
    connection = connect_file(path, mode="rw")
    connection.execute("SELECT * FROM meta").fetchall()
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
    connection.close()
    assert modes == {"ledger.sqlite": "0o600", "ledger.sqlite-wal": "0o600", "ledger.sqlite-shm": "0o600"}


def test_an_existing_file_is_tightened(tmp_path: Path) -> None:
    """A file that others could read is theirs no longer once it is opened."""
    path = tmp_path / "ledger.sqlite"
    open_file(path)
    path.chmod(0o644)
    open_file(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_store_keeps_its_id(tmp_path: Path) -> None:
    """Opening again gives the id that was made at first, not a new one."""
    path = tmp_path / "ledger.sqlite"
    assert open_file(path, new_id="first") == "first"
    assert open_file(path, new_id="second") == "first"


@pytest.mark.parametrize(("mark", "said"), [(1, "run `ledger move` again"), (2, "goes on there"), (7, "goes on there")])
def test_a_ledger_that_goes_on_elsewhere_is_not_opened(tmp_path: Path, mark: int, said: str) -> None:
    """Neither after a move, nor in the middle of one, nor with a mark that a later version may have written."""
    path = tmp_path / "ledger.sqlite"
    open_file(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {mark}")
    connection.close()
    with pytest.raises(LedgerUnavailable, match=said):
        ledger_id(path)


def test_commits_are_durable(tmp_path: Path) -> None:
    """A connection that writes has WAL and synchronous=FULL."""
    path = tmp_path / "ledger.sqlite"
    open_file(path)
    connection = connect_file(path, mode="rw")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def test_a_newer_schema_stops_the_start(tmp_path: Path) -> None:
    """A file written by a newer version is not touched."""
    path = tmp_path / "ledger.sqlite"
    open_file(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    connection.close()
    with pytest.raises(LedgerUnavailable) as refused:
        open_file(path)
    assert (
        refused.value.cause == f"{path}: the ledger has schema 0003, which is newer than this program, which knows 0002"
    )


def test_another_database_stops_the_start(tmp_path: Path) -> None:
    """A database of something else is not written to."""
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(LedgerUnavailable) as refused:
        ledger_id(path)
    assert refused.value.cause == f"{path}: the file is a database of something else"


def test_a_ledger_without_an_id_stops_the_start(tmp_path: Path) -> None:
    """A file whose making was interrupted in an impossible way is not used."""
    path = tmp_path / "ledger.sqlite"
    open_file(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER meta_no_delete")
        connection.execute("DELETE FROM meta")
    connection.close()
    with pytest.raises(LedgerUnavailable) as refused:
        open_file(path)
    assert refused.value.cause == f"{path}: the ledger does not say which one it is"


@pytest.mark.parametrize("content", [b"garbage" * 1000, None])
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, content: bytes | None) -> None:
    """Garbage, and a folder that is not there, are LedgerUnavailable and name the file."""
    path = tmp_path / "folder" / "ledger.sqlite"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(LedgerUnavailable) as refused:
        ledger_id(path)
    assert str(path) in refused.value.cause


def test_two_makers_agree_on_one_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two processes that found the file empty, the slower one takes what the faster one made."""
    path = tmp_path / "ledger.sqlite"
    open_file(path, new_id="faster")
    looks = iter([True, False, False])
    monkeypatch.setattr(sqlite_file, "_is_empty", lambda _connection: next(looks))
    assert open_file(path, new_id="slower") == "faster"


def test_tables_that_cannot_be_made_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure while the tables are made leaves an empty file and no ledger."""
    monkeypatch.setattr(sqlite_file, "_statements", lambda: iter(["CREATE TABLE meta (name TEXT)", "nonsense"]))
    with pytest.raises(LedgerUnavailable):
        ledger_id(tmp_path / "ledger.sqlite")
    monkeypatch.undo()
    assert open_file(tmp_path / "ledger.sqlite", new_id="id") == "id"


def test_a_file_system_without_shared_memory_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite cannot have a write-ahead log a commit would mean something else."""
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, **options: real(f"{name}&vfs=unix-dotfile", **options))
    with pytest.raises(LedgerUnavailable) as refused:
        ledger_id(tmp_path / "ledger.sqlite")
    assert "the file system does not allow write-ahead logging" in refused.value.cause
