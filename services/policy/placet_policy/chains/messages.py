"""Messages that an EVM key signs: EIP-191 (`personal_sign`), and the kinds of EIP-712 data that move something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from placet_policy.chains.evm import HASH_BYTES, keccak256
from placet_policy.chains.evm_calls import Approval, Call, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.eip712 import TypedData

_HASH_TEXT: Final = re.compile(rb"\A(?:0x)?[0-9a-fA-F]{64}\Z")


class MessageKind(StrEnum):
    """What a message is for."""

    PERSONAL = "personal"
    TYPED = "typed"
    PERMIT = "permit"
    PERMIT2 = "permit2"
    NFT_PERMIT = "nft_permit"
    MANAGER_AUTHORIZATION = "manager_authorization"
    TRANSFER_AUTHORIZATION = "transfer_authorization"
    SAFE_TRANSACTION = "safe_transaction"
    SAFE_MESSAGE = "safe_message"
    RAW = "raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenApproval:
    """An approval, and the token contract whose coins it is about."""

    token: str
    approval: Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedTransfer:
    """A movement of tokens that a signature alone makes (EIP-3009).

    Attributes:
        sender: 20 bytes, whose tokens move.
        to: 20 bytes, who is paid.
        amount: Base units.
    """

    sender: bytes
    to: bytes
    amount: int


def personal_digest(message: bytes) -> bytes:
    """EIP-191, version 0x45: keccak256 of the prefix, the decimal length and the message."""
    return keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode("ascii") + message)


def may_be_hash(message: bytes) -> bool:
    """Whether a message is 32 bytes or their hexadecimal text: who signs it cannot see what it is the hash of.

    Contracts, such as a Safe, take such a signature for an approval of the transaction with that hash.
    """
    return len(message) == HASH_BYTES or _HASH_TEXT.match(message) is not None


def kind_of(data: TypedData) -> MessageKind:
    """What typed data is for, by its exact types; another structure of the same name is something else."""
    return _KINDS.get(_written(data), MessageKind.TYPED)


def approvals_of(data: TypedData) -> tuple[TokenApproval, ...]:
    """The approvals that a permit, a Permit2 message or a manager's authorization gives."""
    kind, values, contract = kind_of(data), data.values, data.contract or "an unnamed contract"
    if kind is MessageKind.NFT_PERMIT:
        # One token, whose number is no amount: a number 0 would look like an approval that is taken back.
        return (TokenApproval(token=contract, approval=Approval(spender=str(values["spender"]), amount=1)),)
    if kind is MessageKind.MANAGER_AUTHORIZATION:
        given = Approval(spender=str(values["manager"]), amount=None if values["isAllowed"] is True else 0)
        return (TokenApproval(token=contract, approval=given),)
    if kind is MessageKind.PERMIT:
        if "allowed" in values:
            amount = None if values["allowed"] is True else 0
            return (TokenApproval(token=contract, approval=Approval(spender=str(values["spender"]), amount=amount)),)
        granted = Approval(spender=str(values["spender"]), amount=int(str(values["value"])))
        return (TokenApproval(token=contract, approval=granted),)
    if kind is not MessageKind.PERMIT2:
        return ()
    details = values.get("details", values.get("permitted"))
    entries = details if isinstance(details, list) else [details]
    return tuple(
        TokenApproval(
            token=str(entry["token"]),
            approval=Approval(spender=str(values["spender"]), amount=int(str(entry["amount"]))),
        )
        for entry in entries
        if isinstance(entry, dict)
    )


def transfer_of(data: TypedData) -> AuthorizedTransfer | None:
    """The transfer that whoever has the signature can make (EIP-3009); None if the data is none."""
    if kind_of(data) is not MessageKind.TRANSFER_AUTHORIZATION:
        return None
    values = data.values
    return AuthorizedTransfer(
        sender=_octets(values["from"]), to=_octets(values["to"]), amount=int(str(values["value"]))
    )


