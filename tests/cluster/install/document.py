"""docs/deploy.md, followed to the letter: its commands are run as they stand, but for its examples."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.steps import BIN, ROOT

_TEXT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
_SECONDS = 900


class CommandFailedError(Exception):
    """A command of the document ended with another status than 0; the text is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who types the document's commands.

    Attributes:
        folder: where they are typed.
        instead: what the reader types in place of the document's examples, such as the name of a database.
    """

    folder: Path
    instead: Mapping[str, str] = field(default_factory=dict)

    def follow(self, heading: str, *, beginning: str = "") -> None:
        """Type the commands under a heading that begin with some word.

        Raises:
            CommandFailedError: one of them failed.
            LookupError: there is none.
        """
        found = [command for command in commands(heading) if command.startswith(beginning)]
        if not found:
            raise LookupError(f"docs/deploy.md has no `{beginning}` under {heading!r}")
        for command in found:
            self.type(command)

    def type(self, command: str) -> str:
        """Type a command.

        Returns:
            What it printed.

        Raises:
            CommandFailedError: it failed.
        """
        for example, chosen in self.instead.items():
            command = command.replace(example, chosen)
        # kubectl and helm are the cluster's, which PATH begins with; placet is the environment's.
        environment = dict(os.environ) | {"PATH": f"{os.environ['PATH']}{os.pathsep}{BIN}"}
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        if done.returncode:
            raise CommandFailedError(f"$ {command}\n{done.stdout}{done.stderr}(status {done.returncode})")
        return done.stdout


def commands(heading: str) -> list[str]:
    """The commands between a heading and the next one, in their order.

    Raises:
        LookupError: there is no such heading.
    """
    sections = re.split(r"^#+ (.+)$", _TEXT, flags=re.MULTILINE)
    for title, text in zip(sections[1::2], sections[2::2], strict=True):
        if title == heading:
            return re.findall(r"^\$ (.+)$", text, re.MULTILINE)
    raise LookupError(f"docs/deploy.md has no heading {heading!r}")
