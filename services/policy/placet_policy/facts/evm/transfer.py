"""What an EVM transaction moves: compared with the declaration, and described (design section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from placet_policy.chains.evm import EvmTransaction, TokenTransfer, decode_token_transfer
from placet_policy.chains.evm_calls import Call, Operation
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import account_output, compare_amount, compare_destination, declared_token
from placet_policy.facts.comparison import Shape
from placet_policy.facts.evm.effects import Described, add_transfer, describe_call
from placet_policy.facts.evm.machine import evm_machine
from placet_policy.facts.key_sign_case import RAW_PATH

if TYPE_CHECKING:
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.registry import Token

_CREATION = "the creation of a contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvmMove:
    """A decoded transaction beside its declaration.

    Attributes:
        case: What is declared, and how it is compared.
        transaction: What the bytes say.
        derived: The signing key's 20-byte address; None if it could not be derived.
        source: The same, but None while the root key is not pinned: what facts may say about the sender.
    """

    case: KeySignCase
    transaction: EvmTransaction
    derived: bytes | None
    source: bytes | None


def compare_transfer(move: EvmMove) -> None:
    """One payment to the declared destination and nothing else: the row of an ordinary Withdrawal."""
    if move.transaction.to is None:
        move.case.transaction.findings.contradict(
            Code.CONTRACT_CREATION, RAW_PATH, declared="a payment", proven=_CREATION
        )
    token = declared_token(move.case)
    if token is None:
        return
    if token.contract is None:
        _compare_native(move, token)
    else:
        _compare_token(move, token)


def compare_self_send(move: EvmMove) -> None:
    """A drop: native coins from the source to itself, which moves nothing but the fee."""
    transaction, findings = move.transaction, move.case.transaction.findings
    if move.derived is None:
        return  # The key could not be derived, and the reason was noted there.
    if transaction.to != move.derived or transaction.data:
        findings.contradict(
            Code.DROP_NOT_SELF_SEND,
            move.case.transaction.at("replacement"),
            declared=f"a drop from {encode_hex(move.derived)}",
            proven=f"{recipient(transaction.to)} with {len(transaction.data)} bytes of calldata",
        )


def compare_nothing_beside(move: EvmMove) -> None:
    """A payment carries no access list, no blobs (EIP-4844) and no authorizations (EIP-7702)."""
    transaction = move.transaction
    for code, count, what in (
        (Code.ACCESS_LIST_PRESENT, transaction.access_list_entries, "an access list of {} addresses"),
        (Code.BLOBS_PRESENT, len(transaction.blob_hashes), "{} blobs"),
        (Code.AUTHORIZATIONS_PRESENT, len(transaction.authorizations), "{} authorizations"),
    ):
        if count:
            move.case.transaction.findings.contradict(
                code, RAW_PATH, declared="a plain transfer", proven=what.format(count)
            )


def describe(move: EvmMove) -> Described:
    """Say what the bytes do, whatever was declared."""
    transaction = move.transaction
    root = Call(
        sender=move.source,
        to=transaction.to,
        value=transaction.value,
        data=transaction.data,
        operation=Operation.CREATE if transaction.to is None else Operation.CALL,
    )
    transfer = _token_transfer(move)
    if transfer is None or transaction.to is None:
        described = describe_call(root, evm_machine(move.case.registry, transaction.chain_id))
    else:
        described = Described()
        _add_declared_token(described, move, root, transfer)
    if transaction.access_list_entries:
        described.summary.append(f"It carries an access list of {transaction.access_list_entries} addresses.")
    if transaction.blob_hashes:
        described.summary.append(f"It carries {len(transaction.blob_hashes)} blobs.")
    return described


def _add_declared_token(described: Described, move: EvmMove, root: Call, transfer: TokenTransfer) -> None:
    """Where a token is declared its transfer is one, of whichever contract; coins beside it move too."""
    machine = evm_machine(move.case.registry, move.transaction.chain_id)
    paid = replace(root, to=transfer.recipient)
    if root.to is not None:
        add_transfer(described, machine.token_asset(root.to), call=paid, amount=transfer.amount)
    if root.value:
        add_transfer(described, machine.native_asset(), call=root, amount=root.value)


def _compare_native(move: EvmMove, token: Token) -> None:
    """The value goes to the destination, and the calldata is exactly empty (protocol g.2, G7)."""
    transaction = move.transaction
    if transaction.data:
        move.case.transaction.findings.contradict(
            Code.CALLDATA_IN_NATIVE_TRANSFER, RAW_PATH, declared="no calldata", proven=f"{len(transaction.data)} bytes"
        )
    _compare_payment(move, token, transaction.to, transaction.value)


def _compare_token(move: EvmMove, token: Token) -> None:
    """EIP-20: the token's contract is called with exactly one transfer and no coins (protocol g.2, G6, G8)."""
    transaction, findings = move.transaction, move.case.transaction.findings
    contract = None if transaction.to is None else encode_hex(transaction.to)
    if contract != token.contract:
        findings.contradict(
            Code.TOKEN_CONTRACT_MISMATCH,
            move.case.transaction.at("token_id"),
            declared=f"{token.id} ({token.contract})",
            proven=recipient(transaction.to),
        )
    if transaction.value:
        findings.contradict(
            Code.NATIVE_VALUE_IN_TOKEN_TRANSFER, RAW_PATH, declared="0", proven=f"{transaction.value} base units"
        )
    transfer = decode_token_transfer(transaction.data)
    if transfer is None:
        findings.contradict(
            Code.CALLDATA_NOT_EXACT,
            RAW_PATH,
            declared="one ERC-20 transfer",
            proven=f"{len(transaction.data)} bytes of something else",
        )
        return
    _compare_payment(move, token, transfer.recipient, transfer.amount)


def _compare_payment(move: EvmMove, token: Token, to: bytes | None, amount: int) -> None:
    output = account_output(move.case)
    if output is not None:
        compare_destination(move.case, output, to, absent=_CREATION)
        compare_amount(move.case, output, token, amount)


def _token_transfer(move: EvmMove) -> TokenTransfer | None:
    """Calldata is a token transfer only where one is declared: elsewhere the same bytes may mean anything."""
    token = move.case.registry.tokens.get(str(move.case.transaction.members.get("token_id")))
    if move.case.row.shape is not Shape.TRANSFER or token is None or token.contract is None:
        return None
    return decode_token_transfer(move.transaction.data)


def recipient(address: bytes | None) -> str:
    """An address as findings show it, or the creation of a contract."""
    return _CREATION if address is None else encode_hex(address)
