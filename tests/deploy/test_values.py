"""The values: closed, described, and refused in combinations that could not work."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import helm_python
import pytest
from manifests import EXAMPLES, example, rendered, with_values

from scripts.chart import CHART, JSONObject, described, schema, values

# Maps of labels and the like are open by nature; so is what a parent chart passes on.
OPEN = {
    *("global", "commonLabels", "edge.service.annotations", "serviceMonitor.labels"),
    *(f"{tier}.{name}" for tier in ("edge", "policy") for name in ("nodeSelector", "podAnnotations")),
}


def test_every_value_is_described() -> None:
    """Nobody has to guess what a value means."""
    assert [path for path, entry in described(schema()) if not entry.get("description")] == []


def test_everything_but_labels_is_closed() -> None:
    """An object of values refuses names that it does not know."""
    is_open = {
        ".".join(path)
        for path, entry in described(schema())
        if entry.get("type") == "object" and entry.get("additionalProperties") is not False
    }
    assert is_open == OPEN


def test_every_default_is_in_the_schema() -> None:
    """values.yaml holds nothing that the schema does not know, and leaves out only what has a default elsewhere."""
    known = {".".join(path) for path, entry in described(schema()) if "properties" not in entry}
    given = set(leaves(values(), known))

    assert given - known == set()
    elsewhere = re.compile(r"global|(edge|policy|tests)\.(settings|resources|opa\.resources)\..*")
    assert [path for path in known - given if not elsewhere.fullmatch(path)] == []


@pytest.mark.parametrize(
    "path", ["edge.replica", "polcy", "edge.settings.plaintext", "policy.opa.image", "edge.resources.limits.gpu"]
)
def test_a_value_that_does_not_exist_is_refused(path: str) -> None:
    """A misspelt value would otherwise be passed over, and the default would rule."""
    with pytest.raises(helm_python.HelmError, match=r"additional propert.*not allowed"):
        rendered(with_values("minimal", {path: "1"}))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("runAsUser", 0, "/runAsUser"),
        ("edge.replicas", "2", "/edge/replicas"),
        ("edge.resources", {"limits": {"memory": None}}, "/edge/resources/limits"),
        ("edge.image.digest", "latest", "/edge/image/digest"),
        ("policy.settings.unsigned", "yes", "/policy/settings/unsigned"),
        ("commonLabels", {"app.kubernetes.io/component": "policy"}, "invalid propertyName"),
        ("networkPolicy.nodes.cidrs", ["everywhere"], "/networkPolicy/nodes/cidrs"),
        ("edge.preStopSeconds", 0, "/edge/preStopSeconds"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(path: str, value: object, said: str) -> None:
    """Root, unbounded memory, labels that select other pods: the schema stops them."""
    with pytest.raises(helm_python.HelmError, match=re.escape(said)):
        rendered(with_values("minimal", {path: value}))


REFUSED: list[tuple[str, Mapping[str, Any], str]] = [
    ("minimal", {"policy.replicas": 2}, "sqlite is one file of one process"),
    ("minimal", {"policy.autoscaling": {"enabled": True}}, "sqlite is one file of one process"),
    ("minimal", {"policy.migration": {"enabled": True}}, "policy.migration is for postgres"),
    ("minimal", {"policy.settings.ledgerStandby": "required"}, "a sqlite ledger has no standby"),
    ("postgres", {"networkPolicy.postgres": None}, "could not reach its ledger"),
    ("postgres", {"policy.migration.secret": None}, "policy.migration.secret: name the Secret"),
    ("postgres", {"policy.migration.secret": "placet-ledger"}, "must not own the tables"),
    ("cert-manager", {"certManager.issuer": None}, "certManager.issuer.name: name the issuer"),
    ("cert-manager", {"mtls.edgeSecret": "mine"}, "give the one or the other"),
    ("cert-manager", {"edge.tls": None}, "name a Secret, or the dnsNames"),
    ("cert-manager", {"edge.tls.secret": "mine"}, "give a Secret or dnsNames, not both"),
    ("minimal", {"mtls.policySecret": None}, "there is no plaintext between the tiers"),
    ("minimal", {"edge.tls": None}, "TLS ends in the edge"),
    ("minimal", {"mtls.policySecret": "placet-edge-mtls"}, "each tier needs a certificate of its own"),
    ("minimal", {"mtls.edgeName": "placet", "mtls.policyName": "placet"}, "could pose as the other"),
    ("minimal", {"edge.serverKey.secret": "placet-policy-mtls"}, "only the edge may hold the key"),
    ("minimal", {"networkPolicy.nodes": None}, "no TSS Node could reach the edge"),
    ("minimal", {"serviceMonitor": {"enabled": True}}, "name the namespace that scrapes"),
    ("ha", {"edge.service.externalTrafficPolicy": "Cluster"}, "hides the nodes' addresses"),
    ("ha", {"edge.autoscaling.minReplicas": 20}, "edge.autoscaling: minReplicas is more than maxReplicas"),
    ("ha", {"policy.autoscaling.maxReplicas": 1}, "policy.autoscaling: minReplicas is more than maxReplicas"),
    ("minimal", {"edge.tls.secret": "placet-policy-mtls"}, "only the edge may pose as the server"),
    ("minimal", {"policy.stop.configMap": "placet-bundle"}, "policy.stop.configMap are three"),
    ("minimal", {"edge.service": {"sourceRanges": ["10.20.0.0/16"]}}, "they would keep nobody away"),
    ("minimal", {"edge.settings.drainSeconds": 9}, "answers under way would be cut off"),
    ("tests", {"tests.secret": "placet-server-key"}, "a test node has one of its own"),
    ("minimal", {"tests.keySign.enabled": True}, "there would be no test at all"),
    ("minimal", {"edge.settings.unreadySeconds": 20}, "edge.settings: unreadySeconds must be less than drainSeconds"),
    ("minimal", {"policy.settings.drainSeconds": 3}, "policy.settings: unreadySeconds must be less"),
]


@pytest.mark.parametrize(("name", "changes", "sentence"), REFUSED)
def test_a_combination_that_could_not_work_is_refused(name: str, changes: Mapping[str, Any], sentence: str) -> None:
    """One sentence says what is wrong, before anything reaches a cluster."""
    with pytest.raises(helm_python.HelmError, match=re.escape(sentence)):
        rendered(with_values(name, changes))


def test_every_refusal_is_provoked() -> None:
    """Each sentence in validate.yaml has a case above."""
    text = (CHART / "templates" / "validate.yaml").read_text(encoding="utf-8")
    sentences = re.findall(r'fail \(?(?:printf )?"([^"]+)"', text)

    assert len(sentences) == text.count("{{- fail ")
    assert [each for each in sentences if not any(_says(each, case) for _, _, case in REFUSED)] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_nothing_twice(name: str) -> None:
    """An example holds no value that is the default anyway, so that each line in it means something."""
    assert [path for path, value in flat(example(name)) if flat_defaults().get(path, object()) == value] == []


def leaves(of: JSONObject, known: set[str], path: str = "") -> Iterator[str]:
    """The paths of values, as deep as the schema goes."""
    for name, value in of.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict) and here not in known:
            yield from leaves(value, known, here)
        else:
            yield here


def flat(of: JSONObject, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, by dotted path."""
    for name, value in of.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from flat(value, here)
        else:
            yield here, value


def flat_defaults() -> dict[str, Any]:
    """The defaults by dotted path."""
    return dict(flat(values()))


def _says(sentence: str, case: str) -> bool:
    return case in sentence.replace("%s", case.partition(".")[0])
