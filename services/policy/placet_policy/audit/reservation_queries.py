"""What must not be there, as queries of the scratch database: each row is a finding.

The first column is the item of the approval concerned (null where there is none), the second what is shown about it.
They are run on as many rows as there are approvals, so each looks rows up by an index: CROSS JOIN keeps SQLite from
another order, and `+` from another index.
"""

from __future__ import annotations

from typing import Final

from placet_policy.audit.findings import Code

# A claim is known to be right or wrong only where its approval's contents are there (`reserves` is 1 or 0).
MISSING: Final = (
    (
        "SELECT a.item, 'there is no claim' FROM allows AS a"
        " WHERE a.reserves AND NOT EXISTS (SELECT 1 FROM placed AS p WHERE p.item = a.item)"
    ),
    (
        "SELECT p.item, 'its row among all approvals of the key, claim ' || p.claim FROM placed AS p"
        " WHERE p.at IS NULL OR p.row_first IS NOT p.grp"
    ),
    (
        "SELECT p.item, 'series ' || w.asset || ' ' || w.destination FROM wanted_rows AS w"
        " JOIN placed AS p ON p.item = w.item"
        " LEFT JOIN series AS s ON s.signer = p.signer AND s.asset = w.asset AND s.destination = w.destination"
        " WHERE NOT EXISTS"
        " (SELECT 1 FROM counted AS r WHERE r.series = s.id AND r.first = p.grp AND r.at = p.at)"
    ),
    (
        "SELECT p.item, 'spend ' || w.spend FROM wanted_spends AS w JOIN placed AS p ON p.item = w.item"
        " WHERE NOT EXISTS (SELECT 1 FROM spends AS s WHERE s.claim = p.claim AND s.spend = w.spend)"
        " AND (p.replaces IS NULL OR EXISTS"
        " (SELECT 1 FROM spends AS s WHERE s.claim = p.replaces AND s.spend = w.spend))"
    ),
    (
        "SELECT p.item, 'outpoint ' || w.outpoint FROM wanted_outpoints AS w JOIN placed AS p ON p.item = w.item"
        " WHERE NOT EXISTS (SELECT 1 FROM outpoints AS o WHERE o.signer = p.signer AND o.outpoint = w.outpoint"
        " AND o.claim <= p.claim)"
    ),
)
CHANGED: Final = (
    (
        "SELECT p.item, 'claim ' || p.claim || CASE"
        " WHEN s.root_key IS NOT a.root_key OR s.path IS NOT a.path THEN ': another signing key'"
        " WHEN c.hashes_sha256 IS NOT a.hashes_sha256 THEN ': other hashes'"
        " ELSE ': it replaces another one' END"
        " FROM placed AS p JOIN allows AS a ON a.item = p.item JOIN claims AS c ON c.id = p.claim"
        " LEFT JOIN signers AS s ON s.id = p.signer LEFT JOIN claims AS b ON b.id = p.replaces"
        " WHERE a.reserves AND (s.root_key IS NOT a.root_key OR s.path IS NOT a.path"
        " OR c.hashes_sha256 IS NOT a.hashes_sha256 OR b.decision_id IS NOT a.replaced)"
    ),
    (
        "SELECT p.item, 'claim ' || p.claim || ': another request_id' FROM placed AS p"
        " JOIN allows AS a ON a.item = p.item JOIN claims AS c ON c.id = p.claim WHERE c.request_id IS NOT a.request_id"
    ),
    (
        "SELECT p.item, 'claim ' || p.claim || ': its group' FROM placed AS p LEFT JOIN placed AS b"
        " ON b.claim = p.replaces WHERE CASE WHEN p.replaces IS NULL THEN p.grp <> p.claim"
        " ELSE b.claim IS NULL OR b.claim >= p.claim OR b.grp <> p.grp OR b.signer <> p.signer END"
    ),
    (
        "SELECT p.item, 'it is dated before its approval' FROM placed AS p JOIN allows AS a ON a.item = p.item"
        " WHERE p.at < a.not_before"
    ),
    (
        "SELECT p.item, 'series ' || w.asset || ' ' || w.destination FROM wanted_rows AS w"
        " CROSS JOIN placed AS p ON p.item = w.item"
        " CROSS JOIN series AS s ON s.signer = p.signer AND s.asset = w.asset AND s.destination = w.destination"
        " WHERE EXISTS (SELECT 1 FROM counted AS r WHERE r.series = s.id AND r.first = p.grp AND r.at = p.at)"
        " AND NOT EXISTS (SELECT 1 FROM counted AS r WHERE +r.series = s.id AND r.first = p.grp AND r.at = p.at"
        " AND r.net = w.net AND r.net_count = w.net_count AND is_larger(r.amount, w.adds, r.old))"
    ),
    (
        "SELECT p.item, 'outpoint ' || w.outpoint FROM wanted_outpoints AS w JOIN placed AS p ON p.item = w.item"
        " JOIN outpoints AS o ON o.signer = p.signer AND o.outpoint = w.outpoint WHERE o.amount <> w.amount"
    ),
)
STRAY: Final = (
    ("SELECT p.item, 'claim ' || p.claim FROM placed AS p WHERE p.item IS NULL OR NOT coalesce(p.reserves, 1)"),
    (
        "SELECT min(p.item), 'row ' || r.ordinal || ' of series ' || r.series FROM counted AS r"
        " LEFT JOIN series AS s ON s.id = r.series LEFT JOIN placed AS p"
        " ON p.grp = r.first AND p.at = r.at AND p.signer = s.signer"
        " GROUP BY r.series, r.ordinal HAVING NOT coalesce(max(p.reserves IS NULL AND p.item IS NOT NULL OR EXISTS"
        " (SELECT 1 FROM wanted_rows AS w WHERE w.item = p.item AND w.asset = s.asset"
        " AND w.destination = s.destination)), 0)"
    ),
    (
        "SELECT p.item, 'spend ' || s.spend FROM spends AS s LEFT JOIN placed AS p ON p.claim = s.claim"
        " WHERE p.claim IS NULL OR s.signer <> p.signer OR (p.reserves AND NOT EXISTS"
        " (SELECT 1 FROM wanted_spends AS w WHERE w.item = p.item AND w.spend = s.spend))"
        " OR (p.replaces IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM spends AS b WHERE b.claim = p.replaces AND b.spend = s.spend))"
    ),
    (
        "SELECT p.item, 'outpoint ' || o.outpoint FROM outpoints AS o LEFT JOIN placed AS p ON p.claim = o.claim"
        " WHERE p.claim IS NULL OR o.signer <> p.signer OR (p.reserves AND NOT EXISTS"
        " (SELECT 1 FROM wanted_outpoints AS w WHERE w.item = p.item AND w.outpoint = o.outpoint))"
    ),
    (
        "SELECT NULL, 'superseded row ' || g.ordinal || ' of series ' || g.series FROM superseded AS g"
        " LEFT JOIN counted AS r ON r.series = g.series AND r.ordinal = g.ordinal AND r.at = g.at"
        " WHERE r.series IS NULL"
    ),
)
QUERIES: Final = (
    (Code.RESERVATION_MISSING, MISSING),
    (Code.RESERVATION_CHANGED, CHANGED),
    (Code.RESERVATION_STRAY, STRAY),
)
# Every row with what it must follow from: the one before it in its series, and whether one after it stands for it.
ROWS: Final = (
    "SELECT r.series, r.ordinal, r.at, r.amount, r.total, r.net, r.net_count, r.old, r.stood_for, g.amount,"
    " (SELECT min(+p.item) FROM placed AS p WHERE p.grp = r.first AND p.at = r.at)"
    " FROM counted AS r LEFT JOIN superseded AS g ON g.series = r.series AND g.ordinal = r.ordinal AND g.at = r.at"
    " ORDER BY r.series, r.ordinal"
)
