"""The plain manifests, installed with kubectl and kustomize alone."""

import shutil
import time
from pathlib import Path

import pytest

from tests.cluster.install import database
from tests.cluster.install.document import Reader
from tests.cluster.install.materials import DATABASE_HOST, Materials
from tests.cluster.install.overlay import copy_for_us
from tests.cluster.install.release import Release
from tests.cluster.install.stand_in import StandIn
from tests.cluster.kubectl import Kubectl
from tests.cluster.record import Record

NAMESPACE = "placet-plain"
# What the reader types in place of the document's examples; the names in the certificates are those of the manifests.
INSTEAD = {
    "db.example/placet": f"{DATABASE_HOST}/placet_plain",
    "placet-edge-client.placet.svc": "placet-edge",
    "placet-policy.placet.svc": "placet-policy",
    "kubectl -n placet ": f"kubectl -n {NAMESPACE} ",
    "namespace placet": f"namespace {NAMESPACE}",
    "policy build policies": "policy build policies --demo",
}


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


def migrate(overlay: Path) -> None:
    """Apply the migration's overlay and wait for its Job."""
    kubectl = Kubectl(NAMESPACE)
    kubectl.run("delete", "job", "placet-migration", "--ignore-not-found")
    kubectl.run("apply", "-k", str(overlay / "migration"))
    kubectl.run("wait", "--for=condition=Complete", "job/placet-migration", "--timeout=180s")


def test_the_production_overlay_decides(reader: Reader, record: Record) -> None:
    """A copy of overlays/prod with our images and networks, after the migration's Job: requests are decided."""
    overlay = copy_for_us(reader.folder, namespace=NAMESPACE)
    started = time.monotonic()
    migrate(overlay)
    database.grant("placet_plain")
    kubectl = Kubectl(NAMESPACE)
    kubectl.run("apply", "-k", str(overlay))
    kubectl.wait_ready("app.kubernetes.io/component in (edge,policy)")
    seconds = time.monotonic() - started
    record.figure("From `kubectl apply -k` to ready pods, with the migration and the grants", seconds, "s")
    stand_in = StandIn(name="node-plain")
    stand_in.start(materials(reader.folder))

    assert stand_in.send("keysign_eth_eip1559_transfer").status == 0
    assert stand_in.send("a09_destination_mismatch").status == 10


def test_the_migration_is_repeated_for_an_upgrade(reader: Reader) -> None:
    """By the same commands, while the tier runs; it changes nothing and the tier goes on."""
    migrate(reader.folder / "manifests" / "overlays" / "prod")
    Kubectl(NAMESPACE).wait_ready("app.kubernetes.io/component in (edge,policy)")

    assert StandIn(name="node-plain").send("keysign_sol_transfer").status == 0
