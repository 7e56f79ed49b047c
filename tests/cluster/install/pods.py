"""Pods of the tests' own: they keep the restricted Pod Security Standard too."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.cluster.kubectl import JSONObject

_USER = 65532
_PYTHON = "/opt/placet/bin/python"
CLI_IMAGE = "localhost/placet-cli:test"
POSTGRES_IMAGE = "localhost/postgresql:test"


def restricted_namespace(name: str) -> JSONObject:
    """A namespace that enforces the restricted Pod Security Standard."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def secret(name: str, content: Mapping[str, str | Path]) -> JSONObject:
    """A Secret of texts and files."""
    texts = {
        key: value.read_text(encoding="utf-8") if isinstance(value, Path) else value for key, value in content.items()
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": texts}


def pod_spec(container: JSONObject, volumes: Sequence[JSONObject]) -> JSONObject:
    """A pod of one container that may do nothing that it need not."""
    confined = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{"imagePullPolicy": "Never", "securityContext": confined} | container],
        "volumes": list(volumes),
    }


def prober(name: str, *, volumes: Sequence[JSONObject] = (), mounts: Sequence[JSONObject] = ()) -> JSONObject:
    """A pod that waits for commands: ``kubectl exec`` runs the command-line tool, or Python, from inside it."""
    # The image has no shell; its Python waits as well as any. It ends at once when it is told to.
    wait = "import signal, sys; signal.signal(15, lambda *_: sys.exit()); signal.pause()"
    container: dict[str, Any] = {
        "name": "prober",
        "image": CLI_IMAGE,
        "command": [_PYTHON, "-c", wait],
        "volumeMounts": list(mounts),
    }
    metadata = {"name": name, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(container, volumes)}
