"""Whether a pod can open a connection: asked from inside it, because the node's own traffic passes no policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.cluster.kubectl import Kubectl, KubectlError

# A dropped packet is never answered: a refusal by a policy is a time-out. A pod that does not listen answers at once.
_TRY = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2).close()
    print("open")
except TimeoutError:
    print("dropped")
except ConnectionRefusedError:
    print("nobody listens")
"""
_PYTHON = "/opt/placet/bin/python"

OPEN, DROPPED = "open", "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A pod with Python in it.

    Attributes:
        namespace: where it is.
        pod: its name.
        container: which of its containers, or the only one.
    """

    namespace: str
    pod: str
    container: str | None = None

    def connects(self, address: str, port: int) -> str:
        """Try to open a TCP connection.

        Returns:
            ``open``, ``dropped``, or ``nobody listens``.

        Raises:
            KubectlError: the trial itself could not be made.
        """
        argv = (_PYTHON, "-I", "-c", _TRY, address, str(port))
        return Kubectl(self.namespace).execute(self.pod, *argv, container=self.container).strip()

    def resolves(self, name: str) -> bool:
        """Whether the pod's DNS knows a name."""
        script = f"import socket; socket.getaddrinfo({name!r}, 443)"
        try:
            Kubectl(self.namespace).execute(self.pod, _PYTHON, "-I", "-c", script, container=self.container)
        except KubectlError:
            return False
        return True


def address_of(pod: Mapping[str, Mapping[str, str]]) -> str:
    """A pod's own address."""
    return pod["status"]["podIP"]
