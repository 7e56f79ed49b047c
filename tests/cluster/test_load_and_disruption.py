"""Requests the whole time, while everything that happens in a cluster's life happens.

The stand-in asks through the edge's Service: payments that are to be approved, calls that are to be held, attacks that
are to be denied, each under an id of its own. The tests run in the order in which they stand here.
"""

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest

from scripts.steps import ROOT
from tests.cluster.install.materials import policy_command
from tests.cluster.kubectl import JSONObject, Kubectl, KubectlError, until
from tests.cluster.load.disruptions import certificate, evaluations, evict, kill_container, metrics, names, restarts
from tests.cluster.load.journal import Journal
from tests.cluster.load.proof import Try, by_request, findings
from tests.cluster.load.published import Collector
from tests.cluster.load.scene import DATABASE_NAMESPACE, NAMESPACE, NODE_NAMESPACE, TIERS, Scene, set_up
from tests.cluster.node.authority import Authority, Party
from tests.cluster.node.folders import Folders
from tests.cluster.record import Record

During = Callable[[str], AbstractContextManager[None]]
EFFECTS = {
    "keysign_eth_eip1559_transfer": "ALLOW",
    "keysign_eth_erc20_transfer": "ALLOW",
    "keysign_btc_segwit_2in": "ALLOW",
    "keysign_evm_contract_call": "HOLD",
    "a09_destination_mismatch": "DENY",
    "a10_fee_drain": "DENY",
}
HELD = frozenset(sample for sample, effect in EFFECTS.items() if effect == "HOLD")
# Nobody answers what is held, so it is asked a few times only; the others until there is an answer.
TRIES = {sample: 4 if sample in HELD else 1000 for sample in EFFECTS}
PACE, PAUSE, MOST, SECONDS = 0.8, 10.0, 60, 2400.0
CONNECTION_AGE = 120.0
RENEWED = 120.0
"""Seconds within which a changed Secret or ConfigMap has to act: the kubelet looks every 60 to 90 seconds."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The release; its namespaces go afterwards."""
    yield set_up(tmp_path_factory.mktemp("load"))
    for namespace in (NAMESPACE, DATABASE_NAMESPACE, NODE_NAMESPACE):
        Kubectl("default").run("delete", "namespace", namespace, "--wait=false")


@pytest.fixture(scope="module")
def collector(scene: Scene) -> Collector:
    """Keeps the policy tier's log lines."""
    return Collector(NAMESPACE, scene.materials.folder / "published")


@pytest.fixture(scope="module")
def journal(scene: Scene, collector: Collector) -> Iterator[Journal]:
    """The load, begun; a second key of the server is known to the stand-in, for its rotation."""
    second = scene.materials.folder / "second"
    second.mkdir()
    scene.reader.type("placet keys new --dir second")
    keys = [scene.materials.folder / name for name in ("callback-server-pub.key", "second/callback-server-pub.key")]
    plan = {
        "address": f"https://placet-edge.{NAMESPACE}.svc/v2/check",
        "samples": TRIES,
        "server_keys": [key.read_text(encoding="ascii") for key in keys],
        "pace": PACE,
        "pause": PAUSE,
        "most": MOST,
        "seconds": SECONDS,
    }
    assert collector is not None
    begun = Journal.begin(namespace=NODE_NAMESPACE, pod=scene.stand_in.name, plan=plan)
    begun.wait_answered(seconds=120)
    yield begun
    begun.close()


@pytest.fixture
def during(journal: Journal, record: Record) -> During:
    """Writes down what a disruption did to the requests, once they are answered again."""

    @contextmanager
    def disruption(what: str) -> Iterator[None]:
        begun = time.time()
        yield
        journal.wait_answered(seconds=180)
        ended = time.time()
        seen = journal.window(begun, ended, held=HELD)
        record.figure(f"{what}: took", round(ended - begun, 1), "s")
        record.figure(f"{what}: tries answered, and not", f"{seen.answered}, {seen.silent}")
        record.figure(f"{what}: the longest from the first try to an answer", round(seen.longest, 1), "s")

    return disruption


def test_each_tier_is_rolled_over(scene: Scene, during: During) -> None:
    """`helm upgrade` with another annotation replaces every pod of one tier, and then of the other."""
    for tier in TIERS:
        before = names(scene.kubectl.pods(tier))
        others = {other: names(scene.kubectl.pods(other)) for other in TIERS if other != tier}
        with during(f"Rolling upgrade of {tier}"):
            scene.wanted(**{tier: {"podAnnotations": {"example.com/round": "second"}}})
            scene.reader.follow("Upgrade and roll back", beginning="helm upgrade")
            scene.rolled_out()
        assert before & names(scene.kubectl.pods(tier)) == set()
        if tier == "edge":
            assert {other: names(scene.kubectl.pods(other)) for other in others} == others


