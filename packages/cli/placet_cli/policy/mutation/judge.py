"""Whether the tests and cases of a folder notice a mutant."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.policy.data import schema_faults, schema_of
from placet_cli.policy.mutation.carried import carried
from placet_cli.policy.mutation.evaluation import EvaluationError, Point, run
from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.mutants import Mutant
from placet_cli.policy.mutation.originals import Originals
from placet_cli.policy.mutation.rego_tests import run_tests, uncovered
from placet_cli.policy.mutation.verdicts import SURVIVED, Kind, Verdict


class Judge:
    """Judges the mutants of one folder; several threads may ask at once.

    The cheapest comes first: a module's own tests need few modules, and they notice nearly everything. Whatever notices
    a mutant ends the search.
    """

    def __init__(self, folder: Folder, originals: Originals) -> None:
        self._folder = folder
        self._originals = originals

    def judge(self, mutant: Mutant) -> Verdict:
        """Tell what notices a mutant.

        Raises:
            EvaluationError: OPA does not end.
        """
        stages = self._of_module(mutant) if mutant.file.suffix == ".rego" else self._of_data(mutant)
        return next((verdict for stage in stages if (verdict := stage()) is not None), SURVIVED)

    def _of_module(self, mutant: Mutant) -> Sequence[Callable[[], Verdict | None]]:
        file = self._folder.work / f"{mutant.id}.rego"
        file.write_text(mutant.text, encoding="utf-8")
        changed = {mutant.file: file}
        tests = self._folder.modules.tests_of(mutant.file)
        own = [test for test in tests if test.parent == mutant.file.parent]
        others = [test for test in tests if test not in own]
        return (
            lambda: self._by_tests(own, changed),
            lambda: self._by_tests(others, changed),
            lambda: self._by_check(mutant, file),
            lambda: self._by_cases(self._folder.rules_that_see(mutant.file), changed, self._folder.points),
            lambda: self._by_coverage(tests, mutant, file),
        )

    def _of_data(self, mutant: Mutant) -> Sequence[Callable[[], Verdict | None]]:
        document, place = json.loads(mutant.text), tuple(mutant.package.split("."))
        data = _with(self._folder.data, place[1:], document)
        file = self._folder.work / f"{mutant.id}.json"
        file.write_text(json.dumps({"placet": data}), encoding="utf-8")
        points = [Point(input=p.input, data=carried(p.data, self._folder.data, data)) for p in self._folder.points]
        readers = [f for f in self._folder.shipped if _reads(self._folder.modules.data_refs([f]), place)]
        tests = sorted({test for reader in readers for test in self._folder.modules.tests_of(reader)})
        rules = self._rules(readers)
        return (
            lambda: self._by_tests(tests, {}, data=file),
            lambda: self._by_schema(mutant),
            lambda: self._by_cases(rules, {}, points),
        )

    def _by_schema(self, mutant: Mutant) -> Verdict | None:
        schemas = self._folder.policies / "schemas"
        if not (schemas / schema_of(mutant.file)).is_file():
            return None
        faults = schema_faults(mutant.file, mutant.text.encode(), schemas)
        return next((Verdict(kind=Kind.REFUSED, by="schema", words=fault.text) for fault in faults), None)

    def _rules(self, readers: Sequence[PurePosixPath]) -> list[PurePosixPath] | None:
        found: set[PurePosixPath] = set()
        for reader in readers:
            rules = self._folder.rules_that_see(reader)
            if rules is None:
                return None
            found.update(rules)
        return sorted(found)

    def _by_tests(
        self, tests: Sequence[PurePosixPath], changed: Mapping[PurePosixPath, Path], *, data: Path | None = None
    ) -> Verdict | None:
        if not tests:
            return None
        files = {seen for test in tests for seen in self._folder.modules.seen_by(test)}
        outcome = run_tests(self._folder.opa, [*self._folder.paths(files, changed), data or self._folder.data_file])
        if outcome.passed:
            return None
        return Verdict(
            kind=Kind.REFUSED if outcome.refused else Kind.KILLED,
            by="check" if outcome.refused else "test",
            words=outcome.words,
        )

    def _by_cases(
        self, rules: Sequence[PurePosixPath] | None, changed: Mapping[PurePosixPath, Path], points: Sequence[Point]
    ) -> Verdict | None:
        try:
            asked = self._asked(rules, changed, points)
            decisions = self._folder.decide([points[index] for index in asked], changed) if asked else []
        except EvaluationError as error:
            return Verdict(kind=Kind.KILLED, by="case", words=f"no decision: {_first_line(str(error))}")
        for index, decision in zip(asked, decisions, strict=True):
            if decision != self._folder.cases[index].expected:
                return Verdict(kind=Kind.KILLED, by="case", words=self._folder.cases[index].name)
        return None

    def _asked(
        self, rules: Sequence[PurePosixPath] | None, changed: Mapping[PurePosixPath, Path], points: Sequence[Point]
    ) -> list[int]:
        """The cases whose decision may be another: a rule says something else, or the decision itself is changed."""
        if rules is None:
            return list(range(len(points)))
        found: set[int] = set()
        for rule in rules:
            outcomes = self._originals.outcomes(rule)
            now = self._folder.outcomes(rule, points, changed)
            found.update(index for index, outcome in enumerate(now) if outcome != outcomes[index])
        return sorted(found)

    def _by_coverage(self, tests: Sequence[PurePosixPath], mutant: Mutant, file: Path) -> Verdict | None:
        files = {seen for test in tests for seen in self._folder.modules.seen_by(test)}
        if mutant.file not in files:
            return None
        paths = self._folder.paths(files, {mutant.file: file})
        missed = uncovered(self._folder.opa, [*paths, self._folder.data_file], file)
        if missed <= self._originals.uncovered(mutant.file, files):
            return None
        return Verdict(kind=Kind.KILLED, by="coverage", words=f"{missed} lines are not reached")

    def _by_check(self, mutant: Mutant, file: Path) -> Verdict | None:
        options = ["--strict"]
        for name, argument in (("schemas", "--schema"), ("capabilities.json", "--capabilities")):
            if (self._folder.policies / name).exists():
                options += [argument, str(self._folder.policies / name)]
        seen = self._folder.modules.seen_by(mutant.file) | set(self._folder.above(mutant.package))
        files = self._folder.paths(seen, {mutant.file: file})
        done = run(self._folder.opa, ["check", *options, *map(str, files)])
        if done.returncode == 0:
            return None
        return Verdict(kind=Kind.REFUSED, by="check", words=_first_line(done.stderr or done.stdout))


def _reads(refs: Collection[tuple[str, ...]], place: tuple[str, ...]) -> bool:
    return any(ref[: len(place)] == place[: len(ref)] for ref in refs)


def _with(document: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy of a document in which another one stands at a path; what lies deeper in other files stays."""
    if not path:
        # Folders may lie below this one, and their data are not in its file.
        return {**{name: below for name, below in document.items() if isinstance(below, dict)}, **value}
    return {**document, path[0]: _with(document.get(path[0], {}), path[1:], value)}


def _first_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[min(1, len(lines) - 1)].strip() if lines else ""
