"""The policy checks on manifests: they hold for everything that is shipped, and each one can fail."""

from subprocess import run
from typing import Any

from deploy_checks import CHECKS, codes, rules, set_at, violations
from manifests import EXAMPLES, OVERLAYS, kustomized, one, release
from opa_binary import opa_binary

from scripts.chart import JSONObject

PING = ("Pod", "placet-test-ping")
EDGE, POLICY, JOB = ("Deployment", "placet-edge"), ("Deployment", "placet-policy"), ("Job", "placet-migration")
SOURCE = "spec.volumes.0.projected.sources.1"
POD, MAIN, OPA = "spec.template.spec", "spec.template.spec.containers.0", "spec.template.spec.initContainers.0"
BREACHES: list[tuple[str, str, tuple[str, str], str, Any]] = [
    # code, example, object, where in it, what stands there
    ("RUNS_AS_ROOT", "minimal", EDGE, f"{POD}.securityContext.runAsNonRoot", False),
    ("RUNS_AS_ROOT", "minimal", POLICY, f"{OPA}.securityContext.runAsUser", 0),
    ("SECCOMP_MISSING", "minimal", EDGE, f"{POD}.securityContext.seccompProfile", None),
    ("ROOT_WRITABLE", "minimal", POLICY, f"{OPA}.securityContext.readOnlyRootFilesystem", False),
    ("MAY_GAIN_PRIVILEGES", "minimal", EDGE, f"{MAIN}.securityContext.allowPrivilegeEscalation", None),
    ("MAY_GAIN_PRIVILEGES", "minimal", EDGE, f"{MAIN}.securityContext.privileged", True),
    ("HAS_CAPABILITIES", "minimal", EDGE, f"{MAIN}.securityContext.capabilities.add", ["NET_BIND_SERVICE"]),
    ("USES_THE_HOST", "minimal", EDGE, f"{POD}.hostNetwork", True),
    ("USES_THE_HOST", "minimal", EDGE, f"{POD}.volumes.0", {"name": "server-key", "hostPath": {"path": "/etc"}}),
    ("TOKEN_MOUNTED", "postgres", JOB, f"{POD}.automountServiceAccountToken", None),
    ("SERVICE_LINKS", "minimal", EDGE, f"{POD}.enableServiceLinks", None),
    ("RESOURCES_MISSING", "minimal", POLICY, f"{OPA}.resources.limits", None),
    ("MOUNTED_BY_SUBPATH", "minimal", POLICY, f"{MAIN}.volumeMounts.2.subPath", "bundle.tar.gz"),
    ("MOUNTED_BY_SUBPATH", "minimal", POLICY, f"{MAIN}.volumeMounts.3.subPathExpr", "stop"),
    ("MOUNT_WRITABLE", "minimal", EDGE, f"{MAIN}.volumeMounts.0.readOnly", False),
    ("MOUNT_WRITABLE", "minimal", EDGE, f"{MAIN}.volumeMounts.0.readOnly", None),
    ("PROBE_MISSING", "minimal", POLICY, f"{OPA}.startupProbe", None),
    ("LIVENESS_ASKS_OTHERS", "minimal", EDGE, f"{MAIN}.livenessProbe.httpGet.path", "/readyz"),
    ("ANSWERING_KEY_OUTSIDE_THE_EDGE", "minimal", POLICY, f"{POD}.volumes.0.secret.secretName", "placet-server-key"),
    ("ANSWERING_KEY_OUTSIDE_THE_EDGE", "minimal", POLICY, f"{MAIN}.env.0.name", "PLACET_EDGE_SERVER_KEY_FILE"),
    ("ANSWERING_KEY_OUTSIDE_THE_EDGE", "minimal", POLICY, f"{MAIN}.envFrom", [{"secretRef": {"name": "any"}}]),
    ("EDGE_WITHOUT_ITS_KEY", "minimal", EDGE, f"{MAIN}.volumeMounts.0.mountPath", "/elsewhere"),
    ("LEDGER_SECRET_AT_THE_EDGE", "postgres", EDGE, f"{POD}.volumes.1.secret.secretName", "placet-ledger"),
    ("LEDGER_OWNED_BY_THE_TIER", "postgres", POLICY, f"{POD}.volumes.0.secret.secretName", "placet-ledger-owner"),
    ("SECRET_IN_THE_MANIFEST", "minimal", ("Service", "placet-edge"), "kind", "Secret"),
    (
        "SECRET_IN_THE_MANIFEST",
        "minimal",
        POLICY,
        f"{MAIN}.env.0.value",
        "postgresql://placet:hunter2@db.example/placet",
    ),
    ("SECRET_FILE_OPEN", "minimal", EDGE, f"{POD}.volumes.0.secret.defaultMode", None),
    ("PLAINTEXT", "minimal", EDGE, f"{MAIN}.env.2.name", "PLACET_EDGE_PLAINTEXT"),
    ("PLAINTEXT", "minimal", EDGE, f"{MAIN}.env.2.value", ""),
    ("PLAINTEXT", "minimal", EDGE, f"{MAIN}.env.0", {"name": "PLACET_EDGE_PLAINTEXT", "value": "true"}),
    ("NAME_NOT_PINNED", "minimal", POLICY, f"{MAIN}.env.5.value", "placet-policy.custody.svc"),
    ("NAME_NOT_PINNED", "cert-manager", ("Certificate", "placet-policy-mtls"), "spec.usages.0", "client auth"),
    ("NAME_NOT_PINNED", "cert-manager", ("Certificate", "placet-edge-mtls"), "spec.usages.0", "server auth"),
    ("INSIDE_PORT_OUTSIDE", "ha", ("Service", "placet-edge"), "spec.ports.0.targetPort", "internal"),
    ("POLICY_SERVICE_NOT_HEADLESS", "minimal", ("Service", "placet-policy"), "spec.clusterIP", None),
    ("NO_NETWORK_POLICY", "minimal", ("NetworkPolicy", "placet-policy"), "spec.policyTypes", ["Ingress"]),
    ("NETWORK_OPEN", "minimal", ("NetworkPolicy", "placet-edge"), "spec.egress.1.ports", []),
    ("NETWORK_OPEN", "minimal", ("NetworkPolicy", "placet-policy"), "spec.ingress.0.from", []),
    ("NETWORK_OPEN", "minimal", ("NetworkPolicy", "placet-edge"), "spec.ingress.0.from.0", {"podSelector": {}}),
    ("NETWORK_OPEN", "ha", ("NetworkPolicy", "placet-edge"), "spec.ingress.0.from.0.ipBlock.cidr", "0.0.0.0/0"),
    ("POLICY_ASKED_BY_OTHERS", "minimal", ("NetworkPolicy", "placet-policy"), "spec.ingress.0.from.0.podSelector", {}),
    ("OPA_IS_NO_SIDECAR", "minimal", POLICY, f"{OPA}.restartPolicy", None),
    ("OPA_BEYOND_LOOPBACK", "minimal", POLICY, f"{OPA}.args.3", "0.0.0.0:8181"),
    ("OPA_BEYOND_LOOPBACK", "minimal", POLICY, f"{OPA}.ports.0.containerPort", 8181),
    ("OPA_BEYOND_LOOPBACK", "minimal", POLICY, f"{MAIN}.env.7.value", "http://127.0.0.2:8181"),
    ("OPA_UNLOCKED", "minimal", POLICY, f"{OPA}.args.6", "--authorization=off"),
    ("OPA_UNLOCKED", "minimal", POLICY, f"{OPA}.args.14", "/etc/placet/bundle/authz.rego"),
    ("OPA_UNLOCKED", "minimal", POLICY, f"{OPA}.volumeMounts", [{"name": "bundle", "mountPath": "/etc/placet/opa"}]),
    ("OPA_START_WAITS", "minimal", POLICY, f"{OPA}.startupProbe.httpGet.path", "/health?bundles"),
    ("OPA_START_WAITS", "minimal", POLICY, f"{OPA}.args.13", "--ready-timeout=30"),
    ("OPA_READY_WITHOUT_BUNDLE", "minimal", POLICY, f"{OPA}.readinessProbe.httpGet.path", "/health"),
    ("ROLLOUT_HAS_A_GAP", "minimal", EDGE, "spec.strategy.rollingUpdate.maxUnavailable", 1),
    ("LEDGER_FILE_SHARED", "minimal", POLICY, "spec.replicas", 2),
    ("KILLED_WHILE_DRAINING", "minimal", EDGE, f"{POD}.terminationGracePeriodSeconds", 25),
    ("STOPS_AT_ONCE", "minimal", POLICY, f"{MAIN}.lifecycle", None),
    ("NO_DISRUPTION_BUDGET", "ha", ("PodDisruptionBudget", "placet-edge"), "spec.selector.matchLabels", {"a": "b"}),
    ("AUTOSCALER_OVERRULED", "ha", EDGE, "spec.replicas", 3),
    ("STOP_OWNED", "minimal", ("ServiceAccount", "placet-edge"), "", {"kind": "ConfigMap", "name": "placet-stop"}),
    ("SECRET_FILE_OPEN", "tests", PING, "spec.volumes.0.projected.defaultMode", 0o444),
    ("SECRET_FILE_OPEN", "tests", PING, "spec.volumes.0.projected.sources.1.secret.items.0.mode", 0o444),
    ("SECRET_FILE_OPEN", "minimal", EDGE, f"{POD}.volumes.0.secret.items.0.mode", 0o444),
    ("ANSWERING_KEY_OUTSIDE_THE_EDGE", "tests", PING, f"{SOURCE}.secret.name", "placet-server-key"),
    ("TEST_HOLDS_A_TIERS_SECRET", "tests", PING, f"{SOURCE}.secret.name", "placet-ledger"),
    ("TEST_REACHES_MORE", "tests", ("NetworkPolicy", "placet-test"), "spec.ingress", [{"from": [], "ports": []}]),
    ("TEST_REACHES_MORE", "tests", ("NetworkPolicy", "placet-test"), "spec.egress.1.ports.0.port", "grpc"),
    ("TEST_REACHES_MORE", "tests", ("NetworkPolicy", "placet-test"), "spec.egress.1.to.0.podSelector.matchLabels", {}),
    ("NOT_SPREAD", "minimal", EDGE, f"{POD}.topologySpreadConstraints", []),
    ("NOT_SPREAD", "minimal", POLICY, f"{POD}.topologySpreadConstraints", [{"labelSelector": {"matchLabels": {}}}]),
    ("READINESS_ASKS_LITTLE", "minimal", EDGE, f"{MAIN}.readinessProbe.httpGet.path", "/livez"),
    ("TIER_REACHES_MORE", "minimal", ("NetworkPolicy", "placet-edge"), "spec.egress.1.ports.0.port", 443),
    ("TIER_REACHES_MORE", "minimal", ("NetworkPolicy", "placet-edge"), "spec.egress.1.to.0.podSelector", {}),
    (
        "TIER_REACHES_MORE",
        "postgres",
        ("NetworkPolicy", "placet-policy"),
        "spec.egress.1.ports",
        [{"port": 5432, "protocol": "TCP"}, {"port": 443, "protocol": "TCP"}],
    ),
    ("POD_WITHOUT_OWNER", "tests", PING, "metadata.annotations", None),
    ("RUNS_AS_ROOT", "tests", PING, "spec.securityContext.runAsNonRoot", False),
    ("NO_NETWORK_POLICY", "tests", ("NetworkPolicy", "placet-test"), "spec.policyTypes", ["Egress"]),
    ("STOP_NOT_WATCHED", "minimal", POLICY, f"{POD}.volumes.3.configMap.optional", False),
]


