"""One process of the stack: start, watch, stop. Its output goes to its log and nowhere else."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_cli.stack.errors import ProcessEndedError, RefusedError, StackError, describe_status

_LAST_LINES = 15
_TAIL_BYTES = 64 * 1024
_TELLING_LEVELS = {"error", "critical", "fatal", "panic"}
"""As structlog and OPA call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How one process is started and how it says that it is ready.

    Attributes:
        name: also the name of its log.
        argv: the command, its program an absolute path.
        env: the whole environment.
        ready_url: answers 200 when the process can do its work.
        stop_seconds: how long it may take to end after SIGTERM.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    ready_url: str
    stop_seconds: float


class Process:
    """A service that can be started, ended and started again."""

    def __init__(self, *, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> None:
        """Start the process.

        It gets a session of its own, so that Ctrl-C at the terminal reaches `placet up` alone, which then ends the
        processes in the right order.

        Raises:
            StackError: it runs already, or the program cannot be started.
        """
        if self.pid is not None:
            raise StackError(f"{self.service.name} runs already")
        if self.log.is_file():
            self.log.replace(self.log.with_suffix(".previous.log"))
        tether = (sys.executable, "-m", "placet_cli.stack.tether", str(os.getpid()))
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(  # noqa: S603  # the command is ours
                (*tether, *self.service.argv),
                env=self.service.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ProcessEndedError when the process has ended by itself."""
        if self._child is None:
            return
        status = self._child.poll()
        if status is not None:
            raise ProcessEndedError(
                f"ended by itself ({describe_status(status)})",
                name=self.service.name,
                log=self.log,
                # Whoever is killed so writes nothing about it: the errors of its log are about something else.
                last_lines=() if status == -signal.SIGKILL else self.last_lines(),
            )

    def check_taken(self) -> None:
        """Raise RefusedError when its log says that it refuses its bundle."""
        for line in self.last_lines():
            entry = _entry(line)
            if entry is not None and entry.get("event") == "bundle_refused":
                raise RefusedError(
                    f"refuses the bundle: {entry.get('path')}: {entry.get('reason')}",
                    name=self.service.name,
                    log=self.log,
                    last_lines=(),
                )

    def terminate(self) -> None:
        """Ask the process to end; returns at once."""
        self._signal(signal.SIGTERM)

    def ended_status(self) -> int | None:
        """Wait until it has ended by itself, at most `stop_seconds`: its exit status; None when it still runs."""
        if self._child is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(self.service.stop_seconds)
        return self._child.poll()

    def wait_ended(self) -> None:
        """Wait until it has ended, at most `stop_seconds`; then end it."""
        if self._child is not None and self.ended_status() is None:
            self.kill()
        self._child = None

    def stop(self) -> None:
        """Ask it to end and wait until it has."""
        self.terminate()
        self.wait_ended()

    def kill(self) -> None:
        """End the process without asking it."""
        self._signal(signal.SIGKILL)
        if self._child is not None:
            self._child.wait()

    def last_lines(self) -> tuple[str, ...]:
        """The last errors of its log: what a service logs while all is well does not say why it ended."""
        if not self.log.is_file():
            return ()
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
        return tuple([line for line in lines if _tells_why(line)][-_LAST_LINES:])

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None and self._child.poll() is None:
            with suppress(ProcessLookupError):
                # The process leads its session, so what it started itself is reached too.
                os.killpg(self._child.pid, number)


def _tells_why(line: str) -> bool:
    """Whether a log line may say why a process ended: an error, or no log line at all but a traceback's."""
    entry = _entry(line)
    if entry is None:
        # The first line may be the rest of an entry that began before the tail.
        return not line.endswith("}")
    return entry.get("level") in _TELLING_LEVELS


def _entry(line: str) -> dict[str, Any] | None:
    """A log line's members; None for a line that is no entry."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now. All are held at once, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
