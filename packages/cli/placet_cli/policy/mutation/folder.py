"""A policy folder as mutation needs it: parsed, with its cases, and known to be sound before anything is changed."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.cases import Case, read_cases
from placet_cli.policy.mutation.dependencies import Modules, is_test
from placet_cli.policy.mutation.evaluation import EvaluationError, Evaluator, Point, Table
from placet_cli.policy.mutation.reading import read_sources
from placet_cli.policy.mutation.rego_tests import run_tests
from placet_cli.policy.mutation.syntax import Source
from placet_cli.policy.overlay import read_tree
from placet_cli.policy.staging import read_data

_RULES = ("placet", "rules")


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A policy folder.

    Attributes:
        policies: Where it is.
        modules: Its Rego, tests among it.
        documents: Its ``data.json`` files.
        data: All of them as ``data.placet`` is as it ships.
        data_file: A file of ours with ``{"placet": data}``.
        cases: Its cases.
        evaluator: Evaluates its modules.
        work: A folder for files of ours.
    """

    policies: Path
    modules: Modules
    documents: Sequence[Source]
    data: Mapping[str, Any]
    data_file: Path
    cases: Sequence[Case]
    evaluator: Evaluator
    work: Path
    _tables: dict[frozenset[tuple[str, ...]], Table] = field(default_factory=dict)

    @property
    def bundle(self) -> Path:
        """The folder that the paths of modules and documents are below."""
        return self.policies / "bundle"

    @property
    def opa(self) -> Path:
        """The pinned OPA."""
        return self.evaluator.opa

    @cached_property
    def shipped(self) -> list[PurePosixPath]:
        """The modules that are no tests."""
        return sorted(file for file in self.modules.sources if not is_test(file))

    @cached_property
    def points(self) -> list[Point]:
        """Input and data of every case."""
        return [Point(input=case.input, data=case.data) for case in self.cases]

    def paths(self, files: Iterable[PurePosixPath], changed: Mapping[PurePosixPath, Path] | None = None) -> list[Path]:
        """Where modules are read from: some of them from other files than their own."""
        others = changed or {}
        return [others.get(file, self.bundle / file) for file in sorted(files)]

    def decide(
        self, points: Sequence[Point], changed: Mapping[PurePosixPath, Path] | None = None
    ) -> list[dict[str, Any] | None]:
        """Effect and codes of the decision at every point, where some modules are read from other files.

        Raises:
            EvaluationError: OPA fails at some point.
        """
        table = self._table(self.shipped, points)
        return self.evaluator.decisions(self.paths(self.shipped, changed), table)

    def outcomes(
        self, rule: PurePosixPath, points: Sequence[Point], changed: Mapping[PurePosixPath, Path] | None = None
    ) -> list[Any]:
        """What the package of a rule says at every point, where some modules are read from other files.

        Raises:
            EvaluationError: OPA fails at some point.
        """
        seen = sorted(self.modules.seen_by(rule))
        package = self.modules.sources[rule].package
        return self.evaluator.outcomes(self.paths(seen, changed), self._table(seen, points), package)

    def _table(self, files: Sequence[PurePosixPath], points: Sequence[Point]) -> Table:
        """Points as one document; that of the cases, of which every mutant is asked, is made once."""
        read = self.modules.data_refs(files)
        if points is not self.points:
            return self.evaluator.table(points, read)
        if read not in self._tables:
            self._tables[read] = self.evaluator.table(points, read)
        return self._tables[read]

    def rules_that_see(self, file: PurePosixPath) -> list[PurePosixPath] | None:
        """The rule modules whose outcome may depend on a module; None where the decision itself sees it."""
        found = []
        for other in self.shipped:
            package = tuple(self.modules.sources[other].package.split("."))
            if file in self.modules.seen_by(other) and package[:2] == _RULES:
                found.append(other)
            elif other == file and package[1:2] == ("main",):
                return None
        return found

    def above(self, package: str) -> list[PurePosixPath]:
        """The modules of the packages around a package, which may annotate it: with the schema of its input."""
        inside = f"{package}."
        return [file for file in self.shipped if inside.startswith(f"{self.modules.sources[file].package}.")]


def read_folder(policies: Path, *, opa: Path, work: Path, jobs: int) -> Folder:
    """Read and parse a policy folder, and prove that its own tests and cases agree with it.

    Raises:
        CliError: Something cannot be read, a test fails, or a case decides something else than it expects: what
            is wrong already says nothing about mutants.
    """
    files = sorted(read_tree(policies / "bundle"))
    rego = [file for file in files if file.suffix == ".rego"]
    documents = [file for file in files if file.name == "data.json"]
    sources = read_sources(policies / "bundle", [*rego, *documents], opa=opa, work=work, jobs=jobs)
    modules = {source.file: source for source in sources[: len(rego)]}
    data = read_data(policies, "shipped")
    data_file = work / "data.json"
    data_file.write_text(json.dumps({"placet": data}), encoding="utf-8")
    packages = frozenset(tuple(source.package.split(".")) for source in modules.values())
    folder = Folder(
        policies=policies,
        modules=Modules(sources=modules),
        documents=sources[len(rego) :],
        data=data,
        data_file=data_file,
        cases=read_cases(policies) if (policies / "cases").is_dir() else [],
        evaluator=Evaluator(opa=opa, packages=packages),
        work=work,
    )
    _prove(folder)
    return folder


def default_jobs() -> int:
    """As many processes as there are processors for us."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prove(folder: Folder) -> None:
    with ThreadPoolExecutor(2) as pool:
        tested = pool.submit(run_tests, folder.opa, [*folder.paths(folder.modules.sources), folder.data_file])
        failed = _failing_case(folder)
    if failed is not None:
        raise CliError(f"{failed}: the cases must hold before anything is mutated; see `placet policy test`")
    outcome = tested.result()
    if not outcome.passed:
        raise CliError(f"{outcome.words}: the tests must pass before anything is mutated; see `placet policy test`")


def _failing_case(folder: Folder) -> str | None:
    if not folder.cases:
        return None
    try:
        decisions = folder.decide(folder.points)
    except EvaluationError as error:
        return str(error)
    pairs = zip(folder.cases, decisions, strict=True)
    return next((case.name for case, decision in pairs if decision != case.expected), None)
