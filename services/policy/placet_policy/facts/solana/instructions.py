"""A Solana message beside declared instructions: each of them, in their order, and nothing else (protocol d.14).

Numbered as the comments below: 1 compute budget, 2 nonce, 3 every other instruction, 4 what the accounts may do.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import base58

from placet_policy.chains.solana_programs import (
    COMPUTE_BUDGET_PROGRAM,
    CoinTransfer,
    NonceAdvance,
    TokenTransfer,
    Unknown,
)
from placet_policy.codes import Code
from placet_policy.facts.declared_call import shown_bytes
from placet_policy.facts.key_sign_case import RAW_PATH
from placet_policy.facts.solana.compare import instruction_name, transfer_text
from placet_policy.facts.solana.declared import declared_instructions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from placet_policy.chains.solana import Instruction
    from placet_policy.facts.solana.declared import DeclaredAccount, DeclaredInstruction
    from placet_policy.facts.solana.move import SolanaMove

_NOTHING_MORE: Final = "no such instruction"


def compare_instructions(move: SolanaMove) -> bool:
    """Account for every instruction of the bytes and every declared one.

    Returns:
        Whether there was a declaration to compare with; its absence was noted.
    """
    declared = declared_instructions(move.case)
    if not declared:
        return False
    budget = [one for one in declared if one.program == COMPUTE_BUDGET_PROGRAM]
    others = [one for one in declared if one.program != COMPUTE_BUDGET_PROGRAM]
    # 1 What only bounds the fee counts wherever it stands.
    _compare_budget(move, budget)
    # 2 A nonce that the provider put in front.
    nonce = _undeclared_nonce(move, others)
    # 3 All else is declared, in this order.
    _compare_in_order(move, others, start=0 if nonce is None else 1)
    # 4 Flags are the message's, merged over all its instructions.
    _compare_flags(move, declared, nonce)
    return True


def _compare_budget(move: SolanaMove, declared: Sequence[DeclaredInstruction]) -> None:
    """What is declared is there, and at most one of each known kind that is not declared.

    The provider may set its own in place of the declared ones, and the network takes no second of a kind: so a declared
    one that is absent is not proven, and no contradiction. The fee that they allow has its bound in the facts.
    """
    undeclared = [index for index, step in enumerate(move.message.instructions) if _is_budget(step)]
    for one in declared:
        found = next((index for index in undeclared if one.is_(move.message.instructions[index])), None)
        if found is None:
            move.findings.miss(Code.COMPUTE_BUDGET_NOT_PROVEN, one.record.path)
        else:
            undeclared.remove(found)
    for index in undeclared:
        effect = move.effects[index]
        if isinstance(effect, Unknown):
            move.findings.miss(Code.INSTRUCTION_UNKNOWN, f"{RAW_PATH}#{index}")
        elif sum(type(other) is type(effect) for other in move.effects) > 1:
            _refuse(move, index)


def _is_budget(step: Instruction) -> bool:
    return step.program == COMPUTE_BUDGET_PROGRAM


def _undeclared_nonce(move: SolanaMove, declared: Sequence[DeclaredInstruction]) -> NonceAdvance | None:
    """A nonce counts only as the first instruction, and only the signer's is advanced without being declared."""
    effect = next(iter(move.effects), None)
    if not isinstance(effect, NonceAdvance) or effect.authority != move.signer:
        return None
    is_declared = bool(declared) and declared[0].is_(move.message.instructions[0])
    return None if is_declared else effect


def _compare_in_order(move: SolanaMove, declared: Iterable[DeclaredInstruction], *, start: int) -> None:
    steps = [
        (index, step) for index, step in enumerate(move.message.instructions) if index >= start and not _is_budget(step)
    ]
    waiting = deque(declared)
    for place, (index, step) in enumerate(steps):
        # More are left than declared: what is not the next declared one was put in.
        if waiting and (waiting[0].is_(step) or len(steps) - place <= len(waiting)):
            _compare(move, waiting.popleft(), step)
        else:
            _refuse(move, index)
    for one in waiting:
        move.findings.contradict(
            Code.INSTRUCTION_MISSING, one.record.path, declared=one.program or "an instruction", proven=_NOTHING_MORE
        )


