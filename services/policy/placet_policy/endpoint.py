"""The gRPC server around the servicer: address, TLS, limits, interceptors and the standard health service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]  # it ships no types
from grpc_health.v1.health import aio as health_aio  # type: ignore[import-untyped]  # same
from placet.policy.v1 import policy_pb2_grpc

from placet_policy.interceptors import CountCalls, RequireClientName, RequireDeadline
from placet_policy.tls import TlsFiles, TlsMaterial, server_credentials, tls_material

if TYPE_CHECKING:
    from placet_policy.metrics import Metrics
    from placet_policy.reload import Reloaded
    from placet_policy.servicer import PolicyServicer
    from placet_policy.settings import Settings
    from placet_policy.status import Status

SERVICE = "placet.policy.v1.PolicyService"
# The empty name is the server as a whole (grpc.health.v1).
_HEALTH_NAMES = ("", SERVICE)
# A callback token is at most 1 MiB; the other fields are small.
_MAX_RECEIVED_BYTES = 1024 * 1024 + 64 * 1024
_MAX_SENT_BYTES = 4 * 1024 * 1024
_MAX_CONCURRENT_CALLS = 1024


class Endpoint:
    """The gRPC server. Built without a port; ``start`` binds it."""

    def __init__(self, *, settings: Settings, servicer: PolicyServicer, status: Status, metrics: Metrics) -> None:
        """Wire the server.

        Raises:
            FilesInvalid: the TLS files cannot be used.
        """
        self._settings = settings
        self._status = status
        self._tls = _tls(settings, metrics)
        self._health = health_aio.HealthServicer()
        self._server = grpc.aio.server(
            interceptors=_interceptors(settings, metrics),
            options=_options(settings),
            maximum_concurrent_rpcs=_MAX_CONCURRENT_CALLS,
        )
        policy_pb2_grpc.add_PolicyServiceServicer_to_server(servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    async def start(self) -> int:
        """Bind and serve; health is NOT_SERVING until ``watch`` has seen that the tier is ready.

        Returns:
            The port in use.

        Raises:
            OSError: the address cannot be bound.
        """
        await self._tell_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        address = f"{host}:{self._settings.port}"
        try:
            if self._tls is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, server_credentials(self._tls))
        except RuntimeError as error:
            raise OSError(f"{address}: cannot be bound") from error
        await self._server.start()
        return port

    async def watch(self, seconds: float) -> None:
        """For ever: take changed TLS files, and let health say what status says."""
        serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
        while True:
            if self._tls is not None:
                await asyncio.to_thread(self._tls.reload)
            report = await self._status.report()
            await self._tell_health(serving if report.ready else not_serving)
            await asyncio.sleep(seconds)

    async def refuse_health(self) -> None:
        """Let health say NOT_SERVING from now on, whatever ``watch`` sees."""
        await self._health.enter_graceful_shutdown()

    async def stop(self, grace_seconds: float) -> None:
        """Take no more calls, and give the running ones ``grace_seconds``."""
        await self._server.stop(grace_seconds)

    async def _tell_health(self, status: health_pb2.HealthCheckResponse.ServingStatus.ValueType) -> None:
        for name in _HEALTH_NAMES:
            await self._health.set(name, status)


def _tls(settings: Settings, metrics: Metrics) -> Reloaded[TlsMaterial] | None:
    if settings.tls_cert_file is None or settings.tls_key_file is None or settings.client_ca_file is None:
        return None
    files = TlsFiles(certificate=settings.tls_cert_file, key=settings.tls_key_file, client_ca=settings.client_ca_file)
    return tls_material(files, metrics=metrics)


def _interceptors(settings: Settings, metrics: Metrics) -> list[grpc.aio.ServerInterceptor]:
    """Return the interceptors, outermost first."""
    interceptors: list[grpc.aio.ServerInterceptor] = [CountCalls(metrics=metrics)]
    if settings.client_san is not None:
        interceptors.append(RequireClientName(client_san=settings.client_san, metrics=metrics))
    interceptors.append(RequireDeadline())
    return interceptors


def _options(settings: Settings) -> list[tuple[str, int]]:
    age = settings.max_connection_age_seconds
    # Longer than the longest call, so that ending a connection never ends a call.
    grace = settings.evaluation_seconds + 2
    return [
        # gRPC spreads the age by a tenth in both directions itself.
        ("grpc.max_connection_age_ms", round(age * 1000)),
        ("grpc.max_connection_age_grace_ms", round(grace * 1000)),
        ("grpc.max_receive_message_length", _MAX_RECEIVED_BYTES),
        ("grpc.max_send_message_length", _MAX_SENT_BYTES),
        # A second process on the same port is a mistake, not a way to share load.
        ("grpc.so_reuseport", 0),
    ]
