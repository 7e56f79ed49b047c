"""The METADATA of a policy folder's modules, as OPA reads them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.policy.opa_run import opa_json, run_opa
from placet_cli.policy.staging import stage_files

# In formatted Rego only a rule begins a line with a letter or an underscore.
_STATEMENT = re.compile(r"(?!package\b|import\b)[A-Za-z_]\w*")


def statement_lines(text: str) -> list[int]:
    """Return the lines, from 1, on which the rules of a formatted module start."""
    return [number for number, line in enumerate(text.splitlines(), start=1) if _STATEMENT.match(line)]


def annotations(modules: Mapping[PurePosixPath, bytes], folder: Path, *, opa: Path) -> list[dict[str, Any]]:
    """Read all annotations of modules that can be parsed.

    Args:
        modules: By their path below ``bundle``.
        folder: An empty folder. The modules are staged there, because what lies beside them in a broken bundle must not
            keep them from being read.
        opa: The pinned OPA.

    Returns:
        For each: ``file``, ``line`` of the rule or package that it belongs to, ``path`` of that, and ``annotations``.

    Raises:
        CliError: A module cannot be parsed.
    """
    stage_files(modules, folder)
    done = run_opa(opa, ["inspect", "--annotations", "--format", "json", "."], cwd=folder)
    if done.returncode == 0:
        return [_inspected(entry) for entry in json.loads(done.stdout).get("annotations", [])]
    # OPA compiles what it inspects; where that fails each module is parsed alone, which takes a process each.
    return [entry for name, content in modules.items() for entry in _parsed(name, content.decode(), folder, opa)]


def _inspected(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "file": entry["location"]["file"],
        "line": entry["location"]["row"],
        "path": ".".join(str(step["value"]) for step in entry["path"]),
        "annotations": entry["annotations"],
    }


def _parsed(name: PurePosixPath, text: str, folder: Path, opa: Path) -> Iterator[dict[str, Any]]:
    options = ["parse", "--format", "json", "--json-include", "locations,-comments"]
    module = opa_json(opa, [*options, str(name)], cwd=folder)
    package = ".".join(str(step["value"]) for step in module["package"]["path"])
    for found in module.get("annotations", []):
        path, line = package, found["location"]["row"]
        if found["scope"] in {"rule", "document"}:
            line = next((start for start in statement_lines(text) if start > line), line)
            rule = _STATEMENT.match(text.splitlines()[line - 1])
            path = f"{package}.{rule[0]}" if rule else package
        kept = {key: value for key, value in found.items() if key != "location"}
        yield {"file": str(name), "line": line, "path": path, "annotations": kept}
