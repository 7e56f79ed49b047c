"""Ledger records for tests: complete, valid, and different only where a test says so."""

import dataclasses
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from placet_policy.ledger import Ledger, Receipt, Record
from placet_policy.ledger.location import Location, SqliteLocation
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.reading import read_records
from placet_policy.ledger.stored import StoredLedger
from placet_policy.ledger.wanted import Wanted
from placet_policy.ledger.writer import WriterObserver

_DECISION = Record(
    decision_id="0d2f6e3a-5f3c-4b51-9f0e-1f6f3f1f7a10",
    node="node-a",
    key_id="ab" * 32,
    request_id="request-1",
    request_type=2,
    received_at=1795369764.25,
    decided_at=1795369764.5,
    token="eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
    token_sha256=hashlib.sha256(b"eyJhbGciOiJSUzI1NiJ9.e30.c2ln").digest(),
    detail_sha256=b"\x01" * 32,
    extra_sha256=b"\x02" * 32,
    effect="ALLOW",
    reasons=[],
    facts={"summary": ["Sends 1 ETH."]},
    input={"schema": "placet.input/v1"},
    revision="sha256:" + "cd" * 32,
    version=0,
    opa_version="1.22.2",
    earlier=(),
    timings={"opa": 1.5},
)


def record(number: int = 0, **changes: Any) -> Record:
    """A decision; another `number` makes another decision about another request."""
    numbered = {"decision_id": f"decision-{number}", "request_id": f"request-{number}"} if number else {}
    return dataclasses.replace(_DECISION, **{**numbered, **changes})


async def write(ledger: Ledger, number: int, **changes: Any) -> Receipt:
    """One evaluation's use of the ledger: snapshot, then commit."""
    written = record(number, **changes)
    snapshot = await ledger.snapshot(node=written.node, request_id=written.request_id)
    return await ledger.commit(written, versions=snapshot.versions)


@asynccontextmanager
async def opened(
    location: Location, *, observer: WriterObserver | None = None, standby: bool = False
) -> AsyncIterator[StoredLedger]:
    """A ledger that holds the bundle of these records: positions 1 and 2 are the writer's and the bundle's."""
    ledger = await open_ledger(location, observer=observer, standby=standby)
    try:
        await keep_bundle(ledger)
        yield ledger
    finally:
        await ledger.close()


async def keep_bundle(ledger: Ledger) -> Receipt:
    """Keep the bundle under which these records were decided."""
    return await ledger.keep_bundle(revision=_DECISION.revision, version=0, content=b"packed", at=1795369700.0)


def stored(place: Location | Path, **wanted: Any) -> list[dict[str, Any]]:
    """Every record of a ledger, checked."""
    location = SqliteLocation(path=place) if isinstance(place, Path) else place
    return list(read_records(location, Wanted(**wanted)))


def decisions(place: Location | Path) -> list[dict[str, Any]]:
    """The decisions of a ledger, checked."""
    return [each for each in stored(place) if each["kind"] == "decision"]
