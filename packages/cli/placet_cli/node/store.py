"""The folder of a stand-in node: laid out as the node's package unpacks, with a configuration in the real format."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from placet_cli.errors import CliError
from placet_cli.key_files import read_private_key, write_new
from placet_cli.new_keys import KeyPairFiles, create_pair, write_pair
from placet_cli.node.config import CONFIG_PATH, NODE_DIRECTORY

DEFAULT_SERVICE_ADDRESS = "https://127.0.0.1:11020/v2/check"
SERVER_KEY_NAME = "callback-server-pub.key"

_EVERYONE_READS = 0o644

_CONFIG_HEAD = """\
# The configuration of a TSS Node, as `placet node init` writes it. Only `callback` is read by the stand-in.
env: development

callback:
  # Every server of this list must approve a task. pubkey_path is that server's public key.
  cb_server_v2:
"""

_CONFIG_TAIL = """\
  # Life of a request token, minutes.
  token_expire_minutes: 2
  # A failed request is asked again so many times, with a pause of so many seconds; then the task is rejected.
  retry_times: 60
  sleep_seconds: 60
  # How long the node waits for an answer, seconds.
  request_timeout: 10
  # A ping so often: 30s, 5m, 1h.
  monitor_interval: 1h
"""


def node_key_files(node: Path) -> KeyPairFiles:
    """Tell where a stand-in keeps its callback key pair. The real node has it encrypted in ``db/secrets.db``."""
    return KeyPairFiles(node / "db" / "tss-node-callback-pri.pem", node / "db" / "tss-node-callback-pub.key")


def create_node(
    directory: Path,
    *,
    service_addresses: Sequence[str] = (DEFAULT_SERVICE_ADDRESS,),
    key: RSAPrivateKey | None = None,
) -> Path:
    """Make ``cobo-tss-node-generic`` with a configuration and the node's callback key pair.

    Args:
        directory: Where the node's folder is made; itself made when it is not there.
        service_addresses: One callback server each. A single one has its key in ``configs/callback-server-pub.key``,
            several in ``configs/callback-server-pub-01.key`` and so on; the files are the operator's to copy.
        key: The node's callback key; without it a new RSA-4096 key is made.

    Returns:
        The node's folder.

    Raises:
        CliError: A part is there already, or cannot be written.
    """
    node = directory / NODE_DIRECTORY
    config_file = node / CONFIG_PATH
    if config_file.exists():
        raise CliError(f"{config_file}: is there already and is never overwritten")
    files = node_key_files(node)
    for folder in (config_file.parent, files.private.parent):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CliError(f"{folder}: {error.strerror}") from error
    if key is None:
        create_pair(files)
    else:
        write_pair(files, key)
    write_new(config_file, config_text(service_addresses).encode(), mode=_EVERYONE_READS)
    return node


def config_text(service_addresses: Sequence[str]) -> str:
    """Write the configuration file, with the values of the documentation's example (protocol e.1)."""
    entries = (
        f"    - service_address: {address}\n      pubkey_path: configs/{name}\n"
        for address, name in zip(service_addresses, server_key_names(len(service_addresses)), strict=True)
    )
    return _CONFIG_HEAD + "".join(entries) + _CONFIG_TAIL


def server_key_names(count: int) -> list[str]:
    """Name the files in ``configs`` that hold the servers' public keys."""
    if count == 1:
        return [SERVER_KEY_NAME]
    return [f"callback-server-pub-{number:02}.key" for number in range(1, count + 1)]


def node_key(node: Path) -> RSAPrivateKey:
    """Read the stand-in's callback key.

    Raises:
        CliError: It is not there or not usable.
    """
    return read_private_key(node_key_files(node).private)
