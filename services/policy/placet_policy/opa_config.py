"""How the OPA beside the policy service is started: its authorization file, its configuration, its arguments.

``python -m placet_policy opa-config DIR --gate-port N --opa-port M`` writes the two files and prints the arguments of
``opa`` as a JSON array, so that a development stack and a pod start the same OPA.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from placet_policy.gate.archive import MAX_UNPACKED_BYTES
from placet_policy.gate.serve import HOST, RESOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

AUTHZ_FILE: Final = "authz.rego"
CONFIG_FILE: Final = "config.yaml"
LONG_POLL_SECONDS: Final = 30


def main(argv: Sequence[str]) -> int:
    """Run the ``opa-config`` subcommand; returns the exit code."""
    parser = argparse.ArgumentParser(prog="placet_policy opa-config", description=__doc__)
    parser.add_argument("folder", type=Path, help="where authz.rego and config.yaml are written")
    parser.add_argument("--gate-port", type=int, required=True, help="port on 127.0.0.1 of the gate")
    parser.add_argument("--opa-port", type=int, required=True, help="port on 127.0.0.1 of OPA's API")
    parser.add_argument("--diagnostic-addr", help="HOST:PORT that serves only /health and /metrics")
    options = parser.parse_args(argv)
    write_files(options.folder, gate_port=options.gate_port)
    arguments = opa_arguments(options.folder, opa_port=options.opa_port, diagnostic_addr=options.diagnostic_addr)
    sys.stdout.write(json.dumps(arguments) + "\n")
    return 0


def write_files(folder: Path, *, gate_port: int) -> None:
    """Write ``authz.rego`` and ``config.yaml`` into a folder, which is created when it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / AUTHZ_FILE).write_text(authz(), encoding="utf-8")
    # Every JSON text is a YAML text (YAML 1.2), so the file needs no YAML writer.
    (folder / CONFIG_FILE).write_text(json.dumps(config(gate_port), indent=2) + "\n", encoding="utf-8")


def opa_arguments(folder: Path, *, opa_port: int, diagnostic_addr: str | None = None) -> list[str]:
    """Return the arguments of the ``opa`` binary.

    Args:
        folder: where ``write_files`` wrote.
        opa_port: port on 127.0.0.1 of the API.
        diagnostic_addr: ``HOST:PORT`` for probes and metrics from outside the pod; None for none.
    """
    diagnostic = [] if diagnostic_addr is None else ["--diagnostic-addr", diagnostic_addr]
    return [
        "run",
        "--server",
        "--addr",
        f"{HOST}:{opa_port}",
        *diagnostic,
        "--authorization=basic",
        "--config-file",
        str(folder / CONFIG_FILE),
        "--log-format",
        "json",
        # An error is worth a line; a line for every question would repeat the service's own log.
        "--log-level",
        "error",
        "--skip-version-check",
        str(folder / AUTHZ_FILE),
    ]


def authz() -> str:
    """Return the text of ``authz.rego`` as it is shipped inside this package."""
    return resources.files("placet_policy.opa").joinpath(AUTHZ_FILE).read_text(encoding="utf-8")


def config(gate_port: int) -> dict[str, object]:
    """Return OPA's configuration: one bundle from the gate, and nothing else.

    No decision logs, status reports, discovery, persistence or labels are configured: each would send data away or
    bring policy in by another way than the gate. ``min = max = 1`` bounds the wait after a failed download; long
    polling makes a new bundle active at once (measured: 9 ms, where default polling takes 16 s and more).
    """
    polling = {"min_delay_seconds": 1, "max_delay_seconds": 1, "long_polling_timeout_seconds": LONG_POLL_SECONDS}
    return {
        "services": {"gate": {"url": f"http://{HOST}:{gate_port}"}},
        "bundles": {
            "placet": {
                "service": "gate",
                "resource": RESOURCE,
                "polling": polling,
                "size_limit_bytes": MAX_UNPACKED_BYTES,
                "persist": False,
            }
        },
    }
