"""What a Solana message does, compared with a declared Withdrawal: one payment, and nothing beside it.

Numbered as the comments below: 1 payment, 2 other transfers, 3 every other instruction, 4 memo.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.chains.solana import associated_account
from placet_policy.chains.solana_programs import (
    AccountCreation,
    CoinTransfer,
    ComputeBudget,
    ComputeHeap,
    ComputeLimit,
    ComputePrice,
    Effect,
    LoadedDataLimit,
    Memo,
    Named,
    NonceAdvance,
    TokenTransfer,
    Unknown,
)
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import compare_amount, compare_destination, compare_memo
from placet_policy.facts.comparison import ComparedField
from placet_policy.facts.key_sign_case import RAW_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_policy.facts.declared import Declared
    from placet_policy.facts.solana.move import SolanaMove
    from placet_policy.registry import Token


_BUDGET_NAMES: Final[Mapping[type, str]] = MappingProxyType(
    {
        ComputeHeap: "ComputeBudget.RequestHeapFrame",
        ComputeLimit: "ComputeBudget.SetComputeUnitLimit",
        ComputePrice: "ComputeBudget.SetComputeUnitPrice",
        LoadedDataLimit: "ComputeBudget.SetLoadedAccountsDataSizeLimit",
    }
)


def compare_withdrawal(move: SolanaMove) -> bool:
    """One payment of the declared token to the declared destination, and only what such a payment needs.

    Returns:
        Whether there was a declaration to compare with; its absence was noted.
    """
    # 1 The payment itself.
    if move.token is not None:
        _compare_payment(move, move.token)
    # 2 Whatever else is transferred.
    for extra in _extra_transfers(move):
        move.findings.contradict(Code.EXTRA_TRANSFER, RAW_PATH, declared="one payment", proven=transfer_text(extra))
    # 3 Instructions that transfer nothing.
    for index, effect in enumerate(move.effects):
        if isinstance(effect, Unknown):
            move.findings.miss(Code.INSTRUCTION_UNKNOWN, f"{RAW_PATH}#{index}")
        elif not isinstance(effect, CoinTransfer | TokenTransfer) and not _belongs(move, index, effect):
            move.findings.contradict(
                Code.EXTRA_INSTRUCTION, RAW_PATH, declared="one payment", proven=instruction_name(effect)
            )
    # 4 The text that goes with it.
    if move.output is not None:
        compare_memo(move.case, move.output, _memo(move))
    return move.token is not None and move.output is not None


def instruction_name(effect: Effect) -> str:
    """What an instruction is called, for people."""
    if isinstance(effect, Named):
        return effect.name
    if isinstance(effect, NonceAdvance):
        return "System.AdvanceNonceAccount"
    if isinstance(effect, AccountCreation):
        return "AssociatedToken.CreateIdempotent" if effect.idempotent else "AssociatedToken.Create"
    return _BUDGET_NAMES.get(type(effect), type(effect).__name__)


def _compare_payment(move: SolanaMove, token: Token) -> None:
    payments = move.payments()
    if not payments:
        # What an unknown instruction does is not known, so it may be the payment.
        if not any(isinstance(effect, Unknown) for effect in move.effects):
            move.findings.contradict(
                Code.PAYMENT_MISSING, RAW_PATH, declared=f"a payment of {token.id}", proven="none in the bytes"
            )
        return
    payment = payments[0]
    if isinstance(payment, CoinTransfer):
        _compare_sender(move, payment.source)
        if move.output is not None:
            compare_destination(move.case, move.output, move.case.scheme.form.decode(payment.to))
            compare_amount(move.case, move.output, token, payment.lamports)
    else:
        _compare_token_payment(move, token, payment)


def _compare_token_payment(move: SolanaMove, token: Token, payment: TokenTransfer) -> None:
    """Mint, accounts and amount (protocol g.2, G14)."""
    _compare_sender(move, payment.authority)
    if payment.mint is not None and payment.mint != token.contract:
        move.findings.contradict(
            Code.TOKEN_CONTRACT_MISMATCH,
            move.case.transaction.at("token_id"),
            declared=f"{token.id} ({token.contract})",
            proven=payment.mint,
        )
    elif payment.decimals is not None and payment.decimals != token.decimals:
        move.findings.contradict(
            Code.TOKEN_DECIMALS_MISMATCH,
            move.case.transaction.at("token_id"),
            declared=f"{token.id} ({token.decimals} decimals)",
            proven=payment.decimals,
        )
    if move.proven_sender(payment) is None:
        move.findings.miss(Code.TOKEN_ACCOUNT_NOT_PROVEN, RAW_PATH)
    if move.output is not None:
        _compare_token_destination(move, move.output, payment)
        compare_amount(move.case, move.output, token, payment.amount)


def _compare_sender(move: SolanaMove, proven: str) -> None:
    """Only the signer can pay: the network would refuse another one, and so nothing honest names one."""
    if proven != move.signer:
        move.findings.contradict(Code.OWNER_MISMATCH, RAW_PATH, declared=move.signer, proven=proven)


def _compare_token_destination(move: SolanaMove, output: Declared, payment: TokenTransfer) -> None:
    """The declared destination is an owner; the bytes pay a token account, which must be derived from that owner."""
    text, declared, path = output.text("address"), move.destination, output.at("address")
    if text is None or ComparedField.DESTINATION not in move.case.row.fields:
        return
    if declared is None:
        move.findings.miss(Code.DECLARATION_NOT_CANONICAL, path)
        return
    mint, recipient = move.proven_mint(payment), move.proven_recipient(payment)
    if recipient == declared:
        return
    if mint is None or recipient is None:
        # The declared address may itself be a token account, or the owner of one that is not derived from it, and the
        # bytes do not say whose the paid one is.
        move.findings.miss(Code.TOKEN_ACCOUNT_NOT_PROVEN, path)
        return
    move.findings.contradict(
        Code.DESTINATION_MISMATCH,
        path,
        declared=f"{declared} (token account {associated_account(declared, mint, payment.program)})",
        proven=f"{recipient} (token account {payment.destination})",
    )


def _extra_transfers(move: SolanaMove) -> list[CoinTransfer | TokenTransfer]:
    """Every transfer but the first of the declared token's kind; none can be named while the token is unknown."""
    transfers = [effect for effect in move.effects if isinstance(effect, CoinTransfer | TokenTransfer)]
    if move.token is None:
        return transfers[1:]
    payments = move.payments()
    return [effect for effect in transfers if not payments or effect is not payments[0]]