def test_everything_shipped_passes_every_check() -> None:
    """The chart with each example, the overlays, and the migration."""
    shipped = {name: release(name) for name in EXAMPLES}
    shipped |= {name: kustomized(f"overlays/{name}") for name in OVERLAYS}
    shipped |= {name: kustomized(name) for name in ("migration", "overlays/prod/migration")}

    assert violations(shipped) == {name: [] for name in shipped}


def test_each_breach_is_found() -> None:
    """One change each, and the check that is there for it speaks."""
    found = violations({str(number): broken(*case[1:]) for number, case in enumerate(BREACHES)})

    missed = [
        case for number, case in enumerate(BREACHES) if case[0] not in {each["code"] for each in found[str(number)]}
    ]
    assert missed == []


def test_each_check_has_a_breach() -> None:
    """A check that nothing provokes could be one that never speaks."""
    assert {case[0] for case in BREACHES} == codes()
    assert len(BREACHES) >= rules()


def test_the_checks_compile_strictly() -> None:
    """`opa check --strict` and `opa fmt` have nothing to say."""
    assert run([opa_binary(), "check", "--strict", CHECKS], check=False).returncode == 0
    assert run([opa_binary(), "fmt", "--list", "--fail", CHECKS], check=False).returncode == 0


def test_a_check_says_where() -> None:
    """The finding names the object and the container."""
    found = violations({"it": broken("minimal", POLICY, f"{OPA}.resources.limits", None)})

    assert found == {"it": [{"code": "RESOURCES_MISSING", "where": "Deployment placet-policy, container opa"}]}


def broken(name: str, of: tuple[str, str], path: str, value: object) -> list[JSONObject]:
    """The objects of an example with one place changed; without a place, an object of another kind stands there."""
    objects = release(name)
    changed = one(objects, *of)
    if path:
        set_at(changed, path, value)
    else:
        assert isinstance(value, dict)
        changed.update(kind=value["kind"], metadata={"name": value["name"]})
    return objects