def test_a_release_is_rolled_back(scene: Scene, during: During) -> None:
    """`helm rollback` replaces the pods of both tiers by those of the release before."""
    before = {tier: names(scene.kubectl.pods(tier)) for tier in TIERS}
    with during("Rollback"):
        scene.reader.follow("Upgrade and roll back", beginning="helm rollback")
        scene.rolled_out()

    assert {tier: before[tier] & names(scene.kubectl.pods(tier)) for tier in TIERS} == {"edge": set(), "policy": set()}
    assert (_is_second_round(scene, "edge"), _is_second_round(scene, "policy")) == (True, False)


@pytest.mark.parametrize(("tier", "other"), [("edge", "policy"), ("policy", "edge")])
def test_a_tier_scales_without_the_other(scene: Scene, during: During, record: Record, tier: str, other: str) -> None:
    """One tier goes to one pod, to three and back to one; no pod of the other is touched, and each new one works."""
    untouched = names(scene.kubectl.pods(other))
    with during(f"Scaling {tier} 2 → 1"):
        _scale(scene, tier, 1)
    old = names(scene.kubectl.pods(tier))
    with during(f"Scaling {tier} 1 → 3"):
        _scale(scene, tier, 3)
        seconds = until(lambda: _all_work(scene, tier, old), seconds=CONNECTION_AGE + 30, what="new pods get requests")
    record.figure(f"From ready pods of {tier} to requests at each of them", round(seconds, 1), "s")
    with during(f"Scaling {tier} 3 → 1"):
        _scale(scene, tier, 1)
        until(lambda: len(scene.kubectl.pods(tier)) == 1, seconds=60, what="one pod is left")
    with during(f"Scaling {tier} 1 → 2"):
        _scale(scene, tier, 2)

    assert names(scene.kubectl.pods(other)) == untouched
    assert seconds <= CONNECTION_AGE + 30


def test_a_machine_is_drained_as_far_as_the_budget_allows(scene: Scene, during: During) -> None:
    """On a cordoned machine one eviction of each tier is allowed and the next refused; uncordoned, all comes back."""
    answers = {}
    with during("Cordon, evictions, uncordon"):
        scene.kubectl.run("cordon", "node1")
        try:
            for tier in TIERS:
                first, second = sorted(names(scene.kubectl.pods(tier)))
                answers[tier] = (evict(first), evict(second))
            time.sleep(10)
        finally:
            scene.kubectl.run("uncordon", "node1")
        scene.rolled_out()

    assert answers == {"edge": (True, False), "policy": (True, False)}


def test_pods_are_deleted_at_random(scene: Scene, during: During) -> None:
    """Any pod may go at any time, and another one takes its place."""
    chance = random.Random(20)
    for number in range(3):
        tier = chance.choice(TIERS)
        with during(f"Deletion {number + 1} (a pod of {tier})"):
            gone = chance.choice(sorted(names(scene.kubectl.pods(tier))))
            scene.kubectl.run("delete", "pod", gone, "--wait=false")
            _wait_gone(scene, tier, gone)
            scene.rolled_out()


@pytest.mark.parametrize("container", ["opa", "policy"])
def test_a_container_is_killed(scene: Scene, folders: Folders, during: During, container: str) -> None:
    """Killed with SIGKILL, the container starts again in the same pod, and the pod becomes ready again."""
    pod = scene.kubectl.pods("policy")[0]
    name = pod["metadata"]["name"]
    before = restarts(scene.kubectl, name, container)
    with during(f"The container {container} killed"):
        kill_container(folders, pod, container)
        until(lambda: restarts(scene.kubectl, name, container) > before, seconds=120, what="started again")
        scene.kubectl.run("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=180s")


def test_postgresql_is_restarted(scene: Scene, during: During) -> None:
    """While the database is away nothing is decided; afterwards everything is, without a restart of ours."""
    pods = {tier: names(scene.kubectl.pods(tier)) for tier in TIERS}
    database = Kubectl(DATABASE_NAMESPACE)
    (pod,) = database.get("pods", "-l", "app=postgresql")["items"]
    stop = ("/usr/lib/postgresql/15/bin/pg_ctl", "stop", "--mode", "fast", "--pgdata", "/var/lib/postgresql/data")
    with during("PostgreSQL restarted"):
        # The command ends with the server's container, which it runs in.
        with suppress(KubectlError):
            database.execute(pod["metadata"]["name"], *stop)
        until(lambda: restarts(database, pod["metadata"]["name"], "postgresql") > 0, seconds=120, what="started again")
        database.wait_ready("app=postgresql")
        scene.rolled_out()

    assert {tier: names(scene.kubectl.pods(tier)) for tier in TIERS} == pods


