"""A page of the documentation, followed by a reader who has nothing yet: commands are run, shown lines must appear."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from claimed_port import free_port
from opa_binary import opa_binary

_ROOT = Path(__file__).resolve().parents[2]
_SHOWN_PORT = "11020"
_SECONDS = 600
# Where a page's command takes more than ten seconds it says how far it is; the page does not show that.
_PROGRESS = re.compile(r"^(?:verified [\d,]+ of .* a second|[a-z ]+: [\d,]+ of [\d,]+ \(\d+ %\))\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the page and the lines that it is shown to print."""

    line: str
    shown: tuple[str, ...]


def commands(page: Path) -> list[Command]:
    """The commands of all console blocks, in the order of the page."""
    found: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = part.splitlines()
            found.append(Command(line, tuple(shown)))
    return found


def commands_under(page: Path, heading: str) -> list[str]:
    """The command lines between a heading and the next one, in their order.

    Raises:
        LookupError: there is no such heading, or no command under it.
    """
    sections = re.split(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    for title, text in zip(sections[1::2], sections[2::2], strict=True):
        if title == heading and (found := re.findall(r"^\$ (.+)$", text, re.MULTILINE)):
            return found
    raise LookupError(f"{page} has no commands under {heading!r}")


def pattern(shown: tuple[str, ...]) -> re.Pattern[str]:
    """Output as the page shows it: an ellipsis alone is any number of lines, one inside a line any text."""
    lines = ["(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in shown]
    return re.compile("".join(lines))


class Reader:
    """Someone who types the page's commands."""

    def __init__(self, folder: Path) -> None:
        """Begin in an empty folder that has the policies."""
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        (folder / "policies").symlink_to(_ROOT / "policies")
        self.port = str(free_port())
        tools = Path(sys.executable).parent
        self.environment = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PLACET_OPA": str(opa_binary()),
        }

    def follow(self, command: Command) -> str:
        """Type a command, with a port that is free here, and give what it printed in the page's words."""
        typed = command.line.replace(_SHOWN_PORT, self.port)
        printed = self._start_serving(typed) if typed.startswith("placet up ") else self._run(typed)
        return _PROGRESS.sub("", printed).replace(self.port, _SHOWN_PORT)

    def _run(self, typed: str) -> str:
        done = subprocess.run(
            ["bash", "-c", typed],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        return done.stdout

    def _start_serving(self, typed: str) -> str:
        output = self.folder / "up.out"
        with output.open("wb") as file:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {typed}"],
                cwd=self.folder,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        while "hold everything" not in output.read_text() and process.poll() is None:
            time.sleep(0.05)
        return output.read_text()


@contextmanager
def reading(folder: Path) -> Iterator[Reader]:
    """A person in an empty folder; whatever he leaves running is ended as by Ctrl-C."""
    reader = Reader(folder)
    try:
        yield reader
    finally:
        for process in reader.running:
            process.send_signal(signal.SIGINT)
            process.wait(120)
