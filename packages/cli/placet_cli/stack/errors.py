"""What can go wrong with the development stack.

StackError
├── StateInUseError       another `placet up` works in the same state directory
└── ProcessError          something is wrong with one process, whose log is named
    ├── ProcessEndedError it ended by itself
    ├── RefusedError      it refuses the bundle that it was given
    └── NotReadyError     it did not become ready in time
"""

from pathlib import Path

from placet_cli.errors import CliError


class StackError(CliError):
    """The stack cannot be started or kept running; the text is meant for the person at the terminal."""


class StateInUseError(StackError):
    """Two stacks in one state directory would write each other's files."""

    def __init__(self, *, state: Path, holder: str) -> None:
        super().__init__(
            f"{state} is in use by another `placet up` (process {holder}); stop it or give another --state"
        )
        self.state = state
        self.holder = holder


class ProcessError(StackError):
    """Something is wrong with one process. `last_lines` are the last errors of its log."""

    def __init__(self, text: str, *, name: str, log: Path, last_lines: tuple[str, ...]) -> None:
        super().__init__(f"{name} {text}; its log is {log}")
        self.name = name
        self.log = log
        self.last_lines = last_lines


class ProcessEndedError(ProcessError):
    """A process of the stack is gone though nobody ended it."""


class RefusedError(ProcessError):
    """The policy tier refuses the bundle: it will not become ready, however long anybody waits."""


class NotReadyError(ProcessError):
    """A process lives but does not become ready."""


def describe_status(status: int) -> str:
    """An exit status in words; negative means that a signal ended the process (POSIX, subprocess)."""
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
