"""Looking for a case that would notice a survivor.

Every case is changed a little, where the mutated module reads it, until the rules say something else with the mutation
than without it. Where such a case is found the mutant decides differently; where none is found nothing is proved.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.policy.mutation.evaluation import EvaluationError
from placet_cli.policy.mutation.folder import Folder
from placet_cli.policy.mutation.mutants import Mutant
from placet_cli.policy.mutation.syntax import Node, Source, name_of, walk
from placet_cli.policy.mutation.variants import Variant, variants

_TRIED = 2_500
_A_PROCESS = 500
_A_PART = 700
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
    tried = list(islice(_variants(folder, source, mutant.edit.rule), _TRIED))
    for start in range(0, len(tried), _A_PROCESS):
        part = tried[start : start + _A_PROCESS]
        found = _worst(folder, _differing(folder, mutant.file, part, changed), changed)
        if found is not None:
            return found
    return None


def _variants(folder: Folder, source: Source, rule: str) -> Iterator[Variant]:
    """What the mutated rule reads first, then what the rules that it uses read, then everything.

    The module's own cases come before those of others, each part in a random order that is always the same.
    """
    own = [case for case in folder.cases if PurePosixPath(case.file).stem == source.file.parent.name]
    others = [case for case in folder.cases if case not in own]
    texts = _texts(source)
    data = [ref[1:] for ref in folder.modules.data_refs([source.file]) if len(ref) > 1]
    tried: set[str] = set()
    for rules in (_named(source, {rule}), _named(source, _used(source, rule)), source.rules):
        names = _names(rules) - tried
        tried |= names
        for cases in (own, others):
            several = [variant for case in cases for variant in variants(case, names, texts, data)]
            random.Random(source.package).shuffle(several)  # noqa: S311 - an order, and no secret
            yield from several[:_A_PART]


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


def _named(source: Source, names: Collection[str]) -> list[Node]:
    return [rule for rule in source.rules if name_of(rule) in names]


def _used(source: Source, rule: str) -> set[str]:
    """A rule and those of its module that it uses, directly or through others."""
    known = {name_of(each) for each in source.rules}
    found, waiting = set(), [rule]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            variables = (visit.node for visit in walk(_named(source, {current})) if visit.node.get("type") == "var")
            waiting += [str(node["value"]) for node in variables if node.get("value") in known]
    return found


def _names(rules: Sequence[Node]) -> set[str]:
    """The names in references: fields of the input and of data."""
    return {
        str(term["value"])
        for visit in walk(rules)
        if visit.node.get("type") == "ref"
        for term in visit.node["value"][1:]
        if term.get("type") == "string"
    }


def _texts(source: Source) -> set[str]:
    """The words that the module writes in quotes, but for the constant texts."""
    rules = [rule for rule in source.rules if name_of(rule) not in {"title", "remediation", "message"}]
    literals = [visit.node for visit in walk(rules) if visit.node.get("type") == "string"]
    quoted = [node for node in literals if (source.text_of(node) or "").startswith('"')]
    return {str(node["value"]) for node in quoted if " " not in node["value"]}
