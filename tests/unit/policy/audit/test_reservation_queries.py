"""What the comparison of limits costs as a ledger grows, told by SQLite's own plan of every query."""

import re

import pytest
from placet_policy.audit.reservation_check import ReservationCheck
from placet_policy.audit.reservation_queries import QUERIES, ROWS
from placet_policy.audit.scratch import scratch

# Names of few rows each, however many approvals there are: those of one approval, or of one group at one time.
_NARROW = {"rowid=?", "item=?", "grp=? AND at=?", "first=? AND at=?", "first=? AND at=? AND series=?"}
_QUERIES = [query for _, queries in QUERIES for query in queries] + [ROWS]


@pytest.mark.parametrize("query", _QUERIES)
def test_every_look_up_is_a_narrow_one(query: str) -> None:
    """One table is read through; no look-up in it is by a signing key or a series alone, which may have every row."""
    scans, *look_ups = _plan(query)

    assert re.fullmatch(r"SCAN \w+( USING COVERING INDEX \w+)?", scans)
    for step in look_ups:
        searched = re.search(r"^SEARCH .*\((.*)\)", step)
        assert searched, step
        assert searched[1] in _NARROW or searched[1].count("?") > 1, step


def test_a_look_up_by_series_alone_would_be_seen() -> None:
    """The plan of a query that reads a whole series for each of its rows has another look-up than the narrow ones."""
    _, step = _plan("SELECT 1 FROM placed AS p CROSS JOIN reservations AS r ON r.series = p.signer")

    assert step == "SEARCH r USING PRIMARY KEY (series=?)"


def _plan(query: str) -> list[str]:
    with scratch() as connection:
        check = ReservationCheck(connection, lambda _table: iter(()))
        assert list(check.end(item=1)) == []
        steps = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    return [step for step in steps if not step.startswith(("CORRELATED", "USE TEMP B-TREE"))]
