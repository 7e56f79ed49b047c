"""What happens to pods in a cluster's life, done on purpose; and what pods say of themselves meanwhile."""

import json
import re
import ssl
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence

from tests.cluster.kubectl import JSONObject, Kubectl, KubectlError
from tests.cluster.load.scene import NAMESPACE
from tests.cluster.node.folders import Folders

_PORTS = {"edge": 11021, "policy": 11031}
_EDGE_PORT = 11020
_TOO_MANY_REQUESTS = re.compile(r"TooManyRequests|disruption budget")


def evict(pod: str) -> bool:
    """Ask for an eviction, as `kubectl drain` does; whether the PodDisruptionBudget allowed it."""
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": NAMESPACE}}
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/eviction"
    try:
        Kubectl(NAMESPACE).run("create", "--raw", path, "-f", "-", stdin=json.dumps(body))
    except KubectlError as error:
        if not _TOO_MANY_REQUESTS.search(error.stderr + error.stdout):
            raise
        return False
    return True


def kill_container(folders: Folders, pod: JSONObject, name: str) -> None:
    """Kill a container's process with SIGKILL, as the kernel does when memory is short; from the node, not by exec."""
    identity = _status(pod, name)["containerID"].removeprefix("containerd://")
    argv = ["ctr", "--address", folders.containerd, "--namespace", "k8s.io", "tasks", "kill", "-s", "SIGKILL", identity]
    subprocess.run(argv, check=True, capture_output=True)


def restarts(kubectl: Kubectl, pod: str, name: str) -> int:
    """How often a container was started again."""
    count: int = _status(kubectl.get("pod", pod), name)["restartCount"]
    return count


def names(pods: Sequence[JSONObject]) -> set[str]:
    """The pods' names."""
    return {pod["metadata"]["name"] for pod in pods}


def metrics(pod: JSONObject, tier: str) -> Mapping[str, float]:
    """What a pod tells Prometheus: value by name with labels; nothing when it cannot be asked."""
    url = f"http://{pod['status'].get('podIP')}:{_PORTS[tier]}/metrics"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return {}
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if not name.startswith("#")
    }


def evaluations(pod: JSONObject) -> float:
    """How many requests a policy pod has decided or tried to."""
    told = metrics(pod, "policy")
    return sum(value for name, value in told.items() if name.startswith("placet_policy_evaluations_total"))


def certificate(pod: JSONObject) -> str:
    """The certificate that an edge pod shows to nodes, as PEM; empty when it cannot be asked."""
    try:
        return ssl.get_server_certificate((pod["status"]["podIP"], _EDGE_PORT), timeout=5)
    except OSError:
        return ""


def _status(pod: JSONObject, name: str) -> JSONObject:
    told = pod["status"]
    every = [*told.get("containerStatuses", ()), *told.get("initContainerStatuses", ())]
    (found,) = [each for each in every if each["name"] == name]
    return dict(found)
