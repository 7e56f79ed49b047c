"""A gate for tests: who it tells, who keeps its bundles, and how a bundle is delivered."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from placet_policy.errors import BundleRefused, Indeterminate, LedgerUnavailable, OpaAnswerInvalid, OpaUnavailable
from placet_policy.gate import BUNDLE_FILE, ActiveBundle, Gate

RETRIED = (OpaUnavailable, OpaAnswerInvalid, aiohttp.ClientConnectionError)


@dataclass
class Told:
    """Remembers what the gate told."""

    activated: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    not_kept: list[str] = field(default_factory=list)

    def bundle_activated(self, bundle: ActiveBundle) -> None:
        self.activated.append(bundle.revision)

    def bundle_refused(self, error: BundleRefused) -> None:
        self.refused.append(error.reason)

    def bundle_not_kept(self, bundle: ActiveBundle, error: Indeterminate) -> None:
        del error
        self.not_kept.append(bundle.revision)


@dataclass
class Keeper:
    """Keeps bundles in a list, unless it is broken."""

    kept: list[tuple[str, bytes]] = field(default_factory=list)
    broken: bool = False

    async def keep(self, bundle: ActiveBundle) -> None:
        if self.broken:
            raise LedgerUnavailable("broken")
        self.kept.append((bundle.revision, bundle.served))


def deliver(folder: Path, content: bytes) -> None:
    """Put a bundle file there in one step, as every delivery should."""
    new = folder / "new"
    new.write_bytes(content)
    new.rename(folder / BUNDLE_FILE)


def make_gate(folder: Path, told: Told, *, accept_unsigned: bool = True, keeper: Keeper | None = None) -> Gate:
    """A gate that looks often."""
    return Gate(
        folder=folder,
        port=0,
        accept_unsigned=accept_unsigned,
        reload_seconds=0.02,
        observer=told,
        keeper=keeper or Keeper(),
    )


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 120) -> None:
    """Wait for a condition; a failure of OPA while it starts is not one of the test."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                if await condition():
                    return
            except RETRIED:
                pass
            await asyncio.sleep(0.01)


async def until_true(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait for something that can be looked at without asking anybody."""

    async def look() -> bool:
        return condition()

    await until(look, seconds=seconds)
