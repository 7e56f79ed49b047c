"""Looking for a case that would notice a survivor.

Every case is changed a little, where the mutated module reads it, until the rules say something else with the mutation
than without it. Where such a case is found the mutant decides differently; where none is found nothing is proved.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.policy.mutation.dependencies import data_refs
from placet_cli.policy.mutation.evaluation import EvaluationError
from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.mutants import Mutant
from placet_cli.policy.mutation.syntax import Source, walk
from placet_cli.policy.mutation.variants import Variant, variants

_TRIED = 2_000
_A_PROCESS = 500
_DECIDED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A case that would notice a mutant.

    Attributes:
        variant: The case.
        expected: Effect and codes without the mutation.
        instead: Effect and codes with it; None where there is no decision.
    """

    variant: Variant
    expected: Mapping[str, Any]
    instead: Mapping[str, Any] | None


def search(folder: Folder, mutant: Mutant) -> Found | None:
    """Look for a case that would notice a surviving mutant of a module.

    Raises:
        EvaluationError: OPA fails where nothing is mutated.
    """
    source = folder.modules.sources.get(mutant.file)
    if source is None or not folder.cases:
        return None
    changed = {mutant.file: folder.work / f"{mutant.id}.rego"}
    changed[mutant.file].write_text(mutant.text, encoding="utf-8")
    tried = list(islice(_variants(folder, source), _TRIED))
    for start in range(0, len(tried), _A_PROCESS):
        part = tried[start : start + _A_PROCESS]
        found = _worst(folder, _differing(folder, mutant.file, part, changed), changed)
        if found is not None:
            return found
    return None


def _variants(folder: Folder, source: Source) -> Iterator[Variant]:
    """Those of the module's own cases first, then those of others; each part in a random order, always the same."""
    own = [case for case in folder.cases if PurePosixPath(case.file).stem == source.file.parent.name]
    others = [case for case in folder.cases if case not in own]
    names, texts = _names(source), _texts(source)
    data = [ref[1:] for ref in data_refs(source) if len(ref) > 1]
    for cases in (own, others):
        several = [variant for case in cases for variant in variants(case, names, texts, data)]
        random.Random(source.package).shuffle(several)  # noqa: S311 - an order, and no secret
        yield from several


def _differing(
    folder: Folder, file: PurePosixPath, part: Sequence[Variant], changed: Mapping[PurePosixPath, Path]
) -> list[Variant]:
    """The variants at which some rule says something else, or all of them where the decision itself is mutated."""
    rules = folder.rules_that_see(file)
    if rules is None:
        return list(part)
    points = [variant.point for variant in part]
    different: set[int] = set()
    for rule in rules:
        try:
            before, after = folder.outcomes(rule, points), folder.outcomes(rule, points, changed)
        except EvaluationError:
            # One odd input ends them all; the next part has others.
            continue
        different.update(index for index, outcome in enumerate(before) if outcome != after[index])
    return [part[index] for index in sorted(different)]


def _worst(folder: Folder, several: Sequence[Variant], changed: Mapping[PurePosixPath, Path]) -> Found | None:
    """Of the variants that decide differently one that the mutation allows, if there is one."""
    asked = several if len(several) > _A_PROCESS - 1 else several[:_DECIDED]
    points = [variant.point for variant in asked]
    if not points:
        return None
    try:
        before, after = folder.decide(points), folder.decide(points, changed)
    except EvaluationError:
        return None
    found = [
        Found(variant=variant, expected=expected, instead=instead)
        for variant, expected, instead in zip(asked, before, after, strict=True)
        if expected is not None and expected != instead
    ]
    return min(found, key=_harmless, default=None)


def _harmless(found: Found) -> int:
    return ("allow", "deny", "hold").index(found.instead["effect"]) if found.instead else 3


def _names(source: Source) -> set[str]:
    return {
        str(term["value"])
        for visit in walk(source.rules)
        if visit.node.get("type") == "ref" and visit.node["value"][0].get("value") != "data"
        for term in visit.node["value"][1:]
        if term.get("type") == "string"
    }


def _texts(source: Source) -> set[str]:
    return {
        str(visit.node["value"])
        for visit in walk(
            [rule for rule in source.rules if rule["head"]["ref"][0]["value"] not in {"title", "remediation"}]
        )
        if visit.node.get("type") == "string"
        and (source.text_of(visit.node) or "").startswith('"')
        and " " not in visit.node["value"]
    }
