"""A whole run: every mutant of the wanted files judged, several at a time."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from placet_cli.policy.mutation.cache import Cache
from placet_cli.policy.mutation.dependencies import is_test
from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.judge import Judge
from placet_cli.policy.mutation.mutants import Mutant, mutants
from placet_cli.policy.mutation.originals import Originals
from placet_cli.policy.mutation.syntax import Source
from placet_cli.policy.mutation.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mutant and what came of it."""

    mutant: Mutant
    verdict: Verdict


def wanted(folder: Folder, wants: Callable[[Source], bool]) -> list[Mutant]:
    """The mutants of the files that somebody wants judged: modules, then data, each by its path."""
    modules = [folder.modules.sources[file] for file in sorted(folder.modules.sources) if not is_test(file)]
    read = folder.modules.data_refs(folder.shipped)
    documents = [source for source in folder.documents if _is_read(tuple(source.package.split(".")), read)]
    return [mutant for source in [*modules, *documents] if wants(source) for mutant in mutants(source)]


def judge_all(
    folder: Folder, several: Sequence[Mutant], *, cache: Cache, jobs: int, progress: Callable[[], None]
) -> list[Judged]:
    """Judge mutants, in their order.

    Args:
        folder: The policy folder.
        several: The mutants.
        cache: Keeps verdicts.
        jobs: How many are judged at a time.
        progress: Called after each.

    Raises:
        EvaluationError: OPA does not end.
    """
    judge = Judge(folder, Originals(folder))

    def one(mutant: Mutant) -> Verdict:
        verdict = cache.find(mutant)
        if verdict is None:
            verdict = judge.judge(mutant)
            cache.keep(mutant, verdict)
        return verdict

    return list(_in_order(several, one, jobs, progress))


def _in_order(
    several: Sequence[Mutant], one: Callable[[Mutant], Verdict], jobs: int, progress: Callable[[], None]
) -> Iterator[Judged]:
    with ThreadPoolExecutor(jobs) as pool:
        for mutant, verdict in zip(several, pool.map(one, several), strict=True):
            progress()
            yield Judged(mutant=mutant, verdict=verdict)


def _is_read(place: tuple[str, ...], read: Collection[tuple[str, ...]]) -> bool:
    return any(ref[: len(place)] == place[: len(ref)] for ref in read)
