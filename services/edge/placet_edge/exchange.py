"""One callback request as logs and metrics tell it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placet_edge.errors import QUIET, Cause, NoDecisionError
from placet_edge.metrics import Outcome, request_type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import FilteringBoundLogger

    from placet_edge.metrics import Alerts, Metrics


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known so far.

    Durations are measured with ``time.perf_counter``, because uvloop's clock stands still while a callback runs and
    counts whole milliseconds. ``began_at`` is its value at the request's first byte. ``key_id`` is the node's key.
    """

    began_at: float
    outcome: Outcome = Outcome.NO_DECISION
    cause: Cause | None = None
    node: str | None = None
    key_id: str | None = None
    request_id: str | None = None
    request_type: int | None = None
    decision_id: str | None = None
    policy_seconds: float | None = None
    signing_seconds: float | None = None
    details: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def policy_timer(self) -> Iterator[None]:
        """Measure what the policy tier takes, whether it answers or not."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.policy_seconds = time.perf_counter() - began

    @contextmanager
    def signing_timer(self) -> Iterator[None]:
        """Measure what the signature takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.signing_seconds = time.perf_counter() - began


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
        if error.cause not in QUIET:
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
        seconds = time.perf_counter() - exchange.began_at
        self._metrics.requests.labels(outcome=exchange.outcome).inc()
        self._metrics.request_seconds.observe(seconds)
        if exchange.policy_seconds is not None:
            self._metrics.policy_seconds.observe(exchange.policy_seconds)
        if exchange.request_type is not None:
            self._metrics.request_types.labels(type=request_type_name(exchange.request_type)).inc()
        self._log.info("callback", **dict(_fields(exchange, seconds)))


def _fields(exchange: Exchange, seconds: float) -> Iterator[tuple[str, object]]:
    yield "outcome", exchange.outcome
    yield "ms", _milliseconds(seconds)
    names = ("cause", "node", "key_id", "request_id", "request_type", "decision_id")
    yield from ((name, value) for name in names if (value := getattr(exchange, name)) is not None)
    if exchange.policy_seconds is not None:
        yield "policy_ms", _milliseconds(exchange.policy_seconds)
    if exchange.signing_seconds is not None:
        yield "signing_ms", _milliseconds(exchange.signing_seconds)
    yield from exchange.details.items()


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
