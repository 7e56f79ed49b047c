"""One process of the stack. The processes here are small Python programs; no network is used."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from placet_cli.stack.errors import ProcessEndedError, StackError
from placet_cli.stack.processes import Process, Service

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP

Make = Callable[..., Process]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A maker of processes that are ended after the test."""
    made: list[Process] = []

    def _make(program: str, *, stop_seconds: float = 10.0) -> Process:
        service = Service(
            name="part",
            argv=(sys.executable, "-c", program),
            env=dict(os.environ),
            ready_url="http://127.0.0.1:9/",
            stop_seconds=stop_seconds,
        )
        made.append(Process(service=service, log=tmp_path / "part.log"))
        return made[-1]

    yield _make
    for process in made:
        process.kill()


def wait_until(fact: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends the wait."""
    while not fact():
        time.sleep(0.02)


def is_up(process: Process) -> bool:
    """Whether the program itself, not only its start, is running."""
    return process.log.is_file() and process.log.read_bytes() == b"up\n"


def exists(pid: int) -> bool:
    """Whether a process of this id lives; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        # The latter, when it goes between opening and reading.
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def test_output_goes_to_the_log(make: Make) -> None:
    """What a process writes is in its log and not on our terminal."""
    process = make(SLEEP)
    process.start()
    wait_until(lambda: is_up(process))

    assert process.last_lines() == ("up",)


def test_a_stopped_process_is_gone(make: Make) -> None:
    """SIGTERM ends it, and stop returns when it has ended."""
    process = make(SLEEP)
    process.start()
    wait_until(lambda: is_up(process))
    pid = process.pid
    assert pid is not None

    process.stop()

    assert not exists(pid)
    assert process.pid is None


def test_a_process_that_does_not_listen_is_ended(make: Make) -> None:
    """One that ignores SIGTERM is killed when its time is over."""
    process = make(DEAF, stop_seconds=0.2)
    process.start()
    wait_until(lambda: is_up(process))
    pid = process.pid
    assert pid is not None

    process.stop()

    assert not exists(pid)


def test_a_process_that_ended_by_itself_is_named_with_its_last_words(make: Make) -> None:
    """The error carries the name, the exit status, the log and the last lines of it."""
    process = make("print('one'); print('two'); raise SystemExit(3)")
    process.start()
    wait_until(lambda: process.pid is None)

    with pytest.raises(ProcessEndedError, match=r"part ended by itself \(exit status 3\)") as caught:
        process.check()
    assert caught.value.last_lines == ("one", "two")


def test_of_a_log_in_json_only_errors_are_last_words(make: Make) -> None:
    """What a service logs while all is well does not say why it ended; a traceback does."""
    process = make(
        """print('{"level": "info", "event": "callback"}')
print('{"level": "error", "event": "unhandled"}')
print('{"level": "critical", "event": "end"}')
print('Traceback: [oops')
print('17')"""
    )
    process.start()
    wait_until(lambda: process.pid is None)

    assert process.last_lines() == (
        '{"level": "error", "event": "unhandled"}',
        '{"level": "critical", "event": "end"}',
        "Traceback: [oops",
        "17",
    )


def test_a_killed_process_is_named_with_the_signal(make: Make) -> None:
    """A signal is told apart from an exit status, and the log, which cannot say anything about it, is not shown."""
    process = make(SLEEP)
    process.start()
    wait_until(lambda: is_up(process))
    process.kill()

    with pytest.raises(ProcessEndedError, match="killed by signal 9") as caught:
        process.check()
    assert caught.value.last_lines == ()


def test_a_process_can_be_started_again(make: Make) -> None:
    """After kill -9 it starts anew; its earlier log is kept beside the new one."""
    process = make(SLEEP)
    process.start()
    wait_until(lambda: is_up(process))
    process.kill()

    process.start()
    wait_until(lambda: is_up(process))

    process.check()
    assert process.log.with_suffix(".previous.log").read_bytes() == b"up\n"


def test_a_running_process_is_not_started_twice(make: Make) -> None:
    """A second start while it runs is refused."""
    process = make(SLEEP)
    process.start()

    with pytest.raises(StackError, match="part runs already"):
        process.start()


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    """When the process that started it is ended by SIGKILL, the kernel ends the child."""
    log = tmp_path / "child.log"
    parent_program = f"""
import os, pathlib, sys, time
from placet_cli.stack.processes import Process, Service
service = Service(name="child", argv=(sys.executable, "-c", {SLEEP!r}), env=dict(os.environ), ready_url="",
                  stop_seconds=1.0)
process = Process(service=service, log=pathlib.Path({str(log)!r}))
process.start()
while b"up" not in process.log.read_bytes():
    time.sleep(0.02)
print(process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", parent_program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert exists(child)

        parent.send_signal(signal.SIGKILL)

        wait_until(lambda: not exists(child))
