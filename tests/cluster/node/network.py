"""The cluster's network namespace: one interface with the node's address, and no route out of it."""

import subprocess
from pathlib import Path

from tests.cluster.node.processes import INSIDE, NETWORK
from tests.cluster.node.settings import ADDRESS, SERVICE_NETWORK

# There is no dummy interface in every kernel, but a pair whose two ends are both inside.
_NEAR, _FAR = "kn0", "kn1"
_COMMANDS = (
    "ip link set lo up",
    f"ip link add {_NEAR} type veth peer name {_FAR}",
    f"ip addr add {ADDRESS}/24 dev {_NEAR}",
    f"ip link set {_NEAR} up",
    f"ip link set {_FAR} up",
    # Addresses of Services need some route, so that a packet gets as far as the rules that rewrite it.
    f"ip route add {SERVICE_NETWORK} dev {_NEAR}",
    # The rules of NetworkPolicies must see what passes between two pods on one bridge.
    "sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv6.conf.all.disable_ipv6=1",
)


def make_network() -> None:
    """Make the namespace, unless it is there.

    Raises:
        subprocess.CalledProcessError: a command failed.
    """
    if Path("/run/netns", NETWORK).exists():
        return
    subprocess.run(["ip", "netns", "add", NETWORK], check=True)
    for command in _COMMANDS:
        subprocess.run([*INSIDE, *command.split()], check=True)


def delete_network() -> None:
    """Delete the namespace; what still runs in it keeps it until its end."""
    subprocess.run(["ip", "netns", "del", NETWORK], check=False, capture_output=True)
