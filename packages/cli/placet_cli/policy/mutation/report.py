"""What a run found, for people and for machines."""

import json
from collections.abc import Iterator, Sequence
from textwrap import indent
from typing import Any

from placet_cli.policy.mutation.accepted import FILE, as_entry
from placet_cli.policy.mutation.results import Result, Score, score

_MARGIN = "    "


def as_text(results: Sequence[Result], *, minimum: int) -> str:
    """A line a package, every survivor that nobody accepts, and the score."""
    shown = [result for result in results if result.survived and not result.reason]
    parts = [*_packages(results), *(line for result in shown for line in ("", *_survivor(result)))]
    return "\n".join([*parts, "", _summary(score(results), minimum)])


def as_json(results: Sequence[Result], *, minimum: int) -> str:
    """The same as one JSON document, with every mutant in it; scores are hundredths of a percent."""
    document = {
        "schema": "placet.mutation/v1",
        "minimum": minimum * 100,
        **_numbers(score(results)),
        "packages": {package: _numbers(score(several)) for package, several in _by_package(results).items()},
        "mutants": [_mutant(result) for result in results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _packages(results: Sequence[Result]) -> Iterator[str]:
    by_package = _by_package(results)
    width = max((len(package) for package in by_package), default=0)
    for package, several in by_package.items():
        found = score(several)
        accepted = f", {found.accepted} of them accepted" if found.accepted else ""
        yield (
            f"{package:{width}}  {found.text:>8}  {found.killed} killed, {found.survived} survived{accepted};"
            f" {found.uncounted} not counted"
        )


def _survivor(result: Result) -> Iterator[str]:
    where = f" ({result.place})" if result.place else ""
    yield f"SURVIVED {result.package} {result.rule}: {result.operator}{where}"
    if result.diff:
        yield indent(result.diff, _MARGIN)
    if result.verdict.words:
        yield f"{_MARGIN}{result.verdict.words}"
    if result.case:
        yield "  This case would notice it:"
        yield indent(result.case.rstrip(), _MARGIN)
    elif result.diff:
        yield "  No case was found that would notice it: nothing may be wrong, or a test has to say what is meant."
    yield f"  To accept it, in {FILE}:"
    yield indent(as_entry(result), _MARGIN)


def _summary(found: Score, minimum: int) -> str:
    return (
        f"score {found.text} (minimum {minimum} %): {found.killed} of {found.counted} mutants were noticed,"
        f" {found.survived} survived, {found.accepted} of them accepted; {found.uncounted} are not counted"
    )


def _by_package(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.package, []).append(result)
    return found


def _numbers(found: Score) -> dict[str, int]:
    return {
        "score": found.hundredths,
        "killed": found.killed,
        "survived": found.survived,
        "accepted": found.accepted,
        "uncounted": found.uncounted,
    }


def _mutant(result: Result) -> dict[str, Any]:
    return {
        "package": result.package,
        "rule": result.rule,
        "operator": result.operator,
        "place": result.place,
        "before": result.before,
        "after": result.after,
        "verdict": result.verdict.kind.value,
        "by": result.verdict.by,
        "words": result.verdict.words,
        "diff": result.diff if result.survived else "",
        "case": result.case,
        "accepted": result.reason,
    }
