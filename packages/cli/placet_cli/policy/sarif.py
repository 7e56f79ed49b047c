"""Findings as SARIF 2.1.0, the form in which code hosts take the results of analyses (OASIS, 27 March 2020)."""

import importlib.metadata
import json
from collections.abc import Sequence
from typing import Any

from placet_cli.policy.findings import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(findings: Sequence[Finding], *, root: str = "") -> str:
    """Write findings as one SARIF run.

    Args:
        findings: In any order.
        root: What stands before the files: the policy folder's path below the repository's root, as ``policies/``.
    """
    kinds = {each.id: each.kind for each in findings}
    ids = sorted(kinds)
    rules = [
        {
            "id": each,
            "shortDescription": {"text": kinds[each].title},
            "help": {"text": kinds[each].remedy},
            "defaultConfiguration": {"level": kinds[each].level.value},
        }
        for each in ids
    ]
    driver = {"name": "placet policy", "version": importlib.metadata.version("placet"), "rules": rules}
    results = [_result(each, ids.index(each.id), root) for each in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, index: int, root: str) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": f"{root}{finding.file}"},
        "region": {"startLine": finding.line},
    }
    return {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": finding.kind.level.value,
        "message": {"text": f"{finding.text}. {finding.remedy}"},
        "locations": [{"physicalLocation": place}],
    }
