"""The bundles of a ledger against the records that say when they became active, and the decisions made under them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placet_policy.audit.chain_check import finding_about
from placet_policy.audit.findings import Code, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placet_policy.audit.items import StoredBundle, StoredRecord


@dataclass(slots=True, kw_only=True)
class _Kept:
    version: int
    first_active_at: int
    sha256: bytes
    # Whether a record says that it became active, and one at the time that the table names.
    recorded: bool = False
    first_recorded: bool = False


@dataclass(slots=True)
class BundleCheck:
    """What is known of the bundles so far: some hundred bytes for each release that was ever active."""

    _kept: dict[str, _Kept] = field(default_factory=dict)

    def keep(self, bundle: StoredBundle) -> None:
        """Take note of a bundle that the ledger holds."""
        self._kept[bundle.revision] = _Kept(
            version=bundle.version,
            first_active_at=bundle.first_active_at,
            sha256=hashlib.sha256(bundle.content).digest(),
        )

    def read(self, stored: StoredRecord) -> Iterator[Finding]:
        """Judge what a record says about its revision."""
        revision = stored.row["revision"]
        if not isinstance(revision, str):
            return
        kept = self._kept.get(revision)
        if kept is None:
            yield finding_about(stored, Code.BUNDLE_MISSING, revision)
            return
        if stored.row["kind"] == "bundle":
            kept.recorded = True
            kept.first_recorded = kept.first_recorded or stored.row["decided_at"] == kept.first_active_at
            if stored.row["bundle_sha256"] != kept.sha256:
                yield finding_about(stored, Code.BUNDLE_CHANGED, revision)
                return
        if stored.row["version"] != kept.version:
            yield finding_about(stored, Code.BUNDLE_CHANGED, f"version {kept.version} of {revision}")

    def end(self) -> Iterator[Finding]:
        """Judge the bundles that no record vouches for."""
        for revision, kept in self._kept.items():
            if not kept.recorded:
                yield Finding(code=Code.BUNDLE_UNRECORDED, detail=revision)
            elif not kept.first_recorded:
                yield Finding(code=Code.BUNDLE_CHANGED, detail=f"first_active_at of {revision}")
