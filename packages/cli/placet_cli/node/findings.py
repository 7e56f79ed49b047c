"""What a reading of the node's configuration found out, for people."""

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; only an error stops the stand-in."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the configuration.

    Attributes:
        level: How bad it is.
        path: Where in the file, e.g. ``callback.cb_server_v2[0].pubkey_path``.
        message: One sentence for the operator.
    """

    level: Level
    path: str
    message: str

    @property
    def is_error(self) -> bool:
        """True when the configuration cannot be used with this in it."""
        return self.level == Level.ERROR


@dataclass(slots=True)
class Findings:
    """The findings of one reading, in the order they were made."""

    all: list[Finding] = field(default_factory=list)

    def error(self, path: str, message: str) -> None:
        """Add something that keeps the configuration from being used."""
        self.all.append(Finding(Level.ERROR, path, message))

    def warn(self, path: str, message: str) -> None:
        """Add something that is probably not meant so."""
        self.all.append(Finding(Level.WARNING, path, message))

    def note(self, path: str, message: str) -> None:
        """Add something worth knowing."""
        self.all.append(Finding(Level.NOTE, path, message))

    @property
    def failed(self) -> bool:
        """True when at least one finding is an error."""
        return any(finding.is_error for finding in self.all)
