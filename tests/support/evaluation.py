"""The parts of an evaluation, in memory: what the evaluator is given in unit tests in place of processes and files."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import bundles
import keys
import tokens
from placet_callback.strict_json import JSONValue
from placet_callback.token import Node
from placet_cli.samples import samples
from placet_policy.errors import Indeterminate, NoActiveBundle, VersionMoved
from placet_policy.evaluate import Evaluator
from placet_policy.gate import ActiveBundle, parse_bundle
from placet_policy.ledger import EarlierRecord, Receipt, Record, RequestKey, Snapshot, VersionKey, Versions
from placet_policy.ledger.history import Destination, History, Window, destinations_of
from placet_policy.ledger.series import Reservation
from placet_policy.opa import OpaResult

if TYPE_CHECKING:
    from placet_policy.ledger.outpoints import OtherAmount

NOW = 1_790_000_000.0
NODE = Node(name="node-a", keys=(keys.checker_public(),))
ACTIVE = parse_bundle(bundles.bundle())
OTHER = parse_bundle(bundles.bundle(data={"open": True}))
ALLOW: dict[str, JSONValue] = {
    "schema": "placet.decision/v1",
    "effect": "allow",
    "reasons": [],
    "rules_evaluated": ["contradictions"],
}
DENY: dict[str, JSONValue] = {
    **ALLOW,
    "effect": "deny",
    "reasons": [{"code": "TOO_MUCH", "rule": "amount_limit", "message": "5 is more than 4", "remediation": ""}],
}


class MemoryLedger:
    """Keeps records in a list, with the versions that the Protocol asks for."""

    ledger_id = "ledger"

    def __init__(self) -> None:
        """Start empty.

        Attributes: `moves` is how many commits find that the version moved, and `failure` is raised by every call;
            `asked` and `committed` are what snapshots and commits were given; `history` is what snapshots answer;
            `other_amount` is what they find differing; `turns` are the keys with which somebody was alone.
        """
        self.records: list[Record] = []
        self.snapshots = 0
        self.moves = 0
        self.failure: Indeterminate | None = None
        self.asked: list[tuple[Reservation | None, Sequence[Window]]] = []
        self.history: History | None = None
        self.other_amount: OtherAmount | None = None
        self.committed: list[tuple[Reservation | None, Sequence[Destination], bool]] = []
        self.turns: list[frozenset[VersionKey]] = []

    async def snapshot(
        self, *, node: str, request_id: str, reservation: Reservation | None = None, windows: Sequence[Window] = ()
    ) -> Snapshot:
        """Return what is there."""
        if self.failure is not None:
            raise self.failure
        self.snapshots += 1
        self.asked.append((reservation, windows))
        earlier = tuple(_earlier(each) for each in self.records if (each.node, each.request_id) == (node, request_id))
        versions: Versions = {RequestKey(node, request_id): len(earlier)}
        unseen = () if reservation is None else destinations_of(reservation)
        return Snapshot(
            earlier=earlier,
            versions=versions,
            history=self.history,
            unseen=unseen,
            other_amount=self.other_amount,
        )

    @asynccontextmanager
    async def alone(self, keys: Iterable[VersionKey]) -> AsyncIterator[None]:
        """Nobody else is here; remember who asked."""
        self.turns.append(frozenset(keys))
        yield

    async def commit(
        self,
        record: Record,
        *,
        versions: Versions,
        reservation: Reservation | None = None,
        unseen: Sequence[Destination] = (),
        alone: bool = False,
    ) -> Receipt:
        """Keep a record, unless the version moved."""
        if self.failure is not None:
            raise self.failure
        key = RequestKey(record.node, record.request_id)
        if self.moves or versions != {key: sum(RequestKey(each.node, each.request_id) == key for each in self.records)}:
            self.moves -= 1
            raise VersionMoved("moved")
        self.committed.append((reservation, unseen, alone))
        self.records.append(record)
        return Receipt(ledger=self.ledger_id, writer="writer", position=len(self.records), record_hash=b"h" * 32)

    async def mark_stop(self, *, stopped: bool, at: float) -> Receipt | None:
        """Not for the evaluator."""
        raise NotImplementedError

    async def keep_bundle(self, *, revision: str, version: int, content: bytes, at: float) -> Receipt:
        """Not for the evaluator."""
        raise NotImplementedError

    async def check(self) -> None:
        """Not for the evaluator."""
        raise NotImplementedError


def _earlier(record: Record) -> EarlierRecord:
    return EarlierRecord(
        decision_id=record.decision_id,
        request_type=record.request_type,
        detail_sha256=record.detail_sha256,
        effect=record.effect,
    )


class Parts:
    """Everything around an evaluator, to be changed by a test before it evaluates.

    Attributes:
        answer: what OPA answers, or raises.
        revisions: the revisions under which OPA answers, one after the other, the last one for ever.
        bundle: the active release; None for none.
        stopped: what the stop switch says, or raises.
        asked: the input documents that OPA saw.
        meanwhile: runs while OPA is asked.
    """

    def __init__(self) -> None:
        """Start with a policy that allows and an empty ledger."""
        self.answer: JSONValue | Indeterminate = ALLOW
        self.revisions: Sequence[str] = [ACTIVE.revision]
        self.bundle: ActiveBundle | None = ACTIVE
        self.stopped: bool | Indeterminate = False
        self.asked: list[Mapping[str, JSONValue]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.ledger = MemoryLedger()
        self.ids = (f"id-{number}" for number in itertools.count(1))
        self.evaluator = Evaluator(
            nodes=lambda: (NODE,),
            opa=self,
            gate=_Gate(self),
            ledger=self.ledger,
            stop=_Stop(self),
            clock=lambda: NOW,
            new_id=lambda: next(self.ids),
        )

    async def decide(self, document: Mapping[str, JSONValue]) -> OpaResult:
        """Answer as OPA would."""
        revision = self.revisions[min(len(self.asked), len(self.revisions) - 1)]
        self.asked.append(document)
        self.meanwhile()
        if isinstance(self.answer, Indeterminate):
            raise self.answer
        return OpaResult(result=self.answer, revision=revision, version="1.22.2")


class _Gate:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def active(self) -> ActiveBundle:
        if self._parts.bundle is None:
            raise NoActiveBundle("none")
        return self._parts.bundle


class _Stop:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def active(self) -> bool:
        if isinstance(self._parts.stopped, Indeterminate):
            raise self._parts.stopped
        return self._parts.stopped


def key_gen(**changes: Any) -> dict[str, Any]:
    """A benign KEY_GEN request, which is PROVEN without any registry; `changes` replace envelope fields."""
    sample = next(each for each in samples() if each.id == "keygen_secp256k1")
    return {**sample.request, "request_id": "request-1", **changes}


def changed_detail(**changes: Any) -> str:
    """The benign request's request_detail with other fields."""
    return json.dumps({**json.loads(key_gen()["request_detail"]), **changes})


def token(request: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """A token around a request, good at NOW."""
    return tokens.make_token(key_gen() if request is None else request, **{"exp": int(NOW) + 120, **claims})
