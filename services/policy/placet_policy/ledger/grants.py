"""``ledger grants``: the SQL that gives a writer and a reader what they need, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql

from placet_policy.ledger.reservation_tables import RESERVATION_TABLES
from placet_policy.ledger.tables import VERSION_TABLE, bundles, contents, meta, probe, records, writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_READ = (VERSION_TABLE, *(table.name for table in (meta, writers, records, contents, bundles, *RESERVATION_TABLES)))
_WRITTEN = tuple(table.name for table in (writers, records, contents, bundles, probe, *RESERVATION_TABLES))


def grants(*, reader: str, writer: str, schema: str) -> Iterator[str]:
    """Yield statements for the owner of the tables to run; the roles must be there, and must not own anything.

    Args:
        reader: role that may read everything, for audits.
        writer: role of the policy tier: it may read, and add rows.
        schema: where the tables are.
    """
    quote = postgresql.dialect().identifier_preparer.quote_identifier  # type: ignore[no-untyped-call]
    read, written = _listed(_READ, schema, quote), _listed(_WRITTEN, schema, quote)
    for role in (reader, writer):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {quote(schema)} FROM {quote(role)};"
        yield f"GRANT USAGE ON SCHEMA {quote(schema)} TO {quote(role)};"
        yield f"GRANT SELECT ON {read} TO {quote(role)};"
    yield f"GRANT INSERT ON {written} TO {quote(writer)};"


def _listed(names: tuple[str, ...], schema: str, quote: Callable[[str], str]) -> str:
    return ", ".join(f"{quote(schema)}.{name}" for name in names)
