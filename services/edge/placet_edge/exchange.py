"""One callback request as logs and metrics tell it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from placet_callback.envelope import RequestType

from placet_edge.errors import Cause, NoDecisionError
from placet_edge.metrics import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import FilteringBoundLogger

    from placet_edge.metrics import Alerts, Metrics

_TYPE_NAMES: Final = {int(kind): kind.name for kind in RequestType}
# Held requests are alerted where the reasons are; a full edge and a client that left are what metrics are for.
_QUIET: Final = frozenset({Cause.HELD, Cause.FULL, Cause.DISCONNECTED})


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known so far; seconds are durations, ``began_at`` is event loop time."""

    began_at: float
    outcome: Outcome = Outcome.NO_DECISION
    cause: Cause | None = None
    node: str | None = None
    request_id: str | None = None
    request_type: int | None = None
    decision_id: str | None = None
    policy_seconds: float | None = None
    signing_seconds: float | None = None
    details: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def policy_timer(self) -> Iterator[None]:
        """Measure what the policy tier takes, whether it answers or not."""
        began = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            self.policy_seconds = asyncio.get_running_loop().time() - began

    @contextmanager
    def signing_timer(self) -> Iterator[None]:
        """Measure what the signature takes."""
        began = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            self.signing_seconds = asyncio.get_running_loop().time() - began


class Journal:
    """Writes one log line and the counts for each exchange, and raises the alerts."""

    def __init__(self, *, metrics: Metrics, alerts: Alerts, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._alerts = alerts
        self._log = log

    def no_decision(self, exchange: Exchange, error: NoDecisionError) -> None:
        """Note that there is no decision, and alert when something is broken."""
        exchange.outcome = Outcome.NO_DECISION
        exchange.cause = error.cause
        self._metrics.no_decisions.labels(cause=error.cause).inc()
        if error.cause not in _QUIET:
            self._alerts.raise_alert(
                f"no_decision_{error.cause}",
                request_id=exchange.request_id,
                decision_id=exchange.decision_id,
                node=exchange.node,
                detail=error.detail,
            )

    def crash(self, exchange: Exchange) -> None:
        """Note an exception that nobody expected; called while it is being handled."""
        self._log.error("unexpected error", request_id=exchange.request_id, exc_info=True)
        self.no_decision(exchange, NoDecisionError(Cause.INTERNAL))

    def end(self, exchange: Exchange) -> None:
        """Write the line; the exchange is over, answered or not."""
        seconds = asyncio.get_running_loop().time() - exchange.began_at
        self._metrics.requests.labels(outcome=exchange.outcome).inc()
        self._metrics.request_seconds.observe(seconds)
        if exchange.policy_seconds is not None:
            self._metrics.policy_seconds.observe(exchange.policy_seconds)
        if exchange.request_type is not None:
            name = _TYPE_NAMES.get(exchange.request_type, "UNKNOWN")
            self._metrics.request_types.labels(type=name).inc()
        self._log.info("callback", **dict(_fields(exchange, seconds)))


def _fields(exchange: Exchange, seconds: float) -> Iterator[tuple[str, object]]:
    yield "outcome", exchange.outcome
    yield "ms", _milliseconds(seconds)
    names = ("cause", "node", "request_id", "request_type", "decision_id")
    yield from ((name, value) for name in names if (value := getattr(exchange, name)) is not None)
    if exchange.policy_seconds is not None:
        yield "policy_ms", _milliseconds(exchange.policy_seconds)
    if exchange.signing_seconds is not None:
        yield "signing_ms", _milliseconds(exchange.signing_seconds)
    yield from exchange.details.items()


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
