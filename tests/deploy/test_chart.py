"""The chart as Helm renders it, for every example of values."""

import json
from pathlib import Path

import helm_python
import jsonschema
import kubernetes_validate
import pytest
from manifests import EXAMPLES, OVERLAYS, container, environment, example, kustomized, one, pods, release, rendered
from placet_edge import settings as edge_settings
from placet_policy import settings as policy_settings
from placet_policy.opa_config import opa_arguments

from scripts.chart import CHART, JSONObject, documents, render

CRDS = Path(__file__).parent / "crds"
# The oldest that Chart.yaml allows, and the newest whose schemas are there.
KUBERNETES = ["1.30", "1.37"]
INSTALLED = {name: release(name) for name in EXAMPLES} | {name: kustomized(f"overlays/{name}") for name in OVERLAYS}


@pytest.mark.parametrize("name", EXAMPLES)
def test_helm_has_nothing_to_say_about_an_example(name: str) -> None:
    """`helm lint --strict` finds no error and no warning."""
    report = helm_python.lint(CHART, example(name), strict=True, kube_version="v1.30.0")

    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] > 1] == []


def test_every_version_of_kubernetes_that_the_chart_allows_is_checked() -> None:
    """The oldest schemas are those of Chart.yaml's lower bound, the newest the newest that there are."""
    with helm_python.Chart.load(CHART) as chart:
        assert chart.metadata["kubeVersion"] == f">={KUBERNETES[0]}.0-0"
    assert kubernetes_validate.latest_version().startswith(KUBERNETES[1])


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("name", INSTALLED)
def test_every_object_is_what_kubernetes_knows(name: str, version: str) -> None:
    """Built-in kinds by Kubernetes' own schemas, in the strict form: an unknown field is refused too."""
    for each in INSTALLED[name]:
        if not custom_schema(each).is_file():
            kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_custom_object_fits_its_schema(name: str) -> None:
    """Certificates and monitors have the fields that their operators know."""
    for each in INSTALLED[name]:
        if custom_schema(each).is_file():
            jsonschema.validate(each, json.loads(custom_schema(each).read_text(encoding="utf-8")))


def test_the_schemas_see_a_misspelt_field() -> None:
    """The check above can fail."""
    deployment = one(release("minimal"), "Deployment", "placet-edge")
    deployment["spec"]["template"]["spec"]["enableServiceLink"] = False

    with pytest.raises(kubernetes_validate.ValidationError, match="enableServiceLink"):
        kubernetes_validate.validate(deployment, KUBERNETES[0], strict=True)


def test_every_custom_schema_is_used_and_closed() -> None:
    """A misspelt field of a custom object is refused, and no schema lies idle."""
    custom = {custom_schema(each): each for objects in INSTALLED.values() for each in objects}
    for path in CRDS.iterdir():
        each = custom[path]
        with pytest.raises(jsonschema.ValidationError, match="misspelt"):
            jsonschema.validate(each | {"spec": each["spec"] | {"misspelt": 1}}, json.loads(path.read_text()))


@pytest.mark.parametrize("name", INSTALLED)
def test_the_services_accept_the_settings_they_are_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of each container loads as that service's settings: no name is unknown, no value refused."""
    edge = environment(container(INSTALLED[name], "edge"))
    for setting, value in edge.items():
        monkeypatch.setenv(setting, value)

    assert edge_settings.load_settings(edge).policy_mtls
    assert policy_settings.load_settings(environment(container(INSTALLED[name], "policy"))).tls


def test_every_setting_is_a_value_or_the_charts_own() -> None:
    """A setting that somebody adds to a service is in the schema, or decided here: nothing is forgotten."""
    properties = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))["properties"]
    chart = INSTALLED["ha"] + INSTALLED["minimal"]
    for tier, model in (("edge", edge_settings.Settings), ("policy", policy_settings.Settings)):
        values = {_snake(name) for name in properties[tier]["properties"]["settings"]["properties"]}
        written = {
            name.removeprefix(f"PLACET_{tier.upper()}_").lower()
            for pod in pods(chart)
            for each in pod["containers"]
            if each["name"] == tier
            for name in environment(each)
        }
        # Ports are the chart's own and the services' defaults; plaintext is never offered.
        left = {"port", "internal_port", "plaintext"}
        assert set(model.model_fields) - values - written - left == set(), tier


def test_opa_is_started_as_the_policy_service_wants_it() -> None:
    """The sidecar's arguments are those that `placet_policy opa-config` prints for the image's folder."""
    wanted = opa_arguments(Path("/etc/placet/opa"), opa_port=8181, diagnostic_addr="0.0.0.0:8282")
    assert container(INSTALLED["minimal"], "opa")["args"] == wanted


def test_ipv6_addresses_are_written_with_brackets() -> None:
    """OPA's diagnostic address in a cluster with IPv6."""
    arguments = container(INSTALLED["cert-manager"], "opa")["args"]
    assert arguments[arguments.index("--diagnostic-addr") + 1] == "[::]:8282"


