"""Bring the cluster up: idempotent, so that a second run only starts what is missing."""

import os
import sys
import time
from pathlib import Path

from scripts.steps import ROOT
from tests.cluster.node import components, containers, kernel
from tests.cluster.node.folders import Folders
from tests.cluster.node.network import make_network
from tests.cluster.node.processes import INSIDE, inside, wait_until
from tests.cluster.node.settings import ADDRESS, NODE, write_certificates, write_settings

ADDONS = ROOT / "tests" / "cluster" / "addons"
_SYSTEM_IMAGES = ("pause", "coredns", "metrics-server")


def up(folders: Folders) -> None:
    """Start everything and wait until the node is ready and names are resolved.

    Raises:
        processes.NotReadyError: something did not come up in time.
    """
    started = time.monotonic()
    _make_folders(folders)
    make_network()
    kernel.keep_settings(folders)
    write_certificates(folders)
    write_settings(folders)
    _write_enter(folders)
    _start_control_plane(folders)
    _say(started, "the API server answers")
    _start_node(folders)
    _say(started, "the node is ready")
    _start_addons(folders)
    _say(started, "CoreDNS and metrics-server are ready")


def kubectl(folders: Folders, *arguments: str | Path) -> bool:
    """Run kubectl as the administrator, without a word; whether it succeeded."""
    argv = [folders.binaries / "kubectl", "--kubeconfig", folders.settings / "admin.conf", *arguments]
    return inside(argv).returncode == 0


def _make_folders(folders: Folders) -> None:
    needed = (folders.certificates, folders.settings, folders.run, folders.logs / "pods", folders.data, folders.images)
    for folder in needed:
        folder.mkdir(parents=True, exist_ok=True)


def _write_enter(folders: Folders) -> None:
    # For people too: `kc kubectl get pods -A`.
    tools = f"KUBECONFIG={folders.settings}/admin.conf PATH={folders.binaries}:$PATH PLACET_CLUSTER={folders.root}"
    folders.enter.write_text(f'#!/bin/bash\nexec {" ".join(INSIDE)} env {tools} "$@"\n', encoding="utf-8")
    folders.enter.chmod(0o755)


def _start_control_plane(folders: Folders) -> None:
    components.process(folders, "containerd").start(components.containerd(folders))
    components.process(folders, "etcd").start(components.etcd(folders))
    components.process(folders, "kube-apiserver").start(components.api_server(folders))
    wait_until("containerd", lambda: containers.answers(folders), seconds=30)
    for name in _SYSTEM_IMAGES:
        containers.import_program(folders, name)
    wait_until("the API server", lambda: kubectl(folders, "get", "--raw", "/readyz"), seconds=90)
    components.process(folders, "kube-controller-manager").start(components.controller_manager(folders))
    components.process(folders, "kube-scheduler").start(components.scheduler(folders))


def _start_node(folders: Folders) -> None:
    components.process(folders, "kubelet").start(components.kubelet(folders))
    components.process(folders, "kube-proxy").start(components.kube_proxy(folders))
    pair = [folders.certificates / f"admin.{suffix}" for suffix in ("crt", "key")]
    server: list[str | Path] = [f"{ADDRESS}:6443", folders.certificates / "ca.crt"]
    # The enforcer is of this tree, and the modules of the tree are found from its root.
    argv = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.cluster.enforcer", *server, *pair]
    components.process(folders, "enforcer").start(argv)
    wait_until("the node", lambda: kubectl(folders, "get", "node", NODE), seconds=60)
    wait_until("the node", lambda: kubectl(folders, "wait", "--for=condition=Ready", f"node/{NODE}"), seconds=90)


def _start_addons(folders: Folders) -> None:
    account = ("get", "serviceaccount", "--namespace", "kube-system", "default")
    wait_until("the accounts of kube-system", lambda: kubectl(folders, *account), seconds=30)
    wait_until("the add-ons are applied", lambda: kubectl(folders, "apply", "-f", ADDONS), seconds=30)
    for name in ("coredns", "metrics-server"):
        _await_rollout(folders, name)


def _await_rollout(folders: Folders, name: str) -> None:
    status = ("rollout", "status", "--namespace", "kube-system", f"deployment/{name}", "--timeout=5s")
    wait_until(name, lambda: kubectl(folders, *status), seconds=120)


def _say(started: float, what: str) -> None:
    print(f"✓ {what} ({time.monotonic() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    up(Folders.of_environment())
