"""What the pinned OPA itself says of a policy folder: it compiles strictly, with the schemas, and is formatted."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from placet_cli.policy.findings import Finding
from placet_cli.policy.kinds import KINDS, opa_kind
from placet_cli.policy.opa_run import run_opa

_UNDEFINED = re.compile(r"undefined function ([a-z0-9_.]+)")
_LOAD_ERROR = "rego_load_error"


def compile_findings(policies: Path, *, opa: Path) -> list[Finding]:
    """Compile the bundle and its tests as a release would be, and the checks; every error is a finding."""
    options = ["--strict", "--format", "json", "--max-errors", "0"]
    limits = ["--schema", "schemas", "--capabilities", "capabilities.json"]
    bundle = run_opa(opa, ["check", *options, *limits, "--bundle", "bundle"], cwd=policies)
    checks = run_opa(opa, ["check", *options, "checks"], cwd=policies)
    return [*_errors(bundle.stderr or bundle.stdout), *_errors(checks.stderr or checks.stdout)]


def format_findings(policies: Path, *, opa: Path) -> list[Finding]:
    """Name every module that `opa fmt` would change; what cannot be parsed is the compiler's to name."""
    done = run_opa(opa, ["fmt", "--list", "bundle", "checks"], cwd=policies)
    files = [line for line in done.stdout.splitlines() if line.endswith(".rego")]
    kind = KINDS["NOT_FORMATTED"]
    return [Finding(id="NOT_FORMATTED", file=file, line=1, text="is not formatted", kind=kind) for file in files]


def _errors(said: str) -> Iterator[Finding]:
    if not said.strip():
        return
    try:
        errors: list[dict[str, Any]] = json.loads(said).get("errors", [])
    except ValueError:
        errors = [{"message": said.strip()}]
    for error in errors:
        place = error.get("location") or {}
        text = str(error["message"])
        banned = _UNDEFINED.fullmatch(text)
        if banned is None:
            id_, kind = opa_kind(str(error.get("code", _LOAD_ERROR)))
        else:
            id_, kind = "BUILTIN_BANNED", KINDS["BUILTIN_BANNED"]
            text = f"{banned[1]} is no builtin that capabilities.json allows, and no function here"
        yield Finding(
            id=id_, file=str(place.get("file", "bundle")), line=max(int(place.get("row", 1)), 1), text=text, kind=kind
        )
