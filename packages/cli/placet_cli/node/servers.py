"""The entries of ``callback.cb_server_v2``: an address, and the file with the key that its answers must bear."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from placet_callback.token import PublicKey

from placet_cli.errors import CliError
from placet_cli.key_files import read_public_key
from placet_cli.node.config import CallbackServer
from placet_cli.node.findings import Findings

_KNOWN_KEYS = {"service_address", "pubkey_path"}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def read_servers(entries: Any, directory: Path, findings: Findings) -> tuple[CallbackServer, ...]:
    """Read the list; everything wrong with it becomes a finding.

    Args:
        entries: The value of ``cb_server_v2`` as YAML gave it.
        directory: The node's folder, where relative key paths start.
        findings: Takes what there is to say.

    Returns:
        The entries that could be read; with no error among the findings, all of them, and at least one.
    """
    path = "callback.cb_server_v2"
    if not isinstance(entries, list) or not entries:
        findings.error(path, "lists no server: the node would execute every task without asking anyone")
        return ()
    servers = [_read_server(entry, f"{path}[{index}]", directory, findings) for index, entry in enumerate(entries)]
    readable = tuple(server for server in servers if server is not None)
    _warn_about_twins(readable, findings)
    return readable


def _read_server(entry: Any, path: str, directory: Path, findings: Findings) -> CallbackServer | None:
    if not isinstance(entry, Mapping):
        findings.error(path, "must have service_address and pubkey_path")
        return None
    for key in entry:
        if key not in _KNOWN_KEYS:
            findings.warn(f"{path}.{key}", "is not a documented key; the stand-in ignores it")
    address = _read_address(entry.get("service_address"), f"{path}.service_address", findings)
    key = _read_key(entry.get("pubkey_path"), f"{path}.pubkey_path", directory, findings)
    if address is None or key is None:
        return None
    return CallbackServer(service_address=address, key=key)


def _read_address(value: Any, path: str, findings: Findings) -> str | None:
    parts = _split(value) if isinstance(value, str) else None
    if parts is None:
        findings.error(path, "must be the URL of a callback server, such as https://placet.example.com/v2/check")
        return None
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        findings.warn(path, "is plain http: others on the way can read each request, though not change it")
    if parts.path != "/v2/check":
        findings.warn(path, "does not end in /v2/check, the only path that Placet serves")
    return parts.geturl()


def _split(address: str) -> SplitResult | None:
    """Take an http or https URL apart; None for anything else."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable and address.isprintable() and " " not in address else None


def _read_key(value: Any, path: str, directory: Path, findings: Findings) -> PublicKey | None:
    if not isinstance(value, str) or not value:
        findings.error(path, "must name the file with that server's public key")
        return None
    try:
        return read_public_key(directory / value)
    except CliError as error:
        findings.error(path, str(error))
        return None


def _warn_about_twins(servers: tuple[CallbackServer, ...], findings: Findings) -> None:
    if len({server.service_address for server in servers}) < len(servers):
        findings.warn("callback.cb_server_v2", "names one address twice")
    if len({server.key.key_id for server in servers}) < len(servers):
        findings.warn("callback.cb_server_v2", "has one key for two servers: each could answer for the other")
