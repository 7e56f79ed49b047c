"""Write docs/kubernetes-report.md from what the tests on the cluster recorded."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.steps import ROOT
from tests.cluster.node.folders import Folders
from tests.cluster.record import read

REPORT = ROOT / "docs" / "kubernetes-report.md"
Line = Mapping[str, Any]
_HEAD = """\
# What was proven on a real Kubernetes

Written by `make cluster-test` from what its tests recorded; nobody edits it. The cluster is `tests/cluster`: one node
with Kubernetes' own programs, CoreDNS, containerd and a real PostgreSQL in a pod, on a machine of two cores that other
work shared, so times and rates are what was seen there and no promise. NetworkPolicies are enforced by
`tests/cluster/enforcer`, a small program of this tree that writes them as iptables rules: weaker evidence than the
enforcer of your own cluster would be. The node's own traffic to its pods passes no policy, so every probe is sent from
a pod.
"""


def report(results: Mapping[str, Sequence[Line]]) -> str:
    """The whole page.

    Args:
        results: the lines of every module, as ``record.read`` returns them.
    """
    versions = {line["of"]: line["version"] for lines in results.values() for line in _of(lines, "version")}
    parts = [_HEAD, _table(("what", "version"), sorted(versions.items()))]
    parts += [_module(lines) for lines in results.values()]
    return "\n".join(parts)


def _module(lines: Sequence[Line]) -> str:
    (run,) = _of(lines, "run")
    parts = [f"## {run['title']}\n", f"Run {run['started']}, revision `{run['revision']}`.\n"]
    tests = _tests(_of(lines, "test"))
    if tests:
        parts.append(_table(("what was tried", "cases", "passed", "seconds"), tests))
    figures = [(line["what"], f"{_number(line['value'])} {line['unit']}".strip()) for line in _of(lines, "figure")]
    if figures:
        parts.append(_table(("what was measured", "figure"), figures))
    return "\n".join(parts)


def _tests(lines: Iterable[Line]) -> list[tuple[str, str, str, str]]:
    """One row a fact: a test that is run for several cases states it once."""
    by_fact: dict[str, list[Line]] = {}
    for line in lines:
        by_fact.setdefault(line["fact"], []).append(line)
    return [
        (fact, str(len(cases)), _passed(cases), f"{sum(case['seconds'] for case in cases):.1f}")
        for fact, cases in by_fact.items()
    ]


def _passed(cases: Sequence[Line]) -> str:
    passed = sum(case["outcome"] == "passed" for case in cases)
    return "all" if passed == len(cases) else f"**{passed}**"


def _of(lines: Sequence[Line], kind: str) -> Iterator[Line]:
    return (line for line in lines if line["kind"] == kind)


def _number(value: float | str) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)]) + "\n"


def write(folder: Path) -> None:
    """Write the page from a folder of results."""
    REPORT.write_text(report(read(folder)), encoding="utf-8")
    print(f"✓ {REPORT.relative_to(ROOT)} is written")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Folders.of_environment().results)
