"""What becomes of a decision when a field of the input is absent.

A comparison with a missing field is undefined, and a deny that is undefined does not fire. So every field that Rego
reads is taken out of the inputs of the cases, one at a time. No request that was held or denied may be allowed without
it, and none that was not denied may be denied: what is missing holds, because a deny is final.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from placet_cli.policy.mutation.evaluation import Point
from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.results import Result
from placet_cli.policy.mutation.syntax import walk
from placet_cli.policy.mutation.verdicts import Kind, Verdict
from placet_cli.policy.pointers import Place, removed, walk_values

_FIRST = 25
_POINTS_A_PROCESS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    field: str
    case: int
    path: Place


def absent_fields(folder: Folder, *, jobs: int) -> list[Result]:
    """Take every field that the modules read out of the inputs of the cases that have it.

    Raises:
        EvaluationError: OPA fails on such an input.
    """
    trials = _trials(folder)
    first = {field: each[:_FIRST] for field, each in trials.items()}
    results = _tried(folder, first, jobs)
    # Most fields are noticed at once. Where none of a few requests notices, all of them are asked.
    again = {field: trials[field] for field, each in results.items() if each.verdict.kind is Kind.NEUTRAL}
    results |= _tried(folder, again, jobs)
    return [results[field] for field in sorted(results)]


def _tried(folder: Folder, trials: Mapping[str, Sequence[_Trial]], jobs: int) -> dict[str, Result]:
    points = [
        Point(input=removed(folder.cases[trial.case].input, trial.path), data=folder.cases[trial.case].data)
        for several in trials.values()
        for trial in several
    ]
    parts = [points[start : start + _POINTS_A_PROCESS] for start in range(0, len(points), _POINTS_A_PROCESS)]
    with ThreadPoolExecutor(jobs) as pool:
        decisions = iter([decision for part in pool.map(folder.decide, parts) for decision in part])
    return {
        field: _result(folder, field, [(trial, next(decisions)) for trial in several])
        for field, several in trials.items()
    }


def names_read(folder: Folder) -> set[str]:
    """Every name that some reference to something else than ``data`` has."""
    return {
        str(term["value"])
        for file in folder.shipped
        for visit in walk(folder.modules.sources[file].rules)
        if visit.node.get("type") == "ref" and visit.node["value"][0].get("value") != "data"
        for term in visit.node["value"][1:]
        if term.get("type") == "string"
    }


def _trials(folder: Folder) -> dict[str, list[_Trial]]:
    """Of every field the places where cases have it: a case from every file before a second one from any."""
    names = names_read(folder)
    found: dict[str, list[_Trial]] = {}
    for index in _spread([case.file for case in folder.cases]):
        for path, _ in walk_values(folder.cases[index].input):
            if path and path[-1] in names:
                field = _field(path)
                found.setdefault(field, []).append(_Trial(field=field, case=index, path=path))
    return found


def _spread(files: Sequence[str]) -> list[int]:
    rank: dict[str, int] = {}
    keyed = []
    for index, file in enumerate(files):
        rank[file] = rank.get(file, 0) + 1
        keyed.append((rank[file], index))
    return [index for _, index in sorted(keyed)]


def _field(path: Place) -> str:
    """``facts.transfers[].amount``: the item does not matter."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _result(folder: Folder, field: str, found: Sequence[tuple[_Trial, Mapping[str, Any] | None]]) -> Result:
    verdict = Verdict(kind=Kind.NEUTRAL)
    for trial, decision in found:
        case = folder.cases[trial.case]
        now = decision["effect"] if decision else None
        if now != case.effect and now in {"allow", "deny"}:
            words = f"{case.name}: without it the request is {_DONE[now]}, and with it {_DONE[case.effect]}"
            verdict = Verdict(kind=Kind.SURVIVED, words=words)
            break
        if decision != case.expected:
            verdict = Verdict(kind=Kind.KILLED, by="case", words=case.name)
    return Result(
        package="input",
        rule=field,
        operator="absent-field",
        before=field.rpartition(".")[2],
        after="",
        place="",
        diff="",
        verdict=verdict,
    )


_DONE = {"allow": "allowed", "deny": "denied", "hold": "held"}
