"""A found case as YAML that can be added to the folder."""

from pathlib import Path
from typing import Any

import yaml

from placet_cli.policy.case_changes import ChangeError, change
from placet_cli.policy.cases import read_inputs
from placet_cli.policy.mutation.evaluation import Point
from placet_cli.policy.mutation.search import Found
from placet_cli.policy.pointers import pointer
from placet_cli.policy.staging import read_data
from placet_cli.yaml_file import read_yaml


def case_text(policies: Path, found: Found) -> str:
    """The case, as the case that was changed is written with the change behind its own.

    Empty where the change cannot be written so: the case itself removes what is changed.
    """
    entry = _entry(policies, found)
    variant = found.variant
    suffix = "_data" if variant.in_data else ""
    if variant.remove:
        entry[f"remove{suffix}"] = [*entry.get(f"remove{suffix}", []), pointer(variant.place)]
    else:
        entry[f"set{suffix}"] = {**entry.get(f"set{suffix}", {}), pointer(variant.place): variant.value}
    entry["name"] = f"{entry['name']}, changed"
    entry["expect"] = dict(found.expected)
    if _written(policies, entry) != variant.point:
        return ""
    text: str = yaml.dump([entry], Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)
    return text


def _entry(policies: Path, found: Found) -> dict[str, Any]:
    case = found.variant.case
    name = case.name.split(": ", 1)[1]
    return next(dict(entry) for entry in read_yaml(policies / case.file) if entry.get("name") == name)


def _written(policies: Path, entry: dict[str, Any]) -> Point | None:
    try:
        return Point(
            input=change(read_inputs(policies)[entry["input"]], entry, sets="set", removes="remove"),
            data=change(read_data(policies, entry["data"]), entry, sets="set_data", removes="remove_data"),
        )
    except ChangeError:
        return None


class _Plain(yaml.SafeDumper):
    """Writes a value that stands twice twice: an anchor of one case would be none in the file that it is added to."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is YAML's
        return True
