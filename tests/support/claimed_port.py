"""Ports of loopback for servers that are told theirs before they start, which no other process is given meanwhile."""

import contextlib
import secrets
import socket

# Linux gives outgoing connections, and servers that ask for any port, the ports from 32768 on.
_PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, and that no other process of the tests gets for as long as this one lives.

    It is claimed by a name that only one process of the machine can have, and that goes with the process.
    """
    while True:
        port = secrets.choice(_PORTS)
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            claim.bind(f"\0placet-test-port-{port}")
            # Nobody closes it: the claim is for the rest of the process's life.
            claim.detach()
            return port
        claim.close()
