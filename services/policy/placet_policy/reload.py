"""Files that may change while the service runs: a good change is taken, a bad one keeps what was there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from placet_policy.metrics import Metrics

T = TypeVar("T")
Contents = dict[str, bytes]
_log = structlog.get_logger()


class FilesInvalid(Exception):  # noqa: N818  (named after what happened)
    """Files cannot be used.

    Attributes:
        path: the file or folder concerned.
        reason: what is wrong with it, for operators; never any of its content.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class Reloaded(Generic[T]):
    """A value made from files.

    Contents are compared, not times: Kubernetes swaps a symbolic link, and a copy may keep an older time.
    """

    def __init__(
        self, *, what: str, read: Callable[[], Contents], parse: Callable[[Mapping[str, bytes]], T], metrics: Metrics
    ) -> None:
        """Read and parse for the first time.

        Raises:
            FilesInvalid: what is there now cannot be used; the service must not start.
        """
        self._what = what
        self._read = read
        self._parse = parse
        self._failures = metrics.reload_failures.labels(what=what)
        self._seen = read()
        self._value = parse(self._seen)
        self._problem: tuple[str, str] | None = None

    @property
    def value(self) -> T:
        """The newest usable value."""
        return self._value

    def reload(self) -> bool:
        """Look at the files once.

        Returns:
            True when a new value was taken. A change that cannot be used is logged and counted once.
        """
        try:
            contents = self._read()
            if contents == self._seen:
                self._problem = None
                return False
            value = self._parse(contents)
        except FilesInvalid as error:
            self._refuse(error)
            return False
        self._seen, self._value, self._problem = contents, value, None
        _log.info("files_reloaded", what=self._what)
        return True

    async def watch(self, seconds: float) -> None:
        """Reload for ever, every ``seconds``."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.reload)

    def _refuse(self, error: FilesInvalid) -> None:
        problem = (error.path, error.reason)
        if problem != self._problem:
            self._problem = problem
            self._failures.inc()
            _log.error("files_not_reloaded", what=self._what, path=error.path, reason=error.reason)
