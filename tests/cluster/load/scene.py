"""A release, its database and its stand-in in namespaces of their own, so that nothing else is disrupted with them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.chart import CHART
from tests.cluster.install import database
from tests.cluster.install.document import Reader
from tests.cluster.install.materials import PASSWORDS, Materials
from tests.cluster.install.release import merged, values
from tests.cluster.install.stand_in import StandIn
from tests.cluster.kubectl import Kubectl

NAMESPACE = "placet-load"
DATABASE_NAMESPACE = "placet-load-database"
NODE_NAMESPACE = "placet-load-nodes"
DATABASE = "placet"
TIERS = ("edge", "policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is disrupted.

    Attributes:
        materials: the release's keys and certificates.
        reader: who types the commands of the documentation.
        stand_in: the pod that asks.
    """

    materials: Materials
    reader: Reader
    stand_in: StandIn

    @property
    def kubectl(self) -> Kubectl:
        """Kubectl in the release's namespace."""
        return Kubectl(NAMESPACE)

    def wanted(self, **changes: Any) -> None:
        """Write the values file: the tests' own, with these changes."""
        ours = {"networkPolicy": _networks(), "edge": {"replicas": 2}, "policy": {"replicas": 2}}
        chosen = merged(merged(values(), ours), changes)
        (self.materials.folder / "my-values.yaml").write_text(yaml.safe_dump(chosen), encoding="utf-8")

    def rolled_out(self, *tiers: str) -> None:
        """Wait until these tiers' pods are the wanted ones, and ready."""
        for tier in tiers or TIERS:
            self.kubectl.run("rollout", "status", f"deployment/placet-{tier}", "--timeout=280s")

    def replace_secret(self, name: str, **files: Path) -> None:
        """Replace a Secret's keys by files, as the documentation does."""
        sources = [f"--from-file={key.replace('_', '.')}={file}" for key, file in files.items()]
        argv = ("create", "secret", "generic", name, *sources, "--dry-run=client", "--output", "json")
        self.kubectl.run("apply", "-f", "-", stdin=self.kubectl.run(*argv))

    def ledger(self) -> str:
        """The ledger's URL from outside the cluster's pods, as its owner; the password is in a file beside."""
        (pod,) = Kubectl(DATABASE_NAMESPACE).get("pods", "-l", "app=postgresql")["items"]
        where = f"hostaddr={pod['status']['podIP']}&sslrootcert={self.materials.folder / 'database-ca.crt'}"
        host = f"postgresql.{DATABASE_NAMESPACE}"
        return f"postgresql://ledger_owner:{PASSWORDS['ledger_owner']}@{host}/{DATABASE}?{where}"


def set_up(folder: Path) -> Scene:
    """From nothing to a release that can decide, by the documentation's commands."""
    for namespace in (NAMESPACE, DATABASE_NAMESPACE, NODE_NAMESPACE):
        Kubectl("default").run("delete", "namespace", namespace, "--ignore-not-found", "--timeout=240s")
    materials = Materials(folder=folder, namespace=NAMESPACE)
    materials.make()
    database.start(folder, [DATABASE], namespace=DATABASE_NAMESPACE)
    instead = {
        "db.example": f"postgresql.{DATABASE_NAMESPACE}",
        "policy build policies": "policy build policies --demo",
        "deploy/k8s/chart": str(CHART),
        "namespace placet": f"namespace {NAMESPACE}",
        "-n placet ": f"-n {NAMESPACE} ",
        ".placet.svc": f".{NAMESPACE}.svc",
    }
    scene = Scene(
        materials=materials,
        reader=Reader(folder=folder, instead=instead),
        stand_in=StandIn(name="node-1", namespace=NODE_NAMESPACE),
    )
    scene.reader.follow("Secrets and ConfigMaps to make first")
    scene.reader.follow("Certificates between the tiers")
    scene.wanted()
    scene.reader.follow("Install", beginning="helm install")
    database.grant(DATABASE, namespace=DATABASE_NAMESPACE)
    scene.rolled_out()
    scene.stand_in.start(materials)
    return scene


def _networks() -> dict[str, Any]:
    return {"nodes": {"cidrs": [], "namespaces": [NODE_NAMESPACE]}, "postgres": {"namespaces": [DATABASE_NAMESPACE]}}
