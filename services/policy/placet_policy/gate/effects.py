"""Which contradictions a release denies (``data.placet.rules.contradictions.effects``), as far as Python needs it.

The rule itself decides, in OPA. Python reads its data only to put the reasons of a denial in order, so data of another
shape is no reason to refuse a release: there is then nothing to put first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

_PATH: Final = ("rules", "contradictions", "effects")


def denying_codes(placet: Mapping[str, JSONValue]) -> frozenset[str]:
    """Return the codes whose effect is exactly ``deny``; none where the data has another shape.

    Args:
        placet: the bundle's ``data.placet``.
    """
    effects: JSONValue = dict(placet)
    for name in _PATH:
        effects = effects.get(name) if isinstance(effects, dict) else None
    if not isinstance(effects, dict):
        return frozenset()
    return frozenset(code for code, effect in effects.items() if effect == "deny")
