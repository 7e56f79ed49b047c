"""Unsigned Solana messages: legacy and version 0, decoded strictly (protocol d.4).

Nothing is hashed: Ed25519 signs the whole message, so what `msg_hash_list` holds is the message itself. Canonical means
that encoding what was decoded gives the same bytes; Solana's lengths are "compact-u16", which a lax reader would
accept in more than one form.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from solders.message import Message, MessageV0, from_bytes_versioned, to_bytes_versioned
from solders.pubkey import Pubkey

MAX_MESSAGE_BYTES: Final = 1232 - 1 - 64
"""A transaction fits one packet of 1,232 bytes (solana-packet, PACKET_DATA_SIZE), signature count and one signature
included; larger ones are not relayed."""
MAX_RAW_BYTES: Final = 4 * ((MAX_MESSAGE_BYTES + 1 + 2) // 3)
"""The base64 text of the signature count and the longest message, in bytes."""
_VERSIONED: Final = 0x80
_VERSION_0: Final = 0x80
# A wallet pays few accounts again and again, and each lookup tries up to 255 points of the curve; the results are pure.
_REMEMBERED: Final = 1024

ASSOCIATED_TOKEN_PROGRAM: Final = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105 -- a program's address
_ASSOCIATED_TOKEN: Final = Pubkey.from_string(ASSOCIATED_TOKEN_PROGRAM)


class SolanaError(Exception):
    """The bytes cannot be taken as one of the known unsigned messages."""


class WrapperError(SolanaError):
    """The text around the message is not canonical base64 of a transaction without signatures."""


class TooLargeError(SolanaError):
    """Longer than any transaction that the network relays."""


class NotCanonicalError(SolanaError):
    """The bytes are not the canonical encoding of a message."""


class VersionNotSupportedError(SolanaError):
    """A message version that is not decoded."""


class LookupTableError(SolanaError):
    """Accounts stand in address lookup tables, whose content is on the chain and not in the bytes."""


class Version(StrEnum):
    """The message versions that can be decoded."""

    LEGACY = "legacy"
    V0 = "v0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction with its accounts resolved.

    Attributes:
        program: Address of the program that is called.
        accounts: Addresses in the order the program reads them.
        data: What the program is told.
    """

    program: str
    accounts: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SolanaMessage:
    """An unsigned message as its bytes say it.

    Attributes:
        version: Legacy or 0.
        signers: Addresses whose signatures are required; the first pays the fee.
        writable: Addresses that programs may write to; the flag is the message's, for all its instructions together.
        recent_blockhash: Base58; for a durable nonce the nonce's value.
        instructions: In the order of execution.
    """

    version: Version
    signers: tuple[str, ...]
    writable: frozenset[str]
    recent_blockhash: str
    instructions: tuple[Instruction, ...]

    @property
    def fee_payer(self) -> str:
        """The account that pays fees and rent: the first one (Solana, "Transaction fees")."""
        return self.signers[0]


def unwrap(raw: bytes) -> bytes:
    """Take the message out of the provider's form: base64 text of a signature count of 0 and the message.

    Args:
        raw: The bytes of the text, i.e. `unsigned_raw_tx` with its hexadecimal layer removed.

    Returns:
        The message, which is what is signed; at most `MAX_MESSAGE_BYTES`.

    Raises:
        TooLargeError: Longer than the limit.
        WrapperError: Not canonical base64, or the signature count is not 0.
    """
    if len(raw) > MAX_RAW_BYTES:
        raise TooLargeError
    try:
        transaction = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrapperError("not base64") from error
    # The decoder forgives bits that no byte uses, so the text must be the one encoding of its bytes.
    if base64.b64encode(transaction) != raw:
        raise WrapperError("not canonical base64")
    if transaction[:1] != b"\x00":
        raise WrapperError("signature count")
    if len(transaction) > 1 + MAX_MESSAGE_BYTES:
        raise TooLargeError
    return transaction[1:]


