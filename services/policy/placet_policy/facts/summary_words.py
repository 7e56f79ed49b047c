"""The words of a summary: amounts, recipients, networks, approvals and messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from placet_policy.chains.amounts import from_base_units
from placet_policy.chains.evm import HASH_BYTES
from placet_policy.chains.strict_hex import decode_hex
from placet_policy.facts.printable import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placet_callback.strict_json import JSONValue

    from placet_policy.registry import Registry

_SHOWN_CHARS: Final = 80
_KINDS: Final = {
    "permit": "Sign a permit (EIP-2612) for",
    "permit2": "Sign a Permit2 for",
    "nft_permit": "Sign a permit of one token (EIP-4494) for",
    "manager_authorization": "Sign an authorization of a manager (Compound III) for",
    "transfer_authorization": "Sign a transfer that needs nothing but this signature (EIP-3009) for",
    "safe_transaction": "Sign a Safe transaction for",
    "safe_message": "Sign a message in the name of the Safe",
}


def amount_words(units: JSONValue, asset: dict[str, JSONValue], registry: Registry) -> str:
    """An amount in coin units with its symbol, exactly; in base units where the registry has no decimals for it."""
    token = registry.tokens.get(str(asset["token"]))
    if token is not None:
        return f"{from_base_units(int(str(units)), token.decimals)} {token.symbol}"
    unnamed = "the native coin" if asset["kind"] == "native" else "a token that is not named"
    return f"{units} base units of {asset['contract'] or unnamed}"


def change_sentence(fact: dict[str, JSONValue], registry: Registry) -> str:
    """What stays with the wallet, and at which of its keys."""
    amount = amount_words(fact["amount"], cast("dict[str, JSONValue]", fact["asset"]), registry)
    return f"Keep {amount} as change at {fact['to']}, the wallet's own key {fact['to_path']}."


def recipient(fact: dict[str, JSONValue]) -> str:
    """Who is paid; where nobody is named, what is paid."""
    if fact["to"] is not None:
        return str(fact["to"])
    if fact.get("to_account") is not None:
        return f"token account {fact['to_account']}"
    return f"the script {fact['to_script']}" if fact.get("to_script") is not None else "the new contract"


def place(asset: dict[str, JSONValue], chain: dict[str, JSONValue] | None) -> str:
    """The network, by the registry's name or by what the bytes say."""
    if asset["chain"] is not None:
        return str(asset["chain"])
    if chain is None or chain["kind"] != "evm":
        return "a network that is not known"
    return "an unnamed EVM network" if chain["network"] is None else f"EVM network {chain['network']}"


def approval_sentence(approval: dict[str, JSONValue], chain: JSONValue, registry: Registry) -> str:
    """Who may spend what afterwards."""
    spender, contract = approval["spender"], str(approval["token"])
    token = registry.contracts.get((str(chain), contract))
    what = contract if token is None else f"{token.symbol} ({contract})"
    if approval["amount"] == "0":
        return f"Takes back what {spender} may spend of {what}."
    if approval["amount"] is None:
        return f"Approves {spender} to spend everything of {what}."
    if approval["unlimited"]:
        return f"Approves {spender} to spend unlimited {what}."
    if token is None:
        return f"Approves {spender} to spend {approval['amount']} base units of {what}."
    return f"Approves {spender} to spend {from_base_units(int(str(approval['amount'])), token.decimals)} {what}."


def message_sentences(messages: Iterable[dict[str, JSONValue]]) -> list[str]:
    """What is signed that is no transaction."""
    return [sentence for message in messages for sentence in _message(message)]


def _message(message: dict[str, JSONValue]) -> list[str]:
    if message["scheme"] == "raw":
        return [f"Sign {_bare(str(message['digest']))}; nobody can see of what."]
    if message["scheme"] == "eip712":
        # The name is the requester's word, so it is quoted: a sentence of our own it is not.
        named = f"Sign typed data {quote(str(message['primary_type']), _SHOWN_CHARS)} for"
        said = [f"{_KINDS.get(str(message['kind']), named)} {message['contract'] or 'no named contract'}."]
        # What nobody knows is shown as it stands; the other kinds have sentences of their own.
        said += _values(message["values"], "") if message["kind"] == "typed" and message["values"] else []
    else:
        said = [f"Sign the message {_quoted(message)}."]
    return [*said, "It may be the hash of a transaction."] if message["may_be_hash"] else said


def _values(value: JSONValue, path: str) -> list[str]:
    """A sentence for each value of typed data; whoever shows them bounds their number."""
    if isinstance(value, dict) and value:
        return [line for name, part in value.items() for line in _values(part, f"{path}.{name}".lstrip("."))]
    if isinstance(value, list) and value:
        return [line for at, part in enumerate(value) for line in _values(part, f"{path}[{at}]")]
    shown = quote(value, _SHOWN_CHARS) if isinstance(value, str) else json.dumps(value)
    return [f"Its value {_cut(path)} is {shown}."]


def _bare(digest: str) -> str:
    """A hash, or on Solana the whole of what is signed."""
    size = len(decode_hex(digest))
    return f"the bare hash {digest}" if size == HASH_BYTES else f"{size} bare bytes {_cut(digest)}"


def _quoted(message: dict[str, JSONValue]) -> str:
    text = message["text"]
    if isinstance(text, str) and text.isprintable():
        shown = quote(text, _SHOWN_CHARS)
        return shown if len(text) <= _SHOWN_CHARS else f"{shown} ({len(text)} characters)"
    data = str(message["data"])
    return f"of {len(decode_hex(data))} bytes {data[: _SHOWN_CHARS + 2]}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
