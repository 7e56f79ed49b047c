"""What an instruction of a known program gives away without moving it: approvals of spl-token, and hazards.

The token programs forgive accounts and bytes behind those that an approval needs, so it is read from its beginning;
what is not exactly the published form is a hazard beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.chains.solana import ASSOCIATED_TOKEN_PROGRAM
from placet_policy.chains.solana_programs import (
    SYSTEM_PROGRAM,
    TOKEN_2022_PROGRAM,
    TOKEN_PROGRAM,
    Effect,
    Named,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

_UNLIMITED: Final = 2**64 - 1
"""All that an amount of spl-token can be; wallets write no limit so."""
_AMOUNT: Final = slice(1, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """Where an approval has its parts.

    Attributes:
        accounts: How many there are.
        size: Bytes of data.
        token: Place of the mint, or of the token account where no mint is named.
        spender: Place of the delegate.
    """

    accounts: int
    size: int
    token: int
    spender: int


_APPROVALS: Final[Mapping[str, _Form]] = MappingProxyType(
    {
        "Token.Approve": _Form(accounts=3, size=9, token=0, spender=1),
        "Token.ApproveChecked": _Form(accounts=4, size=10, token=1, spender=2),
    }
)
# Whoever is named there has power over the account and what it holds afterwards, also where it had no master before.
_NEW_AUTHORITY: Final = frozenset(
    {
        "System.AllocateWithSeed",
        "System.Assign",
        "System.AssignWithSeed",
        "System.AuthorizeNonceAccount",
        "System.InitializeNonceAccount",
        "Token.InitializeAccount",
        "Token.InitializeAccount2",
        "Token.InitializeMint",
        "Token.InitializeMultisig",
        "Token.SetAuthority",
    }
)
# The System program moves no coins out of an account that has data, so that Allocate locks those of a wallet.
_NOT_COUNTED: Final = frozenset(
    {
        "AssociatedToken.RecoverNested",
        "System.Allocate",
        "System.AllocateWithSeed",
        "System.CreateAccount",
        "System.CreateAccountWithSeed",
        "System.TransferWithSeed",
        "System.WithdrawNonceAccount",
        "Token.Burn",
        "Token.BurnChecked",
        "Token.CloseAccount",
        "Token.MintTo",
        "Token.MintToChecked",
    }
)

_KEEPERS: Final = frozenset({SYSTEM_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM, ASSOCIATED_TOKEN_PROGRAM})


def approval_of(effect: Effect) -> dict[str, JSONValue] | None:
    """The approval that an instruction gives; None where it is none, or too short for one, which fails on the chain."""
    form = _form(effect)
    if form is None or not isinstance(effect, Named):
        return None
    accounts, data = effect.instruction.accounts, effect.instruction.data
    if len(accounts) < form.accounts or len(data) < form.size:
        return None
    amount = int.from_bytes(data[_AMOUNT], "little")
    return {
        "token": accounts[form.token],
        "spender": accounts[form.spender],
        "amount": str(amount),
        "unlimited": amount == _UNLIMITED,
    }


def hazards_of(effect: Effect) -> list[JSONValue]:
    """What is dangerous about an instruction, whatever its arguments are.

    What is not understood of a program that keeps assets may move them: a transfer with more accounts than it needs, or
    an extension of Token-2022.
    """
    if not isinstance(effect, Named):
        return ["ASSETS_NOT_COUNTED"] if isinstance(effect, Unknown) and effect.program in _KEEPERS else []
    form, instruction = _form(effect), effect.instruction
    exact = form is None or (len(instruction.accounts), len(instruction.data)) == (form.accounts, form.size)
    found = (
        ("INEXACT_CALLDATA", not exact),
        ("AUTHORITY_CHANGED", effect.name in _NEW_AUTHORITY),
        ("ASSETS_NOT_COUNTED", effect.name in _NOT_COUNTED),
    )
    return [hazard for hazard, present in found if present]


def _form(effect: Effect) -> _Form | None:
    return _APPROVALS.get(effect.name) if isinstance(effect, Named) else None
