"""The heads of a bundle's rules, read from their syntax trees: which code, which effect, and which helpers decide."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.opa_run import run_opa

EFFECTS = ("deny", "hold")

_PARSE = "{name: rego.parse_module(name, text) | some name, text in input}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One ``deny contains "CODE"`` or ``hold contains "CODE"``.

    Attributes:
        effect: ``deny`` or ``hold``.
        body: The helpers that its body names, each with whether it must be true; expressions of another kind are left
            out.
    """

    effect: str
    body: tuple[tuple[str, bool], ...]


Heads = Mapping[tuple[str, str], list[Head]]
"""Heads by rule and code."""


def read_heads(modules: Mapping[str, str], *, opa: Path) -> Heads:
    """Read the heads of rules.

    Args:
        modules: Rego by its path in the bundle, ``placet/rules/NAME/…``.
        opa: The pinned OPA, whose parser reads them.

    Raises:
        BrokenInputError: A module is no Rego.
    """
    heads: dict[tuple[str, str], list[Head]] = {}
    for path, module in evaluate(_PARSE, modules, opa=opa).items():
        rule = PurePosixPath(path).parts[2]
        for each in module.get("rules", []):
            effect, key = each["head"].get("name"), each["head"].get("key", {})
            if effect in EFFECTS and key.get("type") == "string":
                body = tuple(pair for pair in map(_helper, each.get("body", [])) if pair is not None)
                heads.setdefault((rule, key["value"]), []).append(Head(effect=effect, body=body))
    return heads


def evaluate(query: str, document: Mapping[str, Any], *, opa: Path, bundle: Path | None = None) -> dict[str, Any]:
    """Evaluate one query, whose value is an object, on an input.

    Raises:
        BrokenInputError: OPA cannot, or the query is undefined; the text is OPA's.
    """
    with tempfile.TemporaryDirectory(prefix="placet-eval-") as work:
        file = Path(work) / "input.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        under = [] if bundle is None else ["--bundle", str(bundle.absolute())]
        done = run_opa(opa, ["eval", "--format", "json", "--input", str(file), *under, query], cwd=Path(work))
    results = [] if done.returncode else json.loads(done.stdout).get("result", [])
    if not results:
        raise BrokenInputError(f"OPA cannot evaluate this:\n{(done.stderr or done.stdout).strip()}")
    value: dict[str, Any] = results[0]["expressions"][0]["value"]
    return value


def _helper(expression: Mapping[str, Any]) -> tuple[str, bool] | None:
    """The helper that an expression names, and whether it is wanted; None for an expression of another kind."""
    terms = expression.get("terms")
    if not isinstance(terms, dict) or terms.get("type") != "var" or "with" in expression:
        return None
    return str(terms["value"]), not expression.get("negated", False)
