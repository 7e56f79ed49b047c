"""What the pinned OPA itself says of a policy folder: it compiles strictly, with the schemas, and is formatted."""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from placet_cli.policy.findings import Finding
from placet_cli.policy.kinds import KINDS, opa_kind
from placet_cli.policy.opa_run import run_opa
from placet_cli.policy.overlay import read_tree
from placet_cli.policy.staging import stage_files

_UNDEFINED = re.compile(r"undefined function ([a-z0-9_.]+)")
_LOAD_ERROR = "rego_load_error"
_BUNDLE = "bundle"


def compile_findings(policies: Path, *, opa: Path) -> list[Finding]:
    """Compile the bundle and its tests as a release would be, and the checks; every error is a finding."""
    found = [*_checked(["checks"], policies, opa), *_compiled(policies / "bundle", ["--bundle"], policies, opa)]
    if any(each.file == _BUNDLE for each in found):
        # The bundle could not be loaded, for its data or its manifest; the modules alone may be.
        with tempfile.TemporaryDirectory(prefix="placet-check-") as work:
            modules = {name: text for name, text in read_tree(policies / _BUNDLE).items() if name.suffix == ".rego"}
            found += _compiled(stage_files(modules, Path(work)), [], policies, opa)
    return found


def _compiled(folder: Path, options: Sequence[str], policies: Path, opa: Path) -> list[Finding]:
    arguments = [*options, "--schema", str((policies / "schemas").absolute()), "."]
    limits = ["--capabilities", str((policies / "capabilities.json").absolute())]
    found = list(_checked([*arguments, *limits], folder, opa, below=f"{_BUNDLE}/"))
    # OPA looks for functions before it looks at types, so that a banned builtin would hide everything else.
    if any(each.id == "BUILTIN_BANNED" for each in found):
        found += _checked(arguments, folder, opa, below=f"{_BUNDLE}/")
    return found


def format_findings(policies: Path, *, opa: Path) -> list[Finding]:
    """Name every module that `opa fmt` would change; what cannot be parsed is the compiler's to name."""
    done = run_opa(opa, ["fmt", "--list", "bundle", "checks"], cwd=policies)
    files = [line for line in done.stdout.splitlines() if line.endswith(".rego")]
    kind = KINDS["NOT_FORMATTED"]
    return [Finding(id="NOT_FORMATTED", file=file, line=1, text="is not formatted", kind=kind) for file in files]


def _checked(arguments: Sequence[str], folder: Path, opa: Path, *, below: str = "") -> Iterator[Finding]:
    options = ["--strict", "--format", "json", "--max-errors", "0"]
    done = run_opa(opa, ["check", *options, *arguments], cwd=folder)
    return _errors(done.stderr or done.stdout, below)


def _errors(said: str, below: str) -> Iterator[Finding]:
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
        file = f"{below}{place['file']}" if place.get("file") else _BUNDLE
        yield Finding(id=id_, file=file, line=max(int(place.get("row", 1)), 1), text=" ".join(text.split()), kind=kind)
