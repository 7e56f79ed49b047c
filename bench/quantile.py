"""One definition of a quantile for every table."""

import math
from collections.abc import Sequence


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which this part of the ordered values lies (nearest rank); NaN of nothing."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
