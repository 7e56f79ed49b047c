"""docs/configure-a-node.md, followed by a reader who has nothing yet: each command is run, each shown line appears."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from opa_binary import opa_binary

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "configure-a-node.md"
SHOWN_PORT = "11020"
SECONDS = 100


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the page and the lines that it is shown to print."""

    line: str
    shown: tuple[str, ...]


def commands() -> list[Command]:
    """The commands of all console blocks, in the order of the page."""
    found: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = part.splitlines()
            found.append(Command(line, tuple(shown)))
    return found


def pattern(shown: tuple[str, ...]) -> re.Pattern[str]:
    """Output as the page shows it: an ellipsis alone is any number of lines, one inside a line any text."""
    lines = ["(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in shown]
    return re.compile("".join(lines))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator["Reader"]:
    """A person in an empty folder; whatever he leaves running is ended as by Ctrl-C."""
    reader = Reader(tmp_path)
    yield reader
    for process in reader.running:
        process.send_signal(signal.SIGINT)
        process.wait(60)


class Reader:
    """Someone who types the page's commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        (folder / "policies").symlink_to(ROOT / "policies")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        tools = Path(sys.executable).parent
        self.environment = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PLACET_OPA": str(opa_binary()),
        }

    def follow(self, command: Command) -> str:
        """Type a command, with a port that is free here, and give what it printed in the page's words."""
        typed = command.line.replace(SHOWN_PORT, self.port)
        printed = self._start_serving(typed) if typed.startswith("placet up ") else self._run(typed)
        return printed.replace(self.port, SHOWN_PORT)

    def _run(self, typed: str) -> str:
        done = subprocess.run(
            ["bash", "-c", typed],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
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


@pytest.mark.timeout(300)
def test_the_page_works_as_it_stands(reader: Reader) -> None:
    """From the first key to the held request: what the page shows is what its reader sees."""
    followed = commands()
    assert len(followed) == 13
    for command in followed:
        printed = reader.follow(command)
        assert pattern(command.shown).fullmatch(printed), f"$ {command.line}\n{printed}"


def test_the_page_names_every_key_that_check_config_knows() -> None:
    """A key of the configuration that the page forgets would be set by nobody."""
    page = PAGE.read_text()
    keys = ("cb_server", "cb_server_v2", "service_address", "pubkey_path", "token_expire_minutes", "retry_times")
    more = ("sleep_seconds", "request_timeout", "monitor_interval")
    assert [key for key in (*keys, *more) if f"`{key}`" not in page] == []
