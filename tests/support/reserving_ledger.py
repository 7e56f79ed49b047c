"""A ledger whose approvals reserve what follows from their documents, as the policy tier's do; for audits of limits."""

import dataclasses
import io
import json
import time
from pathlib import Path
from typing import Any

import structlog
from audit_ledger import Audited, evidence, handed_over
from facts_cases import sample_facts
from ledger_records import keep_bundle, record
from placet_policy.facts.detail import RequestKind
from placet_policy.facts.prove import Facts
from placet_policy.ledger.history import Window
from placet_policy.ledger.location import Location
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.reservations import reservation_of
from placet_policy.ledger.stored import StoredLedger
from placet_policy.log import configure_logging

DAY = Window(name="day", seconds=86400)


def payment(nonce: int, amount: int, *, tries: int = 0) -> Facts:
    """An Ethereum payment; another try has another fee, so other hashes with the same nonce."""
    found = sample_facts("keysign_eth_eip1559_transfer")
    assert found.chain is not None
    return dataclasses.replace(
        found,
        chain={**found.chain, "nonce": str(nonce)},
        transfers=tuple({**transfer, "amount": str(amount)} for transfer in found.transfers),
        hashes=({**found.hashes[0], "hash": f"0x{nonce:032x}{tries:032x}"},),
    )


def bitcoin() -> Facts:
    """A Bitcoin payment, which spends outpoints of declared amounts."""
    return sample_facts("keysign_btc_segwit_2in")


async def approve(ledger: StoredLedger, number: int, facts: Facts, **changes: Any) -> None:
    """One evaluation's use of the ledger."""
    reservation = reservation_of(RequestKind.KEY_SIGN, facts)
    assert reservation is not None
    proof = evidence(f"request-{number}")
    snapshot = await ledger.snapshot(
        node="node-a", request_id=proof["request_id"], reservation=reservation, windows=(DAY,)
    )
    assert snapshot.history is not None
    # As a JSON text would bring them back: no tuples.
    document = json.loads(json.dumps({"facts": facts.to_json(), "history": snapshot.history.to_json()}))
    written = record(number, decided_at=time.time(), facts=facts.to_json(), input=document, **{**proof, **changes})
    await ledger.commit(written, versions=snapshot.versions, reservation=reservation, unseen=snapshot.unseen)


async def reserved(location: Location, folder: Path) -> Audited:
    """A ledger of one writer, with everything that a reservation can be.

    Decision 1 pays 5, 2 pays 7, 3 replaces 1 by 4 and 4 replaces 3 by 9, 5 repeats 2, 6 pays with Bitcoin, 7 is held.
    The claims have the numbers 1 to 6.
    """
    log = io.StringIO()
    configure_logging("info", stream=log)
    try:
        ledger = await open_ledger(location)
        try:
            await keep_bundle(ledger)
            asked = (
                *(payment(1, 5), payment(2, 7), payment(1, 4, tries=1), payment(1, 9, tries=2), payment(2, 7)),
                bitcoin(),
            )
            for number, facts in enumerate(asked, start=1):
                await approve(ledger, number, facts)
            await approve(ledger, 7, payment(3, 100), effect="HOLD")
        finally:
            await ledger.close()
    finally:
        structlog.reset_defaults()
    return handed_over(location, folder, log.getvalue(), writers=(ledger,))
