"""A TCP relay that can keep the answers of a server to itself: its client has asked, and hears nothing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65536
_ALWAYS = threading.Event()
_ALWAYS.set()


class HoldingRelay:
    """Passes bytes both ways between its clients and one port of loopback, until it is told to hold the answers.

    Attributes:
        port: where it listens on loopback.
        answering: set while answers are passed on; while it is cleared, they wait.
    """

    def __init__(self, *, listener: socket.socket, to_port: int) -> None:
        self.port: int = listener.getsockname()[1]
        self.answering = threading.Event()
        self.answering.set()
        self._listener = listener
        self._to_port = to_port

    def accept_all(self) -> None:
        """Serve clients until the listener is shut down."""
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to_port)) as server:
            back = threading.Thread(target=_copy, args=(server, client, self.answering), daemon=True)
            back.start()
            _copy(client, server, _ALWAYS)
            back.join()


def _copy(source: socket.socket, sink: socket.socket, passing: threading.Event) -> None:
    """Copy until either side ends, then end both."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            passing.wait()
            sink.sendall(data)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def holding_relay(*, to_port: int) -> Iterator[HoldingRelay]:
    """Run a relay on a free port of loopback in front of this one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        relay = HoldingRelay(listener=listener, to_port=to_port)
        accepting = threading.Thread(target=relay.accept_all, daemon=True)
        accepting.start()
        try:
            yield relay
        finally:
            relay.answering.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
