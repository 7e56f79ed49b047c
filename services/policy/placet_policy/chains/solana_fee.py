"""The most that a Solana message can cost its fee payer beside what it transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.chains.solana_programs import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    AccountCreation,
    ComputeLimit,
    ComputePrice,
    Named,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_policy.chains.solana_programs import Effect

LAMPORTS_PER_SIGNATURE: Final = 5_000
"""The base fee, a constant of the network (solana-fee-structure)."""
DEFAULT_UNITS_PER_INSTRUCTION: Final = 200_000
"""What each instruction may use where no limit is set; built-in programs get less (solana-compute-budget)."""
MAX_UNITS: Final = 1_400_000
"""The most that one transaction may use, whatever limit it sets (solana-compute-budget)."""
TOKEN_ACCOUNT_RENT: Final = (128 + 165) * 3_480 * 2
"""Lamports that an SPL Token account must hold to exist: 165 bytes and the account's own 128, for two years at 3,480
a year (solana-rent, defaults). Like the base fee it is a constant of the network, not in the bytes."""
_MICRO: Final = 1_000_000


def fee_bound(signatures: int, effects: Sequence[Effect]) -> int | None:
    """The upper bound of fee and rent.

    Base fee, priority fee (price times the limit of units, rounded up), and the rent of token accounts that are
    created. Of Token-2022 no bound is known, because the size of an account depends on the mint's extensions; nor of a
    message with an unknown program, which could take anything, or with another instruction of the System program, which
    may pay for a new account.

    Args:
        signatures: Number of required signatures.
        effects: All the message's effects.

    Returns:
        Lamports, or None where neither the bytes nor the network's constants bound it.
    """
    rent = 0
    for effect in effects:
        if isinstance(effect, Unknown) or (isinstance(effect, Named) and effect.program == SYSTEM_PROGRAM):
            return None
        if isinstance(effect, AccountCreation):
            if effect.token_program != TOKEN_PROGRAM:
                return None
            rent += TOKEN_ACCOUNT_RENT
    return signatures * LAMPORTS_PER_SIGNATURE + _priority_fee(effects) + rent


def _priority_fee(effects: Sequence[Effect]) -> int:
    """The network refuses a second limit or price; the highest of each is taken, so that the bound holds anyway."""
    prices = [effect.micro_lamports for effect in effects if isinstance(effect, ComputePrice)]
    limits = [effect.units for effect in effects if isinstance(effect, ComputeLimit)]
    units = min(max(limits, default=DEFAULT_UNITS_PER_INSTRUCTION * len(effects)), MAX_UNITS)
    return -(-max(prices, default=0) * units // _MICRO)
