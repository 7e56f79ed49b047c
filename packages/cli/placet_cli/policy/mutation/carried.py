"""A change of the data that ship, carried into data that were made from them."""

from collections.abc import Mapping
from typing import Any


def carried(made: Any, shipped: Any, changed: Any) -> Any:
    """What would have been made of the changed data: what differs from the shipped ones stays as it is.

    Args:
        made: The shipped data with demonstration data laid over them, and with what a case sets and removes.
        shipped: The data that ship.
        changed: The data that would ship instead.
    """
    if made == shipped:
        return changed
    if not isinstance(made, Mapping) or not isinstance(shipped, Mapping) or not isinstance(changed, Mapping):
        return made
    found = {}
    for name, value in made.items():
        if name in shipped and name not in changed:
            if value == shipped[name]:
                continue
            found[name] = carried(value, shipped[name], {})
        else:
            found[name] = carried(value, shipped[name], changed[name]) if name in shipped else value
    return found
