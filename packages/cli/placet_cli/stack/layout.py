"""The state directory: where everything lies, who may read it, and that only one stack works in it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from placet_cli.new_keys import KeyPairFiles, pair_files
from placet_cli.node.config import NODE_DIRECTORY
from placet_cli.stack.errors import StackError, StateInUseError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths under one state directory. Nothing is created until `prepare`."""

    state: Path

    @property
    def certificates(self) -> Path:
        """The development CA and what it issued."""
        return self.state / "tls"

    @property
    def ca_file(self) -> Path:
        """The development CA's certificate: what a node on this machine must trust."""
        return self.certificates / "ca.pem"

    @property
    def server_keys(self) -> KeyPairFiles:
        """The callback server's key pair, RSA-4096."""
        return pair_files(self.state / "keys", "callback-server")

    @property
    def nodes(self) -> Path:
        """One `<node>.pem` with the pinned public keys of each node."""
        return self.state / "nodes"

    @property
    def bundle(self) -> Path:
        """The bundle that the policy tier watches."""
        return self.state / "bundle" / "bundle.tar.gz"

    @property
    def opa(self) -> Path:
        """OPA's configuration and its authorization policy."""
        return self.state / "opa"

    @property
    def ledger_file(self) -> Path:
        """The SQLite ledger."""
        return self.state / "ledger" / "ledger.sqlite"

    @property
    def ledger_url(self) -> str:
        """The ledger as the policy tier's setting names it."""
        return f"sqlite:///{self.ledger_file.absolute()}"

    @property
    def stop_file(self) -> Path:
        """While this file exists every decision is held."""
        return self.state / "stop" / "stop"

    @property
    def stand_in(self) -> Path:
        """The stand-in node's folder, laid out as the real node's."""
        return self.state / NODE_DIRECTORY

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.state / "logs"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name}.log"

    def prepare(self) -> None:
        """Create the folders, readable by their owner only.

        Raises:
            StackError: one of them cannot be made.
        """
        files = (self.ca_file, self.server_keys.private, self.bundle, self.ledger_file, self.stop_file)
        folders = {path.parent for path in files} | {self.nodes, self.opa, self.logs}
        for folder in (self.state, *sorted(folders)):
            try:
                folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            except OSError as error:
                raise StackError(f"{folder} cannot be used: {error.strerror}") from error

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the state directory for as long as the block runs.

        The lock belongs to the open file, so the system frees it however this process ends.

        Raises:
            StateInUseError: another process holds it.
            StackError: there cannot be such a folder, or we cannot write into it.
        """
        with self._open_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                lock.seek(0)
                raise StateInUseError(state=self.state, holder=lock.read().strip() or "unknown") from e
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def _open_lock(self) -> TextIO:
        try:
            self.state.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            return (self.state / "lock").open("a+")
        except OSError as error:
            raise StackError(f"--state {self.state} cannot be used: {error.strerror}") from error


def write_file(path: Path, data: bytes, *, mode: int = PRIVATE_FILE) -> bool:
    """Put `data` into `path` in one step, readable as `mode` says from the first moment; return whether it changed.

    The services reload files that change, so a reader must never see half of one, and an unchanged one is left alone.
    """
    if path.is_file() and path.read_bytes() == data:
        return False
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    partial.replace(path)
    return True
