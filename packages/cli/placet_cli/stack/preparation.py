"""Everything the processes need on disk: certificates, keys, pinned nodes, bundle. What is still good is kept."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from placet_cli import opa_binary
from placet_cli.key_files import public_pem, read_private_key, read_public_keys
from placet_cli.new_keys import create_pair
from placet_cli.policy.build import build_bundle
from placet_cli.samples import test_node_key
from placet_cli.stack.authority import issue_certificates
from placet_cli.stack.errors import StackError
from placet_cli.stack.layout import Layout, write_file
from placet_cli.stack.processes import is_free
from placet_cli.stack.progress import Steps
from placet_cli.stack.services import Plan, Ports

TEST_NODE = "test-node"
"""The name under which the published test key is pinned."""

# As the services read the names of the files in their nodes folder.
_NODE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_EVERYONE_READS = 0o644


@dataclass(frozen=True, slots=True)
class PinnedNode:
    """A node whose requests are answered: its name, and its public keys as the node prints them (PEM)."""

    name: str
    public_keys: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person at the terminal asked for.

    Attributes:
        nodes: nodes to answer beside the test node.
        policies: a folder laid out like `policies/`.
        port: the edge's HTTPS port; None for any free one.
    """

    nodes: Sequence[PinnedNode]
    policies: Path
    port: int | None


def parse_node(option: str) -> PinnedNode:
    """Read one `NAME=PUBLIC_KEY.pem`.

    Raises:
        CliError: the form, the name or the file is wrong.
    """
    name, _, file = option.partition("=")
    if not file or not _NODE_NAME.fullmatch(name):
        raise StackError(f"--node {option}: wanted is NAME=PUBLIC_KEY.pem, NAME in lower case letters, digits, . _ -")
    if name == TEST_NODE:
        raise StackError(f"--node {option}: the name {TEST_NODE} is taken by the stand-in")
    read_public_keys(Path(file))
    return PinnedNode(name, Path(file).read_bytes())


def prepare(layout: Layout, wishes: Wishes, *, steps: Steps) -> Plan:
    """Make everything the stack is started from.

    Raises:
        CliError: a file cannot be used, the bundle cannot be built, or the port is taken.
    """
    if wishes.port is not None and not is_free(wishes.port):
        raise StackError(f"port {wishes.port} is taken; give another --port")
    layout.prepare()
    with steps.step("Finding the pinned OPA", done=f"OPA {opa_binary.VERSION}"):
        opa = opa_binary.find_or_install(environment=os.environ, say=steps.say)
    with steps.step("Making certificates", done="Development CA and certificates"):
        certificates = issue_certificates(layout.certificates, now=datetime.now(UTC))
    with steps.step("Making the callback server's RSA-4096 key", done="The callback server's RSA-4096 key"):
        _server_keys(layout)
    pin_nodes(layout.nodes, [_test_node(), *wishes.nodes])
    demo = (wishes.policies / "demo").is_dir()
    data = "demonstration data" if demo else "no demonstration data"
    if layout.ledger_file.exists():
        with steps.step("Looking at the ledger", done="The ledger of the runs before"):
            _use_ledger(layout)
    with steps.step("Building the bundle", done=f"Bundle of {wishes.policies}, with {data}"):
        write_file(layout.bundle, build_bundle(wishes.policies, opa=opa, demo=demo).data, mode=_EVERYONE_READS)
    return Plan(layout=layout, ports=Ports.choose(edge=wishes.port), certificates=certificates, opa=opa)


def pin_nodes(folder: Path, nodes: Sequence[PinnedNode]) -> None:
    """Make the folder hold exactly these nodes: one that is not named any more is not answered any more."""
    wanted = {f"{node.name}.pem": node.public_keys for node in nodes}
    if len(wanted) != len(nodes):
        raise StackError("two nodes have the same name")
    for path in folder.glob("*.pem"):
        if path.name not in wanted:
            path.unlink()
    for name, public_keys in wanted.items():
        write_file(folder / name, public_keys, mode=_EVERYONE_READS)


def _use_ledger(layout: Layout) -> None:
    """Bring the ledger that is there to this version's tables; one from before the first release has to make room."""
    command = [sys.executable, "-m", "placet_policy", "ledger", "migrate", "--url", layout.ledger_url]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # the command is ours
    if done.returncode:
        folder = layout.ledger_file.parent
        raise StackError(
            f"{done.stderr.strip()}\nMove {folder} to another place (mv {folder} {folder}.old) and start again,"
            " or give another --state"
        )


def _server_keys(layout: Layout) -> None:
    if layout.server_keys.private.is_file():
        key = read_private_key(layout.server_keys.private)
        write_file(layout.server_keys.public, public_pem(key.public_key()).encode(), mode=_EVERYONE_READS)
    else:
        layout.server_keys.public.unlink(missing_ok=True)
        create_pair(layout.server_keys)


def _test_node() -> PinnedNode:
    return PinnedNode(TEST_NODE, public_pem(test_node_key().public_key()).encode())