def _compare(move: SolanaMove, declared: DeclaredInstruction, proven: Instruction) -> None:
    record, findings = declared.record, move.findings
    if declared.program is not None and declared.program != proven.program:
        findings.contradict(
            Code.DESTINATION_MISMATCH, record.at("program_id"), declared=declared.program, proven=proven.program
        )
    if declared.accounts is None:
        # Those that cannot be read were noted.
        if proven.accounts and record.members.get("accounts") is None:
            findings.miss(Code.DECLARATION_MISSING, record.at("accounts"))
    elif None not in (declared.addresses or ()) and (declared.addresses or ()) != proven.accounts:
        findings.contradict(
            Code.ACCOUNTS_MISMATCH,
            record.at("accounts"),
            declared=_first_difference(declared.addresses or (), proven.accounts),
            proven=_first_difference(proven.accounts, declared.addresses or ()),
        )
    if declared.data is not None and declared.data != proven.data:
        _refuse_data(move, declared, declared.data, proven.data)


def _refuse_data(move: SolanaMove, declared: DeclaredInstruction, data: bytes, proven: bytes) -> None:
    """The encoding of `data` is not documented: text that is the bytes in another one is unclear, and no lie."""
    text, path = str(declared.record.members["data"]), declared.record.at("data")
    if text.lower().removeprefix("0x") == proven.hex() or text == base58.b58encode(proven).decode("ascii"):
        move.findings.miss(Code.DECLARATION_NOT_CANONICAL, path)
        return
    move.findings.contradict(Code.CALLDATA_MISMATCH, path, declared=shown_bytes(data), proven=shown_bytes(proven))


def _compare_flags(move: SolanaMove, declared: Sequence[DeclaredInstruction], nonce: NonceAdvance | None) -> None:
    """An account that one instruction writes to is writable in all; who pays the fee signs and is written to anyway."""
    accounts = [account for one in declared for account in one.accounts or ()]
    payer = {move.message.fee_payer}
    signers = payer | {account.address for account in accounts if account.is_signer}
    writable = payer | {account.address for account in accounts if account.is_writable}
    if nonce is not None:
        writable.add(nonce.account)
    used = {address for step in move.message.instructions for address in step.accounts}
    unread = {account.address for account in accounts if account.is_signer is None or account.is_writable is None}
    whole = all(one.accounts is not None for one in declared)
    for account in accounts:
        if account.address in used - unread:
            _compare_flag(move, account, "is_signer", signers, move.message.signers, whole=whole)
            _compare_flag(move, account, "is_writable", writable, move.message.writable, whole=whole)


def _compare_flag(
    move: SolanaMove,
    account: DeclaredAccount,
    name: str,
    declared: set[str | None],
    proven: Collection[str | None],
    *,
    whole: bool,
) -> None:
    is_declared, is_proven = account.address in declared, account.address in proven
    if is_proven and not is_declared and not whole:
        # Accounts that are not known may be what asks for it.
        move.findings.miss(Code.DECLARATION_MISSING, account.record.at(name))
    elif is_declared is not is_proven:
        move.findings.contradict(
            Code.ACCOUNT_FLAGS_MISMATCH, account.record.at(name), declared=is_declared, proven=is_proven
        )


def _refuse(move: SolanaMove, index: int) -> None:
    """An instruction that nobody declared; one that transfers is surely no part of what was asked for."""
    effect, step = move.effects[index], move.message.instructions[index]
    code, what = Code.EXTRA_INSTRUCTION, instruction_name(effect)
    if isinstance(effect, CoinTransfer | TokenTransfer):
        code, what = Code.EXTRA_TRANSFER, transfer_text(effect)
    elif isinstance(effect, Unknown):
        what = f"{len(step.data)} bytes to {step.program}"
    move.findings.contradict(code, RAW_PATH, declared=_NOTHING_MORE, proven=what)


def _first_difference(ours: Sequence[str | None], theirs: Sequence[str | None]) -> str:
    """Where two lists of accounts part, and how many there are; a finding has room for no more."""
    place = next((at for at, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), len(theirs))
    shown = ours[place] if place < len(ours) else "none"
    return f"{len(ours)} accounts, number {place}: {shown}"
