"""Copies of the plain manifests, with an overlay changed as its head and the document say."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from scripts.chart import read_yaml
from scripts.manifests import MANIFESTS
from tests.cluster.install.materials import DATABASE_NAMESPACE, NODE_NAMESPACE
from tests.cluster.kubectl import JSONObject

_SMALL = {"cpu": "50m", "memory": "96Mi"}
_REQUESTS = "/spec/template/spec/{}/0/resources/requests"
_IMAGES = [
    {"name": name, "newName": f"localhost/{name}", "newTag": "test"} for name in ("placet-edge", "placet-policy")
]


def copy_production(folder: Path, *, namespace: str) -> None:
    """Copy the manifests and put our images, networks and namespace into the production overlay and the migration's."""
    overlay = _copy(folder) / "overlays" / "prod"
    tiers = [
        _patch("NetworkPolicy", "placet-edge", [_peer("/spec/ingress/0/from/0", NODE_NAMESPACE)]),
        _patch("NetworkPolicy", "placet-policy", [_peer("/spec/egress/1/to/0", DATABASE_NAMESPACE)]),
        *_small_tiers(),
    ]
    migration = [
        _patch("NetworkPolicy", "placet-migration", [_peer("/spec/egress/1/to/0", DATABASE_NAMESPACE)]),
        _patch("Job", "placet-migration", [_requests("containers")]),
    ]
    # Of the example's own changes those in files stay; the others put in its networks.
    signatures = [{"path": "unsigned.yaml"}]
    one_pod = [{"name": name, "count": 1} for name in ("placet-edge", "placet-policy")]
    _change(overlay, namespace=namespace, patches=[*signatures, *tiers], replicas=one_pod)
    _change(overlay / "migration", namespace=namespace, patches=migration)


def copy_development(folder: Path) -> Path:
    """Copy the manifests and put our images into the development overlay; its namespace and networks stay.

    Returns:
        The overlay.
    """
    overlay = _copy(folder) / "overlays" / "dev"
    patches = read_yaml(overlay / "kustomization.yaml")["patches"]
    _change(overlay, patches=[*patches, *_small_tiers()])
    return overlay


def _copy(folder: Path) -> Path:
    copied = folder / "manifests"
    shutil.copytree(MANIFESTS, copied)
    return copied


def _change(folder: Path, **changes: Any) -> None:
    file = folder / "kustomization.yaml"
    changed = read_yaml(file) | {"images": _IMAGES} | changes
    file.write_text(yaml.safe_dump(changed), encoding="utf-8")


def _small_tiers() -> list[JSONObject]:
    policy = [_requests("containers"), _requests("initContainers")]
    return [
        _patch("Deployment", "placet-edge", [_requests("containers")]),
        _patch("Deployment", "placet-policy", policy),
    ]


def _patch(kind: str, name: str, operations: Sequence[JSONObject]) -> JSONObject:
    return {"target": {"kind": kind, "name": name}, "patch": json.dumps(operations)}


def _peer(path: str, namespace: str) -> JSONObject:
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    return _replace(path, peer)


def _requests(containers: str) -> JSONObject:
    # Everything of the tests has to fit on one node of two cores.
    return _replace(_REQUESTS.format(containers), _SMALL)


def _replace(path: str, value: Any) -> JSONObject:
    return {"op": "replace", "path": path, "value": value}