def test_the_servers_key_is_rotated(scene: Scene, journal: Journal, during: During, record: Record) -> None:
    """A replaced Secret signs the answers of every pod with the new key, without a restart."""
    pods = names(scene.kubectl.pods("edge"))
    with during("Rotation of the server's key"):
        changed = time.time()
        private = scene.materials.folder / "second" / "callback-server-pri.pem"
        scene.replace_secret("placet-server-key", server_pem=private)
        until(lambda: _only_new_signatures(journal), seconds=RENEWED, what="answers are signed with the new key")
        last = max(each.answered_at for each in journal.tries if each.signer == 0)
    record.figure("From the replaced Secret to the last answer with the old key", round(last - changed, 1), "s")

    assert names(scene.kubectl.pods("edge")) == pods


def test_the_certificate_is_rotated(scene: Scene, during: During, record: Record) -> None:
    """A replaced Secret is what every pod shows to nodes, without a restart."""
    pods = scene.kubectl.pods("edge")
    folder = scene.materials.folder
    Authority(folder, "edge-ca").issue(Party(file="renewed", user="edge", names=(f"placet-edge.{NAMESPACE}.svc",)))
    renewed = (folder / "renewed.crt").read_text(encoding="ascii").strip()
    with during("Rotation of the certificate"):
        scene.replace_secret("placet-edge-tls", tls_crt=folder / "renewed.crt", tls_key=folder / "renewed.key")
        seconds = until(
            lambda: all(certificate(pod).strip() == renewed for pod in pods), seconds=RENEWED, what="shown by every pod"
        )
    record.figure("From the replaced Secret to the new certificate at every edge", round(seconds, 1), "s")

    assert names(scene.kubectl.pods("edge")) == names(pods)


def test_new_bundles_become_active(scene: Scene, during: During, record: Record) -> None:
    """`placet policy apply` brings another bundle, and then the first again, to every pod, without a restart."""
    folder = scene.materials.folder
    shutil.copytree(ROOT / "policies", folder / "changed")
    with (folder / "changed/bundle/placet/placet.rego").open("a", encoding="utf-8") as file:
        file.write("\n# Another bundle, with the same rules.\n")
    scene.reader.type("placet policy build changed --demo -o changed.tar.gz")
    pods = names(scene.kubectl.pods("policy"))
    for bundle in ("changed", "bundle"):
        with during(f"A new bundle ({bundle})"):
            told = scene.reader.type(f"placet policy apply {bundle}.tar.gz --namespace placet")
            seconds = _wait_decided_by(scene, told)
        record.figure(f"From `placet policy apply` to decisions by the new bundle ({bundle})", round(seconds, 1), "s")

    assert names(scene.kubectl.pods("policy")) == pods


def test_a_stop_holds_everything_until_it_is_lifted(
    scene: Scene, journal: Journal, during: During, record: Record
) -> None:
    """The stop's ConfigMap reaches every pod by itself; then nothing is answered until it is gone."""
    with during("Stop, set and lifted"):
        scene.reader.follow("Stop", beginning="kubectl -n placet create")
        seconds = until(lambda: _stopped(scene) == {1.0}, seconds=RENEWED, what="every pod is stopped")
        record.figure("From the stop's ConfigMap to every pod stopped", round(seconds, 1), "s")
        stopped = _asked_for(journal, seconds=20)
        scene.reader.follow("Stop", beginning="kubectl -n placet delete")
        lifted = until(lambda: _stopped(scene) == {0.0}, seconds=RENEWED, what="no pod is stopped")
        record.figure("From the deleted ConfigMap to no pod stopped", round(lifted, 1), "s")

    assert stopped
    assert {each.kind for each in stopped} == {"no response"}


def test_a_stop_can_be_hurried(scene: Scene, journal: Journal, during: During, record: Record) -> None:
    """Annotated pods get their files at once: the stop acts on every one within seconds, and so does its end."""
    with during("Stop, hurried and lifted"):
        scene.reader.follow("Stop", beginning="kubectl -n placet create")
        seconds = _hurry(scene, 1.0)
        stopped = _asked_for(journal, seconds=10)
        scene.reader.follow("Stop", beginning="kubectl -n placet delete")
        lifted = _hurry(scene, 0.0)
    record.figure("From the stop's ConfigMap to every pod stopped, hurried by an annotation", round(seconds, 1), "s")
    record.figure("From the deleted ConfigMap to no pod stopped, hurried by an annotation", round(lifted, 1), "s")

    assert stopped
    assert {each.kind for each in stopped} == {"no response"}


