"""The instructions that a Solana contract call declares (protocol d.14, SOL_Contract)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_policy.chains.addresses import SOLANA_FORM
from placet_policy.chains.solana import MAX_MESSAGE_BYTES
from placet_policy.codes import Code

if TYPE_CHECKING:
    from placet_policy.chains.solana import Instruction
    from placet_policy.facts.declared import Declared
    from placet_policy.facts.key_sign_case import KeySignCase


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAccount:
    """One account of an instruction; None for a member that cannot be read, which was noted.

    Attributes:
        record: Where it is declared.
        address: `pubkey`.
        is_signer: Whether its key signs.
        is_writable: Whether the program may write to it.
    """

    record: Declared
    address: str | None
    is_signer: bool | None
    is_writable: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredInstruction:
    """One instruction; None for a member that cannot be read, which was noted.

    Attributes:
        record: Where it is declared.
        program: `program_id`.
        accounts: In order; None where they are absent, which says nothing, or where one of them is no object.
        data: Decoded.
    """

    record: Declared
    program: str | None
    accounts: tuple[DeclaredAccount, ...] | None
    data: bytes | None

    @property
    def addresses(self) -> tuple[str | None, ...] | None:
        """The accounts' addresses."""
        return None if self.accounts is None else tuple(account.address for account in self.accounts)

    def is_(self, instruction: Instruction) -> bool:
        """Whether the bytes' instruction is the declared one in every part."""
        return (
            self.program == instruction.program
            and (self.addresses or ()) == instruction.accounts
            and self.data == instruction.data
        )


def declared_instructions(case: KeySignCase) -> tuple[DeclaredInstruction, ...]:
    """All instructions in order; nothing, with a finding, where they cannot be read.

    One that is no object spoils them all, and so do more accounts than any message has bytes. The declared content of
    lookup tables is not read: it is the requester's word, and bytes that use a table are not decoded at all
    (LOOKUP_TABLE_NOT_PROVEN).
    """
    records = case.destination.children("instructions")
    if sum(map(_named_accounts, records)) > MAX_MESSAGE_BYTES:
        # Each address takes time to read, and honest declarations fit their message.
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, case.destination.at("instructions"))
        return ()
    # Without the one that cannot be read, the others would seem to lack their places.
    return tuple(map(_instruction, records)) if _all_read(case.destination, "instructions", records) else ()


def _all_read(record: Declared, name: str, listed: tuple[Declared, ...]) -> bool:
    value = record.members.get(name)
    return isinstance(value, list) and len(listed) == len(value)


def _named_accounts(record: Declared) -> int:
    accounts = record.members.get("accounts")
    return len(accounts) if isinstance(accounts, list) else 0


def _instruction(record: Declared) -> DeclaredInstruction:
    listed = record.children("accounts", required=False)
    return DeclaredInstruction(
        record=record,
        program=_address(record, "program_id"),
        accounts=tuple(map(_account, listed)) if _all_read(record, "accounts", listed) else None,
        data=_data(record),
    )


def _account(record: Declared) -> DeclaredAccount:
    return DeclaredAccount(
        record=record,
        address=_address(record, "pubkey"),
        is_signer=record.flag("is_signer"),
        is_writable=record.flag("is_writable"),
    )


def _address(record: Declared, name: str) -> str | None:
    """Base58 has one spelling of an address."""
    text = record.text(name)
    if text is None or SOLANA_FORM.is_canonical(text):
        return text
    record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at(name))
    return None


def _data(record: Declared) -> bytes | None:
    """Base64, as in the provider's example; an empty text is no data, which some instructions take."""
    if record.members.get("data") == "":
        return b""
    text = record.text("data")
    if text is None:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    # The decoder forgives bits that no byte uses, so the text must be the one encoding of its bytes.
    if base64.b64encode(data) != text.encode("utf-8", "surrogatepass"):
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("data"))
        return None
    return data
