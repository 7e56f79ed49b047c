"""The policy tier's log lines of every pod there ever was, as a log collector keeps them: an auditor needs them."""

import subprocess
import threading
from pathlib import Path

from tests.cluster.kubectl import Kubectl, KubectlError

_EVERY_SECONDS = 0.5


class Collector:
    """Follows the log of each policy container from its first line, until it is told to stop.

    Args:
        namespace: the release's.
        folder: gets one file for every life of a container.
    """

    def __init__(self, namespace: str, folder: Path) -> None:
        folder.mkdir()
        self._kubectl = Kubectl(namespace)
        self._folder = folder
        self._followed: dict[str, subprocess.Popen[bytes]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> list[Path]:
        """Follow no more; the files."""
        self._over.set()
        self._thread.join()
        for process in self._followed.values():
            process.terminate()
            process.wait()
        return sorted(self._folder.iterdir())

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            try:
                pods = self._kubectl.get("pods", "-l", "app.kubernetes.io/component=policy")["items"]
            except KubectlError:
                continue
            for pod in pods:
                for status in pod["status"].get("containerStatuses", ()):
                    identity = status.get("containerID", "")
                    if status["name"] == "policy" and identity and identity not in self._followed:
                        self._follow(pod["metadata"]["name"], identity)

    def _follow(self, pod: str, identity: str) -> None:
        target = self._folder / f"{pod}-{identity.rpartition('/')[2][:12]}.log"
        argv = ["kubectl", "--namespace", self._kubectl.namespace, "logs", "--follow", pod, "--container", "policy"]
        with target.open("wb") as file:
            self._followed[identity] = subprocess.Popen(argv, stdout=file, stderr=subprocess.DEVNULL)
