"""What a request does, in sentences for people, made from the finished facts: the same words on every chain.

Provers add only what no other fact says, such as a memo. Sentences hold texts of the request, so each is
made printable and cut here, in one place; a cut says how much is left out. No decision depends on a sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from placet_policy.facts.detail import RequestKind
from placet_policy.facts.printable import printable
from placet_policy.facts.summary_words import (
    amount_words,
    approval_sentence,
    change_sentence,
    message_sentences,
    place,
    recipient,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from placet_callback.strict_json import JSONValue

    from placet_policy.codes import Code
    from placet_policy.facts.findings import Findings
    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Registry

MAX_SENTENCES: Final = 32
"""Of each part of the summary, so that no part can crowd another one out."""
MAX_CHARS: Final = 600
"""Of one sentence; a reshare among three nodes has about 350."""

_NOTHING: Final = {
    RequestKind.KEY_GEN: "Make a key; how cannot be read.",
    RequestKind.KEY_SIGN: "Sign something that cannot be decoded.",
    RequestKind.KEY_RESHARE: "Share a key anew; how cannot be read.",
    RequestKind.KEY_SHARE_SIGN: "Sign with key shares; which cannot be read.",
}
# Calls that move and allow nothing of their own: what a Solana payment brings along.
_HARMLESS: Final = frozenset(
    {"System.AdvanceNonceAccount", "AssociatedToken.Create", "AssociatedToken.CreateIdempotent", "Memo"}
)
_QUOTED: Final = re.compile(r'\A(?:[^"]|"(?:[^"\\]|\\.)*")*\Z', re.DOTALL)
"""A sentence in which every quotation that begins also ends."""
_TRANSFERS: Final = frozenset({"transfer(address,uint256)", "transferFrom(address,address,uint256)"})
_HAZARDS: Final = {
    "ASSETS_NOT_COUNTED": "It may move, make, lock or destroy assets that are not among the transfers.",
    "AUTHORITY_CHANGED": "It hands the power over an account to somebody else.",
    "BLIND_APPROVAL": "It approves a transaction of a Safe by its hash; nobody can see which.",
    "CONTRACT_SIGNATURE": "A contract takes it for its own signature (EIP-1271) of whatever the message stands for.",
    "INEXACT_CALLDATA": "Calldata looks like a known function's and is not exactly that.",
    "SAFE_REFUND": "The Safe also pays a refund, which the bytes do not bound, to whoever executes this.",
}


def sentences(kind: RequestKind, proof: Proof | None, findings: Findings, registry: Registry) -> tuple[str, ...]:
    """Say what a request does, what it may cost, what it allows, and what of that is not proven.

    Args:
        kind: The request's kind.
        proof: What the prover gathered; None where the decoder failed.
        findings: What is missing or contradicts.
        registry: Decimals and symbols.
    """
    parts: list[Iterable[str]] = [_doubts(findings)]
    if proof is not None:
        parts = [
            message_sentences(proof.messages),
            (_transfer(proof, fact, registry) for fact in proof.transfers if not _is_change(fact)),
            (change_sentence(fact, registry) for fact in proof.transfers if _is_change(fact)),
            proof.summary,
            _hazards(proof),
            (approval_sentence(fact, _chain_id(proof), registry) for fact in _approvals(proof)),
            _hand_overs(proof),
            _fee(proof, registry),
            ["Approves nothing."] if kind is RequestKind.KEY_SIGN and _approves_nothing(proof, findings) else [],
            _doubts(findings),
        ]
    said = [sentence for part in parts for sentence in _bounded(list(part))]
    if proof is None or not (proof.messages or proof.transfers or proof.calls or proof.summary):
        said.insert(0, _NOTHING[kind])
    return tuple(said)


def _bounded(lines: Sequence[str]) -> list[str]:
    shown = [_closed(printable(line, MAX_CHARS)) for line in lines[:MAX_SENTENCES]]
    return shown if len(lines) <= MAX_SENTENCES else [*shown, f"And {len(lines) - MAX_SENTENCES} more like these."]


def _closed(line: str) -> str:
    """A quotation that was cut is ended, so that what follows does not seem to be inside it."""
    return line if _QUOTED.match(line) is not None else f'{line}"'


def _transfer(proof: Proof, fact: dict[str, JSONValue], registry: Registry) -> str:
    asset = cast("dict[str, JSONValue]", fact["asset"])
    return f"Send {amount_words(fact['amount'], asset, registry)} to {recipient(fact)} on {place(asset, proof.chain)}."


def _is_change(fact: dict[str, JSONValue]) -> bool:
    return fact.get("change") == "proven"


def _chain_id(proof: Proof) -> JSONValue:
    return None if proof.chain is None else proof.chain["id"]


def _approvals(proof: Proof) -> list[dict[str, JSONValue]]:
    given = [fact["approval"] for fact in proof.calls]
    for message in proof.messages:
        given += cast("list[JSONValue]", message["approvals"])
    return [approval for approval in given if isinstance(approval, dict)]


def _hazards(proof: Proof) -> list[str]:
    found = [
        str(hazard)
        for fact in (*proof.calls, *proof.messages)
        for hazard in cast("list[JSONValue]", fact.get("hazards") or [])
    ]
    return [_HAZARDS.get(hazard, f"Hazard: {hazard}.") for hazard in dict.fromkeys(found)]


def _hand_overs(proof: Proof) -> list[str]:
    """EIP-7702: whoever's signature is inside hands the whole account over to a contract."""
    entries = cast("list[dict[str, JSONValue]]", (proof.chain or {}).get("authorizations") or [])
    return [f"Hands an account over to the code of {entry['address']} (EIP-7702)." for entry in entries]


def _fee(proof: Proof, registry: Registry) -> list[str]:
    if proof.fee is None:
        return []
    asset = cast("dict[str, JSONValue]", proof.fee["asset"])
    if proof.fee["max"] is None:
        return ["Fee not bounded by the bytes."]
    return [f"Fee at most {amount_words(proof.fee['max'], asset, registry)}."]


def _approves_nothing(proof: Proof, findings: Findings) -> bool:
    """Only payments of known assets, and every byte of them proven; what a foreign contract does nobody knows."""
    if findings.missing or findings.contradictions or not proof.transfers or proof.messages or _hand_overs(proof):
        return False
    if any(_is_unknown(cast("dict[str, JSONValue]", fact["asset"])) for fact in proof.transfers):
        return False
    tokens = {cast("dict[str, JSONValue]", fact["asset"])["contract"] for fact in proof.transfers}
    return all(
        fact["method"] in _HARMLESS
        or (fact["method"] in _TRANSFERS and fact["operation"] == "call" and fact["to"] in tokens)
        for fact in proof.calls
    )


def _is_unknown(asset: dict[str, JSONValue]) -> bool:
    return asset["kind"] != "native" and asset["token"] is None


def _doubts(findings: Findings) -> list[str]:
    """One sentence for all that is missing and one for all that contradicts; the findings have the values."""
    said = []
    if findings.contradictions:
        said.append(f"Declared otherwise: {_words(one.code for one in findings.contradictions)}.")
    if findings.missing:
        said.append(f"Not all is proven: {_words(one.code for one in findings.missing)}.")
    return said


def _words(codes: Iterable[Code]) -> str:
    return ", ".join(dict.fromkeys(code.value.lower().replace("_", " ") for code in codes))
