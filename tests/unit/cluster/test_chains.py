"""tests/cluster/enforcer: NetworkPolicies become the rules that they mean."""

from typing import Any

import pytest

from tests.cluster.enforcer.chains import ruleset
from tests.cluster.enforcer.selectors import Pod, State, matches

WEB = Pod(namespace="shop", address="10.244.0.2", labels={"app": "web"}, ports={("tcp", "https"): 8443})
DATABASE = Pod(namespace="shop", address="10.244.0.3", labels={"app": "db"}, ports={("tcp", "sql"): 5432})
STRANGER = Pod(namespace="other", address="10.244.0.4", labels={"app": "web"}, ports={})


def rules(*policies: dict[str, Any]) -> list[str]:
    """The rules of some policies of the namespace ``shop``, without those that every ruleset has."""
    objects = [{"metadata": {"namespace": "shop"}, "spec": spec} for spec in policies]
    namespaces = {"shop": {"kubernetes.io/metadata.name": "shop"}, "other": {"kubernetes.io/metadata.name": "other"}}
    text, _ = ruleset(State(policies=objects, pods=[WEB, DATABASE, STRANGER], namespaces=namespaces))
    return [line for line in text.splitlines() if line.startswith("-A KCNP-")]


def ingress(*rule: dict[str, Any]) -> dict[str, Any]:
    """A policy on the database's incoming traffic."""
    return {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"], "ingress": list(rule)}


def test_a_selected_pod_is_closed_but_to_itself() -> None:
    """A policy without rules drops everything, and only for the pods that it selects in its own namespace."""
    assert rules(ingress()) == [
        "-A KCNP-I-10.244.0.3 -s 10.244.0.3 -j RETURN",
        "-A KCNP-I-10.244.0.3 -j DROP",
    ]


def test_no_policy_means_no_rule() -> None:
    """Pods that nothing selects are open."""
    assert rules() == []


def test_a_peer_by_pod_labels_is_of_the_same_namespace() -> None:
    """A pod with those labels in another namespace is no peer; the named port is the receiver's."""
    peer = {"podSelector": {"matchLabels": {"app": "web"}}}
    assert rules(ingress({"from": [peer], "ports": [{"port": "sql"}]}))[1:-1] == [
        "-A KCNP-I-10.244.0.3 -s 10.244.0.2 -p tcp --dport 5432 -j RETURN"
    ]


def test_a_peer_by_namespace_is_every_pod_in_it() -> None:
    """By the namespace's labels alone; without ports, every port is open to it."""
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}
    assert rules(ingress({"from": [peer]}))[1:-1] == ["-A KCNP-I-10.244.0.3 -s 10.244.0.4 -j RETURN"]


def test_a_named_port_of_outgoing_traffic_is_the_peers() -> None:
    """And a peer without a port of that name is not reached."""
    spec = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"podSelector": {}}], "ports": [{"port": "sql", "protocol": "TCP"}]}],
    }
    assert rules(spec) == [
        "-A KCNP-E-10.244.0.2 -d 10.244.0.2 -j RETURN",
        "-A KCNP-E-10.244.0.2 -d 10.244.0.3 -p tcp --dport 5432 -j RETURN",
        "-A KCNP-E-10.244.0.2 -j DROP",
    ]


def test_a_network_is_open_but_for_its_exceptions() -> None:
    """The block is written as what is left of it."""
    block = {"ipBlock": {"cidr": "10.0.0.0/30", "except": ["10.0.0.0/31"]}}
    assert rules(ingress({"from": [block]}))[1:-1] == ["-A KCNP-I-10.244.0.3 -s 10.0.0.2/31 -j RETURN"]


def test_a_network_of_the_other_family_opens_nothing() -> None:
    """There is no IPv6 in the cluster."""
    assert rules(ingress({"from": [{"ipBlock": {"cidr": "2001:db8::/32"}}]})) == rules(ingress())


def test_a_direction_that_is_not_listed_stays_open() -> None:
    """A policy about incoming traffic says nothing about outgoing traffic."""
    assert not [rule for rule in rules(ingress()) if rule.startswith("-A KCNP-E-")]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
    ],
)
def test_a_selector_selects_as_kubernetes_does(selector: dict[str, Any], expected: object) -> None:
    """Of labels and expressions, all have to hold."""
    assert matches(selector, {"app": "web"}) is expected
