"""Running `policies/checks`: the parsed policy as one document, and what the checks say of it."""

import json
from pathlib import Path
from typing import Any

import yaml
from policy_folder import POLICIES, opa_json

# The tree of a file depends on its text only, and one OPA process a file is what takes the time.
_PARSED: dict[bytes, Any] = {}


def parsed(bundle: Path, file: str) -> Any:
    """The syntax tree of one file of a bundle folder, as `opa parse` gives it; callers must not change it."""
    text = (bundle / file).read_bytes()
    if text not in _PARSED:
        _PARSED[text] = opa_json("parse", "--format", "json", file, cwd=bundle)
    return _PARSED[text]


def inspected(bundle: Path) -> Any:
    """What OPA's loader sees of a bundle folder, annotations included."""
    return opa_json("inspect", "--annotations", "--format", "json", ".", cwd=bundle)


def document(policies: Path = POLICIES) -> dict[str, Any]:
    """The input of `policies/checks`: modules and their tests, annotations, profiles, codes of the cases, schema."""
    bundle = policies / "bundle"
    files = sorted(file.relative_to(bundle).as_posix() for file in bundle.rglob("*.rego"))
    return {
        "modules": {file: parsed(bundle, file) for file in files},
        "inspect": inspected(bundle),
        "profiles": json.loads((bundle / "placet" / "profiles" / "data.json").read_bytes()),
        "cases": case_codes(policies),
        "input_schema": json.loads((policies / "schemas" / "input.schema.json").read_bytes()),
    }


def case_codes(policies: Path) -> list[str]:
    """Every code that some case expects."""
    files = sorted((policies / "cases").glob("*.yaml"))
    entries = [entry for file in files if file.name != "inputs.yaml" for entry in yaml.safe_load(file.read_bytes())]
    return sorted({code for entry in entries for code in entry["expect"]["codes"]})


def violations(folder: Path, checked: dict[str, Any]) -> list[str]:
    """What the checks say, sorted; empty means that they are content.

    Args:
        folder: Where the document may be written.
        checked: The document.
    """
    asked = folder / "checked.json"
    asked.write_text(json.dumps(checked), encoding="utf-8")
    found: list[str] = opa_json(
        "eval", "--format", "values", "--data", str(POLICIES / "checks"), "--input", str(asked), "data.checks.violation"
    )[0]
    return found
