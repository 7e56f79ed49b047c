"""Ask the API server for what the rules depend on."""

import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.enforcer.selectors import JSONObject, Pod, State

_ALIVE = ("Pending", "Running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The API server, and who asks it.

    Attributes:
        server: its address with port.
        authority: who vouches for it.
        certificate: ours.
        key: of our certificate.
    """

    server: str
    authority: Path
    certificate: Path
    key: Path

    def state(self) -> State:
        """Everything at once, over one connection.

        Raises:
            OSError, http.client.HTTPException, ValueError: the server did not answer, or not as it should.
        """
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(self.certificate, self.key)
        connection = http.client.HTTPSConnection(self.server, context=context, timeout=5)
        try:
            return State(
                policies=_items(connection, "/apis/networking.k8s.io/v1/networkpolicies"),
                pods=[_pod(each) for each in _items(connection, "/api/v1/pods") if _has_address(each)],
                namespaces={
                    each["metadata"]["name"]: each["metadata"].get("labels", {})
                    for each in _items(connection, "/api/v1/namespaces")
                },
            )
        finally:
            connection.close()


def _items(connection: http.client.HTTPSConnection, path: str) -> list[JSONObject]:
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != http.HTTPStatus.OK:
        raise ValueError(f"{path}: HTTP {response.status}")
    items: list[JSONObject] = json.loads(body)["items"]
    return items


def _has_address(pod: JSONObject) -> bool:
    # The address of a pod that ended may be another's already, and one in the node's network is the node.
    own = not pod["spec"].get("hostNetwork") and pod["status"].get("phase") in _ALIVE
    return own and bool(pod["status"].get("podIP"))


def _pod(pod: JSONObject) -> Pod:
    containers = [*pod["spec"].get("containers", ()), *pod["spec"].get("initContainers", ())]
    ports = [port for container in containers for port in container.get("ports", ())]
    return Pod(
        namespace=pod["metadata"]["namespace"],
        address=pod["status"]["podIP"],
        labels=pod["metadata"].get("labels", {}),
        ports={
            (port.get("protocol", "TCP").lower(), port["name"]): port["containerPort"]
            for port in ports
            if "name" in port
        },
    )