def safe_message(data: TypedData) -> bytes | None:
    """The bytes that a Safe approves as its own signature (EIP-1271); None if the data is no such message."""
    return _octets(data.values["message"]) if kind_of(data) is MessageKind.SAFE_MESSAGE else None


def safe_call(data: TypedData) -> Call | None:
    """The call that a Safe makes with the signed transaction; None if it is none, or of no known operation."""
    values = data.values
    operation = _OPERATIONS.get(str(values.get("operation")))
    if kind_of(data) is not MessageKind.SAFE_TRANSACTION or operation is None:
        return None
    return Call(
        sender=None if data.contract is None else _octets(data.contract),
        to=_octets(values["to"]),
        value=int(str(values["value"])),
        data=_octets(values["data"]),
        operation=operation,
        depth=1,
    )


def safe_refunds(data: TypedData) -> bool:
    """Whether a Safe pays whoever executes the signed transaction, by a gas price that the signers chose."""
    return kind_of(data) is MessageKind.SAFE_TRANSACTION and data.values["gasPrice"] != "0"


def _written(data: TypedData) -> str:
    """The types as EIP-712 writes them; what a witness adds to a Permit2 transfer is left out."""
    members = data.types[data.primary_type]
    if data.primary_type in _WITNESSED and members:
        members = members[:-1]
    used = {kind.removesuffix("[]") for _, kind in members} & set(data.types)
    text = f"{data.primary_type}({','.join(f'{kind} {name}' for name, kind in members)})"
    for name in sorted(used):
        text += f"{name}({','.join(f'{kind} {member}' for member, kind in data.types[name])})"
    return text


def _octets(value: JSONValue) -> bytes:
    return bytes.fromhex(str(value).removeprefix("0x"))


_OPERATIONS: Final = {"0": Operation.CALL, "1": Operation.DELEGATECALL}
_WITNESSED: Final = frozenset({"PermitWitnessTransferFrom", "PermitBatchWitnessTransferFrom"})
_DETAILS: Final = "PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)"
_PERMISSIONS: Final = "TokenPermissions(address token,uint256 amount)"
_AUTHORIZED: Final = "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce"
_SAFE: Final = (
    "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    "address gasToken,address refundReceiver,uint256 nonce)"
)
_KINDS: Final[Mapping[str, MessageKind]] = {
    # EIP-2612, and the form before it (Dai).
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)": MessageKind.PERMIT,
    "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)": MessageKind.PERMIT,
    # Permit2 (Uniswap): allowances and single transfers, alone and in batches.
    f"PermitSingle(PermitDetails details,address spender,uint256 sigDeadline){_DETAILS}": MessageKind.PERMIT2,
    f"PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline){_DETAILS}": MessageKind.PERMIT2,
    **{
        f"{name}(TokenPermissions{array} permitted,address spender,uint256 nonce,uint256 deadline){_PERMISSIONS}": (
            MessageKind.PERMIT2
        )
        for name, array in (
            ("PermitTransferFrom", ""),
            ("PermitBatchTransferFrom", "[]"),
            ("PermitWitnessTransferFrom", ""),
            ("PermitBatchWitnessTransferFrom", "[]"),
        )
    },
    # Permits of single tokens of EIP-721 (Uniswap's positions, EIP-4494).
    "Permit(address spender,uint256 tokenId,uint256 nonce,uint256 deadline)": MessageKind.NFT_PERMIT,
    # Compound III: a manager may move everything that the owner has there, and borrow.
    "Authorization(address owner,address manager,bool isAllowed,uint256 nonce,uint256 expiry)": (
        MessageKind.MANAGER_AUTHORIZATION
    ),
    # EIP-3009; the second form can be used by the recipient alone.
    f"TransferWithAuthorization({_AUTHORIZED})": MessageKind.TRANSFER_AUTHORIZATION,
    f"ReceiveWithAuthorization({_AUTHORIZED})": MessageKind.TRANSFER_AUTHORIZATION,
    # Safe, from version 1.0.0 on.
    _SAFE: MessageKind.SAFE_TRANSACTION,
    "SafeMessage(bytes message)": MessageKind.SAFE_MESSAGE,
}
