"""What a case changes in the document that it starts from, place by place."""

import copy
from collections.abc import Mapping
from typing import Any

from placet_cli.policy.pointers import steps_of


class ChangeError(Exception):
    """A change that cannot be made.

    Attributes:
        field: The field of the case: ``set``, ``remove_data``, …
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def change(document: Mapping[str, Any], entry: Mapping[str, Any], *, sets: str, removes: str) -> dict[str, Any]:
    """Copy a document with a case's changes: first what is set, then what is removed.

    Args:
        document: Is left as it is.
        entry: The case.
        sets: The field that maps JSON pointers (RFC 6901) to values; the container of each must be there.
        removes: The field that lists JSON pointers; each must be there.

    Raises:
        ChangeError: A field has another shape, or names a place that is not there: the case would decide something
            else than it says.
    """
    setting, removing = entry.get(sets, {}), entry.get(removes, [])
    if not isinstance(setting, dict):
        raise ChangeError(sets, "is a map from JSON pointers to values")
    if not isinstance(removing, list):
        raise ChangeError(removes, "is a list of JSON pointers")
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    for pointer, value in setting.items():
        place, last = _place(changed, pointer, sets)
        place[last] = copy.deepcopy(value)
    for pointer in removing:
        place, last = _place(changed, pointer, removes)
        if isinstance(place, dict) and last not in place:
            raise ChangeError(removes, f"{pointer} is not there")
        del place[last]
    return changed


def _place(document: Any, pointer: Any, field: str) -> tuple[Any, str | int]:
    """The container and the key that a JSON pointer names; the container must be there."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise ChangeError(field, f"{pointer!r} is no JSON pointer; one starts with /")
    steps = steps_of(pointer)
    place = document
    try:
        for step in steps[:-1]:
            place = place[_key(place, step)]
        return place, _key(place, steps[-1])
    except (KeyError, IndexError, ValueError) as error:
        raise ChangeError(field, f"{pointer} is not there") from error


def _key(place: Any, step: str) -> str | int:
    """The step as a key of the place; an index must name an item."""
    if isinstance(place, dict):
        return step
    if not isinstance(place, list) or not step.isdecimal() or int(step) >= len(place):
        raise KeyError(step)
    return int(step)
