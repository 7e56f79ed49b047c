"""What a run on the cluster found out, as JSON lines that the report is written from.

One file a test module, begun anew when the module begins, so that the modules may run one after another, by different
people and at different times, and the report still shows the last run of each. A line is one of:

- ``{"kind": "run", "title": …, "revision": …, "started": …}``: which module, of which commit, when (UTC);
- ``{"kind": "test", "fact": …, "outcome": "passed"|"failed", "seconds": …}``: a test, by the fact its docstring states;
- ``{"kind": "figure", "what": …, "value": …, "unit": …}``: something measured;
- ``{"kind": "version", "of": …, "version": …}``: what it was measured on.
"""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.steps import ROOT

SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The file of one test module.

    Attributes:
        path: the file; every line is appended and closed at once, so a run that is killed loses nothing before.
    """

    path: Path

    @classmethod
    def begin(cls, folder: Path, *, module: str, title: str) -> "Record":
        """Start a module's file again.

        Args:
            folder: where the files of all modules are.
            module: the module's name, as ``test_install``.
            title: its heading in the report.
        """
        folder.mkdir(parents=True, exist_ok=True)
        record = cls(path=folder / f"{module}{SUFFIX}")
        record.path.unlink(missing_ok=True)
        record._append(
            kind="run", title=title, revision=_revision(), started=datetime.now(UTC).isoformat("T", "seconds")
        )
        return record

    def test(self, fact: str, *, outcome: str, seconds: float) -> None:
        """Add how a test ended."""
        self._append(kind="test", fact=fact, outcome=outcome, seconds=round(seconds, 1))

    def figure(self, what: str, value: float | str, unit: str = "") -> None:
        """Add something measured; the module's title gives it its context.

        Args:
            what: a noun phrase, as "From `helm install` to the first APPROVE".
            value: a number, written with at most three significant digits after the point, or a word.
            unit: "s", "MB", "requests"; empty for counts that `what` names.
        """
        self._append(kind="figure", what=what, value=value, unit=unit)

    def version(self, of: str, version: str) -> None:
        """Add the version of something that took part."""
        self._append(kind="version", of=of, version=version)

    def _append(self, **line: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def read(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The lines of every module in a folder, by the module's name."""
    return {
        path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(folder.glob(f"*{SUFFIX}"))
    }


def _revision() -> str:
    argv = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
