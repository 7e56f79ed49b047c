"""The stand-in node that belongs to this stack: it holds the published test key and is configured for our edge."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from placet_cli.key_files import read_public_key
from placet_cli.node.config import CONFIG_PATH, CallbackServer
from placet_cli.node.store import SERVER_KEY_NAME, config_text, create_node
from placet_cli.stack.layout import write_file
from placet_cli.stack.services import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """What it takes to send a request to the stack as a node would.

    Attributes:
        server: our edge, and the key its answers must be signed with.
        key: the node's callback key.
        ca_file: what the node trusts for TLS.
        folder: the same, laid out as a node's own folder.
    """

    server: CallbackServer
    key: RSAPrivateKey
    ca_file: Path
    folder: Path


def make_stand_in(plan: Plan, *, key: RSAPrivateKey) -> StandIn:
    """Write the stand-in's folder, or bring it up to date: the edge may have another port today."""
    folder = plan.layout.stand_in
    config_file = folder / CONFIG_PATH
    if not config_file.is_file():
        create_node(folder.parent, service_addresses=[plan.service_address], key=key)
    write_file(config_file, config_text([plan.service_address]).encode())
    write_file(config_file.parent / SERVER_KEY_NAME, plan.layout.server_keys.public.read_bytes())
    server_key = read_public_key(plan.layout.server_keys.public)
    return StandIn(
        server=CallbackServer(service_address=plan.service_address, key=server_key),
        key=key,
        ca_file=plan.certificates.ca,
        folder=folder,
    )
