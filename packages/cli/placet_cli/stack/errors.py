"""What can go wrong with the development stack.

StackError
├── StateInUse        another `placet up` works in the same state directory
├── ProcessEnded      a process of the stack ended by itself
└── NotReady          a process did not become ready in time
"""

from pathlib import Path


class StackError(Exception):
    """The stack cannot be started or kept running; the text is meant for the person at the terminal."""


class StateInUse(StackError):
    """Two stacks in one state directory would write each other's files."""

    def __init__(self, *, state: Path, holder: str) -> None:
        super().__init__(f"{state} is in use by another `placet up` (process {holder}); stop it or give another --state")
        self.state = state
        self.holder = holder


class ProcessEnded(StackError):
    """A process of the stack is gone. `last_lines` is the end of its log."""

    def __init__(self, *, name: str, status: int, log: Path, last_lines: tuple[str, ...]) -> None:
        super().__init__(f"{name} ended by itself ({describe_status(status)}); its log is {log}")
        self.name = name
        self.status = status
        self.log = log
        self.last_lines = last_lines


class NotReady(StackError):
    """A process lives but does not become ready. `reasons` is what it says about itself."""

    def __init__(self, *, name: str, seconds: float, reasons: str, log: Path, last_lines: tuple[str, ...]) -> None:
        super().__init__(f"{name} was not ready after {seconds:.0f} s ({reasons}); its log is {log}")
        self.name = name
        self.log = log
        self.last_lines = last_lines


def describe_status(status: int) -> str:
    """An exit status in words; negative means that a signal ended the process (POSIX, subprocess)."""
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
