"""The ledger: one durable record a decision, and the receipt that proves it."""

from placet_policy.ledger.interface import (
    EarlierRecord,
    Ledger,
    Receipt,
    Record,
    RequestKey,
    Snapshot,
    VersionKey,
    Versions,
)

__all__ = ["EarlierRecord", "Ledger", "Receipt", "Record", "RequestKey", "Snapshot", "VersionKey", "Versions"]
