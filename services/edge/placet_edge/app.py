"""The parts of the edge, put together from its settings."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from placet_edge.answers import Signer, StandingAnswers
from placet_edge.exchange import Journal
from placet_edge.files import Reloading, ReloadReport
from placet_edge.internal import Readiness, internal_app
from placet_edge.keys import load_nodes, load_server_key
from placet_edge.limits import Draining, Slots
from placet_edge.metrics import Alerts, Metrics, Reloaded
from placet_edge.pdp import GrpcPolicyTier, credential_files, load_credentials
from placet_edge.replies import Replies, ReplySettings
from placet_edge.routes import CheckRoute, CheckSettings, ping
from placet_edge.tls import listening_context, load_server_context

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    import grpc
    from placet_callback.token import Node
    from structlog.typing import FilteringBoundLogger

    from placet_edge.files import Watched
    from placet_edge.keys import ServerKey
    from placet_edge.pdp import PolicyTier
    from placet_edge.settings import Settings

CHECK_PATH = "/v2/check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Everything that is read from files, kept fresh while they change. ``tls`` is None on plain loopback."""

    nodes: Reloading[tuple[Node, ...]]
    server_key: Reloading[ServerKey]
    credentials: Reloading[grpc.ChannelCredentials | None]
    tls: Reloading[ssl.SSLContext] | None

    @property
    def watched(self) -> tuple[Watched, ...]:
        """What is to be polled."""
        always = (self.nodes, self.server_key, self.credentials)
        return always if self.tls is None else (*always, self.tls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The two applications and what has to run and end with them."""

    public: Starlette
    internal: Starlette
    ssl_context: ssl.SSLContext | None
    files: Files
    policy: GrpcPolicyTier
    pool: ThreadPoolExecutor
    metrics: Metrics
    draining: Draining


def build_edge(settings: Settings, *, log: FilteringBoundLogger) -> Edge:
    """Read the files and wire the parts; nothing listens yet. Call it inside the running event loop.

    Raises:
        KeyMaterialError: naming the first file that cannot be used.
    """
    metrics, draining = Metrics(), Draining()
    alerts = Alerts(metrics=metrics, log=log)
    files = _load_files(settings, ReloadReport(metrics=metrics, alerts=alerts, log=log))
    policy = GrpcPolicyTier(
        target=settings.policy_target,
        credentials=lambda: files.credentials.current,
        san=settings.policy_san,
        linger=settings.budget_seconds,
    )
    pool = ThreadPoolExecutor(max_workers=settings.signing_threads, thread_name_prefix="signing")
    journal = Journal(metrics=metrics, alerts=alerts, log=log)
    route = _check_route(settings, files=files, policy=policy, pool=pool, journal=journal, metrics=metrics)
    return Edge(
        public=_public_app(route),
        internal=internal_app(readiness=Readiness(policy=policy, draining=draining), metrics=metrics),
        ssl_context=_listening_context(files),
        files=files,
        policy=policy,
        pool=pool,
        metrics=metrics,
        draining=draining,
    )


def _load_files(settings: Settings, report: ReloadReport) -> Files:
    s = settings
    key_files = [path for path in (s.server_key_file, s.server_key_passphrase_file) if path is not None]
    return Files(
        nodes=Reloading(
            what=Reloaded.NODE_KEYS,
            paths=[s.nodes_dir],
            load=lambda: load_nodes(s.nodes_dir),
            report=report,
            key_ids=lambda nodes: [key.key_id for node in nodes for key in node.keys],
        ),
        server_key=Reloading(
            what=Reloaded.SERVER_KEY,
            paths=key_files,
            load=lambda: load_server_key(s.server_key_file, s.server_key_passphrase_file),
            report=report,
            key_ids=lambda key: [key.key_id],
        ),
        credentials=Reloading(
            what=Reloaded.POLICY_CHANNEL,
            paths=credential_files(s),
            load=lambda: load_credentials(s),
            report=report,
        ),
        tls=_load_tls(s.tls_cert_file, s.tls_key_file, report),
    )


def _load_tls(cert: Path | None, key: Path | None, report: ReloadReport) -> Reloading[ssl.SSLContext] | None:
    if cert is None or key is None:
        return None
    return Reloading(what=Reloaded.TLS, paths=[cert, key], load=lambda: load_server_context(cert, key), report=report)


def _listening_context(files: Files) -> ssl.SSLContext | None:
    tls = files.tls
    return None if tls is None else listening_context(tls.current, lambda: tls.current)


def _check_route(
    settings: Settings,
    *,
    files: Files,
    policy: PolicyTier,
    pool: ThreadPoolExecutor,
    journal: Journal,
    metrics: Metrics,
) -> CheckRoute:
    signer = Signer(
        key=lambda: files.server_key.current,
        issuer=settings.issuer,
        lifetime=settings.response_minutes * 60,
        pool=pool,
        clock=time.time,
        metrics=metrics,
    )
    replies = Replies(
        standing=StandingAnswers(signer=signer, clock=time.time),
        settings=ReplySettings(
            no_decision=settings.no_decision, bad_token=settings.bad_token, response_form=settings.response_form
        ),
        journal=journal,
        metrics=metrics,
    )
    return CheckRoute(
        nodes=lambda: files.nodes.current,
        policy=policy,
        signer=signer,
        replies=replies,
        slots=Slots(capacity=settings.max_concurrency, metrics=metrics),
        journal=journal,
        metrics=metrics,
        clock=time.time,
        settings=CheckSettings(
            budget_seconds=settings.budget_seconds,
            max_body_bytes=settings.max_body_bytes,
            token_max_lifetime_seconds=settings.token_max_lifetime_seconds,
            audience=settings.audience,
            refuse_unknown_fields=settings.refuse_unknown_fields,
            ping_action=settings.ping_action,
        ),
    )


def _public_app(route: CheckRoute) -> Starlette:
    app = Starlette(routes=[Route(CHECK_PATH, route.check, methods=["POST"]), Route("/ping", ping)])
    # A redirect is no documented answer to a node.
    app.router.redirect_slashes = False
    return app
