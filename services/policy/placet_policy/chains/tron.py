"""Unsigned TRON transactions: the `raw` part of a Transaction, decoded strictly.

Field numbers are those of java-tron's protocol (core/Tron.proto, core/contract/balance_contract.proto and
smart_contract.proto). What is signed is the SHA-256 of the bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.chains.addresses import TRON_ADDRESS_BYTES, TRON_PREFIX
from placet_policy.chains.evm import TRANSFER_SELECTOR, TokenTransfer
from placet_policy.chains.protobuf import Message, MessageType, WireError, read_message

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_RAW_BYTES: Final = 64 * 1024
"""The network takes 500 KiB, but a payment has some 200 bytes."""
TRANSFER, TRIGGER = 1, 31
"""ContractType of TransferContract and TriggerSmartContract."""
_TYPE_URL: Final = "type.googleapis.com/protocol."
_SIGNATURE_BYTES: Final = 67
"""The one signature as a field of Transaction: tag, length and 65 bytes."""
_RESULT_BYTES: Final = 64
"""What java-tron adds for the result of each contract (Constant.MAX_RESULT_SIZE_IN_TX)."""
_TRANSFER_CALL_BYTES: Final = 68

_RAW: Final = MessageType(
    integers={3: "ref_block_num", 8: "expiration", 14: "timestamp", 18: "fee_limit"},
    texts={1: "ref_block_bytes", 4: "ref_block_hash", 10: "data", 12: "scripts"},
    lists={9: "auths", 11: "contract"},
)
_CONTRACT: Final = MessageType(
    integers={1: "type", 5: "permission_id"}, texts={2: "parameter", 3: "provider", 4: "contract_name"}
)
_ANY: Final = MessageType(texts={1: "type_url", 2: "value"})
_TRANSFER: Final = MessageType(integers={3: "amount"}, texts={1: "owner_address", 2: "to_address"})
_TRIGGER: Final = MessageType(
    integers={3: "call_value", 5: "call_token_value", 6: "token_id"},
    texts={1: "owner_address", 2: "contract_address", 4: "data"},
)
CONTRACT_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "AccountCreateContract",
        TRANSFER: "TransferContract",
        2: "TransferAssetContract",
        4: "VoteWitnessContract",
        10: "AccountUpdateContract",
        11: "FreezeBalanceContract",
        12: "UnfreezeBalanceContract",
        13: "WithdrawBalanceContract",
        30: "CreateSmartContract",
        TRIGGER: "TriggerSmartContract",
        46: "AccountPermissionUpdateContract",
        54: "FreezeBalanceV2Contract",
        55: "UnfreezeBalanceV2Contract",
        56: "WithdrawExpireUnfreezeContract",
        57: "DelegateResourceContract",
        58: "UnDelegateResourceContract",
        59: "CancelAllUnfreezeV2Contract",
    }
)
"""Names of Transaction.Contract.ContractType, for people; types that are not here are shown by number."""


class NotCanonicalError(Exception):
    """The bytes are not the canonical encoding of an unsigned transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """TransferContract: native coins.

    Attributes:
        owner: 21 bytes, who pays.
        to: 21 bytes.
        amount: Sun, a millionth of a TRX.
    """

    owner: bytes
    to: bytes
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """TriggerSmartContract: a call.

    Attributes:
        owner: 21 bytes, who calls and pays.
        contract: 21 bytes.
        data: Calldata.
        call_value: Sun that go along.
        call_token_value: Units of a TRC-10 token that go along.
        token_id: Which TRC-10 token.
    """

    owner: bytes
    contract: bytes
    data: bytes
    call_value: int
    call_token_value: int
    token_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One contract of a transaction.

    Attributes:
        type: ContractType.
        permission_id: Which permission of the owner's account signs; 0 is the owner's own.
        content: Decoded for the two types that pay, else None.
        value: The parameter's bytes.
    """

    type: int
    permission_id: int
    content: Transfer | Trigger | None
    value: bytes

    @property
    def name(self) -> str:
        """The type for people."""
        return CONTRACT_NAMES.get(self.type, f"contract type {self.type}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TronTransaction:
    """An unsigned transaction as its bytes say it.

    Attributes:
        contracts: What it does; the network executes transactions with exactly one.
        memo: The bytes of `data`.
        expiration: Unix time in milliseconds after which it is void; 0 if absent.
        timestamp: Unix time in milliseconds; 0 if absent.
        ref_block_bytes: 2 bytes of the number of the block that it builds on.
        ref_block_hash: 8 bytes of that block's hash.
        fee_limit: Sun that the execution of a smart contract may burn for energy; 0 if absent.
        signed_bytes: Size with one signature and the result, for which bandwidth is charged.
    """

    contracts: tuple[Contract, ...]
    memo: bytes
    expiration: int
    timestamp: int
    ref_block_bytes: bytes
    ref_block_hash: bytes
    fee_limit: int
    signed_bytes: int


def signing_hash(raw: bytes) -> bytes:
    """What is signed for any transaction: SHA-256 of its `raw` part."""
    return hashlib.sha256(raw).digest()


def decode_unsigned(raw: bytes) -> TronTransaction:
    """Decode the `raw` part of a transaction.

    Args:
        raw: The bytes; at most `MAX_RAW_BYTES`, which the caller checks.

    Raises:
        NotCanonicalError: Not Protocol Buffers, not canonical, an unknown field, a field that wallets do not use, or
            a parameter of another type than the contract says.
    """
    try:
        message = read_message(raw, _RAW)
        contracts = tuple(_contract(entry) for entry in message.lists["contract"])
    except WireError as error:
        raise NotCanonicalError(str(error)) from error
    if message.lists["auths"] or message.texts["scripts"]:
        raise NotCanonicalError("authorities or scripts")
    return TronTransaction(
        contracts=contracts,
        memo=message.texts["data"],
        expiration=message.integers["expiration"],
        timestamp=message.integers["timestamp"],
        ref_block_bytes=message.texts["ref_block_bytes"],
        ref_block_hash=message.texts["ref_block_hash"],
        fee_limit=message.integers["fee_limit"],
        signed_bytes=_signed_bytes(raw, len(contracts)),
    )


def decode_token_transfer(data: bytes) -> TokenTransfer | None:
    """Decode calldata that is exactly one TRC-20 `transfer(address,uint256)`.

    The address word's padding is zero, or has the address's leading 0x41 as its last byte: some honest encoders copy
    the whole 21 bytes, and the TRON virtual machine looks at the last 20 only.

    Returns:
        The recipient with 21 bytes and the amount; None for anything else.
    """
    if len(data) != _TRANSFER_CALL_BYTES or not data.startswith(TRANSFER_SELECTOR):
        return None
    padding, address = data[4:16], data[16:36]
    if padding not in (bytes(12), bytes(11) + TRON_PREFIX):
        return None
    return TokenTransfer(TRON_PREFIX + address, int.from_bytes(data[36:], "big"))


def _contract(data: bytes) -> Contract:
    contract = read_message(data, _CONTRACT)
    if contract.texts["provider"] or contract.texts["contract_name"]:
        raise NotCanonicalError("a provider or a contract name")
    parameter = read_message(contract.texts["parameter"], _ANY)
    number = contract.integers["type"]
    value = parameter.texts["value"]
    name = CONTRACT_NAMES.get(number)
    if name is not None and parameter.texts["type_url"] != (_TYPE_URL + name).encode("ascii"):
        raise NotCanonicalError("a parameter of another type than the contract's")
    return Contract(
        type=number, permission_id=contract.integers["permission_id"], content=_content(number, value), value=value
    )


def _content(number: int, value: bytes) -> Transfer | Trigger | None:
    if number == TRANSFER:
        message = read_message(value, _TRANSFER)
        return Transfer(
            owner=_address(message, "owner_address"),
            to=_address(message, "to_address"),
            amount=message.integers["amount"],
        )
    if number == TRIGGER:
        message = read_message(value, _TRIGGER)
        return Trigger(
            owner=_address(message, "owner_address"),
            contract=_address(message, "contract_address"),
            data=message.texts["data"],
            call_value=message.integers["call_value"],
            call_token_value=message.integers["call_token_value"],
            token_id=message.integers["token_id"],
        )
    return None


def _address(message: Message, name: str) -> bytes:
    address = message.texts[name]
    if len(address) != TRON_ADDRESS_BYTES or not address.startswith(TRON_PREFIX):
        raise NotCanonicalError("an address")
    return address


def _signed_bytes(raw: bytes, contracts: int) -> int:
    """Tag, length and bytes of `raw`, one signature, and room for each result (java-tron, BandwidthProcessor)."""
    length_bytes = max(1, -(-len(raw).bit_length() // 7))
    return 1 + length_bytes + len(raw) + _SIGNATURE_BYTES + _RESULT_BYTES * contracts
