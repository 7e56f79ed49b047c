"""Which declared fields are compared with the bytes, as a table (design section 5).

Honest traffic must pass, and not every declared field says what the bytes say: a drop pays itself while its declaration
still names what it replaces. So the fields are listed for each transaction type, destination type and replacement. A
combination that is not in the table is not decoded at all (KIND_NOT_SUPPORTED).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shape(StrEnum):
    """What the bytes must be."""

    TRANSFER = "transfer"
    """One payment, native or of a token, to the declared destination, and nothing else."""
    SELF_SEND = "self_send"
    """A payment of native coins from the source to itself, and nothing else."""
    STAKE = "stake"
    """Payments of which the provider declares one address and no amount; they are named by the bytes alone."""
    UNSTAKE = "unstake"
    """The same, spending what may be locked by a script that the request does not show."""
    CALL = "call"
    """A call of the declared contract with the declared calldata, or on EVM the creation of a contract."""
    INSTRUCTIONS = "instructions"
    """The declared Solana instructions in their order, and nothing else but compute budget and a nonce."""
    PERSONAL_MESSAGE = "personal_message"
    """A message of EIP-191 (`personal_sign`)."""
    TYPED_MESSAGE = "typed_message"
    """Typed data of EIP-712."""
    BIP137_MESSAGE = "bip137_message"
    """A message of BIP-137 (`signmessage` of Bitcoin wallets)."""
    BIP322_MESSAGE = "bip322_message"
    """A message of BIP-322, signed for one address."""
    RAW_HASH = "raw_hash"
    """A bare hash: nothing says of what."""


class ComparedField(StrEnum):
    """A statement of extra_info.transaction and what it is compared with."""

    CHAIN = "chain_id"
    """Registry chain of chain_id and token_id; the bytes' chain id."""
    TOKEN = "token_id"  # noqa: S105 -- a field name
    """Registry token: native, or the contract the bytes call."""
    DESTINATION = "destination.account_output.address"
    """The recipient in the bytes."""
    AMOUNT = "destination.account_output.amount"
    """The amount in the bytes, by the registry's decimals."""
    NONCE = "raw_tx_info.used_nonce"
    """The nonce in the bytes, when declared."""
    CONTRACT = "destination.address"
    """The contract that the bytes call; an empty address declares a creation."""
    CALLDATA = "destination.calldata"
    """The calldata in the bytes."""
    VALUE = "destination.value"
    """The coins that the bytes send along; absent means none."""
    MESSAGE = "destination.message"
    """The message whose digest is signed."""
    MESSAGE_BIP137 = "destination.message_bip137"
    """The message whose digest is signed."""
    MESSAGE_BIP322 = "destination.message_bip322"
    """The message whose virtual transaction is signed."""
    STRUCTURED_DATA = "destination.structured_data"
    """The typed data whose digest is signed; `raw_structured_data` must mean the same."""
    MESSAGE_HASH = "destination.msg_hash"
    """The hash that is signed."""
    MEMO = "destination.account_output.memo"
    """The memo in the bytes; absent means none. A TRON call has no place to declare one, so that it has none."""
    PROGRAM = "destination.instructions[].program_id"
    """The program that each instruction runs."""
    ACCOUNTS = "destination.instructions[].accounts[].pubkey"
    """The accounts of each instruction, in order."""
    ACCOUNT_FLAGS = "destination.instructions[].accounts[].is_signer, is_writable"
    """Whether the message lets an account's key sign, and lets programs write to the account."""
    INSTRUCTION_DATA = "destination.instructions[].data"
    """The data of each instruction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table.

    Attributes:
        shape: What the bytes must be.
        fields: The declared fields that are compared.
    """

    shape: Shape
    fields: frozenset[ComparedField]


@dataclass(frozen=True, slots=True)
class RowKey:
    """What a row is for: the registry's chain kind and three declared values (protocol d.3, d.19)."""

    chain_kind: str
    transaction_type: str
    destination_type: str
    replacement: str | None


