"""What the database itself refuses, in the words of each store.

Records, writers, bundles and meta are append-only. Contents may be deleted, by whoever owns the tables, because
personal data must be erasable; they may never be changed. A record that names a revision needs that bundle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.ledger.reservation_tables import RESERVATION_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

_APPEND_ONLY = ("meta", "writers", "records", "bundles", *(table.name for table in RESERVATION_TABLES))
_NOT_CHANGED = (*_APPEND_ONLY, "contents")
_NO_BUNDLE = "the record names a bundle that the ledger does not hold"
_HAS_NO_BUNDLE = "NEW.revision IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bundles WHERE bundles.revision = NEW.revision)"


def sqlite_triggers() -> Mapping[str, str]:
    """Return the statements that make the triggers of a SQLite ledger, by name."""
    made = {
        f"{table}_no_{event.lower()}": f"BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only')"
        for event, tables in (("UPDATE", _NOT_CHANGED), ("DELETE", _APPEND_ONLY))
        for table in tables
    }
    made["records_bundle"] = f"BEFORE INSERT ON records WHEN {_HAS_NO_BUNDLE} BEGIN SELECT RAISE(ABORT, '{_NO_BUNDLE}')"
    return {name: f"CREATE TRIGGER {name} {body}; END" for name, body in made.items()}
