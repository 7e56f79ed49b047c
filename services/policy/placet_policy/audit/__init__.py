"""Questions to a ledger and proofs about it: verify, list, show, export, archive, replay (docs/audit.md)."""
