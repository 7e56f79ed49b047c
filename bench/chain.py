"""The chain under measurement: the development stack with a state directory and a node key of its own."""

from collections.abc import Iterator
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
    """Where it serves, what to trust for TLS, and which key signs its answers."""

    port: int
    ca_file: Path
    server_key: PublicKey


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
            yield RunningChain(port=plan.ports.edge, ca_file=plan.certificates.ca, server_key=server_key)
