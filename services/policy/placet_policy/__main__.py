"""``python -m placet_policy``: the policy service and the tools that need its decoder or its ledger."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Each module has ``main(argv) -> exit code`` and is imported only when asked for: no tool pays for gRPC.
_COMMANDS = {
    "serve": ("placet_policy.server", "run the policy service (the default)"),
    "explain": ("placet_policy.explain", "facts, input and decision for callback requests on stdin"),
    "canonical": ("placet_policy.canonical", "canonical form of the addresses on stdin"),
    "ledger": ("placet_policy.ledger.commands", "make a ledger's tables, move it, read its records, grant its roles"),
    "audit": ("placet_policy.audit.commands", "verify, export, archive and replay a ledger"),
    "opa-config": ("placet_policy.opa_config", "write OPA's configuration and print its arguments"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit code, 2 for one that does not exist."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in {"-h", "--help"}:
        sys.stdout.write(_usage())
        return 0
    name = arguments.pop(0) if arguments else "serve"
    if name not in _COMMANDS:
        sys.stderr.write(f"placet_policy: unknown command {name!r}\n{_usage()}")
        return 2
    run: Callable[[Sequence[str]], int] = importlib.import_module(_COMMANDS[name][0]).main
    return run(arguments)


def _usage() -> str:
    lines = [f"  {name:<12}{text}" for name, (_, text) in _COMMANDS.items()]
    return "usage: python -m placet_policy [COMMAND] [OPTION]...\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
