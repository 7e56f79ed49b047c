"""The input document that Rego sees (design section 5, `policies/schemas/input.schema.json`)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.detail import ParsedRequest
    from placet_policy.facts.prove import Facts

SCHEMA: Final = "placet.input/v1"


def build_input(
    *,
    decision_id: str,
    unix: int,
    node: str,
    key_id: str,
    request: ParsedRequest,
    facts: Facts,
    history: JSONValue,
) -> dict[str, JSONValue]:
    """Build the input document.

    Args:
        decision_id: The decision's id.
        unix: The time of the decision, seconds since 1970 UTC.
        node: Name of the node whose key signed the token.
        key_id: Fingerprint of that key.
        request: The parsed request.
        facts: The facts about it.
        history: What the ledger knows about the signing key (`History.to_json`), None where none is proven to sign.

    Returns:
        An object of plain JSON values: integers stay integers of any size; other numbers, which occur only in parts of
        extra_info that nobody reads, become their text, because a binary float could not carry them exactly.
    """
    return {
        "schema": SCHEMA,
        "decision": {"id": decision_id, "time": _rfc3339(unix), "unix": unix},
        "node": {"name": node, "key_id": key_id},
        "request": {
            "id": request.request_id,
            "type": str(request.kind),
            "detail": _plain(request.detail),
            "extra": _plain(request.extra),
        },
        "facts": facts.to_json(),
        "history": history,
        "contradictions": [dict(finding.to_json()) for finding in facts.contradictions],
    }


def _rfc3339(unix: int) -> str:
    return datetime.fromtimestamp(unix, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: JSONValue) -> JSONValue:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value
