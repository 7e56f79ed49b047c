"""A TCP proxy that stands between the ledger and PostgreSQL and can lose an answer, or make a disk slow."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# With the end of its text: READ COMMITTED is something else. The server says it, too, when it has committed.
_COMMIT = b"COMMIT\x00"


class TcpProxy:
    """Passes everything on, until it is told to lose the answer to the next COMMIT and the connection with it.

    Attributes:
        port: where it listens on 127.0.0.1.
        lost: set once an answer was lost.
        fast: while this is not set, the answer to every COMMIT waits, as for a disk that does not finish fsync.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.lost = threading.Event()
        self.fast = threading.Event()
        self.fast.set()
        self._lose = False
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next_commit(self) -> None:
        """Let the next COMMIT reach the server, wait for its answer, and pass neither it nor anything else on."""
        self.lost.clear()
        self._lose = True

    def close(self) -> None:
        """End every connection."""
        self.fast.set()
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target_port))
                self._ends += [near, far]
                waiting = threading.Event()
                threading.Thread(target=self._forth, args=(near, far, waiting), daemon=True).start()
                threading.Thread(target=self._back, args=(near, far, waiting), daemon=True).start()

    def _forth(self, near: socket.socket, far: socket.socket, waiting: threading.Event) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                if self._lose and _COMMIT in data:
                    self._lose = False
                    waiting.set()
                far.sendall(data)
        _end(near, far)

    def _back(self, near: socket.socket, far: socket.socket, waiting: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if waiting.is_set():
                    # The server has answered, so the transaction is durable; nobody hears of it.
                    self.lost.set()
                    break
                if _COMMIT in data:
                    self.fast.wait()
                near.sendall(data)
        _end(near, far)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def tcp_proxy(target_port: int) -> Iterator[TcpProxy]:
    """A running proxy."""
    proxy = TcpProxy(target_port)
    try:
        yield proxy
    finally:
        proxy.close()
