"""Whether the tier could decide right now, and if not, why (readiness, health and ``GetStatus`` all ask here)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from placet_policy.errors import Indeterminate, LedgerFault, LedgerUnavailable, NoActiveBundle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from placet_callback.token import Node

    from placet_policy.gate import ActiveBundle
    from placet_policy.ledger import Ledger
    from placet_policy.metrics import Metrics
    from placet_policy.opa import OpaResult
    from placet_policy.stop import StopSwitch

_FRESH_SECONDS = 1.0
# Whoever waits for a start should not wait for an old answer.
_FRESH_UNREADY_SECONDS = 0.1
_CHECK_SECONDS = 3.0
_log = structlog.get_logger()

NO_NODES = "no node keys are loaded"
NO_BUNDLE = "no policy release is active"
NO_OPA = "OPA does not answer or failed its self-tests"
OTHER_REVISION = "OPA has not taken the active policy release"
STOP_UNKNOWN = "the stop file cannot be looked for"
DRAINING = "the process is stopping"


class OpaProbe(Protocol):
    """What status asks of OPA."""

    async def self_test(self) -> OpaResult:
        """Prove that OPA can be trusted with a decision, and tell its version and revision."""
        ...


class BundleSource(Protocol):
    """What status asks of the gate."""

    def active(self) -> ActiveBundle:
        """Return the active release, or raise ``NoActiveBundle``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """The tier's status at one moment.

    Attributes:
        reasons: why not ready, constant texts; empty when ready.
        opa_version: what the running OPA reports; empty when it did not pass.
        bundle: the active release, if any.
        ledger: id of the store; empty when it is out of reach.
        stopped: whether every request is held.
    """

    reasons: tuple[str, ...]
    opa_version: str
    bundle: ActiveBundle | None
    ledger: str
    stopped: bool

    @property
    def ready(self) -> bool:
        """Whether an Evaluate could be completed."""
        return not self.reasons


class Status:
    """Runs the checks when somebody asks, at most once a second."""

    def __init__(
        self,
        *,
        nodes: Callable[[], Sequence[Node]],
        opa: OpaProbe,
        gate: BundleSource,
        ledger: Ledger,
        stop: StopSwitch,
        metrics: Metrics,
    ) -> None:
        self._nodes = nodes
        self._opa = opa
        self._gate = gate
        self._ledger = ledger
        self._stop = stop
        self._metrics = metrics
        self._draining = False
        self._asking = asyncio.Lock()
        self._last: StatusReport | None = None
        self._asked_at = 0.0

    def drain(self) -> None:
        """Be unready from now on."""
        self._draining = True
        self._last = None

    async def report(self) -> StatusReport:
        """Return a report that is at most a second old, and a tenth of one while the tier is not ready."""
        async with self._asking:
            fresh = _FRESH_SECONDS if self._last is not None and self._last.ready else _FRESH_UNREADY_SECONDS
            if self._last is None or time.monotonic() - self._asked_at > fresh:
                report = await self._check()
                self._notice(report)
                self._last, self._asked_at = report, time.monotonic()
            return self._last

    async def _check(self) -> StatusReport:
        problems: list[str] = []
        if not self._nodes():
            problems.append(NO_NODES)
        bundle = self._active(problems)
        opa_version, ledger = await asyncio.gather(self._ask_opa(bundle, problems), self._ask_ledger(problems))
        stopped = self._ask_stop(problems)
        # Looked at last: a drain may have begun during the questions, and their answer is kept for a while.
        if self._draining:
            problems.insert(0, DRAINING)
        return StatusReport(
            reasons=tuple(problems), opa_version=opa_version, bundle=bundle, ledger=ledger, stopped=stopped
        )

    def _active(self, problems: list[str]) -> ActiveBundle | None:
        try:
            return self._gate.active()
        except NoActiveBundle as error:
            self._add(problems, NO_BUNDLE, error)
            return None

    async def _ask_opa(self, bundle: ActiveBundle | None, problems: list[str]) -> str:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                result = await self._opa.self_test()
        except (Indeterminate, TimeoutError) as error:
            self._add(problems, NO_OPA, error)
            return ""
        if bundle is not None and result.revision != bundle.revision:
            problems.append(OTHER_REVISION)
        return result.version

    async def _ask_ledger(self, problems: list[str]) -> str:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._ledger.check()
        except LedgerUnavailable as error:
            self._add(problems, error.fault.value, error)
            return ""
        except TimeoutError as error:
            self._add(problems, LedgerFault.UNWRITABLE.value, error)
            return ""
        return self._ledger.ledger_id

    def _ask_stop(self, problems: list[str]) -> bool:
        try:
            return self._stop.active()
        except Indeterminate as error:
            self._add(problems, STOP_UNKNOWN, error)
            return True

    def _add(self, problems: list[str], reason: str, error: Exception) -> None:
        """Note a problem: the constant text for whoever asks, the cause for the log while it is new."""
        problems.append(reason)
        if self._last is None or reason not in self._last.reasons:
            _log.warning("not_ready", reason=reason, cause=getattr(error, "cause", type(error).__name__))

    def _notice(self, report: StatusReport) -> None:
        self._metrics.ready.set(report.ready)
        if self._last is not None and self._last.ready != report.ready:
            _log.warning("readiness_changed", ready=report.ready, reasons=list(report.reasons))
