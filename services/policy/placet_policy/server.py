"""``python -m placet_policy serve``: start, serve until SIGTERM, drain inside one deadline."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from placet_policy.errors import LedgerUnavailable
from placet_policy.log import configure_logging
from placet_policy.reload import FilesInvalid
from placet_policy.settings import Settings, SettingsInvalid, load_settings
from placet_policy.tier import Tier, open_tier

if TYPE_CHECKING:
    from collections.abc import Sequence

# What closing the ledger and the other parts may take of the drain's time, after the last call has ended.
_CLOSING_SECONDS = 1.0
_log = structlog.get_logger()


def main(argv: Sequence[str]) -> int:
    """Run the service.

    Returns:
        0 after a drain, 2 when the settings are wrong, 1 when anything else prevents the start.
    """
    if argv:
        sys.stderr.write("placet_policy serve takes no arguments; its settings are PLACET_POLICY_* variables\n")
        return 2
    try:
        settings = load_settings(os.environ)
    except SettingsInvalid as error:
        sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        return 2
    configure_logging(settings.log_level)
    try:
        asyncio.run(serve(settings))
    except FilesInvalid as error:
        _log.error("start_failed", path=error.path, reason=error.reason)
        return 1
    except LedgerUnavailable as error:
        _log.error("start_failed", reason=error.cause)
        return 1
    except OSError as error:
        _log.error("start_failed", reason=str(error))
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    Raises:
        FilesInvalid: keys or certificates cannot be used.
        LedgerUnavailable: the ledger cannot be opened.
        OSError: an address cannot be bound.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with contextlib.AsyncExitStack() as stack:
        tier = await open_tier(settings, stack)
        # A watcher that breaks takes the service down: without it, changes would be missed in silence.
        async with asyncio.TaskGroup() as group:
            watching = [group.create_task(watcher) for watcher in tier.watchers]
            _log.info("ready", port=tier.port, internal_port=tier.internal_port, gate_port=tier.gate_port)
            await stopping.wait()
            await _drain(tier, settings)
            for task in watching:
                task.cancel()
    _log.info("stopped")


async def _drain(tier: Tier, settings: Settings) -> None:
    """Unready, wait until callers have noticed, refuse new calls, and let the running ones end: one deadline."""
    deadline = asyncio.get_running_loop().time() + settings.drain_seconds
    _log.info("draining", seconds=settings.drain_seconds)
    tier.status.drain()
    await tier.endpoint.refuse_health()
    await asyncio.sleep(settings.unready_seconds)
    remaining = deadline - asyncio.get_running_loop().time() - _CLOSING_SECONDS
    await tier.endpoint.stop(max(0.0, remaining))
