"""Label selectors, and the pods that a peer of a NetworkPolicy stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JSONObject = Mapping[str, Any]
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod that has an address.

    Attributes:
        namespace: where it is.
        address: its IPv4 address.
        labels: its labels.
        ports: the number of each named port, by protocol in small letters and name.
    """

    namespace: str
    address: str
    labels: Labels
    ports: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the API knew at one moment.

    Attributes:
        policies: NetworkPolicy objects.
        pods: pods with addresses of their own.
        namespaces: the labels of each namespace, by its name.
    """

    policies: Sequence[JSONObject]
    pods: Sequence[Pod]
    namespaces: Mapping[str, Labels]


def matches(selector: JSONObject, labels: Labels) -> bool:
    """Whether a label selector selects something with these labels; an empty one selects everything.

    Raises:
        KeyError: an operator that Kubernetes does not have.
    """
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or ()
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, labels) for expression in expressions
    )


def _holds(expression: JSONObject, labels: Labels) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    answers = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return answers[expression["operator"]]


def selected(peer: JSONObject, state: State, *, namespace: str) -> list[Pod]:
    """The pods of a peer with selectors.

    Args:
        peer: an entry of ``from`` or ``to`` without ``ipBlock``.
        state: what there is.
        namespace: the policy's own, which a peer without ``namespaceSelector`` means.
    """
    if "namespaceSelector" in peer:
        chosen = {name for name, labels in state.namespaces.items() if matches(peer["namespaceSelector"], labels)}
    else:
        chosen = {namespace}
    selector = peer.get("podSelector") or {}
    return [pod for pod in state.pods if pod.namespace in chosen and matches(selector, pod.labels)]