_PAYMENT: Final = frozenset({ComparedField.CHAIN, ComparedField.TOKEN, ComparedField.DESTINATION, ComparedField.AMOUNT})
_TRANSFER: Final = Row(shape=Shape.TRANSFER, fields=_PAYMENT | {ComparedField.NONCE})
_TRANSFER_WITH_MEMO: Final = Row(shape=Shape.TRANSFER, fields=_PAYMENT | {ComparedField.MEMO})
_SELF_SEND: Final = Row(shape=Shape.SELF_SEND, fields=frozenset({ComparedField.CHAIN, ComparedField.NONCE}))
# On Bitcoin the destination is utxo_outputs (or account_output), and every other output must be own change.
_OUTPUTS: Final = Row(shape=Shape.TRANSFER, fields=_PAYMENT)
_OWN_OUTPUTS: Final = Row(shape=Shape.SELF_SEND, fields=frozenset({ComparedField.CHAIN, ComparedField.TOKEN}))
# The official example of a stake declares the amount 0 while its output holds more.
_STAKE: Final = Row(shape=Shape.STAKE, fields=_PAYMENT - {ComparedField.AMOUNT})
_UNSTAKE: Final = Row(shape=Shape.UNSTAKE, fields=_STAKE.fields)
_CALL: Final = Row(
    shape=Shape.CALL,
    fields=frozenset(
        {
            ComparedField.CHAIN,
            ComparedField.CONTRACT,
            ComparedField.CALLDATA,
            ComparedField.VALUE,
            ComparedField.NONCE,
        }
    ),
)
# TRON has no transaction numbers.
_TRON_CALL: Final = Row(
    shape=Shape.CALL,
    fields=frozenset(
        {
            ComparedField.CHAIN,
            ComparedField.CONTRACT,
            ComparedField.CALLDATA,
            ComparedField.VALUE,
            ComparedField.MEMO,
        }
    ),
)
_INSTRUCTIONS: Final = Row(
    shape=Shape.INSTRUCTIONS,
    fields=frozenset(
        {
            ComparedField.CHAIN,
            ComparedField.PROGRAM,
            ComparedField.ACCOUNTS,
            ComparedField.ACCOUNT_FLAGS,
            ComparedField.INSTRUCTION_DATA,
        }
    ),
)
_PERSONAL: Final = Row(shape=Shape.PERSONAL_MESSAGE, fields=frozenset({ComparedField.MESSAGE}))
# The typed data may be for another network than the declared chain: exchanges use fixed chain ids in their domains. So
# the chain is not compared, and the facts say the one that the domain names.
_TYPED: Final = Row(shape=Shape.TYPED_MESSAGE, fields=frozenset({ComparedField.STRUCTURED_DATA}))
_BIP137: Final = Row(shape=Shape.BIP137_MESSAGE, fields=frozenset({ComparedField.MESSAGE_BIP137}))
_BIP322: Final = Row(shape=Shape.BIP322_MESSAGE, fields=frozenset({ComparedField.MESSAGE_BIP322}))
# There is no row for BTC_EIP_191_Signature, which only an old SDK has and whose digest no document defines, nor for
# COSMOS_ADR_36_Signature, because no chain of Cosmos is decoded (protocol d.3): both stay KIND_NOT_SUPPORTED.
_RAW: Final = Row(shape=Shape.RAW_HASH, fields=frozenset({ComparedField.MESSAGE_HASH}))

COMPARED: Final[Mapping[RowKey, Row]] = MappingProxyType(
    {
        RowKey("evm", "Withdrawal", "Address", None): _TRANSFER,
        RowKey("evm", "Withdrawal", "Address", "SpeedUp"): _TRANSFER,
        RowKey("evm", "Withdrawal", "Address", "Resend"): _TRANSFER,
        RowKey("evm", "Withdrawal", "Address", "Drop"): _SELF_SEND,
        RowKey("bitcoin", "Withdrawal", "Address", None): _OUTPUTS,
        RowKey("bitcoin", "Withdrawal", "Address", "SpeedUp"): _OUTPUTS,
        RowKey("bitcoin", "Withdrawal", "Address", "Resend"): _OUTPUTS,
        RowKey("bitcoin", "Withdrawal", "Address", "Drop"): _OWN_OUTPUTS,
        # Stake and Unstake exist for the other chains too (protocol d.3), but no example or document says what their
        # bytes are and what is declared of them. So they are not decoded there: KIND_NOT_SUPPORTED.
        RowKey("bitcoin", "Stake", "Address", None): _STAKE,
        RowKey("bitcoin", "Unstake", "Address", None): _UNSTAKE,
        RowKey("evm", "ContractCall", "EVM_Contract", None): _CALL,
        RowKey("evm", "ContractCall", "EVM_Contract", "SpeedUp"): _CALL,
        RowKey("evm", "ContractCall", "EVM_Contract", "Resend"): _CALL,
        RowKey("evm", "ContractCall", "EVM_Contract", "Drop"): _SELF_SEND,
        RowKey("evm", "MessageSign", "EVM_EIP_191_Signature", None): _PERSONAL,
        RowKey("evm", "MessageSign", "EVM_EIP_712_Signature", None): _TYPED,
        RowKey("evm", "MessageSign", "Raw_Message_Signature", None): _RAW,
        RowKey("bitcoin", "MessageSign", "BTC_BIP_137_Signature", None): _BIP137,
        RowKey("bitcoin", "MessageSign", "BTC_BIP_322_Signature", None): _BIP322,
        RowKey("bitcoin", "MessageSign", "Raw_Message_Signature", None): _RAW,
        RowKey("tron", "MessageSign", "Raw_Message_Signature", None): _RAW,
        RowKey("solana", "MessageSign", "Raw_Message_Signature", None): _RAW,
        # TRON has no transaction numbers, so nothing can be replaced; an expired transaction is sent again.
        RowKey("tron", "Withdrawal", "Address", None): _TRANSFER_WITH_MEMO,
        RowKey("tron", "Withdrawal", "Address", "Resend"): _TRANSFER_WITH_MEMO,
        RowKey("tron", "ContractCall", "TRON_Contract", None): _TRON_CALL,
        RowKey("tron", "ContractCall", "TRON_Contract", "Resend"): _TRON_CALL,
        # Neither has Solana: a recent block or a nonce account stands for it.
        RowKey("solana", "Withdrawal", "Address", None): _TRANSFER_WITH_MEMO,
        RowKey("solana", "Withdrawal", "Address", "Resend"): _TRANSFER_WITH_MEMO,
        RowKey("solana", "ContractCall", "SOL_Contract", None): _INSTRUCTIONS,
        RowKey("solana", "ContractCall", "SOL_Contract", "Resend"): _INSTRUCTIONS,
    }
)

REPLACEMENTS: Final = frozenset({"Drop", "Resend", "SpeedUp"})
"""ReplaceType (protocol d.19)."""
