"""What the instructions of a Solana message do: the programs that a payment uses, read strictly.

Each instruction becomes exactly one effect; what is not understood to the last byte and account becomes `Unknown`, so
that nothing can be left out. The layouts are those of the programs' published interfaces (solana-system-interface,
spl-token, spl-token-2022, spl-associated-token-account, solana-compute-budget-interface, spl-memo).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from placet_policy.chains.solana import ASSOCIATED_TOKEN_PROGRAM, Instruction

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM_PROGRAM: Final = "11111111111111111111111111111111"
TOKEN_PROGRAM: Final = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105 -- a program's address
TOKEN_2022_PROGRAM: Final = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105 -- a program's address
COMPUTE_BUDGET_PROGRAM: Final = "ComputeBudget111111111111111111111111111111"
MEMO_PROGRAMS: Final = frozenset(
    {"MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVddwQDxFMNo"}
)
"""Both versions of spl-memo; the second one is the older."""
_RECENT_BLOCKHASHES: Final = "SysvarRecentB1ockHashes11111111111111111111"
_RENT: Final = "SysvarRent111111111111111111111111111111111"

_UINT32: Final = 4
_UINT64: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinTransfer:
    """System Transfer: coins from one account to another.

    Attributes:
        source: Address that pays and must sign.
        to: Address that is paid.
        lamports: Amount in base units.
    """

    source: str
    to: str
    lamports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceAdvance:
    """System AdvanceNonceAccount: the message stays valid until somebody uses the nonce, instead of about a minute.

    Attributes:
        account: The nonce account.
        authority: Who may advance it, and must sign.
    """

    account: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTransfer:
    """Transfer or TransferChecked of SPL Token or Token-2022.

    Attributes:
        program: Which of the two token programs.
        source: The token account that pays.
        destination: The token account that is paid.
        authority: Who signs for the paying account: its owner, or a delegate.
        amount: In base units.
        mint: The token; None for a plain Transfer, whose bytes do not name it.
        decimals: Of the token, as the bytes state them; None for a plain Transfer.
    """

    program: str
    source: str
    destination: str
    authority: str
    amount: int
    mint: str | None
    decimals: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreation:
    """Create or CreateIdempotent of the Associated Token Account program.

    Attributes:
        payer: Who pays the rent, and must sign.
        account: The token account.
        owner: To whom it will belong.
        mint: The token it will hold.
        token_program: SPL Token or Token-2022.
        idempotent: Nothing happens, and no rent is paid, if the account exists already.
    """

    payer: str
    account: str
    owner: str
    mint: str
    token_program: str
    idempotent: bool


@dataclass(frozen=True, slots=True)
class ComputeLimit:
    """SetComputeUnitLimit: the most units that may be used, and that are paid for."""

    units: int


@dataclass(frozen=True, slots=True)
class ComputePrice:
    """SetComputeUnitPrice: millionths of a lamport for each unit."""

    micro_lamports: int


@dataclass(frozen=True, slots=True)
class ComputeHeap:
    """RequestHeapFrame: bytes of memory for each program; nobody pays for it."""

    size: int


@dataclass(frozen=True, slots=True)
class LoadedDataLimit:
    """SetLoadedAccountsDataSizeLimit: bytes of accounts that may be loaded; with more the transaction fails."""

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """A text on the chain.

    Attributes:
        program: Which of the two memo programs.
        text: UTF-8.
        signers: Addresses whose signatures it states.
    """

    program: str
    text: str
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An instruction of a known program that does something else than a payment.

    Attributes:
        program: Address.
        name: E.g. `Token.Approve`.
        instruction: As it stands in the message.
    """

    program: str
    name: str
    instruction: Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An instruction of another program, or one that is not in the published form.

    Attributes:
        program: Address.
        instruction: As it stands in the message.
    """

    program: str
    instruction: Instruction


ComputeBudget: TypeAlias = ComputeLimit | ComputePrice | ComputeHeap | LoadedDataLimit
Effect: TypeAlias = (
    CoinTransfer | NonceAdvance | TokenTransfer | AccountCreation | ComputeBudget | Memo | Named | Unknown
)

_SYSTEM_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    dict(
        enumerate(
            [
                "CreateAccount",
                "Assign",
                "Transfer",
                "CreateAccountWithSeed",
                "AdvanceNonceAccount",
                "WithdrawNonceAccount",
                "InitializeNonceAccount",
                "AuthorizeNonceAccount",
                "Allocate",
                "AllocateWithSeed",
                "AssignWithSeed",
                "TransferWithSeed",
                "UpgradeNonceAccount",
            ]
        )
    )
)
_SYSTEM_TRANSFER: Final = 2
_SYSTEM_ADVANCE_NONCE: Final = 4
_TOKEN_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    dict(
        enumerate(
            [
                "InitializeMint",
                "InitializeAccount",
                "InitializeMultisig",
                "Transfer",
                "Approve",
                "Revoke",
                "SetAuthority",
                "MintTo",
                "Burn",
                "CloseAccount",
                "FreezeAccount",
                "ThawAccount",
                "TransferChecked",
                "ApproveChecked",
                "MintToChecked",
                "BurnChecked",
                "InitializeAccount2",
                "SyncNative",
            ]
        )
    )
)
_TOKEN_TRANSFER: Final = 3
_TOKEN_TRANSFER_CHECKED: Final = 12
_ASSOCIATED_CREATE: Final = (b"", b"\x00")
_ASSOCIATED_CREATE_IDEMPOTENT: Final = b"\x01"
_ASSOCIATED_RECOVER_NESTED: Final = b"\x02"
_COMPUTE_HEAP: Final = 1
_COMPUTE_LIMIT: Final = 2
_COMPUTE_PRICE: Final = 3
_COMPUTE_LOADED_DATA: Final = 4
_HEAPS: Final = range(32 * 1_024, 256 * 1_024 + 1, 1_024)
"""Sizes that the network takes (solana-program-entrypoint, solana-compute-budget)."""


def decode_instruction(instruction: Instruction) -> Effect:
    """Say what one instruction does."""
    if instruction.program == SYSTEM_PROGRAM:
        return _system(instruction)
    if instruction.program in (TOKEN_PROGRAM, TOKEN_2022_PROGRAM):
        return _token(instruction)
    if instruction.program == ASSOCIATED_TOKEN_PROGRAM:
        return _associated(instruction)
    if instruction.program == COMPUTE_BUDGET_PROGRAM:
        return _compute_budget(instruction)
    if instruction.program in MEMO_PROGRAMS:
        return _memo(instruction)
    return _unknown(instruction)


def _system(instruction: Instruction) -> Effect:
    """A 4-byte little-endian number says which one it is (bincode of SystemInstruction)."""
    data, accounts = instruction.data, instruction.accounts
    if len(data) < _UINT32:
        return _unknown(instruction)
    which, rest = int.from_bytes(data[:_UINT32], "little"), data[_UINT32:]
    if which == _SYSTEM_TRANSFER:
        if len(accounts) != 2 or len(rest) != _UINT64:  # noqa: PLR2004 -- from, to
            return _unknown(instruction)
        return CoinTransfer(source=accounts[0], to=accounts[1], lamports=int.from_bytes(rest, "little"))
    if which == _SYSTEM_ADVANCE_NONCE:
        if len(accounts) != 3 or accounts[1] != _RECENT_BLOCKHASHES or rest:  # noqa: PLR2004 -- nonce, sysvar, authority
            return _unknown(instruction)
        return NonceAdvance(account=accounts[0], authority=accounts[2])
    return _named(instruction, "System", _SYSTEM_NAMES.get(which))


def _token(instruction: Instruction) -> Effect:
    """One byte says which one it is; amounts are 8 bytes little-endian (spl-token, TokenInstruction::unpack)."""
    data, accounts = instruction.data, instruction.accounts
    if not data:
        return _unknown(instruction)
    which, rest = data[0], data[1:]
    if which == _TOKEN_TRANSFER:
        # More accounts would be the signers of a multi-signature owner, or a transfer hook's.
        if len(accounts) != 3 or len(rest) != _UINT64:  # noqa: PLR2004 -- source, destination, authority
            return _unknown(instruction)
        source, destination, authority = accounts
        return TokenTransfer(
            program=instruction.program,
            source=source,
            destination=destination,
            authority=authority,
            amount=int.from_bytes(rest, "little"),
            mint=None,
            decimals=None,
        )
    if which == _TOKEN_TRANSFER_CHECKED:
        if len(accounts) != 4 or len(rest) != _UINT64 + 1:  # noqa: PLR2004 -- source, mint, destination, authority
            return _unknown(instruction)
        source, mint, destination, authority = accounts
        return TokenTransfer(
            program=instruction.program,
            source=source,
            destination=destination,
            authority=authority,
            amount=int.from_bytes(rest[:_UINT64], "little"),
            mint=mint,
            decimals=rest[_UINT64],
        )
    return _named(instruction, "Token", _TOKEN_NAMES.get(which))


def _associated(instruction: Instruction) -> Effect:
    """Payer, account, owner, mint, System, token program; older libraries add the rent sysvar."""
    data, accounts = instruction.data, instruction.accounts
    if data == _ASSOCIATED_RECOVER_NESTED:
        return _named(instruction, "AssociatedToken", "RecoverNested")
    idempotent = data == _ASSOCIATED_CREATE_IDEMPOTENT
    if not idempotent and data not in _ASSOCIATED_CREATE:
        return _unknown(instruction)
    if len(accounts) < 6 or accounts[6:] not in ((), (_RENT,)):  # noqa: PLR2004 -- the six of the docstring
        return _unknown(instruction)
    payer, account, owner, mint, system, token_program = accounts[:6]
    if system != SYSTEM_PROGRAM or token_program not in (TOKEN_PROGRAM, TOKEN_2022_PROGRAM):
        return _unknown(instruction)
    return AccountCreation(
        payer=payer, account=account, owner=owner, mint=mint, token_program=token_program, idempotent=idempotent
    )


def _compute_budget(instruction: Instruction) -> Effect:
    """One byte says which one it is (borsh of ComputeBudgetInstruction); what the network refuses is not understood."""
    data = instruction.data
    if instruction.accounts or not data:
        return _unknown(instruction)
    value = int.from_bytes(data[1:], "little")
    if data[0] == _COMPUTE_LIMIT and len(data) == 1 + _UINT32:
        return ComputeLimit(value)
    if data[0] == _COMPUTE_PRICE and len(data) == 1 + _UINT64:
        return ComputePrice(value)
    if data[0] == _COMPUTE_HEAP and len(data) == 1 + _UINT32 and value in _HEAPS:
        return ComputeHeap(value)
    if data[0] == _COMPUTE_LOADED_DATA and len(data) == 1 + _UINT32 and value:
        return LoadedDataLimit(value)
    return _unknown(instruction)


def _memo(instruction: Instruction) -> Effect:
    """The data is the text; the program itself refuses what is not UTF-8."""
    try:
        text = instruction.data.decode("utf-8")
    except UnicodeDecodeError:
        return _unknown(instruction)
    return Memo(program=instruction.program, text=text, signers=instruction.accounts)


def _named(instruction: Instruction, family: str, name: str | None) -> Effect:
    if name is None:
        return _unknown(instruction)
    return Named(program=instruction.program, name=f"{family}.{name}", instruction=instruction)


def _unknown(instruction: Instruction) -> Unknown:
    return Unknown(program=instruction.program, instruction=instruction)
