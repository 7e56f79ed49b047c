"""NetworkPolicies, tried from pods in both directions.

Every refusal stands beside a connection to the same port that is let through, so that a port on which nobody listens is
not taken for one that is guarded.
"""

from collections.abc import Iterator

import pytest

from tests.cluster.install.connections import DROPPED, OPEN, Caller, address_of
from tests.cluster.install.materials import DATABASE_HOST, DATABASE_NAMESPACE, NODE_NAMESPACE
from tests.cluster.install.pods import prober, restricted_namespace
from tests.cluster.install.release import MONITORING_NAMESPACE, NAMESPACE, Release
from tests.cluster.kubectl import Kubectl
from tests.cluster.node.settings import ADDRESS

STRANGERS = "strangers"
HTTPS, EDGE_INTERNAL, GRPC, POLICY_INTERNAL, OPA_DIAGNOSTIC, OPA_API, GATE = (
    11020,
    11021,
    11030,
    11031,
    8282,
    8181,
    8182,
)
POSTGRES = 5432


@pytest.fixture(scope="module", autouse=True)
def others(release: Release) -> Iterator[None]:
    """Pods of a foreign namespace, of the one that scrapes, and a foreign one beside the release's own."""
    del release
    for namespace in (STRANGERS, MONITORING_NAMESPACE):
        Kubectl(namespace).apply(restricted_namespace(namespace))
    places = (STRANGERS, MONITORING_NAMESPACE, NAMESPACE)
    for namespace in places:
        Kubectl(namespace).apply(prober("prober"))
    for namespace in places:
        Kubectl(namespace).wait_ready("app=prober")
    yield
    Kubectl(NAMESPACE).run("delete", "pod", "prober", "--now")
    for namespace in (STRANGERS, MONITORING_NAMESPACE):
        Kubectl("default").run("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def edge(release: Release) -> Caller:
    """An edge pod."""
    return Caller(namespace=NAMESPACE, pod=release.kubectl.pods("edge")[0]["metadata"]["name"])


@pytest.fixture
def policy(release: Release) -> Caller:
    """The policy container of a policy pod."""
    pod = release.kubectl.pods("policy")[0]["metadata"]["name"]
    return Caller(namespace=NAMESPACE, pod=pod, container="policy")


def caller(namespace: str) -> Caller:
    """The foreign pod of a namespace."""
    return Caller(namespace=namespace, pod="node-1" if namespace == NODE_NAMESPACE else "prober")


# Who may reach which port, by namespace: tss-nodes asks, monitoring scrapes, nobody else has business here, not even a
# pod in the release's own namespace.
INGRESS = [
    ("edge", HTTPS, {NODE_NAMESPACE}),
    ("edge", EDGE_INTERNAL, {MONITORING_NAMESPACE}),
    ("policy", GRPC, set()),
    ("policy", POLICY_INTERNAL, {MONITORING_NAMESPACE}),
    ("policy", OPA_DIAGNOSTIC, {MONITORING_NAMESPACE}),
]


@pytest.mark.parametrize("namespace", [NODE_NAMESPACE, MONITORING_NAMESPACE, STRANGERS, NAMESPACE])
@pytest.mark.parametrize(("component", "port", "allowed"), INGRESS)
def test_a_port_is_open_to_those_who_have_business_there(
    release: Release, component: str, port: int, allowed: set[str], namespace: str
) -> None:
    """Each listening port of each tier, tried from four namespaces: who is not named is dropped."""
    expected = OPEN if namespace in allowed else DROPPED
    for pod in release.kubectl.pods(component):
        assert caller(namespace).connects(address_of(pod), port) == expected


def test_an_edge_reaches_every_policy_pod(release: Release, edge: Caller) -> None:
    """On its gRPC port alone; its internal ports and OPA's are dropped."""
    for pod in release.kubectl.pods("policy"):
        tried = {port: edge.connects(address_of(pod), port) for port in (GRPC, POLICY_INTERNAL, OPA_DIAGNOSTIC)}
        assert tried == {GRPC: OPEN, POLICY_INTERNAL: DROPPED, OPA_DIAGNOSTIC: DROPPED}


@pytest.mark.parametrize("port", [OPA_API, GATE])
def test_what_listens_on_loopback_is_reached_by_the_pod_alone(release: Release, policy: Caller, port: int) -> None:
    """OPA's API and the gate answer inside the policy pod, and nobody who scrapes."""
    addresses = [address_of(pod) for pod in release.kubectl.pods("policy")]

    assert policy.connects("127.0.0.1", port) == OPEN
    assert [caller(MONITORING_NAMESPACE).connects(address, port) for address in addresses] == [DROPPED, DROPPED]


def test_the_ledger_is_reached_by_the_policy_tier_alone(edge: Caller, policy: Caller) -> None:
    """The database lets everybody in; it is the edge's own policy that keeps it away."""
    assert policy.connects(DATABASE_HOST, POSTGRES) == OPEN
    assert caller(STRANGERS).connects(f"{DATABASE_HOST}.svc", POSTGRES) == OPEN
    assert edge.connects(_database_address(), POSTGRES) == DROPPED


def test_no_tier_gets_out(release: Release, edge: Caller, policy: Caller) -> None:
    """Neither to a foreign pod, nor to the API server, nor to a peer of its own tier, nor back to the edge."""
    stranger = address_of(Kubectl(STRANGERS).get("pod", "prober"))
    foreign = [(stranger, HTTPS), ("10.96.0.1", 443), (ADDRESS, 6443)]
    edges, policies = ([address_of(pod) for pod in release.kubectl.pods(each)] for each in ("edge", "policy"))
    own = Kubectl(NAMESPACE)

    assert [edge.connects(*target) for target in foreign] == [DROPPED] * 3
    assert [policy.connects(*target) for target in foreign] == [DROPPED] * 3
    others = [each for each in edges if each != address_of(own.get("pod", edge.pod))]
    assert [edge.connects(each, HTTPS) for each in others] == [DROPPED]
    assert [policy.connects(each, HTTPS) for each in edges] == [DROPPED, DROPPED]
    others = [each for each in policies if each != address_of(own.get("pod", policy.pod))]
    assert [policy.connects(each, GRPC) for each in others] == [DROPPED]


def test_both_tiers_ask_the_clusters_dns(edge: Caller, policy: Caller) -> None:
    """Names are resolved; that the same names lead nowhere else is what the other tests show."""
    assert edge.resolves("placet-policy")
    assert policy.resolves(DATABASE_HOST)


def test_what_was_dropped_is_open_without_the_policies(release: Release) -> None:
    """The control: with the release's policies away, the foreign pod gets through to every listening port."""
    saved = release.kubectl.run("get", "networkpolicy", "-o", "yaml")
    release.kubectl.run("delete", "networkpolicy", "--all")
    try:
        for component, port, _ in INGRESS:
            address = address_of(release.kubectl.pods(component)[0])
            assert _eventually_open(caller(STRANGERS), address, port)
    finally:
        release.kubectl.run("apply", "-f", "-", stdin=saved)


def _eventually_open(who: Caller, address: str, port: int) -> bool:
    # The enforcer asks the API twice a second.
    return any(who.connects(address, port) == OPEN for _ in range(3))


def _database_address() -> str:
    (pod,) = Kubectl(DATABASE_NAMESPACE).get("pods", "-l", "app=postgresql")["items"]
    return address_of(pod)
