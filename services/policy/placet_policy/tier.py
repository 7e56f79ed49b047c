"""The policy tier's parts, wired from settings and opened in order; closing goes the other way round."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from placet_policy.endpoint import Endpoint
from placet_policy.evaluate import Evaluator
from placet_policy.gate import ActiveBundle, Gate
from placet_policy.internal import internal_app, start_internal
from placet_policy.keys import node_keys
from placet_policy.ledger.heads import HeadPublisher
from placet_policy.ledger.opening import migrate_at_start, open_ledger
from placet_policy.metrics import Metrics
from placet_policy.opa import Opa
from placet_policy.servicer import PolicyServicer
from placet_policy.status import Status
from placet_policy.stop import StopRecorder, StopSwitch

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextlib import AsyncExitStack

    from placet_callback.token import Node

    from placet_policy.errors import BundleRefused, Indeterminate
    from placet_policy.ledger import Ledger
    from placet_policy.ledger.stored import StoredLedger
    from placet_policy.reload import Reloaded
    from placet_policy.settings import Settings

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What runs, as far as its end needs to know.

    Attributes:
        endpoint: the gRPC server.
        status: readiness.
        watchers: everything that looks at the world again and again.
        port: of the gRPC server.
        internal_port: of the probes and metrics.
        gate_port: of the bundle for OPA.
    """

    endpoint: Endpoint
    status: Status
    watchers: tuple[Coroutine[None, None, None], ...]
    port: int
    internal_port: int
    gate_port: int


async def open_tier(settings: Settings, stack: AsyncExitStack) -> Tier:
    """Open every part and let ``stack`` close it.

    Raises:
        FilesInvalid: keys or certificates cannot be used.
        LedgerUnavailable: the ledger cannot be opened.
        OSError: an address cannot be bound.
    """
    metrics = Metrics()
    nodes = node_keys(settings.nodes_dir, metrics=metrics)
    ledger, heads = await _ledger(settings, metrics, stack)
    opa = await stack.enter_async_context(
        Opa(url=settings.opa_url, timeout_seconds=settings.opa_timeout_seconds, observe=metrics.opa_seconds.observe)
    )
    gate = await stack.enter_async_context(_gate(settings, metrics, ledger))
    stop = StopSwitch(path=settings.stop_file)
    recorder = StopRecorder(stop=stop, ledger=ledger, clock=time.time, metrics=metrics)
    status = Status(nodes=lambda: nodes.value, opa=opa, gate=gate, ledger=ledger, stop=stop, metrics=metrics)
    evaluator = Evaluator(
        nodes=lambda: nodes.value,
        opa=opa,
        gate=gate,
        ledger=ledger,
        stop=stop,
        clock=time.time,
        new_id=_new_id,
        max_lifetime=settings.token_max_lifetime_seconds,
        audience=settings.audience,
    )
    servicer = PolicyServicer(
        evaluator=evaluator, status=status, metrics=metrics, ceiling_seconds=settings.evaluation_seconds
    )
    endpoint = Endpoint(settings=settings, servicer=servicer, status=status, metrics=metrics)
    app = internal_app(status=status, metrics=metrics)
    runner, internal_port = await start_internal(app, host=settings.internal_host, port=settings.internal_port)
    stack.push_async_callback(runner.cleanup)
    port = await endpoint.start()
    stack.push_async_callback(endpoint.stop, 0)
    return Tier(
        endpoint=endpoint,
        status=status,
        watchers=(
            *_watchers(settings, nodes=nodes, recorder=recorder, endpoint=endpoint, gate=gate),
            heads.watch(settings.ledger_head_seconds),
        ),
        port=port,
        internal_port=internal_port,
        gate_port=gate.port,
    )


async def _ledger(settings: Settings, metrics: Metrics, stack: AsyncExitStack) -> tuple[StoredLedger, HeadPublisher]:
    if settings.ledger_migrate == "at-start":
        await migrate_at_start(settings.ledger_url, password_file=settings.ledger_password_file)
    standby = settings.ledger_standby == "required"
    ledger = await open_ledger(settings.ledger, standby=standby, observer=metrics)
    heads = HeadPublisher(head=lambda: ledger.head, published=metrics.ledger_head_position.set)
    # Run after the ledger's own closing: the last head is that of the last record.
    stack.callback(heads.publish)
    stack.push_async_callback(ledger.close)
    return ledger, heads


class LedgerKeeper:
    """Keeps in the ledger what the gate is about to make active."""

    def __init__(self, *, ledger: Ledger) -> None:
        self._ledger = ledger

    async def keep(self, bundle: ActiveBundle) -> None:
        """See ``BundleKeeper``."""
        await self._ledger.keep_bundle(
            revision=bundle.revision, version=bundle.version, content=bundle.served, at=time.time()
        )


class _GateLog:
    """Tells logs and metrics what the gate does."""

    def __init__(self, *, metrics: Metrics) -> None:
        self._metrics = metrics

    def bundle_activated(self, bundle: ActiveBundle) -> None:
        """Log the new release."""
        _log.info("bundle_activated", revision=bundle.revision, version=bundle.version)

    def bundle_refused(self, error: BundleRefused) -> None:
        """Alert: what is delivered does not come through."""
        self._metrics.bundle_refusals.inc()
        _log.error("bundle_refused", reason=error.reason, path=error.path)

    def bundle_not_kept(self, bundle: ActiveBundle, error: Indeterminate) -> None:
        """Alert: a good bundle waits for the ledger."""
        _log.error("bundle_not_kept", revision=bundle.revision, cause=error.cause)


def _gate(settings: Settings, metrics: Metrics, ledger: Ledger) -> Gate:
    accept_unsigned = settings.unsigned == "accept"
    if accept_unsigned:
        _log.warning("unsigned_releases_accepted", setting="PLACET_POLICY_UNSIGNED")
    return Gate(
        folder=settings.bundle_dir,
        port=settings.gate_port,
        accept_unsigned=accept_unsigned,
        reload_seconds=settings.reload_seconds,
        observer=_GateLog(metrics=metrics),
        keeper=LedgerKeeper(ledger=ledger),
    )


def _watchers(
    settings: Settings, *, nodes: Reloaded[tuple[Node, ...]], recorder: StopRecorder, endpoint: Endpoint, gate: Gate
) -> tuple[Coroutine[None, None, None], ...]:
    seconds = settings.reload_seconds
    return (nodes.watch(seconds), recorder.watch(seconds), endpoint.watch(seconds), gate.watch())


def _new_id() -> str:
    """Make a decision id, and let every log line of this evaluation carry it."""
    decision_id = str(uuid.uuid4())
    structlog.contextvars.bind_contextvars(decision_id=decision_id)
    return decision_id