def decode_message(message: bytes) -> SolanaMessage:
    """Decode an unsigned message.

    Args:
        message: The bytes that are signed, version prefix included.

    Returns:
        The message.

    Raises:
        NotCanonicalError: The bytes are not canonical, or break a rule that every node checks.
        VersionNotSupportedError: A version that is not decoded.
        LookupTableError: Version 0 with address lookup tables.
    """
    if not message:
        raise NotCanonicalError("empty")
    decoded = _versioned(message) if message[0] & _VERSIONED else _legacy(message)
    keys = tuple(map(str, decoded.account_keys))
    required = decoded.header.num_required_signatures
    if len(set(keys)) != len(keys):
        raise NotCanonicalError("an account appears twice")  # TransactionError::AccountLoadedTwice
    _check_header(decoded, len(keys))
    return SolanaMessage(
        version=Version.LEGACY if isinstance(decoded, Message) else Version.V0,
        signers=keys[:required],
        writable=_writable(decoded, keys),
        recent_blockhash=str(decoded.recent_blockhash),
        instructions=tuple(
            Instruction(
                program=_key(keys, instruction.program_id_index),
                accounts=tuple(_key(keys, index) for index in instruction.accounts),
                data=bytes(instruction.data),
            )
            for instruction in decoded.instructions
        ),
    )


@lru_cache(maxsize=_REMEMBERED)
def associated_account(owner: str, mint: str, token_program: str) -> str:
    """The token account that everybody derives for an owner (spl-associated-token-account).

    Args:
        owner: Address of the owner.
        mint: Address of the token.
        token_program: SPL Token or Token-2022; the two give different accounts.

    Returns:
        The address, which has no private key.
    """
    seeds = [bytes(Pubkey.from_string(part)) for part in (owner, token_program, mint)]
    account, _ = Pubkey.find_program_address(seeds, _ASSOCIATED_TOKEN)
    return str(account)


def _legacy(message: bytes) -> Message:
    try:
        decoded = Message.from_bytes(message)
    except ValueError as error:
        raise NotCanonicalError("not a message") from error
    if bytes(decoded) != message:
        raise NotCanonicalError("another encoding says the same")
    return decoded


def _versioned(message: bytes) -> MessageV0:
    """The first bit marks a version, the other seven are its number (Solana, "Versioned transactions")."""
    if message[0] != _VERSION_0:
        raise VersionNotSupportedError(message[0] - _VERSIONED)
    try:
        decoded = from_bytes_versioned(message)
    except ValueError as error:
        raise NotCanonicalError("not a message") from error
    if not isinstance(decoded, MessageV0) or to_bytes_versioned(decoded) != message:
        raise NotCanonicalError("another encoding says the same")
    if decoded.address_table_lookups:
        raise LookupTableError
    return decoded


def _check_header(decoded: Message | MessageV0, keys: int) -> None:
    """The rules of `sanitize` in solana-message: somebody signs, and the payer of the fee can be charged."""
    header = decoded.header
    if not 1 <= header.num_required_signatures <= keys - header.num_readonly_unsigned_accounts:
        raise NotCanonicalError("number of signatures")
    if header.num_readonly_signed_accounts >= header.num_required_signatures:
        raise NotCanonicalError("the payer of the fee is read-only")


def _writable(decoded: Message | MessageV0, keys: tuple[str, ...]) -> frozenset[str]:
    """Signers come first, and in both halves what is read-only comes last (Solana, "Message header")."""
    header = decoded.header
    signers = keys[: header.num_required_signatures - header.num_readonly_signed_accounts]
    others = keys[header.num_required_signatures : len(keys) - header.num_readonly_unsigned_accounts]
    return frozenset(signers + others)


def _key(keys: tuple[str, ...], index: int) -> str:
    if index >= len(keys):
        raise NotCanonicalError("account index")
    return keys[index]
