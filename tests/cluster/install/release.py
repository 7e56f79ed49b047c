"""A release of the chart, installed from nothing by the document's commands."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.chart import CHART, read_yaml
from tests.cluster.install import database
from tests.cluster.install.document import Reader
from tests.cluster.install.materials import DATABASE_HOST, DATABASE_NAMESPACE, NODE_NAMESPACE, Materials
from tests.cluster.install.stand_in import StandIn
from tests.cluster.kubectl import Kubectl

NAMESPACE = "placet"
DATABASES = ("placet", "placet_plain")
# The node of the tests has two cores for everything; what a pod asks for must fit into them several times.
_SMALL = {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "384Mi"}}
MONITORING_NAMESPACE = "monitoring"


@dataclass(slots=True, kw_only=True)
class Release:
    """The installed release, and how long each step of the way took.

    Attributes:
        materials: its keys and certificates.
        reader: who typed the commands.
        stand_in: a node that it knows.
        seconds: of each step.
    """

    materials: Materials
    reader: Reader
    stand_in: StandIn = field(default_factory=lambda: StandIn(name="node-1"))
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def kubectl(self) -> Kubectl:
        """Kubectl in the release's namespace."""
        return Kubectl(NAMESPACE)

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[step] = time.monotonic() - started

    def install(self) -> None:
        """From an empty namespace to pods that can decide.

        Raises:
            document.CommandFailedError: a command of the document failed.
            kubectl.KubectlError: the database or the stand-in did not start.
        """
        secrets, certificates = "Secrets and ConfigMaps to make first", "Certificates between the tiers"
        with self._timed("Secrets, ConfigMaps, certificates, the bundle"):
            self.reader.follow(secrets)
            self.reader.follow(certificates)
        (self.materials.folder / "my-values.yaml").write_text(yaml.safe_dump(values()), encoding="utf-8")
        with self._timed("`helm install`, with the migration before it"):
            self.reader.follow("Install", beginning="helm install")
        with self._timed("Grants for the ledger's writer"):
            database.grant("placet")
        with self._timed("Until every pod is ready"):
            self.reader.follow("Install", beginning="kubectl -n placet wait")


def prepare(folder: Path) -> Release:
    """The database, the stand-in, and the files that the document supposes; nothing of the release is there yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    release = opened(folder)
    release.materials.make()
    database.start(folder, DATABASES)
    release.stand_in.start(release.materials)
    return release


def opened(folder: Path) -> Release:
    """A release whose files are there."""
    instead = {
        "db.example": DATABASE_HOST,
        # What the samples use is approved by the demonstration's data alone.
        "policy build policies": "policy build policies --demo",
        "deploy/k8s/chart": str(CHART),
    }
    return Release(
        materials=Materials(folder=folder, namespace=NAMESPACE), reader=Reader(folder=folder, instead=instead)
    )


def upgrade(release: Release, wanted: Mapping[str, Any]) -> None:
    """The document's command with other values, and the wait until the pods are as wanted."""
    (release.materials.folder / "my-values.yaml").write_text(yaml.safe_dump(dict(wanted)), encoding="utf-8")
    release.reader.follow("Upgrade and roll back", beginning="helm upgrade")
    for tier in ("edge", "policy"):
        release.kubectl.run("rollout", "status", f"deployment/placet-{tier}", "--timeout=240s")


def values() -> dict[str, Any]:
    """The PostgreSQL example of the chart, with images and networks of the test cluster."""
    example = read_yaml(CHART / "ci" / "postgres-values.yaml")
    ours: dict[str, Any] = {
        "edge": {"image": image("placet-edge"), "resources": _SMALL},
        "policy": {"image": image("placet-policy"), "resources": _SMALL, "opa": {"resources": _SMALL}},
        "networkPolicy": {
            "nodes": {"cidrs": [], "namespaces": [NODE_NAMESPACE]},
            "postgres": {"namespaces": [DATABASE_NAMESPACE]},
            "metrics": {"namespaces": [MONITORING_NAMESPACE]},
        },
    }
    return merged(example, ours)


def image(name: str) -> dict[str, str]:
    """An image that was imported into the node, as the chart's values name it."""
    return {"repository": f"localhost/{name}", "tag": "test", "pullPolicy": "Never"}


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two values files as Helm merges them: the second wins, and only mappings are merged."""
    both = {
        name: merged(first[name], second[name])
        for name in first.keys() & second.keys()
        if _mappings(first, second, name)
    }
    return {**first, **second, **both}


def _mappings(first: Mapping[str, Any], second: Mapping[str, Any], name: str) -> bool:
    return isinstance(first[name], Mapping) and isinstance(second[name], Mapping)
