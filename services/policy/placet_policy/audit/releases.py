"""The releases of a ledger for a replay: kept on disk, one of them in an OPA at a time."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from placet_policy.audit.replay import recorded_bundle
from placet_policy.private_opa import private_opa

if TYPE_CHECKING:
    import sqlite3
    from types import TracebackType

    from placet_policy.audit.items import StoredBundle
    from placet_policy.gate import ActiveBundle
    from placet_policy.judge import DecidesInput


class ReleaseMissing(Exception):  # noqa: N818  (named after what happened)
    """The ledger does not hold the bundle of a record.

    Attributes:
        revision: which.
    """

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


class Releases:
    """Takes bundles from a stream, and gives an OPA for the one that is asked for."""

    def __init__(self, *, scratch: sqlite3.Connection, binary: Path) -> None:
        self._scratch = scratch
        self._binary = binary
        self._running = contextlib.AsyncExitStack()
        self._active: tuple[ActiveBundle, DecidesInput] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    def keep(self, bundle: StoredBundle) -> None:
        """Keep a bundle for the records that name it."""
        self._scratch.execute("INSERT OR REPLACE INTO bundles VALUES (?, ?)", (bundle.revision, bundle.content))

    async def recorded(self, revision: str) -> tuple[ActiveBundle, DecidesInput]:
        """Return a release of the ledger and an OPA that has it.

        Raises:
            ReleaseMissing: it is not there.
            BundleRefused: this program would not take it.
            Indeterminate, OSError: there is no usable OPA.
        """
        if self._active is not None and self._active[0].revision == revision:
            return self._active
        found = self._scratch.execute("SELECT content FROM bundles WHERE revision = ?", (revision,)).fetchone()
        if found is None:
            raise ReleaseMissing(revision)
        return await self.use(recorded_bundle(revision, found[0]))

    async def use(self, bundle: ActiveBundle) -> tuple[ActiveBundle, DecidesInput]:
        """Run an OPA with a release, in place of the one before."""
        await self._running.aclose()
        folder = self._running.enter_context(tempfile.TemporaryDirectory(prefix="placet-replay-"))
        opa = await self._running.enter_async_context(private_opa(bundle, binary=self._binary, folder=Path(folder)))
        self._active = (bundle, opa)
        return self._active
