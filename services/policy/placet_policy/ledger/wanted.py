"""Which records a question is about: conditions on columns, and one on what the facts prove."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from placet_policy.ledger.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What records must have; None asks for nothing.

    Attributes:
        decision: decision_id.
        request: request_id.
        node: name of the node.
        effect: ``ALLOW``, ``DENY`` or ``HOLD``.
        code: a reason's code.
        request_type: the integer that the node sent, in decimal.
        kind: kind of record.
        since: made at this time or later, microseconds since 1970.
        until: made before this time.
        signer: a value of ``facts.signer``: root key, path, address, vault or group.
    """

    decision: str | None = None
    request: str | None = None
    node: str | None = None
    effect: str | None = None
    code: str | None = None
    request_type: str | None = None
    kind: str | None = None
    since: int | None = None
    until: int | None = None
    signer: str | None = None

    def parameters(self) -> dict[str, object]:
        """Return what the conditions of ``narrowed`` are about."""
        return {name: value for name, (_, value) in self._conditions().items()}

    def narrowed(self, query: Select[Any]) -> Select[Any]:
        """Return a query of ``records`` with the conditions on columns that are asked for; each can use its index."""
        return query.where(*(condition for condition, _ in self._conditions().values()))

    def fits(self, facts: Mapping[str, Any] | None) -> bool:
        """Whether the facts name the signer that is asked for; contents that are archived name none."""
        if self.signer is None:
            return True
        signer = (facts or {}).get("signer")
        return isinstance(signer, dict) and self.signer in signer.values()

    def _conditions(self) -> dict[str, tuple[ColumnElement[bool], object]]:
        code = None if self.code is None else f"%{_literally(json.dumps(self.code))}%"
        named = {
            "decision": (records.c.decision_id == bindparam("decision"), self.decision),
            "request": (records.c.request_id == bindparam("request"), self.request),
            "node": (records.c.node == bindparam("node"), self.node),
            "effect": (records.c.effect == bindparam("effect"), self.effect),
            "code": (records.c.codes.like(bindparam("code"), escape="!"), code),
            "request_type": (records.c.request_type == bindparam("request_type"), self.request_type),
            "kind": (records.c.kind == bindparam("kind"), self.kind),
            "since": (records.c.decided_at >= bindparam("since"), self.since),
            "until": (records.c.decided_at < bindparam("until"), self.until),
        }
        return {name: (condition, value) for name, (condition, value) in named.items() if value is not None}


def _literally(text: str) -> str:
    """Escape what LIKE takes for a pattern."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
