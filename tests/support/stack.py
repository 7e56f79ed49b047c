"""A whole stack for the end-to-end tests: real processes, real OPA, and the stand-in that talks to them over TLS."""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from claimed_port import free_port
from placet_cli.node.send import Answer, ask
from placet_cli.node.transport import http_client
from placet_cli.policy.build import build_bundle
from placet_cli.samples import Sample, sample, test_node_key
from placet_cli.stack.chain import Chain
from placet_cli.stack.demonstration import read_records
from placet_cli.stack.layout import Layout, write_file
from placet_cli.stack.preparation import Wishes, prepare
from placet_cli.stack.progress import Steps
from placet_cli.stack.services import LOOPBACK, START_ORDER, Plan, Ports, services
from placet_cli.stack.stand_in import StandIn, make_stand_in
from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
ALLOWED = "keysign_eth_legacy_transfer"
"""A sample that the demonstration data allows."""
# What a stack is given whose tests are about what is answered: on a busy machine that takes its time.
_PATIENT_EDGE = {"BUDGET_SECONDS": "50"}
_PATIENT_POLICY = {"EVALUATION_SECONDS": "45", "OPA_TIMEOUT_SECONDS": "30"}
_READY_SECONDS = 240.0
_STOP_SECONDS = 120.0


class Stack:
    """One running stack and its stand-in node."""

    def __init__(self, *, plan: Plan, chain: Chain, stand_in: StandIn, client: httpx.Client) -> None:
        self.plan = plan
        self.chain = chain
        self.stand_in = stand_in
        self.client = client

    def send(self, name: str = ALLOWED, *, request_id: str | None = None, seconds: float = 60.0) -> Answer:
        """Send a sample once, under a fresh request_id unless one is given."""
        return self.send_sample(named(name), request_id=request_id, seconds=seconds)

    def send_sample(self, chosen: Sample, *, request_id: str | None = None, seconds: float = 60.0) -> Answer:
        """Send a request once, as a node does: a fresh token, one POST, the answer verified."""
        package, sent_id = chosen.package(request_id)
        return ask(
            self.stand_in.server,
            self.stand_in.key,
            package,
            request_id=sent_id,
            client=self.client,
            ping=chosen.is_ping,
            request_timeout=seconds,
        )

    def wait_whole(self) -> None:
        """Wait until every process is ready and OPA decides with its bundle, at first or after one was killed.

        The policy tier looks at OPA twice a second, so that what it says of itself may be older than the restart.
        """
        opa = f"http://{LOOPBACK}:{self.plan.ports.opa}/health?bundles"
        for name in START_ORDER:
            self.wait_ready(name)
        deadline = time.monotonic() + _READY_SECONDS
        while not self.client.get(opa).is_success:
            assert time.monotonic() < deadline, "OPA has no bundle"
            time.sleep(0.05)

    def wait_ready(self, name: str) -> None:
        """Wait until one process is ready."""
        self.chain.wait_ready(name, seconds=_READY_SECONDS)

    def records(self) -> dict[str, Mapping[str, Any]]:
        """The newest ledger record of every request_id."""
        return read_records(self.plan.layout.ledger_url)

    def evidence(self, decision_id: str) -> Mapping[str, Any]:
        """Everything the ledger has about one decision, the node's token too."""
        command = [sys.executable, "-m", "placet_policy", "ledger", "show", "--url", self.plan.layout.ledger_url]
        command += ["--decision", decision_id, "--evidence", "--json"]
        shown: Mapping[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return shown

    def codes(self, request_id: str) -> list[str]:
        """The reason codes of the newest record about a request."""
        return [reason["code"] for reason in self.records()[request_id]["reasons"]]

    def release(self, policies: Path, *, demo: bool = True) -> None:
        """Build a bundle of this folder and put it where the gate watches."""
        write_file(self.plan.layout.bundle, build_bundle(policies, opa=self.plan.opa, demo=demo).data, mode=0o644)


@contextmanager
def running_stack(
    state: Path,
    *,
    policies: Path = POLICIES,
    edge_settings: Mapping[str, str] | None = None,
    policy_settings: Mapping[str, str] | None = None,
    patient: bool = True,
) -> Iterator[Stack]:
    """Start a stack in this state directory and wait until it is ready; nothing is left running afterwards.

    Args:
        state: the directory.
        policies: a folder laid out like `policies/`.
        edge_settings: of the edge beside the usual ones.
        policy_settings: of the policy tier likewise.
        patient: with much time for an answer; without, the time that the services give themselves.
    """
    layout = Layout(state)
    with layout.claimed():
        plan = dataclasses.replace(
            prepare(layout, Wishes(nodes=(), policies=policies, port=None), steps=Steps(console=Console(quiet=True))),
            ports=Ports(**{each.name: free_port() for each in dataclasses.fields(Ports)}),
            edge_settings=(_PATIENT_EDGE if patient else {}) | dict(edge_settings or {}),
            policy_settings=(_PATIENT_POLICY if patient else {}) | dict(policy_settings or {}),
        )
        started = {
            name: dataclasses.replace(service, stop_seconds=_STOP_SECONDS) for name, service in services(plan).items()
        }
        stand_in = make_stand_in(plan, key=test_node_key())
        with (
            Chain(services=started, layout=layout) as chain,
            http_client(ca_file=stand_in.ca_file) as client,
        ):
            chain.start()
            stack = Stack(plan=plan, chain=chain, stand_in=stand_in, client=client)
            stack.wait_whole()
            yield stack


def named(name: str) -> Sample:
    """The sample of this name."""
    chosen = sample(name)
    assert chosen is not None, name
    return chosen
