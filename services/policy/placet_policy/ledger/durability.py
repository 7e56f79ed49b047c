"""What a PostgreSQL server must say of itself before a record in it counts as kept.

Sources: PostgreSQL 18 documentation, 19.5 "Write Ahead Log", 26.2.8 "Synchronous Replication", 27.2.5
"pg_stat_replication".
"""

from __future__ import annotations

from typing import Final

from placet_policy.errors import LedgerFault, LedgerUnavailable

# These wait for the standby; ``local`` does not.
_WAITING: Final = frozenset({"on", "remote_write", "remote_apply"})
# fsync, full_page_writes, synchronous_commit, whether it is a standby, and how many standbys a commit waits for.
_SETTINGS: Final = (
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),"
    " pg_is_in_recovery()"
)
# Without pg_read_all_stats the state of others reads as null, and none is counted.
_STANDBYS: Final = "(SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))"
Row = tuple[str, str, str, bool, int | None]


def settings_query(*, standby: bool) -> str:
    """Return the statement whose one row ``require_durable`` judges.

    Args:
        standby: whether a synchronous standby is required.
    """
    return f"{_SETTINGS}, {_STANDBYS if standby else 'NULL'}"


def require_durable(row: Row, *, standby: bool) -> None:
    """Refuse a server whose answer to COMMIT means less than that the transaction survives.

    Args:
        row: the answer to ``settings_query``.
        standby: whether a synchronous standby is required.

    Raises:
        LedgerUnavailable: naming the setting.
    """
    fsync, full_page_writes, synchronous_commit, in_recovery, standbys = row
    if in_recovery:
        raise LedgerUnavailable("the server is in recovery", fault=LedgerFault.RECOVERING)
    found = {"fsync": fsync, "full_page_writes": full_page_writes, "synchronous_commit": synchronous_commit}
    off = [name for name, value in found.items() if value == "off"]
    if off:
        raise LedgerUnavailable(f"{off[0]} is off", fault=LedgerFault.NOT_DURABLE)
    if not standby:
        return
    if synchronous_commit not in _WAITING:
        raise LedgerUnavailable(
            f"synchronous_commit is {synchronous_commit}, which waits for no standby", fault=LedgerFault.NO_STANDBY
        )
    if not standbys:
        raise LedgerUnavailable(
            "no standby is synchronous, or this role may not see it (GRANT pg_read_all_stats)",
            fault=LedgerFault.NO_STANDBY,
        )
