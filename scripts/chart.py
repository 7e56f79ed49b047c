"""The Helm chart as text: rendered by Helm's own engine, with its values and their schema read from the tree."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import helm_python
import yaml

from scripts.steps import ROOT

CHART = ROOT / "deploy" / "k8s" / "chart"
JSONObject = dict[str, Any]


def values() -> JSONObject:
    """The chart's default values."""
    return read_yaml(CHART / "values.yaml")


def schema() -> JSONObject:
    """The schema of the values."""
    loaded: JSONObject = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return loaded


def read_yaml(path: Path) -> JSONObject:
    """One YAML document that is a mapping."""
    loaded: JSONObject = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def render(chosen: Mapping[str, Any], *, release: str, namespace: str) -> dict[str, str]:
    """The text of every template that is not empty, by its path under ``templates``.

    Args:
        chosen: values beside the defaults.
        release: the release's name.
        namespace: where it is installed.

    Raises:
        helm_python.HelmError: the values are refused, by the schema or by ``validate.yaml``.
    """
    with helm_python.Chart.load(CHART) as chart:
        chart.validate_schema(dict(chosen))
        rendered: dict[str, str] = chart.render(dict(chosen), name=release, namespace=namespace)
    texts = {name.partition("/templates/")[2]: text for name, text in rendered.items()}
    return {name: text for name, text in sorted(texts.items()) if text.strip()}


def documents(texts: Mapping[str, str]) -> list[JSONObject]:
    """Every object in rendered templates; NOTES.txt holds none."""
    return [
        document
        for name, text in texts.items()
        if name.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document is not None
    ]


def described(of: JSONObject, path: Sequence[str] = ()) -> Iterator[tuple[tuple[str, ...], JSONObject]]:
    """Every value that the schema names, with its path; those that hold others come before them."""
    definitions = schema()["definitions"]
    for name, entry in of.get("properties", {}).items():
        resolved = _resolved(entry, definitions)
        here = (*path, name)
        yield here, resolved
        yield from described(resolved, here)


def _resolved(entry: JSONObject, definitions: JSONObject) -> JSONObject:
    merged: JSONObject = {}
    for part in entry.get("allOf", ()):
        merged |= definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    return merged | {key: value for key, value in entry.items() if key != "allOf"}
