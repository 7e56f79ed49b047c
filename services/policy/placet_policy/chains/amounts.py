"""Amounts: the declaration has decimal text in coin units, the bytes have whole base units (protocol d.12, d.14)."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

# The canonical form has no sign, no exponent, no leading zeros, and digits on both sides of a point. Trailing zeros are
# harmless and appear in real traffic: `10.000` equals `10`.
_CANONICAL: Final = re.compile(r"\A(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
MAX_AMOUNT_CHARS: Final = 160
MAX_DECIMALS: Final = 77
"""10**77 is the largest power of ten below 2**256, so no token can use more."""
MAX_BASE_UNITS: Final = 2**256 - 1

# Large enough for every accepted text times 10**77; Inexact is trapped, so that a rounding can never pass in silence.
_CONTEXT: Final = Context(prec=2 * MAX_AMOUNT_CHARS, traps=[Inexact, InvalidOperation])


class AmountError(ValueError):
    """The text is not a canonical amount of the token."""


def to_base_units(text: str, decimals: int) -> int:
    """Turn a declared amount into base units, exactly.

    Args:
        text: Decimal text in coin units, e.g. `1.5`.
        decimals: Decimal places of the token, 0 to 77.

    Returns:
        The amount in base units, 0 to 2**256 - 1.

    Raises:
        AmountError: The text is not canonical, is finer than one base unit or is too large.
    """
    if len(text) > MAX_AMOUNT_CHARS or _CANONICAL.match(text) is None:
        raise AmountError("not canonical")
    units = Decimal(text).scaleb(decimals, _CONTEXT)
    whole = units.to_integral_value(context=_CONTEXT)
    if whole != units:
        raise AmountError("more digits than decimals")
    if whole > MAX_BASE_UNITS:
        raise AmountError("too large")
    return int(whole)


def from_base_units(units: int, decimals: int) -> str:
    """Write base units in coin units for people, without trailing zeros: 1500000000000000000 at 18 is `1.5`."""
    digits = str(units).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
