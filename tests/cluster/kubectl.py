"""kubectl, as the tests use it: in one namespace, with its answers as objects and its complaints as errors."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

JSONObject = dict[str, Any]
_SECONDS = 300.0


class KubectlError(Exception):
    """kubectl ended with another status than 0.

    Attributes:
        argv: the arguments.
        status: how it ended.
        stdout: what it printed.
        stderr: what it complained of.
    """

    def __init__(self, argv: Sequence[str], done: "subprocess.CompletedProcess[str]") -> None:
        super().__init__(f"kubectl {' '.join(argv)}: status {done.returncode}: {done.stderr.strip()}{done.stdout}")
        self.argv = argv
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl from PATH, which inside the cluster's network is the cluster's own.

    Attributes:
        namespace: what every command is about.
    """

    namespace: str

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command and return what it prints.

        Raises:
            KubectlError: it failed.
        """
        argv = ["--namespace", self.namespace, *arguments]
        done = subprocess.run(
            ["kubectl", *argv], input=stdin, check=False, capture_output=True, text=True, timeout=_SECONDS
        )
        if done.returncode:
            raise KubectlError(argv, done)
        return done.stdout

    def apply(self, *objects: JSONObject) -> None:
        """Make objects, or change them to this.

        Raises:
            KubectlError: the API server refused one.
        """
        self.run("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def get(self, *arguments: str) -> JSONObject:
        """One object, or with a selector a list of them."""
        answer: JSONObject = json.loads(self.run("get", *arguments, "-o", "json"))
        return answer

    def pods(self, component: str) -> list[JSONObject]:
        """The pods of one of the chart's components that were not told to end."""
        found = self.get("pods", "-l", f"app.kubernetes.io/component={component}")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def wait_ready(self, selector: str, *, seconds: int = 180) -> None:
        """Wait until every pod of a selector is ready.

        Raises:
            KubectlError: one is still not, or there is none.
        """
        self.run("wait", "--for=condition=Ready", "pod", "-l", selector, f"--timeout={seconds}s")

    def execute(self, pod: str, *argv: str, container: str | None = None, stdin: str | None = None) -> str:
        """Run a program in a pod and return what it prints.

        Raises:
            KubectlError: it ended with another status than 0, which the error has.
        """
        chosen = ("-c", container) if container else ()
        return self.run("exec", *(("-i",) if stdin is not None else ()), pod, *chosen, "--", *argv, stdin=stdin)


def until(done: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Ask twice a second until it is so.

    Returns:
        How many seconds it took.

    Raises:
        TimeoutError: it is still not so; the text is ``what``.
    """
    started = time.monotonic()
    while not done():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - started
