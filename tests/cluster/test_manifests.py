"""The plain manifests, installed with kubectl and kustomize alone."""

import shutil
import time
from pathlib import Path

import pytest

from tests.cluster.install import database
from tests.cluster.install.decisions import decisions
from tests.cluster.install.document import Reader, commands
from tests.cluster.install.materials import DATABASE_HOST, Materials
from tests.cluster.install.overlay import copy_development, copy_production
from tests.cluster.install.release import Release
from tests.cluster.install.stand_in import StandIn
from tests.cluster.kubectl import JSONObject, Kubectl
from tests.cluster.node.folders import Folders
from tests.cluster.node.settings import NODE
from tests.cluster.record import Record

NAMESPACE = "placet-plain"
TIERS = "app.kubernetes.io/component in (edge,policy)"
# What the reader types in place of the document's examples; the names in the certificates are those of the manifests.
INSTEAD = {
    "db.example/placet": f"{DATABASE_HOST}/placet_plain",
    "placet-edge-client.placet.svc": "placet-edge",
    "placet-policy.placet.svc": "placet-policy",
    "kubectl -n placet ": f"kubectl -n {NAMESPACE} ",
    "namespace placet": f"namespace {NAMESPACE}",
    "policy build policies": "policy build policies --demo",
}


DEVELOPMENT = "placet-dev"


@pytest.fixture(scope="module")
def reader(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Somebody who made Secrets, ConfigMaps and certificates in a second namespace by the document's commands."""
    Kubectl("default").run("delete", "namespace", NAMESPACE, "--ignore-not-found")
    made = materials(tmp_path_factory.mktemp("plain"))
    made.make()
    shutil.copy(release.materials.folder / "database-ca.crt", made.folder)
    reader = Reader(folder=made.folder, instead=INSTEAD)
    reader.follow("Secrets and ConfigMaps to make first")
    reader.follow("Certificates between the tiers")
    return reader


def materials(folder: Path) -> Materials:
    """The files of the second namespace's release."""
    return Materials(folder=folder, namespace=NAMESPACE)


def migrate(reader: Reader) -> None:
    """The document's commands up to the end of the migration's Job."""
    *before, _ = commands("Without Helm")
    for command in before:
        reader.type(command)


def test_the_production_overlay_decides(reader: Reader, record: Record) -> None:
    """A copy of overlays/prod with our images and networks, after the migration's Job: requests are decided."""
    copy_production(reader.folder, namespace=NAMESPACE)
    started = time.monotonic()
    migrate(reader)
    database.grant("placet_plain")
    reader.type(commands("Without Helm")[-1])
    Kubectl(NAMESPACE).wait_ready(TIERS)
    seconds = time.monotonic() - started
    record.figure("From `kubectl apply -k` to ready pods, with the migration and the grants", seconds, "s")
    stand_in = StandIn(name="node-plain")
    stand_in.start(materials(reader.folder))

    assert stand_in.send("keysign_eth_eip1559_transfer").status == 0
    assert stand_in.send("a09_destination_mismatch").status == 10


def test_the_migration_is_repeated_for_an_upgrade(reader: Reader) -> None:
    """By the same commands, while the tier runs; it changes nothing and the tier goes on."""
    migrate(reader)
    reader.type(commands("Without Helm")[-1])
    Kubectl(NAMESPACE).wait_ready(TIERS)

    assert StandIn(name="node-plain").send("keysign_sol_transfer").status == 0


def test_the_development_overlay_decides_without_a_database(
    release: Release, folders: Folders, tmp_path: Path, record: Record
) -> None:
    """One pod a tier with the ledger in a file on a volume: requests are decided, and the file outlives its pod."""
    stand_in, kubectl = StandIn(name="node-dev"), Kubectl(DEVELOPMENT)
    files = prepare_development(release, tmp_path)
    kubectl.apply(local_volume(folders.data / "dev-ledger"))
    started = time.monotonic()
    kubectl.run("apply", "-k", str(copy_development(tmp_path)))
    kubectl.wait_ready(TIERS)
    record.figure("From `kubectl apply -k` to ready pods, with SQLite", time.monotonic() - started, "s")
    stand_in.start(files)

    assert stand_in.send("keysign_eth_eip1559_transfer").status == 0
    kubectl.run("delete", "pod", "-l", "app.kubernetes.io/component=policy")
    kubectl.run("rollout", "status", "deployment/placet-policy", "--timeout=120s")
    kubectl.wait_ready(TIERS)
    assert stand_in.send("keysign_sol_transfer").status == 0
    assert [line["effect"] for line in decisions(kubectl)] == ["ALLOW", "ALLOW"]


def prepare_development(release: Release, folder: Path) -> Materials:
    """Secrets, ConfigMaps and certificates in the overlay's namespace, by the document's commands."""
    Kubectl("default").run("delete", "namespace", DEVELOPMENT, "--ignore-not-found")
    Kubectl("default").run("delete", "persistentvolume", "dev-ledger", "--ignore-not-found")
    files = Materials(folder=folder, namespace=DEVELOPMENT)
    files.make()
    shutil.copy(release.materials.folder / "database-ca.crt", folder)
    instead = {example: ours.replace(NAMESPACE, DEVELOPMENT) for example, ours in INSTEAD.items()}
    reader = Reader(folder=folder, instead=instead)
    reader.follow("Secrets and ConfigMaps to make first")
    reader.follow("Certificates between the tiers")
    return files


def local_volume(folder: Path) -> JSONObject:
    """A volume of the node's own disk, for the overlay's claim."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "local": {"path": str(folder)},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "dev-ledger"}, "spec": spec}
