"""The policy tier's Prometheus metrics. Labels come from closed sets only, never from a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from placet_policy.decision import Effect
from placet_policy.errors import Indeterminate, PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_OUTCOMES = (*(effect.value for effect in Effect), "refused", "indeterminate", "failed")
_CAUSES = (
    *(kind.__name__ for kind in (PolicyError, Indeterminate, *Indeterminate.__subclasses__())),
    "Cancelled",
)
_RELOADED = ("nodes", "tls")


class Metrics:
    """All metrics, in a registry of their own so that a test can have several.

    Attributes:
        evaluations: outcomes of Evaluate; ``outcome`` is an effect, ``refused``, ``indeterminate`` or ``failed``.
        evaluation_seconds: how long Evaluate took, whatever its outcome.
        indeterminate: alert: evaluations without a decision, by ``cause``, the name of an error class or ``Cancelled``.
        holds: alert: decisions that people must look at.
        calls: gRPC calls by ``method`` and status ``code``.
        unidentified: alert: calls from a peer whose certificate does not carry the pinned name.
        reload_failures: alert: files that changed to something unusable, ``what`` being ``nodes`` or ``tls``.
        opa_seconds: how long an exchange with OPA took.
        bundle_refusals: alert: bundle files that the gate did not let through.
        ledger_commit_seconds: how long a transaction took to become durable.
        ledger_batch_size: how many records shared a transaction.
        ledger_commit_failures: alert: transactions that gave no receipts.
        ledger_connections: connections that the writer opened; more than one a start means that it lost one.
        ledger_head_position: position of the newest head that was published.
        ready: 1 while the tier can decide.
        stopped: 1 while the stop file exists.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluations = self._counter("evaluations", "Evaluations by outcome.", "outcome")
        self.evaluation_seconds = self._histogram("evaluation_seconds", "Duration of Evaluate in seconds.", _SECONDS)
        self.indeterminate = self._counter("indeterminate", "Evaluations that ended without a decision.", "cause")
        self.holds = self._counter("holds", "Decisions that wait for people.")
        self.calls = self._counter("grpc_calls", "gRPC calls by method and status code.", "method", "code")
        self.unidentified = self._counter("unidentified_calls", "Calls without the pinned client name.")
        self.reload_failures = self._counter("reload_failures", "Changed files that could not be used.", "what")
        self.opa_seconds = self._histogram("opa_seconds", "Duration of an exchange with OPA in seconds.", _SECONDS)
        self.bundle_refusals = self._counter("bundle_refusals", "Bundle files that were not let through.")
        self.ledger_commit_seconds = self._histogram("ledger_commit_seconds", "Seconds a transaction took.", _SECONDS)
        self.ledger_batch_size = self._histogram("ledger_batch_size", "Records in one transaction.", _BATCH)
        self.ledger_commit_failures = self._counter("ledger_commit_failures", "Transactions that gave no receipts.")
        self.ledger_connections = self._counter("ledger_connections", "Connections that the ledger's writer opened.")
        self.ledger_head_position = self._gauge("ledger_head_position", "Position of the newest published head.")
        self.ready = self._gauge("ready", "1 while the tier can decide.")
        self.stopped = self._gauge("stopped", "1 while the stop file exists.")
        _start_at_zero(self.evaluations, _OUTCOMES)
        _start_at_zero(self.indeterminate, _CAUSES)
        _start_at_zero(self.reload_failures, _RELOADED)

    def render(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def committed(self, size: int, seconds: float) -> None:
        """Take the figures of one durable ledger transaction."""
        self.ledger_batch_size.observe(size)
        self.ledger_commit_seconds.observe(seconds)

    def connected(self) -> None:
        """Count a connection of the ledger's writer."""
        self.ledger_connections.inc()

    def commit_failed(self) -> None:
        """Count a ledger transaction without receipts."""
        self.ledger_commit_failures.inc()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"placet_policy_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"placet_policy_{name}", text, buckets=buckets, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"placet_policy_{name}", text, registry=self.registry)


def _start_at_zero(counter: Counter, labels: Iterable[str]) -> None:
    """Make every series of a closed set at once: Prometheus' ``increase()`` sees no first event that comes with it."""
    for label in labels:
        counter.labels(label)
