"""Files that may change while we run: telling that they did, and taking the new ones only when they are good."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from placet_edge.errors import KeyMaterialError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from structlog.typing import FilteringBoundLogger

    from placet_edge.metrics import Alerts, Metrics, Reloaded

T = TypeVar("T")
Stamp = tuple[tuple[object, ...], ...]
_OTHERS = stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH


def read_file(path: Path, *, max_bytes: int = 1024 * 1024) -> bytes:
    """The content of ``path``.

    Raises:
        KeyMaterialError: it cannot be read, is empty or too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as e:
        raise KeyMaterialError(path, f"cannot be read: {e.strerror}") from e
    if not content.strip():
        raise KeyMaterialError(path, "is empty")
    if len(content) > max_bytes:
        raise KeyMaterialError(path, f"is larger than {max_bytes} bytes")
    return content


def read_secret(path: Path) -> bytes:
    """The content of a private file: it must not be open to everybody on the machine.

    Group access is allowed, because Kubernetes mounts secrets for a group (``fsGroup``).

    Raises:
        KeyMaterialError: others than owner and group may use it, or it cannot be read.
    """
    try:
        mode = path.stat().st_mode
    except OSError as e:
        raise KeyMaterialError(path, f"cannot be read: {e.strerror}") from e
    if mode & _OTHERS:
        raise KeyMaterialError(path, f"is open to everybody (mode {stat.S_IMODE(mode):04o}); use chmod 600")
    return read_file(path)


def stamp(paths: Sequence[Path]) -> Stamp:
    """What changes when any of these files, or what their links lead to, or the entries of a folder change.

    Kubernetes replaces a mounted secret by swapping a symbolic link, so the resolved path is part of it.
    """
    return tuple(found for path in paths for found in _stamps_of(path))


def _stamps_of(path: Path) -> tuple[tuple[object, ...], ...]:
    """The stamp of a file, or those of a folder and its entries. What cannot be looked at is a state too, no error."""
    try:
        entries = sorted(path.iterdir()) if stat.S_ISDIR(path.stat().st_mode) else []
    except OSError as e:
        return (_stamp_of(path), (path, e.errno))
    return (_stamp_of(path), *(_stamp_of(entry) for entry in entries))


def _stamp_of(path: Path) -> tuple[object, ...]:
    try:
        found, resolved = path.stat(), path.resolve()
    except (OSError, RuntimeError) as e:  # RuntimeError: a loop of links that was made between the two
        return (path, str(e))
    return (path, resolved, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode)


class Watched(Protocol):
    """Something that looks at its files again."""

    def poll(self) -> None:
        """Look once; take what is new and good."""


class ReloadReport:
    """Counts and says what became of changed files."""

    def __init__(self, *, metrics: Metrics, alerts: Alerts, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._alerts = alerts
        self._log = log

    def taken(self, what: Reloaded, key_ids: Sequence[str]) -> None:
        """New files are in use; if they are keys, these."""
        self._metrics.reloads.labels(what=what, result="taken").inc()
        self._log.info("reloaded", what=what, **({"key_ids": key_ids} if key_ids else {}))

    def refused(self, what: Reloaded, reason: str) -> None:
        """New files are bad, and the old ones stay in use."""
        self._metrics.reloads.labels(what=what, result="refused").inc()
        self._alerts.raise_alert("reload_refused", what=what, reason=reason)


@dataclass(frozen=True, slots=True)
class _Failure:
    stamp: Stamp
    reason: str


class Reloading(Generic[T]):
    """The newest good value made from some files.

    The constructor loads once and lets a fault out, so that a bad file stops the start. Later faults keep the
    value that is there, count, and are said once for each state of the files.

    Attributes:
        current: the newest good value.

    Raises:
        KeyMaterialError: at construction; the value cannot be loaded.
    """

    def __init__(
        self,
        *,
        what: Reloaded,
        paths: Sequence[Path],
        load: Callable[[], T],
        report: ReloadReport,
        key_ids: Callable[[T], Sequence[str]] = lambda _value: (),
    ) -> None:
        self._what = what
        self._paths = tuple(paths)
        self._load = load
        self._report = report
        self._key_ids = key_ids
        self._failure: _Failure | None = None
        self._stamp = stamp(self._paths)
        self.current: T = self._attempt()

    def poll(self) -> None:
        """Load again when the files changed; keep the old value when the new files are bad."""
        before = stamp(self._paths)
        if before == self._stamp:
            return
        try:
            value = self._attempt()
        except KeyMaterialError as e:
            self._fail(_Failure(before, f"{e.path}: {e.reason}"))
            return
        # Files that changed while they were being read are read again at the next look.
        if stamp(self._paths) != before:
            return
        self.current = value
        self._stamp = before
        self._failure = None
        self._report.taken(self._what, self._key_ids(value))

    def _attempt(self) -> T:
        try:
            return self._load()
        except KeyMaterialError:
            raise
        except Exception as e:
            # What a parser raises at odd bytes is no list that anybody could keep. It must neither end the watching
            # of all files nor be repeated: its text may quote a private key.
            reason = f"this file, or one that goes with it, cannot be loaded: {type(e).__name__}"
            raise KeyMaterialError(self._paths[0], reason) from e

    def _fail(self, failure: _Failure) -> None:
        # A bad file is tried at every look, because it may become good without changing (a certificate whose
        # time begins), but said only once.
        if failure == self._failure:
            return
        self._failure = failure
        self._report.refused(self._what, failure.reason)


async def watch(watched: Sequence[Watched], *, seconds: float) -> None:
    """Look at everything every ``seconds``, until cancelled. Reading is quick and done in place."""
    while True:
        await asyncio.sleep(seconds)
        for one in watched:
            one.poll()
