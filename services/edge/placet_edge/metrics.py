"""What Prometheus reads. Every label takes its values from a closed set, so that no request can make a new series."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Final

from placet_callback.envelope import RequestType
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from placet_edge.errors import QUIET, Cause, FormCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from structlog.typing import FilteringBoundLogger

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0)


class Outcome(StrEnum):
    """How one POST to the callback address ended."""

    APPROVED = "approved"
    REJECTED = "rejected"
    PING = "ping"
    BAD_FORM = "bad_form"
    BAD_TOKEN = "bad_token"  # noqa: S105  # an outcome, no password
    BAD_ENVELOPE = "bad_envelope"
    NO_DECISION = "no_decision"


class Closed(StrEnum):
    """Why the protocol class ended a connection on its own."""

    REQUEST_TIMEOUT = "request_timeout"
    ANSWER_TIMEOUT = "answer_timeout"
    HEADER_TOO_LARGE = "header_too_large"
    REQUEST_TOO_LARGE = "request_too_large"
    PIPELINED = "pipelined"
    TOO_MANY_CONNECTIONS = "too_many_connections"


class Reloaded(StrEnum):
    """What files a reload is about."""

    NODE_KEYS = "node_keys"
    SERVER_KEY = "server_key"
    TLS = "tls"
    POLICY_CHANNEL = "policy_channel"


ALERTS: Final = ("reload_refused", *(f"no_decision_{cause}" for cause in Cause if cause not in QUIET))
"""Everything that :meth:`Alerts.raise_alert` is called with."""

_TOKEN_CHECKS: Final = tuple(str(check) for check in range(1, 8))
_TYPE_NAMES: Final = {int(kind): kind.name for kind in RequestType}
_TYPE_UNKNOWN: Final = "UNKNOWN"


def request_type_name(request_type: int) -> str:
    """The label value of a request type; all unknown ones share one."""
    return _TYPE_NAMES.get(request_type, _TYPE_UNKNOWN)


class Metrics:
    """All of the edge's metrics in a registry of their own, named ``placet_edge_*``.

    Every series is there from the start at 0: Prometheus' ``increase()`` does not see the event with which a series
    appears, which for an alert would be the one that matters.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("requests", "Callback requests by how they ended.", outcome=Outcome)
        self.no_decisions = self._counter("no_decisions", "Requests without a decision, by cause.", cause=Cause)
        self.form_errors = self._counter("form_errors", "Requests refused at design step 1, by rule.", code=FormCode)
        self.token_errors = self._counter(
            "token_errors", "Tokens refused, by the number of the check.", check=_TOKEN_CHECKS
        )
        self.request_types = self._counter(
            "request_types", "Verified requests by type.", type=(*_TYPE_NAMES.values(), _TYPE_UNKNOWN)
        )
        self.unknown_fields = self._counter("unknown_fields", "Verified requests with unknown envelope fields.")
        self.closed = self._counter("connections_closed", "Connections ended by a limit.", cause=Closed)
        self.signatures = self._counter("signatures", "RSA signatures made.")
        self.reloads = self._counter("reloads", "Reloads of changed files.", what=Reloaded, result=("taken", "refused"))
        self.alerts = self._counter(
            "alerts", "Conditions that somebody should look at; each has an ERROR line.", alert=ALERTS
        )
        self.in_flight = Gauge("placet_edge_in_flight", "Requests being worked on.", registry=self.registry)
        self.request_seconds = self._histogram("request_seconds", "From the first byte to the signed answer.")
        self.policy_seconds = self._histogram("policy_seconds", "What the policy tier took.")
        self.signing_seconds = self._histogram("signing_seconds", "What a signature took, with its wait for a thread.")

    def _counter(self, name: str, text: str, **labels: Iterable[str]) -> Counter:
        counter = Counter(f"placet_edge_{name}", text, tuple(labels), registry=self.registry)
        if labels:
            for values in product(*labels.values()):
                counter.labels(*values)
        return counter

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(f"placet_edge_{name}", text, buckets=_SECONDS, registry=self.registry)


class Alerts:
    """An alert is a counter of its own and one ERROR line; raising one never fails."""

    def __init__(self, *, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._log = log

    def raise_alert(self, alert: str, **fields: object) -> None:
        """Count ``alert``, which must come from a closed set, and say it with ``fields``."""
        self._metrics.alerts.labels(alert=alert).inc()
        self._log.error("alert", alert=alert, **fields)
