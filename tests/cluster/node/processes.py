"""The cluster's programs as background processes: each is found again by its id, and ended by it alone."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NETWORK = "kc"
"""The network namespace that the whole cluster is in; there is no route out of it."""

# `nsenter`, because `ip netns exec` mounts /sys anew and the kubelet then finds no cgroups.
INSIDE = ("nsenter", f"--net=/run/netns/{NETWORK}")
_SECONDS_TO_END = 5.0


class NotReadyError(Exception):
    """Something did not come up in time; the text names it and, where there is one, its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One program of the cluster.

    Attributes:
        name: what its files are called; part of its command line, by which a reused id is told apart.
        run: where its id is written.
        logs: where its output goes.
    """

    name: str
    run: Path
    logs: Path

    def start(self, argv: Sequence[str | Path]) -> None:
        """Start it inside the cluster's network, unless it runs already."""
        if self.pid() is not None:
            return
        with (self.logs / f"{self.name}.log").open("ab") as log:
            # A session of its own: ending the caller's terminal must not end the cluster.
            started = subprocess.Popen(
                [*INSIDE, *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._file.write_text(str(started.pid), encoding="ascii")

    def end(self) -> None:
        """Ask it to end, and after five seconds insist."""
        for number, seconds in ((signal.SIGTERM, _SECONDS_TO_END), (signal.SIGKILL, _SECONDS_TO_END)):
            pid = self.pid()
            if pid is None:
                break
            os.kill(pid, number)
            self._await_end(seconds)
        self._file.unlink(missing_ok=True)

    def pid(self) -> int | None:
        """Its process id while it runs."""
        try:
            pid = int(self._file.read_text(encoding="ascii"))
            # Empty for a zombie; another command for an id that was given to somebody else.
            running = self.name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if running else None

    @property
    def _file(self) -> Path:
        return self.run / f"{self.name}.pid"

    def _await_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.pid() is not None and time.monotonic() < deadline:
            time.sleep(0.1)


def inside(argv: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end inside the cluster's network; its output is captured."""
    return subprocess.run([*INSIDE, *argv], check=False, capture_output=True, text=True)


def wait_until(what: str, done: Callable[[], bool], *, seconds: float) -> None:
    """Ask five times a second.

    Raises:
        NotReadyError: it is still not so after that time.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise NotReadyError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.2)
