"""A copy of the plain manifests, with the production overlay changed as its head and the document say."""

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


def copy_for_us(folder: Path, *, namespace: str) -> Path:
    """Copy the manifests and put in our images, networks and namespace.

    Returns:
        The production overlay; the migration's is in it.
    """
    copied = folder / "manifests"
    shutil.copytree(MANIFESTS, copied)
    overlay = copied / "overlays" / "prod"
    _change(overlay, namespace, _tier_patches())
    _change(overlay / "migration", namespace, _migration_patches())
    return overlay


def _change(folder: Path, namespace: str, patches: Sequence[JSONObject]) -> None:
    file = folder / "kustomization.yaml"
    content = read_yaml(file)
    content["namespace"] = namespace
    content["images"] = [
        {"name": image["name"], "newName": f"localhost/{image['name']}", "newTag": "test"}
        for image in content["images"]
    ]
    content["replicas"] = [{"name": each["name"], "count": 1} for each in content.get("replicas", ())]
    # Files stay; what replaces an example's network is replaced.
    files = [patch for patch in content["patches"] if "path" in patch]
    content["patches"] = [*files, *patches]
    file.write_text(yaml.safe_dump(content), encoding="utf-8")


def _tier_patches() -> list[JSONObject]:
    policy = [_requests("containers"), _requests("initContainers")]
    return [
        _patch("NetworkPolicy", "placet-edge", [_peer("/spec/ingress/0/from/0", NODE_NAMESPACE)]),
        _patch("NetworkPolicy", "placet-policy", [_peer("/spec/egress/1/to/0", DATABASE_NAMESPACE)]),
        _patch("Deployment", "placet-edge", [_requests("containers")]),
        _patch("Deployment", "placet-policy", policy),
    ]


def _migration_patches() -> list[JSONObject]:
    return [
        _patch("NetworkPolicy", "placet-migration", [_peer("/spec/egress/1/to/0", DATABASE_NAMESPACE)]),
        _patch("Job", "placet-migration", [_requests("containers")]),
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
