"""The stand-in for the TSS Node, in a pod: it reaches the edge as a node would, through the Service."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.install.materials import NODE_NAMESPACE, Materials
from tests.cluster.install.pods import prober, restricted_namespace, secret
from tests.cluster.kubectl import JSONObject, Kubectl, KubectlError

_CONFIG = "configs/cobo-tss-node-config.yaml"
_SERVER_KEY = "configs/callback-server-pub.key"
_OWN_KEY = "db/tss-node-callback-pri.pem"
_PYTHON = ("/opt/placet/bin/python", "-I")
_PLACET = (*_PYTHON, "-m", "placet_cli")
_ASKING = Path(__file__).with_name("asking.py")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request.

    Attributes:
        status: how ``placet node send`` ended: 0 approved, 10 rejected, 11 not approved.
        output: what it said.
    """

    status: int
    output: str

    @property
    def request_id(self) -> str:
        """Under which it was sent."""
        (found,) = re.findall(r"\(request_id (\S+)\)", self.output)
        return str(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A pod with one node's folder.

    Attributes:
        name: the pod's.
        namespace: where it is.
    """

    name: str
    namespace: str = NODE_NAMESPACE

    def start(self, materials: Materials) -> None:
        """Make the pod and wait until it can be used."""
        kubectl = Kubectl(self.namespace)
        kubectl.apply(restricted_namespace(self.namespace))
        files = {path: materials.node / path for path in (_CONFIG, _SERVER_KEY, _OWN_KEY)}
        authority = {"ca.pem": materials.edge_authority}
        kubectl.apply(secret(self.name, {path.replace("/", "."): file for path, file in (files | authority).items()}))
        volume: JSONObject = {
            "name": "node",
            "secret": {
                "secretName": self.name,
                # The stand-in refuses a key that everybody may read.
                "defaultMode": 0o440,
                "items": [{"key": path.replace("/", "."), "path": path} for path in files | authority],
            },
        }
        mount = {"name": "node", "mountPath": "/node", "readOnly": True}
        kubectl.apply(prober(self.name, volumes=[volume], mounts=[mount]))
        kubectl.wait_ready(f"app={self.name}")

    def send(self, sample: str) -> Sent:
        """Send a sample; one that is not answered is asked again without pauses.

        Raises:
            KubectlError: nothing was sent.
        """
        argv = ["node", "send", sample, "--node", "/node", "--ca", "/node/ca.pem", "--time-scale", "0"]
        try:
            return Sent(0, Kubectl(self.namespace).execute(self.name, *_PLACET, *argv))
        except KubectlError as error:
            if error.status not in {10, 11}:
                raise
            return Sent(error.status, error.stdout + error.stderr)

    def ask_again_and_again(self, sample: str, *, key: str, seconds: float, pause: float) -> Counter[str]:
        """Send a sample, each time under a new id, for some seconds.

        Args:
            sample: its name.
            key: ``own``, or ``foreign`` for one that the edge does not know.
            seconds: for how long.
            pause: between an answer and the next request, seconds.

        Returns:
            How often each kind of answer came, by the names of ``placet_cli.node.reactions.AnswerKind``.
        """
        argv = (*_PYTHON, "-", key, sample, str(seconds), str(pause))
        script = _ASKING.read_text(encoding="utf-8")
        return Counter(json.loads(Kubectl(self.namespace).execute(self.name, *argv, stdin=script)))
