"""What the facts about every message have in common, whatever its scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.chains.messages import MessageKind, may_be_hash
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.codes import Code
from placet_policy.facts.key_sign_case import RAW_PATH
from placet_policy.facts.network import applicable_chain

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.key_sign_case import KeySignCase

NOTHING: Final[dict[str, JSONValue]] = {
    "text": None,
    "data": None,
    "may_be_hash": False,
    "domain": None,
    "types": None,
    "primary_type": None,
    "values": None,
    "network": None,
    "contract": None,
    "approvals": [],
    "hazards": [],
    "source": "bytes",
}
"""Members of `facts.messages[]` that not every message has."""


def refuse_transaction(case: KeySignCase) -> None:
    """A message has no transaction; whoever is shown one is shown something else than is signed."""
    info = case.transaction.child("raw_tx_info", required=False)
    if info is not None and info.text("unsigned_raw_tx", required=False) is not None:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, RAW_PATH)


def unproven_network(case: KeySignCase) -> dict[str, JSONValue]:
    """`facts.chain` where no message names its network: it is valid on every one of its kind."""
    chain = applicable_chain(case)
    return {
        "kind": case.chain.kind,
        "id": None if chain is None else chain.id,
        "network": None,
        "network_proven": False,
        "valid_until": None,
        "source": "declared",
    }


def text_message(*, scheme: str, message: bytes, digest: bytes) -> dict[str, JSONValue]:
    """The fact about a message that is a text, or bytes that stand for one."""
    return {
        **NOTHING,
        "scheme": scheme,
        "kind": str(MessageKind.PERSONAL),
        "text": _text(message),
        "data": encode_hex(message),
        "may_be_hash": may_be_hash(message),
        "digest": encode_hex(digest),
    }


def _text(message: bytes) -> str | None:
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        return None
