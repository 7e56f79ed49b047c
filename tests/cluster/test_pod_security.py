"""The restricted Pod Security Standard: our pods pass, and weakened ones are refused.

The release's namespace enforces it, so every pod of the other tests shows that ours pass; here each pod's own text is
sent back with one thing weakened.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.install.release import Release
from tests.cluster.kubectl import JSONObject, KubectlError
from tests.cluster.record import Record

Change = Callable[[JSONObject], Any]

WEAKENED: dict[str, tuple[Change, str]] = {
    "root": (lambda pod: pod["spec"]["securityContext"].update(runAsNonRoot=False, runAsUser=0), "runAsNonRoot"),
    "capability": (
        lambda pod: _security(pod).update(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
        "capabilities",
    ),
    "nothing dropped": (lambda pod: _security(pod).pop("capabilities"), "capabilities"),
    "privileged": (lambda pod: _security(pod).update(privileged=True, allowPrivilegeEscalation=True), "privileged"),
    "escalation": (lambda pod: _security(pod).pop("allowPrivilegeEscalation"), "allowPrivilegeEscalation"),
    "system calls": (lambda pod: pod["spec"]["securityContext"].pop("seccompProfile"), "seccompProfile"),
    "network": (lambda pod: pod["spec"].update(hostNetwork=True), "host namespaces"),
    "disk": (lambda pod: pod["spec"]["volumes"].append({"name": "disk", "hostPath": {"path": "/"}}), "hostPath"),
}


def _security(pod: JSONObject) -> JSONObject:
    security: JSONObject = pod["spec"]["containers"][0]["securityContext"]
    return security


def template(release: Release, component: str) -> JSONObject:
    """A pod as its Deployment makes it, under another name."""
    deployment = release.kubectl.get("deployment", f"placet-{component}")
    spec = copy.deepcopy(deployment["spec"]["template"]["spec"])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"copy-{component}"}, "spec": spec}


def test_the_namespace_enforces_the_standard(release: Release) -> None:
    """By the label that the document sets, and with every pod of the release running in it."""
    namespace = release.kubectl.get("namespace", "placet")
    pods = [*release.kubectl.pods("edge"), *release.kubectl.pods("policy")]

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 4


@pytest.mark.parametrize("component", ["edge", "policy"])
def test_our_pod_passes(release: Release, component: str) -> None:
    """A copy of each tier's pod is accepted: what is refused below is refused for what was weakened."""
    release.kubectl.run("create", "--dry-run=server", "-f", "-", stdin=_text(template(release, component)))


@pytest.mark.parametrize("component", ["edge", "policy"])
@pytest.mark.parametrize("weakness", WEAKENED)
def test_a_weakened_pod_is_refused(release: Release, component: str, weakness: str) -> None:
    """The API server refuses it, and says for what."""
    change, reason = WEAKENED[weakness]
    pod = template(release, component)
    change(pod)

    with pytest.raises(KubectlError, match=f"violates PodSecurity.*{reason}"):
        release.kubectl.run("create", "--dry-run=server", "-f", "-", stdin=_text(pod))


def test_a_running_container_cannot_change_itself(release: Release, record: Record) -> None:
    """Its root file system is read-only, it is no root, and it holds no token of the API."""
    script = (
        "import os, pathlib\n"
        "try: pathlib.Path('/opt/placet/x').touch(); print('written')\n"
        "except OSError as error: print(error.strerror)\n"
        "print(os.getuid(), pathlib.Path('/var/run/secrets/kubernetes.io').exists())\n"
        "wanted = ('CapEff', 'NoNewPrivs', 'Seccomp:')\n"
        "print([line.split()[1] for line in open('/proc/self/status') if line.startswith(wanted)])\n"
    )
    for component in ("edge", "policy"):
        pod = release.kubectl.pods(component)[0]["metadata"]["name"]
        said = release.kubectl.execute(pod, "/opt/placet/bin/python", "-I", "-c", script, container=component)
        assert said.splitlines() == ["Read-only file system", "65532 False", "['0000000000000000', '1', '2']"]
    record.figure("Ways of weakening a pod that were refused, for each tier", len(WEAKENED))


def _text(pod: JSONObject) -> str:
    return json.dumps(pod)
