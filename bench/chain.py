"""The chain under measurement: the development stack with a state directory and a node key of its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from placet_callback.keys import PublicKey
from placet_cli.key_files import public_pem, read_public_key
from placet_cli.stack.chain import Chain
from placet_cli.stack.layout import Layout
from placet_cli.stack.preparation import PinnedNode, Wishes, prepare
from placet_cli.stack.progress import Steps
from placet_cli.stack.services import START_ORDER, services
from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningChain:
    """Where it serves, what to trust for TLS, which key signs its answers, and its processes."""

    port: int
    ca_file: Path
    server_key: PublicKey
    pids: Mapping[str, int]

    def processor_seconds(self) -> dict[str, float]:
        """Processor time each process has used so far, and ours, which is the load; empty where /proc is not."""
        times = {name: _processor_seconds(pid) for name, pid in self.pids.items()}
        return {name: seconds for name, seconds in times.items() if seconds is not None}


def _processor_seconds(pid: int) -> float | None:
    """User and system time of a process: fields 14 and 15 of proc(5)'s stat, in clock ticks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_chain(state: Path, *, node_key: RSAPublicKey) -> Iterator[RunningChain]:
    """Run the chain for as long as the block runs."""
    layout, steps = Layout(state), Steps(console=Console())
    node = PinnedNode("bench-node", public_pem(node_key).encode())
    wishes = Wishes(nodes=[node], policies=ROOT / "policies", port=None)
    with layout.claimed():
        plan = prepare(layout, wishes, steps=steps)
        with Chain(services=services(plan), layout=layout) as chain:
            with steps.step("Starting the chain", done="The chain is ready"):
                chain.start()
                for name in START_ORDER:
                    chain.wait_ready(name)
            server_key = read_public_key(layout.server_keys.public)
            pids = {name: process.pid for name, process in chain.processes.items() if process.pid is not None}
            yield RunningChain(
                port=plan.ports.edge,
                ca_file=plan.certificates.ca,
                server_key=server_key,
                pids=pids | {"load": os.getpid()},
            )
