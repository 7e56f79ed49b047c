"""The internal HTTP port: ``/livez``, ``/readyz`` and ``/metrics``. It answers probes and says nothing of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from placet_policy.metrics import Metrics
    from placet_policy.status import Status

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def internal_app(*, status: Status, metrics: Metrics) -> web.Application:
    """Return the application of the internal port."""

    async def livez(_request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def readyz(_request: web.Request) -> web.Response:
        report = await status.report()
        return web.json_response(
            {"ready": report.ready, "reasons": list(report.reasons)}, status=200 if report.ready else 503
        )

    async def show_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": _METRICS_TYPE})

    app = web.Application()
    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)
    return app


async def start_internal(app: web.Application, *, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Serve the application.

    Returns:
        The runner to clean up at the end, and the port in use.

    Raises:
        OSError: the address cannot be bound.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner, int(runner.addresses[0][1])
