"""A transaction that is not in the request, found again from its parts and confirmed by the digest.

What the provider sends before signing is not documented, and `unsigned_raw_tx` may be null (protocol d.4). Then inputs,
outputs and change are declared, and few things are left to choose: version, sequence, and the order of the parts. A
candidate whose digest is the one to be signed is the transaction, since no other one has this digest.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from placet_policy.chains.bitcoin import Transaction, TxInput, TxOutput
from placet_policy.chains.bitcoin_digest import Digests, SpentOutput

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from placet_policy.chains.bitcoin import OutPoint

MAX_PARTS: Final = 32
"""Inputs and outputs together; a larger transaction is not searched for, so that at most 600 digests are tried."""
_VERSIONS: Final = (2, 1)
_SEQUENCES: Final = (0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF, 0)
"""Replaceable (BIP-125), with lock time, final; and zero, as the official taproot example has it."""


def rebuild(
    *,
    spent: Mapping[OutPoint, SpentOutput],
    outputs: Sequence[TxOutput],
    change: Sequence[TxOutput],
    digests: Collection[bytes],
) -> Transaction | None:
    """Find the transaction of these parts whose first input's digest is to be signed.

    Args:
        spent: The declared inputs, in order.
        outputs: The declared payments, in order.
        change: The declared change, in order.
        digests: What is to be signed.

    Returns:
        The transaction, or None when no candidate fits; its lock time is 0, which is the only one that can be guessed.
    """
    if not spent or not (outputs or change) or len(spent) + len(outputs) + len(change) > MAX_PARTS:
        return None
    wanted = frozenset(digests)
    for inputs, ordered in product(_input_orders(tuple(spent)), _output_orders(tuple(outputs), tuple(change))):
        for version, sequence in product(_VERSIONS, _SEQUENCES):
            candidate = Transaction(
                version=version,
                inputs=tuple(TxInput(outpoint, sequence) for outpoint in inputs),
                outputs=ordered,
                lock_time=0,
            )
            known = Digests(candidate, [spent[outpoint] for outpoint in inputs])
            if not wanted.isdisjoint(known.whole(0)):
                return candidate
    return None


def _input_orders(declared: tuple[OutPoint, ...]) -> Iterator[tuple[OutPoint, ...]]:
    """As declared, and as BIP-69 sorts: by transaction id as shown, then by number."""
    yield declared
    ordered = tuple(sorted(declared, key=lambda outpoint: (outpoint.txid[::-1], outpoint.index)))
    if ordered != declared:
        yield ordered


def _output_orders(outputs: tuple[TxOutput, ...], change: tuple[TxOutput, ...]) -> Iterator[tuple[TxOutput, ...]]:
    """The change together at any place among the payments, and as BIP-69 sorts: by value, then by script."""
    seen: set[tuple[TxOutput, ...]] = set()
    places = [outputs[:place] + change + outputs[place:] for place in reversed(range(len(outputs) + 1))]
    for order in (*places, tuple(sorted(outputs + change, key=lambda output: (output.value, output.script)))):
        if order not in seen:
            seen.add(order)
            yield order
