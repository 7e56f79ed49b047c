"""The processes of a stack together. None of them serves anything here, so none ever becomes ready."""

import json
import os
import sys
from pathlib import Path

import pytest
from placet_cli.stack.chain import Chain
from placet_cli.stack.errors import NotReadyError, ProcessEndedError, RefusedError
from placet_cli.stack.layout import Layout
from placet_cli.stack.processes import Service

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


def service(name: str, program: str) -> Service:
    """A process that runs this program; nobody answers at its address."""
    return Service(
        name=name,
        argv=(sys.executable, "-c", program),
        env=dict(os.environ),
        ready_url="http://127.0.0.1:9/readyz",
        stop_seconds=5.0,
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A prepared state directory."""
    made = Layout(tmp_path)
    made.prepare()
    return made


def test_a_process_that_does_not_become_ready_is_named(layout: Layout) -> None:
    """After the time given the error says which process, why, and where its log is."""
    why = r"one was not ready after 0 s \(no answer on http://127\.0\.0\.1:9"
    with Chain(services={"one": service("one", SLEEP)}, layout=layout) as chain:
        chain.start()
        with pytest.raises(NotReadyError, match=why) as caught:
            chain.wait_ready("one", seconds=0.3)

    assert caught.value.log == layout.log("one")


def test_waiting_ends_when_any_process_has_ended(layout: Layout) -> None:
    """Nobody waits a minute for a process that needs one which is gone."""
    services = {"one": service("one", SLEEP), "two": service("two", "raise SystemExit(7)")}
    with Chain(services=services, layout=layout) as chain:
        chain.start()
        with pytest.raises(ProcessEndedError, match=r"two ended by itself \(exit status 7\)"):
            chain.wait_ready("one")


def test_waiting_ends_when_the_bundle_is_refused(layout: Layout) -> None:
    """A refused bundle does not become good by waiting, and the refusal is the message."""
    entry = {"event": "bundle_refused", "level": "error", "reason": "two tokens", "path": "placet.registry"}
    refuses = f"print({json.dumps(entry)!r}, flush=True)\n{SLEEP}"
    with Chain(services={"one": service("one", refuses)}, layout=layout) as chain:
        chain.start()
        with pytest.raises(RefusedError, match=r"^one refuses the bundle: placet\.registry: two tokens; its log is "):
            chain.wait_ready("one")


def test_watching_ends_when_a_process_has_ended(layout: Layout) -> None:
    """The stack does not go on serving with a part missing."""
    with Chain(services={"one": service("one", SLEEP)}, layout=layout) as chain:
        chain.start()
        chain.processes["one"].kill()
        with pytest.raises(ProcessEndedError, match=r"one ended by itself \(killed by signal 9\)"):
            chain.watch()


def test_nothing_runs_after_the_block_however_it_ends(layout: Layout) -> None:
    """An interrupt in the block ends all processes on its way out."""
    services = {"one": service("one", SLEEP), "two": service("two", SLEEP)}
    chain = Chain(services=services, layout=layout)
    with pytest.raises(KeyboardInterrupt):
        start_and_be_interrupted(chain)

    assert [process.pid for process in chain.processes.values()] == [None, None]


def start_and_be_interrupted(chain: Chain) -> None:
    """Start the processes; then Ctrl-C comes."""
    with chain:
        chain.start()
        raise KeyboardInterrupt
