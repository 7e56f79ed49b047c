"""Rendered manifests for the tests: the chart with its example values, and the kustomize overlays."""

import copy
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scripts.chart import CHART, JSONObject, documents, read_yaml, render
from scripts.manifests import MANIFESTS

EXAMPLES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
OVERLAYS = ["dev", "prod"]


def example(name: str) -> JSONObject:
    """The values of one example."""
    return read_yaml(CHART / "ci" / f"{name}-values.yaml")


def rendered(values: Mapping[str, Any]) -> list[JSONObject]:
    """What the chart makes of some values, as release ``placet`` in the namespace ``custody``."""
    return documents(render(values, release="placet", namespace="custody"))


def release(name: str) -> list[JSONObject]:
    """The objects of an example; the caller may change them."""
    return copy.deepcopy(_release(name))


@cache
def _release(name: str) -> list[JSONObject]:
    return rendered(example(name))


def kustomized(folder: str) -> list[JSONObject]:
    """What kubectl builds from a folder of the manifests."""
    return copy.deepcopy(_kustomized(folder))


@cache
def _kustomized(folder: str) -> list[JSONObject]:
    kubectl = Path(sys.executable).parent / "kubectl"
    argv: list[str | Path] = [kubectl, "kustomize", MANIFESTS / folder]
    text = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return [document for document in yaml.safe_load_all(text) if document is not None]


def with_values(name: str, changes: Mapping[str, Any]) -> JSONObject:
    """The values of an example with some of them changed, by dotted path; None removes one."""
    values = example(name)
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return values


def one(objects: Iterable[JSONObject], kind: str, name: str) -> JSONObject:
    """The only object of a kind and name.

    Raises:
        ValueError: there is none, or several.
    """
    (found,) = (each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name)
    return found


def pods(objects: Iterable[JSONObject]) -> Iterator[JSONObject]:
    """The spec of every pod and of every template of pods."""
    for each in objects:
        if each["kind"] == "Pod":
            yield each["spec"]
        elif "template" in each.get("spec", {}):
            yield each["spec"]["template"]["spec"]


def container(objects: Iterable[JSONObject], name: str) -> JSONObject:
    """The only container of a name, init containers included.

    Raises:
        ValueError: there is none, or several.
    """
    everything: Iterator[JSONObject] = (
        each for pod in pods(objects) for each in [*pod.get("initContainers", ()), *pod["containers"]]
    )
    (found,) = (each for each in everything if each["name"] == name)
    return found


def environment(of: JSONObject) -> dict[str, str]:
    """The environment of a container; what comes from a Secret is a PostgreSQL URL."""
    from_secret = "postgresql://writer@db.example/placet"
    return {each["name"]: each.get("value", from_secret) for each in of["env"]}
