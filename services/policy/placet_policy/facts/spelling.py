"""How the request spells the addresses of the facts: canonical in the facts, the declared spelling beside (design 5).

A person who compares the facts with what a wallet showed them looks for the text that was shown. So `to_declared` and
`from_declared` say how the request itself writes the very address that was proven: the same bytes, another spelling. It
is null where the request does not name that address. No rule compares it, and nothing is decided from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.chains.addresses import AddressError
from placet_policy.chains.bitcoin import MAX_OUTPUTS
from placet_policy.facts.declared import MAX_RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.addresses import AddressForm
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.facts.proof import Proof

_MAX_CHARS: Final = 128
"""Longer than an address of any chain."""


def add_declared_spellings(case: KeySignCase, proof: Proof) -> None:
    """Put `to_declared` beside `to` in transfers and calls, and `from_declared` beside `from` in transfers.

    Only texts that decode to the same bytes are taken, so that what stands there is an address and nothing else.
    """
    form = case.scheme.form
    paid = {str(fact["to"]) for fact in (*proof.transfers, *proof.calls) if fact["to"] is not None}
    payers = {str(fact["from"]) for fact in proof.transfers if fact["from"] is not None}
    to = _spellings(_named_destinations(case), paid, form)
    sources = _spellings(_named_sources(case), payers, form)
    for fact in (*proof.transfers, *proof.calls):
        fact["to_declared"] = to.get(str(fact["to"]))
    for fact in proof.transfers:
        fact["from_declared"] = sources.get(str(fact["from"]))


def _named_destinations(case: KeySignCase) -> Iterable[JSONValue]:
    """Whom the request says it pays or calls (protocol d.12, d.14), read without findings, which comparisons make."""
    members = case.destination.members
    info = case.transaction.members.get("raw_tx_info")
    outputs = (members.get("account_output"), *_list(members.get("utxo_outputs"), most=MAX_OUTPUTS))
    change = () if not isinstance(info, dict) else _list(info.get("utxo_changes"))
    for record in (members, *outputs, *change):
        yield record.get("address") if isinstance(record, dict) else None
    yield members.get("change_address")
    for record in _list(members.get("instructions")):
        yield record.get("program_id") if isinstance(record, dict) else None


def _named_sources(case: KeySignCase) -> Iterable[JSONValue]:
    source = case.transaction.members.get("source")
    for record in (source, *_list(case.extra.members.get("source_addresses"))):
        yield record.get("address") if isinstance(record, dict) else None


def _spellings(texts: Iterable[JSONValue], wanted: set[str], form: AddressForm) -> Mapping[str, str]:
    """The first declared text of each wanted canonical address."""
    found: dict[str, str] = {}
    for text in texts:
        if not isinstance(text, str) or len(text) > _MAX_CHARS:
            continue
        canonical = text if text in wanted else _canonical(text, form)
        if canonical in wanted:
            found.setdefault(canonical, text)
    return found


def _canonical(text: str, form: AddressForm) -> str:
    """The one form of an address; empty for what is none."""
    try:
        return form.encode(form.decode(text))
    except AddressError:
        return ""


def _list(value: JSONValue, *, most: int = MAX_RECORDS) -> list[JSONValue]:
    return value[:most] if isinstance(value, list) else []
