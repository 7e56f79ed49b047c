"""The checks in Rego (`policies/checks`) run over the text of a policy folder, by one OPA."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.cases import Case
from placet_cli.policy.findings import Finding, Kind, Level
from placet_cli.policy.opa_run import opa_json, run_opa
from placet_cli.policy.overlay import read_object, read_tree
from placet_cli.policy.staging import is_test, read_modules

_PROFILES = "placet/profiles/data.json"
_INPUT = "input"
_SUFFIX = ".schema.json"
_QUERY = "{finding | some finding in data.checks.findings}"
# In formatted Rego only a rule begins a line with a letter or an underscore.
_STATEMENT = re.compile(r"(?!package\b|import\b)[A-Za-z_]")


def convention_findings(policies: Path, cases: Sequence[Case], *, opa: Path) -> list[Finding]:
    """Run the folder's own checks over its modules; the folder must parse.

    Raises:
        CliError: The checks do not compile, or say something that is no finding.
    """
    asked = document(policies, cases, opa=opa)
    found, kinds = evaluate(policies / "checks", asked, opa=opa)
    return [_finding(each, kinds) for each in found]


def document(policies: Path, cases: Sequence[Case], *, opa: Path) -> dict[str, Any]:
    """Build the input of the checks; `policies/checks/modules.rego` says what is in it."""
    bundle = policies / "bundle"
    sources = {str(name): content.decode() for name, content in read_modules(policies).items()}
    inspected = opa_json(opa, ["inspect", "--annotations", "--format", "json", "."], cwd=bundle)
    schemas = {
        str(name).removesuffix(_SUFFIX): read_object(content, f"schemas/{name}")
        for name, content in read_tree(policies / "schemas").items()
        if name.name.endswith(_SUFFIX)
    }
    profiles = bundle / _PROFILES
    return {
        "sources": sources,
        "lines": {name: statement_lines(text) for name, text in sources.items()},
        "annotations": [_annotation(entry) for entry in inspected.get("annotations", [])],
        "tests": [str(name) for name in _below(bundle) if is_test(name)],
        "profiles": read_object(profiles.read_bytes(), f"bundle/{_PROFILES}") if profiles.is_file() else {},
        "input_schema": schemas.pop(_INPUT, {}),
        "data_schemas": schemas,
        "cases": [{"effect": case.effect, "codes": case.codes, "rules": rules_of(case)} for case in cases],
    }


def evaluate(checks: Path, asked: Mapping[str, Any], *, opa: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Ask the checks about a document.

    Returns:
        What they find, as they say it, and the kinds of findings that they know.
    """
    with tempfile.TemporaryDirectory(prefix="placet-checks-") as work:
        file = Path(work) / "input.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        query = f"[{_QUERY}, data.checks.kinds]"
        arguments = ["eval", "--format", "values", "--data", str(checks.absolute()), "--input", str(file), query]
        done = run_opa(opa, arguments, cwd=Path(work))
    if done.returncode:
        raise CliError(f"the checks cannot be run:\n{(done.stderr or done.stdout).strip()}")
    # OPA prints nothing for what is undefined.
    if not done.stdout.strip():
        raise CliError("the checks define no data.checks.findings, or no data.checks.kinds")
    found, kinds = json.loads(done.stdout)[0]
    return found, kinds


def statement_lines(text: str) -> list[int]:
    """Return the lines, from 1, on which the rules of a formatted module start."""
    return [number for number, line in enumerate(text.splitlines(), start=1) if _STATEMENT.match(line)]


def rules_of(case: Case) -> list[str]:
    """Return the rules that the case's data name for its input, as data.placet.main chooses them."""
    profiles = case.data.get("profiles", {})
    request, signer = case.input.get("request") or {}, (case.input.get("facts") or {}).get("signer") or {}
    kind = request.get("type")
    profile = (profiles.get("key_groups") or {}).get(signer.get("group"), {}).get(kind)
    profile = profile or (profiles.get("request_types") or {}).get(kind)
    return list((profile or {}).get("rules", []))


def _annotation(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "file": entry["location"]["file"],
        "line": entry["location"]["row"],
        "path": ".".join(str(step["value"]) for step in entry["path"]),
        "annotations": entry["annotations"],
    }


def _below(bundle: Path) -> list[PurePosixPath]:
    return [PurePosixPath(path.relative_to(bundle).as_posix()) for path in sorted(bundle.rglob("*.rego"))]


def _finding(found: Mapping[str, Any], kinds: Mapping[str, Any]) -> Finding:
    try:
        kind = kinds[found["id"]]
        return Finding(
            id=found["id"],
            file=found["file"],
            line=found["line"],
            text=found["text"],
            kind=Kind(title=kind["title"], remedy=kind["remedy"], level=Level(kind["level"])),
        )
    except (KeyError, ValueError) as error:
        raise CliError(
            f"checks: {found} has not id, file, line and text, or its id is not in data.checks.kinds"
        ) from error
