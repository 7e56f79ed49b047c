"""Reading ``callback`` of the node's configuration, and saying all that is wrong or odd in it at once (protocol e.1).

Only ``callback`` is ours to judge: every other section of the file is left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_cli.errors import CliError
from placet_cli.node.config import NodeConfig, node_directory
from placet_cli.node.durations import parse_duration
from placet_cli.node.findings import Finding, Findings
from placet_cli.node.servers import read_servers
from placet_cli.yaml_file import read_yaml

_LARGEST_NUMBER = 1_000_000
_PLACET_BUDGET_SECONDS = 7
_PLACET_LONGEST_TOKEN_MINUTES = 15

_RETRY_TIMES_ZERO = (
    "0 is ambiguous: releases before v0.11.1 asked again without end, later ones do not ask again at all, and for"
    " events 0 means without limit; write the number you mean. The stand-in asks once"
)


@dataclass(frozen=True, slots=True)
class _Number:
    """A whole number of the section: the smallest one that makes sense, and what stands when the key is absent."""

    smallest: int
    default: int


_NUMBERS = {
    "token_expire_minutes": _Number(1, 2),
    "retry_times": _Number(0, 60),
    "sleep_seconds": _Number(0, 60),
    "request_timeout": _Number(1, 10),
}
_KNOWN_KEYS = {"cb_server", "cb_server_v2", "monitor_interval", *_NUMBERS}


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """A configuration and what there is to say about it.

    Attributes:
        config: None when a finding is an error.
        findings: In the order of the file's keys as documented.
    """

    config: NodeConfig | None
    findings: tuple[Finding, ...]


def check_config(path: Path) -> CheckedConfig:
    """Read the configuration file of a node, with the key files it names.

    Args:
        path: ``configs/cobo-tss-node-config.yaml``; relative key paths start at the folder above ``configs``.

    Raises:
        CliError: The file cannot be read as YAML at all.
    """
    document = read_yaml(path)
    findings = Findings()
    callback = document.get("callback") if isinstance(document, Mapping) else None
    if not isinstance(callback, Mapping):
        findings.error("callback", "is missing: the node would execute every task without asking anyone")
        return CheckedConfig(None, tuple(findings.all))
    config = _read_callback(callback, node_directory(path), findings)
    return CheckedConfig(None if findings.failed else config, tuple(findings.all))


def load_config(path: Path) -> NodeConfig:
    """Read a configuration that must be usable.

    Raises:
        CliError: It is not; every error is in the text.
    """
    checked = check_config(path)
    if checked.config is None:
        errors = "; ".join(f"{finding.path}: {finding.message}" for finding in checked.findings if finding.is_error)
        raise CliError(f"{path}: {errors}")
    return checked.config


def _read_callback(callback: Mapping[Any, Any], directory: Path, findings: Findings) -> NodeConfig:
    for key in callback:
        if key not in _KNOWN_KEYS:
            findings.warn(f"callback.{key}", "is not a documented key; the stand-in ignores it")
    _name_v1_servers(callback.get("cb_server"), findings)
    servers = read_servers(callback.get("cb_server_v2"), directory, findings)
    numbers = {key: _whole_number(callback, key, findings) for key in _NUMBERS}
    _explain_numbers(callback, numbers, findings)
    return NodeConfig(
        servers=servers,
        token_expire_minutes=numbers["token_expire_minutes"],
        retry_times=numbers["retry_times"],
        sleep_seconds=numbers["sleep_seconds"],
        request_timeout=numbers["request_timeout"],
        monitor_interval=_monitor_interval(callback.get("monitor_interval"), findings),
    )


def _name_v1_servers(entries: Any, findings: Findings) -> None:
    if entries:
        findings.warn(
            "callback.cb_server",
            "lists servers for requests of format v1, which Placet does not serve yet; the stand-in does not ask them."
            " Use cb_server_v2",
        )


def _whole_number(callback: Mapping[Any, Any], key: str, findings: Findings) -> int:
    rule = _NUMBERS[key]
    value = callback.get(key)
    if value is None:
        findings.note(
            f"callback.{key}",
            f"is absent and its default is not documented for callbacks; the stand-in takes {rule.default}",
        )
        return rule.default
    # bool is a subclass of int: `retry_times: yes` is no number.
    if type(value) is not int or not rule.smallest <= value <= _LARGEST_NUMBER:
        findings.error(f"callback.{key}", f"must be a whole number from {rule.smallest} to {_LARGEST_NUMBER}")
        return rule.default
    return value


def _explain_numbers(callback: Mapping[Any, Any], numbers: Mapping[str, int], findings: Findings) -> None:
    if callback.get("retry_times") == 0 and type(callback.get("retry_times")) is int:
        findings.warn("callback.retry_times", _RETRY_TIMES_ZERO)
    if numbers["request_timeout"] <= _PLACET_BUDGET_SECONDS:
        findings.warn(
            "callback.request_timeout",
            f"is not above the {_PLACET_BUDGET_SECONDS} s that Placet gives itself for an answer;"
            " raise it or lower PLACET_EDGE_BUDGET_SECONDS",
        )
    if numbers["token_expire_minutes"] > _PLACET_LONGEST_TOKEN_MINUTES:
        findings.warn(
            "callback.token_expire_minutes",
            f"is more than the {_PLACET_LONGEST_TOKEN_MINUTES} min that Placet accepts by default;"
            " lower it or raise PLACET_EDGE_TOKEN_MAX_LIFETIME_SECONDS and PLACET_POLICY_TOKEN_MAX_LIFETIME_SECONDS",
        )


def _monitor_interval(value: Any, findings: Findings) -> float | None:
    if value is None or value == "":
        findings.note("callback.monitor_interval", "is absent: the node sends no pings")
        return None
    try:
        # A bare number has no unit; as text it is refused with the same words as any other non-duration.
        return parse_duration(value if isinstance(value, str) else str(value)) or None
    except ValueError as error:
        findings.error("callback.monitor_interval", str(error))
        return None
