"""A change of one bit, wherever it is in a ledger, is found."""

import asyncio
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audit_ledger import Audited, audited
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from placet_policy.audit.database import open_reader
from placet_policy.audit.evidence import EvidenceCheck
from placet_policy.audit.published import Published
from placet_policy.audit.scratch import scratch
from placet_policy.audit.verify import Report, verify
from placet_policy.errors import LedgerUnavailable
from placet_policy.keys import load_nodes
from placet_policy.ledger.location import SqliteLocation

# The order of arrival is the store's own (docs/ledger-format.md); a probe's row never outlives its transaction.
_COLUMNS = [
    ("meta", "value"),
    *(("writers", name) for name in ("writer", "public_key", "started_at")),
    *(("contents", name) for name in ("writer", "position", "token_zlib", "input", "facts", "decision")),
    *(("bundles", name) for name in ("revision", "version", "first_active_at", "content")),
]


@pytest.fixture(scope="module")
def whole() -> Iterator[Audited]:
    """A ledger in one file, which nobody changes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = asyncio.run(audited(SqliteLocation(path=folder / "ledger.sqlite"), folder))
        with sqlite3.connect(folder / "ledger.sqlite") as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.close()
        yield ledger


def cells(path: Path) -> list[tuple[str, str, int, Any]]:
    """Every value that is stored: table, column, row, value."""
    file = sqlite3.connect(path)
    records = [(name, column) for (name, column) in _COLUMNS]
    names = [row[1] for row in file.execute("PRAGMA table_info(records)")]
    records += [("records", name) for name in names if name != "id"]
    found = [
        (table, column, *row)
        for table, column in records
        for row in file.execute(f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL")
    ]
    file.close()
    return found


def flipped(value: Any, bit: int) -> Any:
    """The value with one bit changed."""
    if isinstance(value, int):
        return value ^ (1 << bit % 62)
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    return bytes(raw)


def verified(ledger: Audited, path: Path) -> Report:
    """What verify says about a copy."""
    with scratch() as connection, open_reader(SqliteLocation(path=path)) as reader:
        published = Published(connection)
        published.load(ledger.published)
        return verify(
            reader.items(),
            evidence=EvidenceCheck(nodes=load_nodes(ledger.nodes)),
            published=published,
            rows_of=reader.rows,
            scratch=connection,
            progress=lambda _count: None,
        )


def same_token(before: bytes, after: bytes) -> bool:
    """Whether a compressed token says the same: a few bits of its last byte are padding."""
    try:
        return zlib.decompress(before) == zlib.decompress(after)
    except zlib.error:
        return False


def test_the_copy_is_whole(whole: Audited) -> None:
    """What the property starts from has no finding."""
    assert isinstance(whole.location, SqliteLocation)
    assert verified(whole, whole.location.path).whole


def test_a_bundle_whose_name_is_no_text(whole: Audited) -> None:
    """A damaged revision is found, and does not end the verification."""
    assert isinstance(whole.location, SqliteLocation)
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "copy.sqlite"
        shutil.copy(whole.location.path, copy)
        file = sqlite3.connect(copy, isolation_level=None)
        file.execute("DROP TRIGGER bundles_no_update")
        file.execute("UPDATE bundles SET revision = CAST(X'ff' AS TEXT)")
        file.close()

        assert verified(whole, copy).counts == {"BUNDLE_MISSING": 10, "BUNDLE_UNRECORDED": 1}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_every_bit_is_covered(whole: Audited, data: st.DataObject) -> None:
    """Any bit of any stored value, the order of arrival left out."""
    assert isinstance(whole.location, SqliteLocation)
    table, column, row, value = data.draw(st.sampled_from(cells(whole.location.path)))
    bit = data.draw(st.integers(min_value=0, max_value=8 * len(str(value)) if isinstance(value, str) else 8191))
    changed = flipped(value, bit)
    if column == "token_zlib" and same_token(value, changed):
        return
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "copy.sqlite"
        shutil.copy(whole.location.path, copy)
        file = sqlite3.connect(copy, isolation_level=None)
        for (trigger,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        stored = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
        try:
            file.execute(f"UPDATE {table} SET {column} = {stored} WHERE rowid = ?", (changed, row))
        except sqlite3.IntegrityError:
            # The store itself refuses it.
            return
        finally:
            file.close()
        try:
            assert not verified(whole, copy).whole
        except LedgerUnavailable:
            # Not a ledger any more, which verify says with its own exit code.
            assert table == "meta"
