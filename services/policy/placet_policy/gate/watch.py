"""Watching one file by asking for its status: works for plain files, renames and Kubernetes' symlink swaps alike.

Kubernetes replaces a ConfigMap's files by pointing a symlink at another folder; change notifications on the file are
lost with the old folder, and they do not exist on every file system. A status call a second costs nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

# Device, inode, size, change times in nanoseconds; None for a file that cannot be looked at.
Signature = tuple[int, int, int, int, int] | None


def signature(path: Path) -> Signature:
    """Return what differs whenever another file is there; symlinks are followed."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class FileWatch:
    """Calls back once for every new content of a file."""

    def __init__(self, *, path: Path, seconds: float, changed: Callable[[], Awaitable[bool]]) -> None:
        """Prepare to watch.

        Args:
            path: the file; it may be missing now and later.
            seconds: time between two looks.
            changed: called after a look that differs from the look before, the first look included; when it returns
                False, the next look calls it again.
        """
        self._path = path
        self._seconds = seconds
        self._changed = changed
        # Not None: a file that is missing from the start is reported once too.
        self._seen: Signature | bool = False

    async def look(self) -> None:
        """Look once. The signature is taken before the file is read: a later write is seen by the next look."""
        now = await asyncio.to_thread(signature, self._path)
        if now != self._seen:
            self._seen = now if await self._changed() else False

    async def run(self) -> None:
        """Look forever."""
        while True:
            await self.look()
            await asyncio.sleep(self._seconds)