def test_a_large_number_is_written_as_a_number() -> None:
    """Helm reads numbers as floats; 2097152 must not arrive as 2.097152e+06."""
    environ = environment(container(INSTALLED["ha"], "edge"))
    assert (environ["PLACET_EDGE_MAX_BODY_BYTES"], environ["PLACET_EDGE_BUDGET_SECONDS"]) == ("2097152", "6.5")


@pytest.mark.parametrize("name", INSTALLED)
def test_no_pod_is_replaced_because_a_file_changed(name: str) -> None:
    """Everything mounted is read again by the services, so no checksum replaces pods."""
    assert "checksum" not in json.dumps(INSTALLED[name])


def test_two_trust_domains_share_nothing() -> None:
    """No Secret, ConfigMap or name in a certificate of one release is in the other."""
    first = documents(render(example("trust-domain-a"), release="placet", namespace="custody"))
    second = documents(render(example("trust-domain-b"), release="placet", namespace="risk"))

    assert len(shared_names(first)) == 10
    assert shared_names(first) & shared_names(second) == set()


def test_a_release_of_another_name_names_its_objects_after_it() -> None:
    """Two releases may live in one namespace."""
    texts = render(example("minimal"), release="blue", namespace="custody")
    assert "dns:///blue-placet-policy:11030" in texts["edge/deployment.yaml"]


def test_the_migration_runs_before_the_pods_and_as_the_owner() -> None:
    """A hook before install and upgrade, with the owner's Secret, and the network that it needs comes first."""
    job = one(release("postgres"), "Job", "placet-migration")
    policy = one(release("postgres"), "NetworkPolicy", "placet-migration")

    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert int(policy["metadata"]["annotations"]["helm.sh/hook-weight"]) < 0
    assert container([job], "migration")["args"] == ["ledger", "migrate"]
    assert container([job], "migration")["env"][0]["valueFrom"]["secretKeyRef"]["name"] == "placet-ledger-owner"


def test_the_autoscaler_looks_at_the_tiers_own_container() -> None:
    """OPA's load does not count as the policy tier's, nor the other way round."""
    autoscaler = one(release("ha"), "HorizontalPodAutoscaler", "placet-policy")
    assert [metric["containerResource"]["container"] for metric in autoscaler["spec"]["metrics"]] == ["policy"]


def test_notes_say_when_nothing_will_be_decided() -> None:
    """Without `unsigned: accept` no bundle decides yet, and the installer hears it."""
    values = example("minimal")
    values["policy"]["settings"]["unsigned"] = "refuse"
    told = render(values, release="placet", namespace="custody")["NOTES.txt"]
    assert "nothing is decided until it is\n`accept`" in told
    assert rendered(values) != rendered(example("minimal"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_notes_print_the_next_three_commands(name: str) -> None:
    """Wait, look where nodes ask, ask as one: with this release's names, ready to be pasted."""
    told = render(example(name), release="blue", namespace="custody")["NOTES.txt"]
    commands = [line.strip() for line in told.splitlines() if line.startswith("   ")]
    tiers = "'app.kubernetes.io/instance=blue,app.kubernetes.io/component in (edge,policy)'"
    asking = "placet node send ping_type_only --node NODE-FOLDER --ca AUTHORITY.pem"

    assert commands == [
        f"kubectl -n custody wait --for=condition=Ready pod -l {tiers} --timeout=300s",
        "kubectl -n custody get service blue-placet-edge -o wide",
        "helm test blue --namespace custody" if name == "tests" else asking,
    ]


def test_both_tiers_can_be_told_where_they_run_and_how_much_they_matter() -> None:
    """Priority class, node selector and tolerations reach the pods; nothing stands there by default."""
    wanted = {"priorityClassName": "critical", "nodeSelector": {"pool": "a"}, "tolerations": [{"operator": "Exists"}]}
    values = example("minimal")
    for tier in ("edge", "policy"):
        values[tier] |= wanted
    specs = [
        one(rendered(values), "Deployment", f"placet-{tier}")["spec"]["template"]["spec"] for tier in ("edge", "policy")
    ]

    assert [{name: spec.get(name) for name in wanted} for spec in specs] == [wanted, wanted]
    assert all(name not in pod for pod in pods(release("minimal")) for name in wanted)


def custom_schema(each: JSONObject) -> Path:
    """Where the schema of a custom kind is, if it is one."""
    return CRDS / f"{each['apiVersion'].replace('/', '-')}-{each['kind'].lower()}.json"


def shared_names(objects: list[JSONObject]) -> set[str]:
    """The Secrets and ConfigMaps that the pods use, and the names pinned in certificates."""
    volumes = [volume for pod in pods(objects) for volume in pod["volumes"]]
    mounted = {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
    mounted |= {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
    edge, policy = environment(container(objects, "edge")), environment(container(objects, "policy"))
    keys = [
        each["valueFrom"]["secretKeyRef"]["name"] for each in container(objects, "policy")["env"] if "valueFrom" in each
    ]
    return mounted | {*keys, edge["PLACET_EDGE_POLICY_SAN"], policy["PLACET_POLICY_CLIENT_SAN"]}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
