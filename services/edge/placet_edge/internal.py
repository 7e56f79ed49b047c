"""The internal port: /livez (the process), /readyz (able to decide), /metrics (Prometheus)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from placet_edge.errors import NoDecisionError

if TYPE_CHECKING:
    from starlette.requests import Request

    from placet_edge.limits import Draining
    from placet_edge.metrics import Metrics
    from placet_edge.pdp import PolicyTier

_STATUS_TIMEOUT_SECONDS = 1.5
_STATUS_AGE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    at: float
    reasons: tuple[str, ...]


class Readiness:
    """Whether the edge could get a decision; the policy tier is asked at most once a second, whoever asks us."""

    def __init__(self, *, policy: PolicyTier, draining: Draining) -> None:
        self._policy = policy
        self._draining = draining
        self._seen: _Seen | None = None
        self._lock = asyncio.Lock()

    async def reasons(self) -> tuple[str, ...]:
        """Why the edge is not ready; empty when it is. Keys are loaded, or the process would not have started."""
        if self._draining.begun:
            return ("draining",)
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._seen is None or now - self._seen.at >= _STATUS_AGE_SECONDS:
                reasons = await self._ask()
                self._seen = _Seen(at=asyncio.get_running_loop().time(), reasons=reasons)
            return self._seen.reasons

    async def _ask(self) -> tuple[str, ...]:
        try:
            status = await self._policy.status(timeout=_STATUS_TIMEOUT_SECONDS)
        except NoDecisionError as e:
            return (str(e.cause),)
        if status.ready:
            return ()
        return tuple(f"policy tier: {reason}" for reason in status.not_ready_reasons) or ("policy tier: not ready",)


def internal_app(*, readiness: Readiness, metrics: Metrics) -> Starlette:
    """The ASGI application of the internal port."""

    async def livez(_request: Request) -> Response:
        return JSONResponse({"live": True})

    async def readyz(_request: Request) -> Response:
        reasons = await readiness.reasons()
        return JSONResponse({"ready": not reasons, "reasons": list(reasons)}, status_code=503 if reasons else 200)

    async def prometheus(_request: Request) -> Response:
        return Response(generate_latest(metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", prometheus)])
