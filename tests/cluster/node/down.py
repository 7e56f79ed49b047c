"""Take the cluster down and leave nothing of it but binaries, images, certificates and results."""

import shutil
from pathlib import Path

from tests.cluster.mounts import unmount_below
from tests.cluster.node import components, containers, kernel
from tests.cluster.node.folders import Folders
from tests.cluster.node.network import delete_network


def down(folders: Folders) -> None:
    """End every program by its id, the containers between the kubelet and the runtime, and unmount what they held."""
    for name in reversed(components.ORDER):
        # The kubelet has ended by then: it would start every container again.
        if name == "containerd":
            containers.remove_all(folders)
        components.process(folders, name).end()
    unmount_below(folders.root)
    delete_network()
    kernel.restore_settings(folders)
    _remove_cgroups()
    for folder in (folders.data / "kubelet", folders.data / "cni", folders.data / "etcd", folders.logs / "pods"):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(folders.run, ignore_errors=True)


def _remove_cgroups() -> None:
    for pods in [Path("/sys/fs/cgroup/kubepods"), *Path("/sys/fs/cgroup").glob("*/kubepods")]:
        for group in sorted((path for path in pods.rglob("*") if path.is_dir()), reverse=True):
            _remove_cgroup(group)
        _remove_cgroup(pods)


def _remove_cgroup(group: Path) -> None:
    try:
        group.rmdir()
    except OSError:
        # Not there, or something outside the cluster still counts in it: it does no harm.
        return


if __name__ == "__main__":
    down(Folders.of_environment())
