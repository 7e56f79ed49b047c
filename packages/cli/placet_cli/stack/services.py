"""The three processes of the stack and the settings each is started with."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from placet_cli.stack.authority import EDGE_SAN, POLICY_SAN, Certificates
from placet_cli.stack.errors import StackError
from placet_cli.stack.layout import Layout
from placet_cli.stack.processes import Service, free_ports

OPA = "opa"
POLICY = "policy"
EDGE = "edge"
START_ORDER = (OPA, POLICY, EDGE)
"""Each process comes after those it needs; they are ended the other way round, so that none waits for a dead one."""

LOOPBACK = "127.0.0.1"
# A person waits at the terminal, and no load balancer has to notice anything first.
_UNREADY_SECONDS = "0"
_DRAIN_SECONDS = 8
_STOP_SECONDS = 12.0
_OWN_SETTINGS = ("PLACET_EDGE_", "PLACET_POLICY_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """One port of 127.0.0.1 a listener."""

    edge: int
    edge_internal: int
    policy: int
    policy_internal: int
    gate: int
    opa: int

    @classmethod
    def choose(cls, *, edge: int | None = None) -> "Ports":
        """Free ports; the edge's public one can be given."""
        public, edge_internal, policy, policy_internal, gate, opa = free_ports(6)
        return cls(
            edge=edge or public,
            edge_internal=edge_internal,
            policy=policy,
            policy_internal=policy_internal,
            gate=gate,
            opa=opa,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything the processes are started from.

    Attributes:
        opa: the OPA program.
        edge_settings: settings of the edge beside or instead of the usual ones, names without prefix.
        policy_settings: the same for the policy tier.
    """

    layout: Layout
    ports: Ports
    certificates: Certificates
    opa: Path
    edge_settings: Mapping[str, str] = field(default_factory=dict)
    policy_settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def service_address(self) -> str:
        """The URL a node on this machine posts to."""
        return f"https://localhost:{self.ports.edge}/v2/check"


def services(plan: Plan) -> dict[str, Service]:
    """All processes of the stack, by name, in the order in which they are started."""
    return {OPA: _opa(plan), POLICY: _policy(plan), EDGE: _edge(plan)}


def _opa(plan: Plan) -> Service:
    argv = opa_arguments(plan.layout.opa, ports=plan.ports)
    return Service(
        name=OPA,
        argv=(str(plan.opa), *argv),
        env=_environment({}),
        ready_url=f"http://{LOOPBACK}:{plan.ports.opa}/health",
        stop_seconds=_STOP_SECONDS,
    )


def opa_arguments(folder: Path, *, ports: Ports) -> tuple[str, ...]:
    """Let the policy tier write OPA's files into `folder`, and return the arguments it wants OPA run with.

    Raises:
        StackError: the policy tier could not do it.
    """
    command = [sys.executable, "-m", "placet_policy", "opa-config", str(folder)]
    command += ["--gate-port", str(ports.gate), "--opa-port", str(ports.opa)]
    done = subprocess.run(command, env=_environment({}), check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise StackError(f"OPA's configuration could not be written: {done.stderr.strip()}")
    arguments = json.loads(done.stdout)
    return tuple(str(argument) for argument in arguments)


def _policy(plan: Plan) -> Service:
    layout, ports, certificates = plan.layout, plan.ports, plan.certificates
    settings = {
        "HOST": LOOPBACK,
        "PORT": str(ports.policy),
        "INTERNAL_HOST": LOOPBACK,
        "INTERNAL_PORT": str(ports.policy_internal),
        "TLS_CERT_FILE": str(certificates.policy_server.certificate),
        "TLS_KEY_FILE": str(certificates.policy_server.key),
        "CLIENT_CA_FILE": str(certificates.ca),
        "CLIENT_SAN": EDGE_SAN,
        "NODES_DIR": str(layout.nodes),
        "OPA_URL": f"http://{LOOPBACK}:{ports.opa}",
        "GATE_PORT": str(ports.gate),
        "BUNDLE_DIR": str(layout.bundle.parent),
        "UNSIGNED": "accept",
        "LEDGER_URL": layout.ledger_url,
        "STOP_FILE": str(layout.stop_file),
        "UNREADY_SECONDS": _UNREADY_SECONDS,
        "DRAIN_SECONDS": str(_DRAIN_SECONDS),
    }
    return Service(
        name=POLICY,
        argv=(sys.executable, "-m", "placet_policy"),
        env=_environment(_prefixed("PLACET_POLICY_", settings | dict(plan.policy_settings))),
        ready_url=f"http://{LOOPBACK}:{ports.policy_internal}/readyz",
        stop_seconds=_STOP_SECONDS,
    )


def _edge(plan: Plan) -> Service:
    layout, ports, certificates = plan.layout, plan.ports, plan.certificates
    settings = {
        "HOST": LOOPBACK,
        "PORT": str(ports.edge),
        "INTERNAL_HOST": LOOPBACK,
        "INTERNAL_PORT": str(ports.edge_internal),
        "TLS_CERT_FILE": str(certificates.edge_server.certificate),
        "TLS_KEY_FILE": str(certificates.edge_server.key),
        "SERVER_KEY_FILE": str(layout.server_keys.private),
        "NODES_DIR": str(layout.nodes),
        "POLICY_TARGET": f"dns:///{LOOPBACK}:{ports.policy}",
        "POLICY_CA_FILE": str(certificates.ca),
        "POLICY_CERT_FILE": str(certificates.edge_client.certificate),
        "POLICY_KEY_FILE": str(certificates.edge_client.key),
        "POLICY_SAN": POLICY_SAN,
        "UNREADY_SECONDS": _UNREADY_SECONDS,
        "DRAIN_SECONDS": str(_DRAIN_SECONDS),
    }
    return Service(
        name=EDGE,
        argv=(sys.executable, "-m", "placet_edge"),
        env=_environment(_prefixed("PLACET_EDGE_", settings | dict(plan.edge_settings))),
        ready_url=f"http://{LOOPBACK}:{ports.edge_internal}/readyz",
        stop_seconds=_STOP_SECONDS,
    )


def _prefixed(prefix: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {prefix + name: value for name, value in settings.items()}


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Our own environment without settings meant for some other stack, and these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}
    return kept | dict(settings)
