"""The pods of `helm test`: only where they are wanted, run by nothing else, and let in by the edge alone."""

from typing import Any

import pytest
from manifests import EXAMPLES, one, release, rendered, with_values
from placet_cli.samples import sample

from scripts.chart import JSONObject

PING, KEYSIGN = "placet-test-ping", "placet-test-keysign"


def named(objects: list[JSONObject], kind: str) -> list[str]:
    """The names of all objects of a kind."""
    return sorted(each["metadata"]["name"] for each in objects if each["kind"] == kind)


def admitted(objects: list[JSONObject]) -> list[Any]:
    """Who may ask the edge over HTTPS."""
    (rule,) = [
        rule
        for rule in one(objects, "NetworkPolicy", "placet-edge")["spec"]["ingress"]
        if rule["ports"][0]["port"] == "https"
    ]
    peers: list[Any] = rule["from"]
    return peers


@pytest.mark.parametrize("name", [each for each in EXAMPLES if each != "tests"])
def test_a_release_that_wants_none_has_none(name: str) -> None:
    """No pod, no configuration, and no way into the edge for them."""
    objects = release(name)
    assert named(objects, "Pod") == []
    assert "component: test" not in str(objects)
    assert all("podSelector" not in peer for peer in admitted(objects))


def test_only_helm_test_runs_them() -> None:
    """An installation or upgrade waits for none of them, and each run begins anew."""
    objects = release("tests")
    assert named(objects, "Pod") == [KEYSIGN, PING]
    for name in (PING, KEYSIGN):
        pod = one(objects, "Pod", name)
        assert pod["metadata"]["annotations"] == {
            "helm.sh/hook": "test",
            "helm.sh/hook-delete-policy": "before-hook-creation",
        }
        assert pod["spec"]["restartPolicy"] == "Never"


def test_the_edge_lets_in_the_nodes_and_these_pods() -> None:
    """Exactly the pods of this release's tests, by the labels that they have."""
    objects = release("tests")
    nodes, pods = admitted(objects)
    labels = one(objects, "Pod", PING)["metadata"]["labels"]

    assert nodes == {"ipBlock": {"cidr": "10.20.0.0/16"}}
    assert pods["podSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": "placet",
        "app.kubernetes.io/instance": "placet",
        "app.kubernetes.io/component": "test",
    }
    assert pods["podSelector"]["matchLabels"].items() <= labels.items()


def test_a_keysign_is_sent_only_where_it_is_wanted() -> None:
    """A ping decides nothing and spends nothing; a KeySign is recorded, and what it approves counts in windows."""
    assert named(rendered(with_values("tests", {"tests.keySign.enabled": False})), "Pod") == [PING]


def test_the_sample_that_is_sent_is_one_that_is_approved() -> None:
    """By the demonstration's policies; a team with other policies names another request."""
    arguments = one(release("tests"), "Pod", KEYSIGN)["spec"]["containers"][0]["args"]
    found = sample(arguments[2])
    assert found is not None
    assert found.expected.effect == "ALLOW"


def test_a_team_may_send_a_request_of_its_own() -> None:
    """From the same Secret, laid beside the node's files."""
    objects = rendered(with_values("tests", {"tests.keySign.requestKey": "payment.json"}))
    pod = one(objects, "Pod", KEYSIGN)["spec"]

    assert pod["containers"][0]["args"][2] == "/etc/placet/node/request.json"
    items = pod["volumes"][0]["projected"]["sources"][1]["secret"]["items"]
    assert {"key": "payment.json", "path": "request.json"} in items
    ping = one(objects, "Pod", PING)["spec"]["volumes"][0]["projected"]["sources"][1]["secret"]["items"]
    assert {"key": "payment.json", "path": "request.json"} not in ping
