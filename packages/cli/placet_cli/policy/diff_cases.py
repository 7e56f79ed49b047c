"""The cases of a policy folder under two releases: each case with its own changes of each release's own data."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.cases import Case, CaseError, try_cases
from placet_cli.policy.changes import Outcome
from placet_cli.policy.decisions import Decided, decide
from placet_cli.policy.release import Release
from placet_cli.policy.staging import read_data, read_modules, stage_files

_PARTS = ("cases", "demo")
_DEMO_INSIDE = "demo-inside"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCases:
    """The cases under both releases.

    Attributes:
        pairs: Name, decision before, decision after; without those where rules, input and data are the same.
        compared: How many cases there are, these included.
        left_out: Sentences about cases that one of the releases has no data for.
    """

    pairs: list[tuple[str, Outcome, Outcome]]
    compared: int
    left_out: list[str]


def compare_cases(before: Release, after: Release, work: Path, *, opa: Path) -> ComparedCases | None:
    """Decide the cases of the later folder, else of the earlier one, under both releases.

    Args:
        before: The first release.
        after: The second release.
        work: An empty folder.
        opa: The pinned OPA.

    Returns:
        None where neither is a folder with cases.

    Raises:
        CliError: The inputs of the cases cannot be read, or OPA does not compile a release.
    """
    owner = next((each.folder for each in (after, before) if each.folder and (each.folder / "cases").is_dir()), None)
    if owner is None:
        return None
    folders = [_side(each, owner, work / name) for each, name in ((before, "before"), (after, "after"))]
    left_out: list[str] = []
    old, new = (_readable(each.name, folder, left_out) for each, folder in zip((before, after), folders, strict=True))
    names = [name for name in new if name in old]
    if read_modules(folders[0]) == read_modules(folders[1]):
        # The same rules, input and data give the same decision.
        asked = [name for name in names if (old[name].data, old[name].input) != (new[name].data, new[name].input)]
    else:
        asked = names
    decided = [
        decide(folder, [cases[name] for name in asked], opa=opa)
        for folder, cases in zip(folders, (old, new), strict=True)
    ]
    pairs = [(name, _outcome(one), _outcome(two)) for name, one, two in zip(asked, *decided, strict=True)]
    return ComparedCases(pairs=pairs, compared=len(names), left_out=sorted(set(left_out)))


def _readable(name: str, folder: Path, left_out: list[str]) -> dict[str, Case]:
    """Read the cases that this side has data for, by name, and say which are left out."""
    cases: dict[str, Case] = {}
    for case in try_cases(folder):
        if isinstance(case, CaseError):
            left_out.append(f"under {name}, {case}")
        elif case.base == "shipped" and (folder / _DEMO_INSIDE).exists():
            left_out.append(f"under {name}, cases of shipped data: it was built with the demonstration data")
        else:
            cases[case.name] = case
    return cases


def _outcome(decided: Decided) -> Outcome:
    if decided.error:
        return Outcome(effect="error", reasons=(("", decided.error),))
    reasons = decided.decision.get("reasons", [])
    return Outcome(
        effect=str(decided.decision.get("effect")),
        reasons=tuple((str(reason.get("rule")), str(reason.get("code"))) for reason in reasons),
        # Not the summary: a case that changes an amount leaves the sentence about it as it was.
        amounts=_amounts(decided.case.input),
    )


def _amounts(document: Mapping[str, Any]) -> Counter[str]:
    """Add up what the case says that leaves. Cases state what no proof would: whatever is no transfer moves nothing."""
    amounts: Counter[str] = Counter()
    facts = document.get("facts")
    transfers = facts.get("transfers") if isinstance(facts, dict) else None
    for transfer in transfers if isinstance(transfers, list) else []:
        if isinstance(transfer, dict) and _leaves(transfer):
            asset, amount = transfer.get("asset"), transfer.get("amount")
            token = asset.get("token") if isinstance(asset, dict) else None
            if isinstance(token, str) and isinstance(amount, str) and amount.isdecimal():
                amounts[token] += int(amount)
    return amounts


def _leaves(transfer: Mapping[str, Any]) -> bool:
    return transfer.get("to_path") is None and transfer.get("from") != transfer.get("to")


def _side(release: Release, owner: Path, folder: Path) -> Path:
    """Lay a release out as a policy folder with the owner's cases."""
    folder.mkdir()
    for part in _PARTS:
        source = (release.folder or owner) if part == "demo" else owner
        if (source / part).is_dir():
            (folder / part).symlink_to((source / part).absolute())
    if release.folder is not None:
        (folder / "bundle").symlink_to((release.folder / "bundle").absolute())
        return folder
    stage_files(release.modules, folder / "bundle")
    stage_files(dict(_split(release.data, owner)), folder / "bundle")
    try:
        read_data(folder, "demo")
    except CliError:
        # The bundle was built with the demonstration data, which cannot be laid over it again.
        (folder / "demo").rename(folder / _DEMO_INSIDE)
    return folder


def _split(data: Mapping[str, Any], owner: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Write a bundle's one data document as the files that the owner has, so that the same overlay fits."""
    left = json.loads(json.dumps(data))
    files = {
        path.relative_to(owner / part) for part in ("bundle", "demo") for path in (owner / part).rglob("data.json")
    }
    for file in sorted(files, key=lambda each: (-len(each.parts), each)):
        place, steps = left, file.parts[1:-1]
        for step in steps[:-1]:
            place = place.get(step, {})
        if steps and isinstance(place.get(steps[-1]), dict):
            yield PurePosixPath(file.as_posix()), json.dumps(place.pop(steps[-1])).encode()
    yield PurePosixPath("placet/data.json"), json.dumps(left).encode()
