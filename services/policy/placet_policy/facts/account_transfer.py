"""One payment on a chain of accounts, compared with its declaration and described; EVM, TRON and Solana alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.chains.addresses import AddressError
from placet_policy.chains.amounts import AmountError, to_base_units
from placet_policy.codes import Code
from placet_policy.facts.comparison import ComparedField

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.declared import Declared
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Chain, Token


def declared_token(case: KeySignCase) -> Token | None:
    """The registry's token of transaction.token_id, or None with a finding."""
    token_id = case.transaction.text("token_id")
    token = None if token_id is None else case.registry.tokens.get(token_id)
    if token_id is not None and token is None:
        case.findings.miss(Code.TOKEN_UNKNOWN, case.transaction.at("token_id"))
    return token


def account_output(case: KeySignCase) -> Declared | None:
    """The declared payment; outputs of another kind of chain beside it would show people a second destination."""
    if case.destination.children("utxo_outputs", required=False):
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, case.destination.at("utxo_outputs"))
    return case.destination.child("account_output")


def compare_destination(
    case: KeySignCase,
    output: Declared,
    proven: bytes | None,
    *,
    absent: str = "no recipient",
    field: ComparedField = ComparedField.DESTINATION,
) -> None:
    """The declared recipient is the one in the bytes, compared as bytes; `absent` says what has none.

    Args:
        case: The request.
        output: The record with the address.
        proven: Who is paid, or which contract is called.
        absent: What the bytes do where nobody is.
        field: What the address states.
    """
    text = output.text("address")
    if text is None or field not in case.row.fields:
        return
    form = case.scheme.form
    try:
        declared = form.decode(text)
    except AddressError:
        output.findings.miss(Code.DECLARATION_NOT_CANONICAL, output.at("address"))
        return
    if declared != proven:
        output.findings.contradict(
            Code.DESTINATION_MISMATCH,
            output.at("address"),
            declared=form.encode(declared),
            proven=absent if proven is None else form.encode(proven),
        )


def compare_amount(case: KeySignCase, output: Declared, token: Token, proven: int) -> None:
    """The declared amount is the one in the bytes, in the token's base units."""
    text = output.text("amount")
    if text is None or ComparedField.AMOUNT not in case.row.fields:
        return
    try:
        declared = to_base_units(text, token.decimals)
    except AmountError:
        output.findings.miss(Code.DECLARATION_NOT_CANONICAL, output.at("amount"))
        return
    if declared != proven:
        output.findings.contradict(Code.AMOUNT_MISMATCH, output.at("amount"), declared=declared, proven=proven)


def compare_memo(case: KeySignCase, output: Declared, proven: bytes) -> None:
    """The declared memo is the one in the bytes; an exchange credits whoever the memo names."""
    declared = output.text("memo", required=False) or ""
    if ComparedField.MEMO in case.row.fields and declared.encode("utf-8", "surrogatepass") != proven:
        output.findings.contradict(
            Code.MEMO_MISMATCH,
            output.at("memo"),
            declared=declared or "no memo",
            proven=proven.decode("utf-8", "replace") or "no memo",
        )


def native_asset(case: KeySignCase, chain: Chain | None) -> dict[str, JSONValue]:
    """The coin of the chain that applies; the kind alone where none does."""
    token = None if chain is None else case.registry.tokens[chain.native_token]
    return _asset("native", None, token, chain)


def token_asset(case: KeySignCase, chain: Chain | None, kind: str, contract: bytes) -> dict[str, JSONValue]:
    """The asset by the contract or mint in the bytes, not by the declared token."""
    text = case.scheme.form.encode(contract)
    token = None if chain is None else case.registry.contracts.get((chain.id, text))
    return _asset(kind, text, token, chain)


def add_transfer(
    case: KeySignCase, proof: Proof, *, asset: dict[str, JSONValue], sender: bytes | None, to: bytes, amount: int
) -> None:
    """Add a movement of assets to the proof."""
    form = case.scheme.form
    proof.transfers.append(
        {
            "asset": asset,
            "from": None if sender is None else form.encode(sender),
            "to": form.encode(to),
            "amount": str(amount),
            "source": "bytes",
        }
    )


def _asset(kind: str, contract: str | None, token: Token | None, chain: Chain | None) -> dict[str, JSONValue]:
    return {
        "kind": kind,
        "contract": contract,
        "token": None if token is None else token.id,
        "chain": None if chain is None else chain.id,
    }