def test_no_valid_request_failed_and_no_record_is_lost(
    scene: Scene, journal: Journal, collector: Collector, record: Record
) -> None:
    """Each request got the answer that it deserves, each answer has its record, and the ledger is whole."""
    journal.end()
    url = scene.ledger()
    time.sleep(12)  # Until every writer has published its head once more.
    published = [argument for path in collector.stop() for argument in ("--published", str(path))]
    (nodes := scene.materials.folder / "nodes").mkdir()
    shutil.copy(scene.materials.folder / "node-1.pem", nodes)
    decisions = [json.loads(line) for line in _command("ledger", "list", "--url", url, "--kind", "decision", "--json")]
    requests = by_request(journal.tries)
    again = [tries for tries in requests.values() if len(tries) > 1 and tries[0].sample not in HELD]
    longest = max(tries[-1].answered_at - tries[0].at for tries in requests.values() if tries[0].sample not in HELD)

    record.figure("Requests, each with an id of its own", len(requests))
    record.figure("Tries", len(journal.tries))
    record.figure("Decisions in the ledger", len(decisions))
    record.figure("Requests that had to be asked again (held ones left out)", len(again))
    record.figure("The longest that a request waited for its answer", round(longest, 1), "s")
    assert findings(journal.tries, decisions, EFFECTS) == []
    report = json.loads(policy_command("audit", "verify", "--url", url, "--nodes", str(nodes), "--json", *published))
    assert report["decisions"] == len(decisions)


def _is_second_round(scene: Scene, tier: str) -> bool:
    template = scene.kubectl.get("deployment", f"placet-{tier}")["spec"]["template"]
    return "example.com/round" in template["metadata"].get("annotations", {})


def _scale(scene: Scene, tier: str, replicas: int) -> None:
    scene.kubectl.run("scale", f"deployment/placet-{tier}", f"--replicas={replicas}")
    scene.rolled_out(tier)


def _all_work(scene: Scene, tier: str, old: set[str]) -> bool:
    """Whether each pod that is not an old one has had requests."""
    new = [pod for pod in scene.kubectl.pods(tier) if pod["metadata"]["name"] not in old]
    return bool(new) and all(_requests(pod, tier) > 0 for pod in new)


def _requests(pod: JSONObject, tier: str) -> float:
    if tier == "policy":
        return evaluations(pod)
    told = metrics(pod, tier)
    return sum(value for name, value in told.items() if name.startswith("placet_edge_signatures_total"))


def _only_new_signatures(journal: Journal) -> bool:
    """Whether no answer of the last ten seconds is signed with the old key, and some are with the new one."""
    signers = {each.signer for each in journal.since(time.time() - 10) if each.signer is not None}
    return signers == {1}


def _wait_gone(scene: Scene, tier: str, pod: str) -> None:
    until(lambda: pod not in names(scene.kubectl.pods(tier)), seconds=60, what=f"{pod} is gone")


def _wait_decided_by(scene: Scene, told: str) -> float:
    return until(lambda: _decided_by(scene, told), seconds=RENEWED, what="decisions by the new bundle")


def _decided_by(scene: Scene, told: str) -> bool:
    """Whether the newest decisions are all by the bundle whose revision `placet policy apply` printed."""
    newest = [
        json.loads(line) for line in _command("ledger", "list", "--url", scene.ledger(), "--limit", "6", "--json")
    ]
    decided = [each for each in newest if each.get("effect") is not None]
    return bool(decided) and all(each["revision"] in told for each in decided)


def _stopped(scene: Scene) -> set[float | None]:
    """What the pods of the policy tier tell of the stop."""
    return {metrics(pod, "policy").get("placet_policy_stopped") for pod in scene.kubectl.pods("policy")}


def _asked_for(journal: Journal, *, seconds: float) -> list[Try]:
    """The tries that are both sent and ended within the coming seconds."""
    begun = time.time()
    time.sleep(seconds)
    return [each for each in journal.since(begun) if each.at > begun]


def _hurry(scene: Scene, wanted: float) -> float:
    """How long it takes until every pod tells of the stop what is wanted, when their kubelets are told to look."""
    started = time.monotonic()
    time.sleep(1)  # The kubelet hears of the ConfigMap and of the pod on two watches.
    scene.reader.follow("Stop", beginning="kubectl -n placet annotate")
    until(lambda: _stopped(scene) == {wanted}, seconds=RENEWED, what="every pod has looked")
    return time.monotonic() - started


def _command(*arguments: str) -> list[str]:
    return policy_command(*arguments).splitlines()
