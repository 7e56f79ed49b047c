"""What the ledger remembers of Bitcoin's inputs: the amount that was declared for each when an ALLOW signed for it.

A signature of BIP-143 binds the amount of its own input only. Of two requests for one transaction, the first may state
the amount of input 0 truly and that of input 1 too low, and the second the other way round: each fee looks small, and
the two good signatures together make a valid transaction that pays a large one. One output has one amount for ever, so
the ledger takes the first amount that was approved, and whatever differs from it is not approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Remembered(NamedTuple):
    """What an ALLOW stated about an outpoint.

    Attributes:
        amount: satoshi.
        decision_id: of the first ALLOW that signed for it.
    """

    amount: int
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAmount:
    """An outpoint about which a request and an earlier ALLOW say two things.

    Attributes:
        outpoint: transaction id as it is shown to people, and the number of the output.
        declared: satoshi, by this request.
        remembered: what the ALLOW stated.
    """

    outpoint: str
    declared: int
    remembered: Remembered

    def text(self) -> str:
        """Say it for people; which of the two is true, the ledger does not know."""
        amount, decision_id = self.remembered
        return f"{self.outpoint}: {self.declared} declared, {amount} in decision {decision_id}"


def other_amount(inputs: Mapping[str, int], remembered: Mapping[str, Remembered]) -> OtherAmount | None:
    """Return the first outpoint that was approved with another amount, None if there is none.

    Args:
        inputs: satoshi by outpoint, as a request declares them.
        remembered: what is known of any of them.
    """
    for outpoint, declared in sorted(inputs.items()):
        known = remembered.get(outpoint)
        if known is not None and known.amount != declared:
            return OtherAmount(outpoint=outpoint, declared=declared, remembered=known)
    return None
