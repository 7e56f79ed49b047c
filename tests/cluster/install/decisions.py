"""What a release's ledger holds, told by the policy tier's own program inside one of its pods."""

import json

from tests.cluster.kubectl import JSONObject, Kubectl

_LIST = ("/opt/placet/bin/python", "-I", "-m", "placet_policy", "ledger", "list", "--kind", "decision", "--json")


def decisions(kubectl: Kubectl, *, request: str | None = None) -> list[JSONObject]:
    """The decisions in the ledger, oldest first.

    Args:
        kubectl: in the release's namespace.
        request: only those about this request_id.
    """
    chosen = () if request is None else ("--request", request)
    pod = kubectl.pods("policy")[0]["metadata"]["name"]
    lines = kubectl.execute(pod, *_LIST, *chosen, container="policy").splitlines()
    return [json.loads(line) for line in lines]
