"""Decisions written as data: reading `policies/cases` and deciding all cases of one data set in one OPA process."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from policy_folder import POLICIES, data, opa_json, stage

_FIELDS = {"name", "input", "data", "set", "remove", "set_data", "remove_data", "expect"}
_QUERY = "[d | some i in input; d := data.placet.main.decision with input as i]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision.

    Attributes:
        name: File and name, for people.
        input: The whole input document.
        data: The whole of `data.placet` without Rego.
        expected: `effect`, and `codes` in the order of the answer.
    """

    name: str
    input: dict[str, Any]
    data: dict[str, Any]
    expected: dict[str, Any]


def bases(policies: Path = POLICIES) -> dict[str, Any]:
    """The named inputs that cases start from."""
    loaded: dict[str, Any] = yaml.safe_load((policies / "cases" / "inputs.yaml").read_text(encoding="utf-8"))
    return loaded


def cases(policies: Path = POLICIES) -> list[Case]:
    """Every case of the folder, file by file.

    Raises:
        ValueError: A case has a field that cases do not have, or changes a place that is not there.
    """
    inputs = bases(policies)
    found = []
    for file in sorted((policies / "cases").glob("*.yaml")):
        if file.name != "inputs.yaml":
            entries = yaml.safe_load(file.read_text(encoding="utf-8"))
            found += [_case(f"{file.stem}: {entry['name']}", entry, inputs, policies) for entry in entries]
    return found


def decide(folder: Path, several: Sequence[Case], *, policies: Path = POLICIES) -> list[dict[str, Any]]:
    """The decisions of the real OPA on these cases, one process for each data set among them."""
    decisions: dict[int, dict[str, Any]] = {}
    groups: dict[str, list[int]] = {}
    for index, case in enumerate(several):
        groups.setdefault(json.dumps(case.data, sort_keys=True), []).append(index)
    for number, members in enumerate(groups.values()):
        bundle = stage(folder / str(number), several[members[0]].data, policies=policies)
        asked = folder / f"{number}.json"
        asked.write_text(json.dumps([several[index].input for index in members]), encoding="utf-8")
        answers = opa_json("eval", "--format", "values", "--bundle", str(bundle), "--input", str(asked), _QUERY)[0]
        decisions.update(zip(members, answers, strict=True))
    return [decisions[index] for index in range(len(several))]


def _case(name: str, entry: Mapping[str, Any], inputs: Mapping[str, Any], policies: Path) -> Case:
    if unknown := entry.keys() - _FIELDS:
        raise ValueError(f"{name}: unknown {sorted(unknown)}")
    return Case(
        name=name,
        input=_changed(inputs[entry["input"]], entry.get("set", {}), entry.get("remove", [])),
        data=_changed(data(entry["data"], policies), entry.get("set_data", {}), entry.get("remove_data", [])),
        expected=entry["expect"],
    )


def _changed(document: Mapping[str, Any], sets: Mapping[str, Any], removes: Sequence[str]) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    for pointer, value in sets.items():
        place, last = _place(changed, pointer)
        # A value may stand in several cases, by an anchor, and the next change of this one may be inside it.
        place[last] = copy.deepcopy(value)
    for pointer in removes:
        place, last = _place(changed, pointer)
        del place[last]
    return changed


def _place(document: Any, pointer: str) -> tuple[Any, str | int]:
    """The container and the key that a JSON pointer (RFC 6901) names; the container must be there."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("/").split("/")]
    place = document
    for step in steps[:-1]:
        place = place[int(step) if isinstance(place, list) else step]
    return place, int(steps[-1]) if isinstance(place, list) else steps[-1]
