"""The running stack: its processes together."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx

from placet_cli.stack.errors import NotReadyError
from placet_cli.stack.layout import Layout
from placet_cli.stack.processes import Process, Service

READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
_WATCH_SECONDS = 0.2
_PROBE_SECONDS = 2.0
_OK = 200


class Chain:
    """The processes of one stack. As a context manager it leaves nothing running, however the block ends."""

    def __init__(self, *, services: Mapping[str, Service], layout: Layout) -> None:
        self.processes = {name: Process(service=service, log=layout.log(name)) for name, service in services.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start every process. They come up beside each other, which is what makes a start quick."""
        for process in self.processes.values():
            process.start()

    def wait_ready(self, name: str, *, seconds: float = READY_SECONDS) -> None:
        """Wait until one process says that it can do its work.

        Raises:
            ProcessEndedError: a process of the stack ended meanwhile.
            RefusedError: it refuses its bundle, so that it will never be ready.
            NotReadyError: it was not ready in time.
        """
        process = self.processes[name]
        deadline = time.monotonic() + seconds
        with httpx.Client(timeout=_PROBE_SECONDS, trust_env=False) as client:
            while True:
                self.check()
                state = _probe(client, process.service.ready_url)
                if state is None:
                    return
                process.check_taken()
                if time.monotonic() > deadline:
                    raise NotReadyError(
                        f"was not ready after {seconds:.0f} s ({state})",
                        name=name,
                        log=process.log,
                        last_lines=process.last_lines(),
                    )
                time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Raise ProcessEndedError when a process has ended by itself."""
        for process in self.processes.values():
            process.check()

    def watch(self) -> None:
        """Look after the processes until an interrupt comes.

        Raises:
            ProcessEndedError: a process ended by itself.
            KeyboardInterrupt: somebody wants to stop.
        """
        while True:
            self.check()
            time.sleep(_WATCH_SECONDS)

    def stop(self) -> None:
        """End every process, the ones that need others first. A second interrupt ends them without asking."""
        try:
            for process in reversed(self.processes.values()):
                process.stop()
        finally:
            for process in self.processes.values():
                process.kill()


def _probe(client: httpx.Client, url: str) -> str | None:
    """None when the process is ready, else in a few words why not."""
    try:
        response = client.get(url)
    except httpx.TransportError as error:
        return f"no answer on {url}: {type(error).__name__}"
    return None if response.status_code == _OK else response.text[:500]