def transfer_text(effect: CoinTransfer | TokenTransfer) -> str:
    """A transfer as findings show it."""
    if isinstance(effect, CoinTransfer):
        return f"{effect.lamports} lamports to {effect.to}"
    token = "a token" if effect.mint is None else effect.mint
    return f"{effect.amount} base units of {token} to token account {effect.destination}"


def _belongs(move: SolanaMove, index: int, effect: Effect) -> bool:
    """Whether an instruction is one that a payment may bring along, in its place and for the first time."""
    first = all(type(earlier) is not type(effect) for earlier in move.effects[:index])
    if isinstance(effect, NonceAdvance):
        # A nonce counts only as the first instruction; anywhere else it would be used up for nothing.
        return index == 0 and effect.authority == move.signer
    if isinstance(effect, AccountCreation):
        return first and _is_for_payment(move, effect)
    if isinstance(effect, Memo):
        return first and all(signer == move.signer for signer in effect.signers)
    return first and isinstance(effect, ComputeBudget)


def _is_for_payment(move: SolanaMove, creation: AccountCreation) -> bool:
    """The account that is paid, for the declared owner, at the signer's cost: the rent is the owner's to keep."""
    payment = next(iter(move.payments()), None)
    return (
        isinstance(payment, TokenTransfer)
        and creation.payer == move.signer
        and creation.account == payment.destination
        and creation.token_program == payment.program
        and creation.mint == move.proven_mint(payment)
        and creation.owner == move.proven_recipient(payment)
    )


def _memo(move: SolanaMove) -> bytes:
    return next((effect.text.encode() for effect in move.effects if isinstance(effect, Memo)), b"")
