"""A ledger that an auditor is given: two writers, a bundle, decisions with real tokens, and the published lines."""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import keys
import structlog
import tokens
from ledger_records import keep_bundle, write
from placet_callback.token import Node
from placet_policy.ledger.heads import HeadPublisher
from placet_policy.ledger.location import Location
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.stored import StoredLedger
from placet_policy.log import configure_logging

NODE = Node(name="node-a", keys=(keys.checker_public(),))
DECISIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What a test begins with.

    Attributes:
        location: the ledger; its chains are closed.
        ledger: its UUID.
        first: UUID of the writer of positions 1 to 6: itself, the bundle, decisions 1 to 4.
        second: UUID of a later writer with the same positions, decisions 11 to 14; empty where there is none.
        published: the log lines of both.
        nodes: folder with the key of the node.
    """

    location: Location
    ledger: str
    first: str
    second: str
    published: Path
    nodes: Path


async def audited(location: Location, folder: Path, *, age: float = 0) -> Audited:
    """Make it; the first writer's decisions are `age` seconds old."""
    log = io.StringIO()
    configure_logging("info", stream=log)
    try:
        first = await _chain(location, 1, age=age)
        second = await _chain(location, 11, age=0)
    finally:
        structlog.reset_defaults()
    return handed_over(location, folder, log.getvalue(), writers=(first, second))


def handed_over(location: Location, folder: Path, lines: str, *, writers: Sequence[StoredLedger]) -> Audited:
    """Write down what an auditor is given beside the ledger: the published lines and the node's key.

    Args:
        location: the ledger.
        folder: where.
        lines: what its writers logged.
        writers: one or two, in their order.
    """
    published = folder / "published.jsonl"
    published.write_text(lines)
    nodes = folder / "nodes"
    nodes.mkdir()
    (nodes / "node-a.pem").write_bytes(keys.checker_public_pem())
    first, *others = writers
    return Audited(
        location=location,
        ledger=first.ledger_id,
        first=first.writer_id,
        second=others[0].writer_id if others else "",
        published=published,
        nodes=nodes,
    )


async def more(location: Location, published: Path, number: int) -> None:
    """Another writer with decisions from a number on, whose lines are added to those that were published."""
    log = io.StringIO()
    configure_logging("info", stream=log)
    try:
        await _chain(location, number, age=0)
    finally:
        structlog.reset_defaults()
    _append(published, log.getvalue())


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def evidence(request_id: str, *, expires_in: int = 120) -> dict[str, Any]:
    """The fields of a record that come from a node's token about a request."""
    request = tokens.make_request(request_id=request_id, detail={"n": request_id})
    token = tokens.make_token(request, exp=int(time.time()) + expires_in)
    return {
        "token": token,
        "token_sha256": sha256(token.encode()).digest(),
        "detail_sha256": sha256(request["request_detail"].encode()).digest(),
        "extra_sha256": sha256(request["extra_info"].encode()).digest(),
        "key_id": NODE.keys[0].key_id,
        "request_id": request_id,
    }


async def _chain(location: Location, number: int, *, age: float) -> StoredLedger:
    ledger = await open_ledger(location)
    publisher = HeadPublisher(head=lambda: ledger.head, published=lambda _position: None)
    try:
        await keep_bundle(ledger)
        for each in range(number, number + DECISIONS):
            await write(ledger, each, decided_at=time.time() - age, **evidence(f"request-{each}"))
            publisher.publish()
    finally:
        await ledger.close()
    return ledger
