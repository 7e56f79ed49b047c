"""The container runtime through its own client: images go in, and leftovers come out."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.node.archive import write_archive
from tests.cluster.node.folders import Folders

_NAMESPACE_OF_A_POD = re.compile(r"/var/run/netns/cni-[0-9a-f-]+")


def answers(folders: Folders) -> bool:
    """Whether the runtime can be asked."""
    return _ctr(folders, "version").returncode == 0


def import_image(folders: Folders, archive: Path) -> None:
    """Import a docker or OCI archive; an image of that name is replaced.

    Raises:
        subprocess.CalledProcessError: the runtime refused it.
    """
    _ctr(folders, "images", "import", "--all-platforms", archive).check_returncode()


def import_program(folders: Folders, name: str) -> None:
    """Make one of our static binaries an image ``localhost/<name>:1`` and import it, unless it is there."""
    image = f"localhost/{name}:1"
    if image in _ctr(folders, "images", "ls", "-q").stdout.splitlines():
        return
    archive = folders.images / f"{name}.tar"
    write_archive(archive, name=image, program=folders.binaries / name)
    import_image(folders, archive)


def remove_all(folders: Folders) -> None:
    """Kill and delete every container, and the network namespaces of their pods."""
    namespaces = set(_pod_namespaces(folders))
    for task in _list(folders, "tasks"):
        _ctr(folders, "tasks", "kill", "-s", "SIGKILL", task)
    for task in _list(folders, "tasks"):
        _ctr(folders, "tasks", "delete", "-f", task)
    for container in _list(folders, "containers"):
        _ctr(folders, "containers", "delete", container)
    for namespace in namespaces:
        subprocess.run(["umount", namespace], check=False, capture_output=True)
        Path(namespace).unlink(missing_ok=True)


def _pod_namespaces(folders: Folders) -> Iterator[str]:
    for container in _list(folders, "containers"):
        yield from _NAMESPACE_OF_A_POD.findall(_ctr(folders, "containers", "info", container).stdout)


def _list(folders: Folders, kind: str) -> list[str]:
    return _ctr(folders, kind, "ls", "-q").stdout.split()


def _ctr(folders: Folders, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    argv = ["ctr", "--address", folders.containerd, "--namespace", "k8s.io", *arguments]
    return subprocess.run(argv, check=False, capture_output=True, text=True)
