"""Numbered approvals for measuring the ledger: a payment as the tests make it, recorded and reserved like any."""

import dataclasses
import json
import time
import uuid

import tokens
from facts_cases import first_history_of, parsed, registry, sample
from ledger_records import record
from placet_callback.strict_json import JSONValue
from placet_policy.facts.prove import prove
from placet_policy.ledger.history import History, Window
from placet_policy.ledger.interface import Record
from placet_policy.ledger.reservations import reservation_of
from placet_policy.ledger.series import Reservation, SigningKey

SAMPLE = "keysign_eth_eip1559_transfer"
WINDOWS = (Window(name="hour", seconds=3600), Window(name="day", seconds=86400), Window(name="month", seconds=2592000))


class Payments:
    """Makes them from one sample; what differs is the number: ids, hash, nonce, and who signs."""

    def __init__(self) -> None:
        request_type, detail, extra = sample(SAMPLE)
        request = parsed(request_type, detail, extra)
        found = prove(request, registry())
        reservation = reservation_of(request.kind, found)
        if reservation is None:
            raise SystemExit(f"{SAMPLE} reserves nothing")
        facts = found.to_json()
        self._found = found
        self._reservation = reservation
        self._record = record(
            token=tokens.make_token(tokens.make_request(detail=json.dumps(detail), extra=json.dumps(extra))),
            facts=facts,
            input={
                "request": {"detail": detail, "extra": extra},
                "facts": facts,
                "history": first_history_of(request, found),
            },
        )

    def record(self, number: int) -> Record:
        """An approval, decided now."""
        request_id = f"{number:032}:1"
        return dataclasses.replace(
            self._record, decision_id=str(uuid.uuid4()), request_id=request_id, decided_at=time.time()
        )

    def document(self, number: int, *, signer: int, history: History | None) -> dict[str, JSONValue]:
        """The input document from which that reservation follows, as far as an audit reads it."""
        found, reservation = self._found.to_json(), self.reservation(number, signer=signer)
        told: dict[str, JSONValue] = {
            "chain": {**(self._found.chain or {}), "network": "1", "nonce": str(number)},
            "signer": {**(self._found.signer or {}), "path": reservation.key.path},
            "hashes": [{**self._found.hashes[0], "hash": reservation.hashes[0]}],
        }
        return {"facts": {**found, **told}, "history": None if history is None else history.to_json()}

    def reservation(self, number: int, *, signer: int) -> Reservation:
        """What it reserves: payments of one signer have different hashes and nonces."""
        return dataclasses.replace(
            self._reservation,
            key=SigningKey(root_key=self._reservation.key.root_key, path=f"m/44/60/1/0/{signer}"),
            hashes=(f"0x{number:064x}",),
            spends=frozenset({f"nonce:1:{number}"}),
        )
