"""NetworkPolicies as rules of iptables: one chain a pod and direction, whose last word is DROP.

A packet between two pods passes the chain of its sender (egress) and that of its receiver (ingress), and goes on only
when neither drops it. A chain's RETURN means "this pod has no objection", so that the other one is still asked. Pods
that no policy selects have no chain. What belongs to a connection that was let through is let through.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.cluster.enforcer.selectors import JSONObject, Pod, State, matches, selected

TOP = "KCNP"
"""The chain that asks all others; the kernel's FORWARD and INPUT begin with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Direction:
    """How one of the two directions is written, in policies and in rules."""

    kind: str
    field: str
    peers: str
    own: str
    other: str


_EGRESS = _Direction(kind="Egress", field="egress", peers="to", own="-s", other="-d")
_INGRESS = _Direction(kind="Ingress", field="ingress", peers="from", own="-d", other="-s")


def ruleset(state: State) -> tuple[str, list[str]]:
    """Everything that the policies mean.

    Returns:
        What ``iptables-restore --noflush`` reads, and the names of its chains.
    """
    chains = {TOP: [f"-A {TOP} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"]}
    for direction in (_EGRESS, _INGRESS):
        for pod in sorted(state.pods, key=lambda pod: pod.address):
            policies = [policy for policy in state.policies if _applies(policy, pod, direction)]
            if policies:
                chain = f"{TOP}-{direction.kind[0]}-{pod.address}"
                chains[TOP].append(f"-A {TOP} {direction.own} {pod.address} -j {chain}")
                chains[chain] = [f"-A {chain} {rest}" for rest in _rules(policies, pod, state, direction)]
    lines = [f":{chain} - [0:0]" for chain in chains] + [rule for rules in chains.values() for rule in rules]
    return "\n".join(["*filter", *lines, "COMMIT", ""]), list(chains)


def _applies(policy: JSONObject, pod: Pod, direction: _Direction) -> bool:
    spec = policy["spec"]
    # The API fills policyTypes in, so what is not listed is not restricted.
    return (
        policy["metadata"]["namespace"] == pod.namespace
        and matches(spec.get("podSelector") or {}, pod.labels)
        and direction.kind in spec["policyTypes"]
    )


def _rules(policies: Sequence[JSONObject], pod: Pod, state: State, direction: _Direction) -> Iterator[str]:
    # A pod always reaches itself.
    yield f"{direction.other} {pod.address} -j RETURN"
    for policy in policies:
        for rule in policy["spec"].get(direction.field) or ():
            yield from _allowed(rule, policy["metadata"]["namespace"], pod, state, direction)
    yield "-j DROP"


def _allowed(rule: JSONObject, namespace: str, pod: Pod, state: State, direction: _Direction) -> Iterator[str]:
    # A rule without peers is about everybody.
    if not rule.get(direction.peers):
        yield from (f"{port} -j RETURN".lstrip() for port in _ports(rule, pod if direction is _INGRESS else None))
        return
    for peer in rule[direction.peers]:
        for address, target in _addresses(peer, namespace, state):
            # A named port is the receiver's: the pod's own when it is asked, the peer's when the pod asks.
            receiver = pod if direction is _INGRESS else target
            for port in _ports(rule, receiver):
                yield " ".join(part for part in (direction.other, address, port, "-j RETURN") if part)


def _addresses(peer: JSONObject, namespace: str, state: State) -> Iterator[tuple[str, Pod | None]]:
    if "ipBlock" in peer:
        yield from ((str(network), None) for network in _networks(peer["ipBlock"]))
    else:
        yield from ((other.address, other) for other in selected(peer, state, namespace=namespace))


def _networks(block: JSONObject) -> list[ipaddress.IPv4Network]:
    """The block without its exceptions. There is no IPv6 in the cluster, so a block of that family lets nothing in."""
    whole = ipaddress.ip_network(block["cidr"], strict=False)
    if not isinstance(whole, ipaddress.IPv4Network):
        return []
    networks = [whole]
    for excepted in map(ipaddress.IPv4Network, block.get("except") or ()):
        networks = [
            part
            for network in networks
            for part in (network.address_exclude(excepted) if excepted.subnet_of(network) else [network])
        ]
    return networks


def _ports(rule: JSONObject, receiver: Pod | None) -> Iterator[str]:
    """Matches of the rule's ports; one that matches every port when none is listed."""
    if not rule.get("ports"):
        yield ""
    for port in rule.get("ports") or ():
        protocol = port.get("protocol", "TCP").lower()
        number = port.get("port")
        if isinstance(number, str):
            # A receiver without a port of that name is not reached by it.
            number = receiver.ports.get((protocol, number)) if receiver else None
            if number is None:
                continue
        if number is None:
            yield f"-p {protocol}"
        elif "endPort" in port:
            yield f"-p {protocol} --dport {number}:{port['endPort']}"
        else:
            yield f"-p {protocol} --dport {number}"
