"""The checks in tests/deploy/checks, asked with real OPA."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opa_binary import opa_binary

from scripts.chart import JSONObject

CHECKS = Path(__file__).parents[1] / "deploy" / "checks"
_QUERY = "{name: found | some name, objects in input; found := data.deploy.violation with input as objects}"


def violations(sets: Mapping[str, Sequence[JSONObject]]) -> dict[str, list[dict[str, str]]]:
    """What the checks find in each set of objects: ``{code, where}``, all sets in one run of OPA."""
    argv: list[str | Path] = [
        opa_binary(),
        "eval",
        "--format",
        "raw",
        "--fail",
        "--data",
        CHECKS,
        "--stdin-input",
        _QUERY,
    ]
    done = subprocess.run(argv, input=json.dumps(sets), capture_output=True, text=True, check=True)
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def codes() -> set[str]:
    """Every code that a check can give."""
    text = "".join(path.read_text(encoding="utf-8") for path in CHECKS.glob("*.rego"))
    return set(re.findall(r'violation contains (?:finding|in_container)\("([A-Z_]+)"', text))


def rules() -> int:
    """How many rules give a code."""
    return sum(path.read_text(encoding="utf-8").count("violation contains ") for path in CHECKS.glob("*.rego"))


def set_at(of: Any, path: str, value: object) -> None:
    """Put a value at a dotted path, numbers being positions in lists; None removes what is there."""
    *parents, last = path.split(".")
    for parent in parents:
        of = of[int(parent)] if isinstance(of, list) else of.setdefault(parent, {})
    if isinstance(of, list):
        of[int(last)] = value
    elif value is None:
        del of[last]
    else:
        of[last] = value
