"""What the modules as they are say at every case: what mutants are compared with."""

import threading
from pathlib import PurePosixPath
from typing import Any

from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.rego_tests import uncovered


class Originals:
    """Asks once and remembers."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._outcomes: dict[PurePosixPath, list[Any]] = {}
        self._uncovered: dict[PurePosixPath, int] = {}

    def outcomes(self, rule: PurePosixPath) -> list[Any]:
        """What a rule's package says at every case."""
        with self._lock:
            if rule not in self._outcomes:
                self._outcomes[rule] = self._folder.outcomes(rule, self._folder.points)
            return self._outcomes[rule]

    def uncovered(self, file: PurePosixPath, files: set[PurePosixPath]) -> int:
        """How many lines of a module its tests do not reach as it is."""
        with self._lock:
            if file not in self._uncovered:
                paths = [*self._folder.paths(files), self._folder.data_file]
                self._uncovered[file] = uncovered(self._folder.opa, paths, self._folder.bundle / file)
            return self._uncovered[file]
