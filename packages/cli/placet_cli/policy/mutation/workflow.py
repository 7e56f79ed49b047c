"""One run, from the policy folder to the results."""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from placet_cli.policy.mutation.accepted import read_accepted, stale, with_reasons
from placet_cli.policy.mutation.cache import Cache, default_root
from placet_cli.policy.mutation.case_text import case_text
from placet_cli.policy.mutation.changed_files import changed_since
from placet_cli.policy.mutation.evaluation import EvaluationError
from placet_cli.policy.mutation.fields import absent_fields
from placet_cli.policy.mutation.folder import Folder, read_folder
from placet_cli.policy.mutation.mutants import Mutant
from placet_cli.policy.mutation.results import Result
from placet_cli.policy.mutation.search import search
from placet_cli.policy.mutation.session import Judged, judge_all, wanted
from placet_cli.policy.mutation.syntax import Source
from placet_cli.policy.testing import Phase

_FIELDS = "input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What somebody wants of a run.

    Attributes:
        policies: The policy folder.
        opa: The pinned OPA.
        jobs: How many OPA processes run at a time.
        since: Only what differs from this commit; None: everything.
        only: Only packages with one of these texts in their names, ``input`` among them; empty: every package.
        cached: Verdicts of earlier runs count.
        searched: Cases for survivors are looked for.
    """

    policies: Path
    opa: Path
    jobs: int
    since: str | None = None
    only: Sequence[str] = ()
    cached: bool = True
    searched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run came to.

    Attributes:
        results: Of every mutant.
        stale: Entries of ``mutate.yaml`` that no survivor has: package, rule, operator, and the texts before and after.
    """

    results: list[Result]
    stale: list[tuple[str, ...]]


def mutate(options: Options, *, phase: Phase) -> Run:
    """Make the mutants of a policy folder and judge them.

    Raises:
        CliError: The folder cannot be read, or is not sound as it is.
    """
    accepted = read_accepted(options.policies)
    with tempfile.TemporaryDirectory(prefix="placet-mutate-") as work:
        read = phase("reading", 1)
        folder = read_folder(options.policies.absolute(), opa=options.opa, work=Path(work), jobs=options.jobs)
        read()
        wants = _wants(options, folder)
        judged = _judged(folder, options, wanted(folder, wants), phase)
        results = [_result(each) for each in judged]
        if _fields_wanted(options):
            results += absent_fields(folder, jobs=options.jobs)
        results = with_reasons(results, accepted)
        if options.searched:
            results = _with_cases(folder, options, judged, results, phase)
        left_out = _left_out(folder, wants, options)
    return Run(results=results, stale=stale(results, accepted, judged=lambda package: package not in left_out))


def _left_out(folder: Folder, wants: Callable[[Source], bool], options: Options) -> set[str]:
    """The packages that the run did not judge: what is listed of them is not known to be stale."""
    sources = [*folder.modules.sources.values(), *folder.documents]
    packages = {source.package for source in sources if not wants(source)}
    return packages if _fields_wanted(options) else {*packages, _FIELDS}


def _wants(options: Options, folder: Folder) -> Callable[[Source], bool]:
    changed = None if options.since is None else changed_since(options.policies, options.since)

    def wants(source: Source) -> bool:
        named = not options.only or any(text in source.package for text in options.only)
        return named and (changed is None or _touched(folder, source, changed))

    return wants


def _fields_wanted(options: Options) -> bool:
    return _FIELDS in options.only if options.only else options.since is None


def _touched(folder: Folder, source: Source, changed: set[PurePosixPath]) -> bool:
    """The file itself, a test beside it, or the cases named after it differ."""
    tests = folder.modules.tests_of(source.file) if source.file in folder.modules.sources else []
    beside = [test for test in tests if test.parent == source.file.parent]
    files = {PurePosixPath("bundle") / file for file in [source.file, *beside]}
    files.add(PurePosixPath("cases") / f"{source.file.parent.name}.yaml")
    return not files.isdisjoint(changed)


def _judged(folder: Folder, options: Options, several: Sequence[Mutant], phase: Phase) -> list[Judged]:
    root = default_root(os.environ) if options.cached else None
    return judge_all(
        folder,
        several,
        cache=Cache(folder=folder, root=root),
        jobs=options.jobs,
        progress=phase("mutants", len(several)),
    )


def _result(judged: Judged) -> Result:
    mutant = judged.mutant
    return Result(
        package=mutant.package,
        rule=mutant.edit.rule,
        operator=mutant.edit.operator,
        before=mutant.before,
        after=mutant.edit.text,
        place=f"bundle/{mutant.file}:{mutant.row}",
        diff=mutant.diff(),
        verdict=judged.verdict,
    )


def _with_cases(
    folder: Folder, options: Options, judged: Sequence[Judged], results: Sequence[Result], phase: Phase
) -> list[Result]:
    """The results, unlisted survivors with a case that would notice them where one is found."""
    wanting = {index for index, result in enumerate(results) if result.survived and not result.reason and result.diff}
    step = phase("looking for cases", len(wanting))

    def one(index: int) -> Result:
        if index not in wanting:
            return results[index]
        text = _case(folder, judged[index].mutant)
        step()
        return replace(results[index], case=text)

    with ThreadPoolExecutor(options.jobs) as pool:
        return list(pool.map(one, range(len(results))))


def _case(folder: Folder, mutant: Mutant) -> str:
    try:
        found = search(folder, mutant)
    except EvaluationError:
        return ""
    return case_text(folder.policies, found) if found else ""
