"""Faults of data: the file, the place in it, and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from placet_cli.errors import CliError

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of a data document.

    Attributes:
        file: Below ``bundle``.
        text: What is wrong, with its place in the document.
        pointer: The place as a JSON pointer (RFC 6901); empty for the whole document.
    """

    file: str
    text: str
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.text}"


def refuse(faults: Iterable[Fault]) -> None:
    """Do nothing without a fault.

    Raises:
        CliError: There are some; the text has one line a fault, and ten at most.
    """
    lines = [str(fault) for fault in faults]
    if len(lines) == 1:
        raise CliError(lines[0])
    if lines:
        more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        raise CliError("\n  ".join([f"the data has {len(lines)} faults:", *lines[:_SHOWN], *more]))
