"""What a Solana message does, in the form of the input document, whatever was declared (design section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.amounts import from_base_units
from placet_policy.chains.solana_fee import TOKEN_ACCOUNT_RENT
from placet_policy.chains.solana_programs import (
    TOKEN_PROGRAM,
    AccountCreation,
    CoinTransfer,
    ComputeBudget,
    Effect,
    Memo,
    Named,
    NonceAdvance,
    TokenTransfer,
    Unknown,
)
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.facts.account_transfer import native_asset, token_asset
from placet_policy.facts.printable import quote
from placet_policy.facts.solana.approval import approval_of, hazards_of
from placet_policy.facts.solana.compare import instruction_name

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.solana import Instruction
    from placet_policy.facts.proof import Proof
    from placet_policy.facts.solana.move import SolanaMove

_MAX_MEMO_CHARS = 80


def describe(move: SolanaMove, proof: Proof) -> None:
    """Fill in transfers, calls and sentences, one or the other for every instruction but the compute budget's."""
    for effect, instruction in zip(move.effects, move.message.instructions, strict=True):
        if isinstance(effect, CoinTransfer):
            asset = native_asset(move.case, move.chain)
            _add_transfer(proof, asset, {"from": effect.source, "to": effect.to}, effect.lamports)
        elif isinstance(effect, TokenTransfer):
            ends: dict[str, JSONValue] = {
                "from": move.proven_sender(effect),
                "to": move.proven_recipient(effect),
                "to_account": effect.destination,
            }
            _add_transfer(proof, _token_asset(move, effect), ends, effect.amount)
        elif not isinstance(effect, ComputeBudget):
            proof.calls.append(_call(effect, instruction))
            proof.summary.append(_sentence(effect, instruction))


def _token_asset(move: SolanaMove, transfer: TokenTransfer) -> dict[str, JSONValue]:
    """The asset by the mint in the bytes, not by the declared token."""
    mint = move.proven_mint(transfer)
    if mint is not None:
        return token_asset(move.case, move.chain, "spl", move.case.scheme.form.decode(mint))
    return {"kind": "spl", "contract": None, "token": None, "chain": None if move.chain is None else move.chain.id}


def _add_transfer(proof: Proof, asset: dict[str, JSONValue], ends: dict[str, JSONValue], amount: int) -> None:
    proof.transfers.append({"asset": asset, **ends, "amount": str(amount), "source": "bytes"})


def _call(effect: Effect, instruction: Instruction) -> dict[str, JSONValue]:
    return {
        "to": instruction.program,
        "selector": None,
        "method": None if isinstance(effect, Unknown) else instruction_name(effect),
        "args": _arguments(effect),
        "data": encode_hex(instruction.data),
        "value": "0",
        "operation": "call",
        "approval": approval_of(effect),
        "hazards": hazards_of(effect),
        "source": "bytes",
    }


def _arguments(effect: Effect) -> list[JSONValue]:
    if isinstance(effect, NonceAdvance):
        return [{"account": effect.account, "authority": effect.authority}]
    if isinstance(effect, AccountCreation):
        return [{"payer": effect.payer, "account": effect.account, "owner": effect.owner, "mint": effect.mint}]
    if isinstance(effect, Memo):
        return [{"text": effect.text}]
    if isinstance(effect, Named | Unknown):
        return list(effect.instruction.accounts)
    return []


def _sentence(effect: Effect, instruction: Instruction) -> str:
    if isinstance(effect, NonceAdvance):
        return f"It stays valid until the nonce account {effect.account} is advanced."
    if isinstance(effect, AccountCreation):
        # The size of a Token-2022 account depends on the mint, which the bytes do not show.
        known = effect.token_program == TOKEN_PROGRAM
        rent = f"about {from_base_units(TOKEN_ACCOUNT_RENT, 9)} SOL" if known else "SOL that the bytes do not bound"
        return f"Create the token account {effect.account} of {effect.owner}, for which {rent} are kept there."
    if isinstance(effect, Memo):
        if not effect.text.isprintable():
            return "Write a memo that is not printable."
        return f"Write the memo: {quote(effect.text, _MAX_MEMO_CHARS)}."
    if isinstance(effect, Named):
        return f"Run {effect.name} on {', '.join(effect.instruction.accounts[:1]) or 'no account'}."
    return f"Run the program {instruction.program} with {len(instruction.data)} bytes that are not understood."
