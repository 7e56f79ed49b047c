"""What the stand-in knows once the node's configuration file has been read (protocol e.1)."""

from dataclasses import dataclass
from pathlib import Path

from placet_callback.token import PublicKey

CONFIG_PATH = Path("configs") / "cobo-tss-node-config.yaml"
"""Where the node looks for its configuration, from its own folder."""

NODE_DIRECTORY = Path("cobo-tss-node-generic")
"""The folder that the node's package unpacks to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackServer:
    """One entry of ``callback.cb_server_v2``.

    Attributes:
        service_address: The URL the node posts to.
        key: The public key that must have signed this server's answers.
    """

    service_address: str
    key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """The ``callback`` section, complete: defaults stand where the file is silent.

    Attributes:
        servers: Every ``cb_server_v2`` entry, in the file's order; at least one.
        token_expire_minutes: Life of a request token, minutes, at least 1.
        retry_times: How often a failed request is asked again after the first try.
        sleep_seconds: Pause between two tries, seconds.
        request_timeout: How long one answer may take in all, seconds, at least 1.
        monitor_interval: Seconds between two pings, or None when pings are off.
    """

    servers: tuple[CallbackServer, ...]
    token_expire_minutes: int
    retry_times: int
    sleep_seconds: int
    request_timeout: int
    monitor_interval: float | None


def node_directory(config_file: Path) -> Path:
    """Tell the node's folder, where relative paths of the file start: the one above ``configs``, or the file's own."""
    parent = config_file.absolute().parent
    return parent.parent if parent.name == CONFIG_PATH.parent.name else parent
