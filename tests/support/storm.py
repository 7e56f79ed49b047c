"""Kills processes of running stacks with SIGKILL at random moments, and starts again whatever has ended."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from placet_cli.stack.services import EDGE, OPA, POLICY
from postgres import PostgresServer
from stack import Stack

DATABASE = "postgresql"
_READY_SECONDS = 240.0
# Some are killed while they still start, or while another one is down.
_WAITS_FOR_READY = 0.75
_ALIVE_SECONDS = 1.5
_DEAD_SECONDS = 0.3


@dataclass(kw_only=True)
class Storm:
    """What kills and revives.

    Attributes:
        stacks: whose processes are killed.
        server: the database that is killed; None for none.
        published: the policy tiers' logs of all their lives, for an auditor.
    """

    stacks: Sequence[Stack]
    server: PostgresServer | None
    published: Path
    chance: random.Random
    kills: list[str] = field(default_factory=list)

    def rage(self, victims: Sequence[str]) -> None:
        """Kill each of these, in any order, and leave everything ready."""
        for victim in self.chance.sample(victims, len(victims)):
            time.sleep(self.chance.uniform(0, _ALIVE_SECONDS))
            self._kill(victim)
            time.sleep(self.chance.uniform(0, _DEAD_SECONDS))
            self._start_ended()
            if self.chance.random() < _WAITS_FOR_READY:
                self.revive()
        self.revive()

    def revive(self) -> None:
        """Start again whatever has ended, as a supervisor does, until every process says that it is ready."""
        end = time.monotonic() + _READY_SECONDS
        while unready := self._unready():
            assert time.monotonic() < end, f"not ready again: {unready}"
            self._start_ended()
            time.sleep(0.1)

    def publish(self, stack: Stack) -> None:
        """Keep what a policy tier has logged: the next start makes a new log."""
        with self.published.open("ab") as kept:
            kept.write(stack.plan.layout.log(POLICY).read_bytes() + b"\n")

    def _kill(self, victim: str) -> None:
        self.kills.append(victim)
        if victim == DATABASE:
            assert self.server is not None
            self.server.kill()
        else:
            self.chance.choice(self.stacks).chain.processes[victim].kill()

    def _start_ended(self) -> None:
        for stack in self.stacks:
            for name in (OPA, POLICY, EDGE):
                process = stack.chain.processes[name]
                if process.pid is not None:
                    continue
                if name == POLICY:
                    self.publish(stack)
                process.start()

    def _unready(self) -> list[str]:
        with httpx.Client(timeout=30, trust_env=False) as client:
            services = [process.service for stack in self.stacks for process in stack.chain.processes.values()]
            return [service.name for service in services if not _is_ready(client, service.ready_url)]


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
