"""The gate's one HTTP route: OPA's bundle protocol on loopback, with a long poll that really waits.

OPA asks with ``If-None-Match`` and ``Prefer: modes=snapshot,delta;wait=30``. It keeps long polling only while the
answer's Content-Type is exactly ``application/vnd.openpolicyagent.bundles``, and asks again at once after every answer:
so an answer without waiting would be a busy loop, and waiting makes a new bundle active within milliseconds
(OPA documentation, "Bundles", "HTTP Long Polling").
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from placet_policy.gate.bundle import ActiveBundle

HOST = "127.0.0.1"
RESOURCE = "bundle.tar.gz"
CONTENT_TYPE = "application/vnd.openpolicyagent.bundles"
# Nobody may hold a connection longer than this, whatever it prefers.
MAX_WAIT_SECONDS = 300
_WAIT = re.compile(r"(?:^|[;,])[ ]*wait=([0-9]{1,6})[ ]*(?:$|[;,])", re.ASCII)


class BundleServer:
    """Serves the active bundle to the OPA in the same pod. It binds to loopback and can bind to nothing else."""

    def __init__(self, *, port: int, active: Callable[[], ActiveBundle | None]) -> None:
        """Prepare the server.

        Args:
            port: the port on 127.0.0.1; 0 takes a free one.
            active: the bundle that OPA may have right now, None for none.
        """
        self._wanted_port = port
        self._active = active
        self._changed = asyncio.Event()
        self._closing = False
        app = web.Application()
        app.router.add_get(f"/{RESOURCE}", self._bundle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    @property
    def port(self) -> int:
        """The port that is really bound."""
        address = self._runner.addresses[0]
        return int(address[1])

    async def start(self) -> None:
        """Bind and serve; raises OSError when the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._wanted_port).start()

    async def stop(self) -> None:
        """Answer every waiting poll, then close."""
        self._closing = True
        self.announce()
        await self._runner.cleanup()

    def announce(self) -> None:
        """Wake every waiting poll: the active bundle may be another one now."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _bundle(self, request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match", "")
        bundle = await self._newer(known, _wait_seconds(request.headers.get("Prefer", "")))
        if bundle is None:
            return web.Response(status=404, text="no bundle is active\n")
        headers = {"ETag": _etag(bundle), "Cache-Control": "no-store"}
        if _etag(bundle) == known:
            return web.Response(status=304, headers=headers)
        return web.Response(body=bundle.served, content_type=CONTENT_TYPE, headers=headers)

    async def _newer(self, known: str, wait_seconds: float) -> ActiveBundle | None:
        """Return the active bundle as soon as it is another one than ``known``, or when the wait is over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_seconds
        while True:
            # Taken before looking, so that a change between the look and the wait still ends the wait.
            changed, bundle = self._changed, self._active()
            left = end - loop.time()
            if self._closing or left <= 0 or (bundle is not None and _etag(bundle) != known):
                return bundle
            try:
                async with asyncio.timeout(left):
                    await changed.wait()
            except TimeoutError:
                return self._active()


def _etag(bundle: ActiveBundle) -> str:
    return f'"{bundle.revision}"'


def _wait_seconds(prefer: str) -> float:
    match = _WAIT.search(prefer)
    return min(int(match[1]), MAX_WAIT_SECONDS) if match is not None else 0
