"""The gate: the part of the policy service that lets a bundle through to its own OPA (design section 2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, Self

from placet_policy.errors import BundleRefused, Indeterminate, NoActiveBundle
from placet_policy.gate.bundle import ActiveBundle, load_bundle, parse_bundle
from placet_policy.gate.profiles import Profiles
from placet_policy.gate.serve import BundleServer
from placet_policy.gate.watch import FileWatch

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = [
    "BUNDLE_FILE",
    "ActiveBundle",
    "BundleKeeper",
    "Gate",
    "GateObserver",
    "Profiles",
    "load_bundle",
    "parse_bundle",
]

BUNDLE_FILE = "bundle.tar.gz"


class GateObserver(Protocol):
    """Who is told what the gate does: logs, counters, readiness."""

    def bundle_activated(self, bundle: ActiveBundle) -> None:
        """Another bundle is active now."""
        ...

    def bundle_refused(self, error: BundleRefused) -> None:
        """The file in the folder is not let through; what was active stays active. This is an alert."""
        ...

    def bundle_not_kept(self, bundle: ActiveBundle, error: Indeterminate) -> None:
        """A good bundle could not be kept, so no bundle is active; it is tried again at every look."""
        ...


class BundleKeeper(Protocol):
    """What keeps every bundle ever active, so that each decision can be made again: the ledger."""

    async def keep(self, bundle: ActiveBundle) -> None:
        """Return once the bundle is kept for good.

        Raises:
            Indeterminate: it is not, or nobody knows.
        """
        ...


class Gate:
    """Watches a folder for ``bundle.tar.gz``, and serves to OPA what passes."""

    def __init__(
        self,
        *,
        folder: Path,
        port: int,
        accept_unsigned: bool,
        reload_seconds: float,
        observer: GateObserver,
        keeper: BundleKeeper,
    ) -> None:
        """Wire the gate; nothing is read or bound before ``start``.

        Args:
            folder: where ``bundle.tar.gz`` is delivered.
            port: port on 127.0.0.1 for OPA; 0 takes a free one.
            accept_unsigned: releases carry no signatures yet, so without this none is ever active.
            reload_seconds: time between two looks at the file.
            observer: told about every change and every refusal.
            keeper: keeps a bundle before it becomes active.
        """
        self._path = folder / BUNDLE_FILE
        self._accept_unsigned = accept_unsigned
        self._observer = observer
        self._keeper = keeper
        self._bundle: ActiveBundle | None = None
        self._why = "no bundle was delivered yet"
        self._server = BundleServer(port=port, active=lambda: self._bundle)
        self._watch = FileWatch(path=self._path, seconds=reload_seconds, changed=self._reload)
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port on which OPA is served."""
        return self._server.port

    def active(self) -> ActiveBundle:
        """Return the release that may decide right now.

        Raises:
            NoActiveBundle: none; its cause says why, for operators.
        """
        if self._bundle is None:
            raise NoActiveBundle(self._why)
        if self._task is None or self._task.done():
            # Without the watch a newer release would never be seen: deciding on under an old one is not an option.
            raise NoActiveBundle("the gate is not running")
        return self._bundle

    async def start(self) -> None:
        """Load what is there, serve it, and keep watching. A bad first bundle does not stop the start: not ready."""
        await self._watch.look()
        await self._server.start()
        self._task = asyncio.create_task(self._watch.run(), name="gate-watch")

    async def watch(self) -> None:
        """Wait for the end of watching, which comes with ``stop`` or with an error.

        A gate that no longer watches never has an active bundle again, so whoever runs it must end with it.

        Raises:
            Exception: what broke the watch.
        """
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Stop watching and serving."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _reload(self) -> bool:
        """Take what is delivered; False when it has to be tried again although the file does not change."""
        if not self._accept_unsigned:
            self._why = "releases are unsigned, and PLACET_POLICY_UNSIGNED is not accept"
            return True
        try:
            bundle = await asyncio.to_thread(load_bundle, self._path)
        except BundleRefused as e:
            if self._bundle is None:
                self._why = f"the delivered bundle was refused: {e.reason} {e.path}".rstrip()
            self._observer.bundle_refused(e)
            return True
        if self._bundle is not None and bundle.revision == self._bundle.revision:
            return True
        return await self._activate(bundle)

    async def _activate(self, bundle: ActiveBundle) -> bool:
        try:
            await self._keeper.keep(bundle)
        except Indeterminate as e:
            # What was active is not what should decide now, and what should decide is not kept: nothing decides.
            self._bundle = None
            self._why = "the delivered bundle is not in the ledger yet"
            self._observer.bundle_not_kept(bundle, e)
            return False
        self._bundle = bundle
        self._observer.bundle_activated(bundle)
        self._server.announce()
        return True
