"""Limits of work: how many requests at once, and how long one may take."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_edge.errors import Cause, NoDecisionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placet_edge.metrics import Metrics

_SIGNING_SHARE = 0.1
_SIGNING_RESERVE_MAX = 0.5


class Slots:
    """At most ``capacity`` requests at once; one more is refused, never queued: the node's clock is running."""

    def __init__(self, *, capacity: int, metrics: Metrics) -> None:
        self._free = capacity
        self._metrics = metrics

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold one slot.

        Raises:
            NoDecisionError: FULL, when there is none.
        """
        if self._free == 0:
            raise NoDecisionError(Cause.FULL)
        self._free -= 1
        self._metrics.in_flight.inc()
        try:
            yield
        finally:
            self._free += 1
            self._metrics.in_flight.dec()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The time for one request, counted from its first byte, on the event loop's clock.

    Attributes:
        ends_at: the loop time at which the whole request must be over.
        seconds: its whole length.
    """

    ends_at: float
    seconds: float

    @classmethod
    def starting(cls, began_at: float, seconds: float) -> Budget:
        """The budget of a request whose first byte came at ``began_at``."""
        return cls(ends_at=began_at + seconds, seconds=seconds)

    def for_policy(self) -> float:
        """Seconds left for the policy tier, so that a signature still fits in; never negative."""
        reserve = min(self.seconds * _SIGNING_SHARE, _SIGNING_RESERVE_MAX)
        return max(0.0, self.ends_at - reserve - asyncio.get_running_loop().time())


@dataclass(slots=True)
class Draining:
    """Whether this process is about to end: it is not ready any more, and asks its clients to connect elsewhere."""

    begun: bool = False
