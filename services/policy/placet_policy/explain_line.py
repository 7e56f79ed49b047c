"""One line of ``explain``'s input: strict JSON, read into the request that the service would have read from a token."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from placet_callback import strict_json
from placet_callback.envelope import EnvelopeError, parse_request
from placet_callback.token import MAX_TOKEN_BYTES, Node, PublicKey, TokenError, fingerprint, sign_token, verify_token

from placet_policy.judge import Occasion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placet_callback.envelope import CallbackRequest, Ping
    from placet_callback.strict_json import JSONValue

# A callback request inside a token is smaller than the token; JSON escapes may double it.
MAX_LINE_BYTES: Final = 2 * MAX_TOKEN_BYTES
_FIELDS: Final = frozenset({"callback_request", "node", "decision"})
_OPTIONAL: Final = frozenset({"history"})


class LineRefused(Exception):  # noqa: N818  (named after what happened)
    """A line is not a question.

    Attributes:
        reason: what is wrong, one sentence or a code of the protocol package.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to explain.

    Attributes:
        request: as the service would read it.
        occasion: under which id, at which time, from which node.
        history: `input.history` to decide with, None for null.
        has_history: whether the line gave one.
    """

    request: Ping | CallbackRequest
    occasion: Occasion
    history: JSONValue = None
    has_history: bool = False


class Questions:
    """Reads lines.

    Requests are made in one place of the protocol package, from a verified token. So each line is wrapped into a token
    of a key that exists only inside this process, and takes the same way as a node's own.
    """

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = PublicKey(key_id=fingerprint(self._key), rsa=self._key.public_key())
        self._nodes = (Node(name="explain", keys=(public,)),)

    def lines(self, stream: IO[bytes]) -> Iterator[bytes]:
        """Yield lines until the end; blank ones are passed over, and one that is too long ends the reading."""
        while line := stream.readline(MAX_LINE_BYTES + 1):
            if line.strip():
                yield line
            if len(line) > MAX_LINE_BYTES:
                return

    def read(self, line: bytes) -> Question:
        """Return the question of a line.

        Raises:
            LineRefused: not strict JSON, a member that is missing, unknown or mistyped, or no callback request.
        """
        try:
            question = strict_json.loads(line, max_bytes=MAX_LINE_BYTES, max_values=None)
        except strict_json.StrictJsonError as e:
            raise LineRefused(f"not strict JSON: {e.reason} at {e.path}") from e
        if not isinstance(question, dict) or question.keys() - _OPTIONAL != _FIELDS:
            raise LineRefused(f"a line has exactly the members {sorted(_FIELDS)}, and may have history")
        occasion = _occasion(question["decision"], question["node"])
        return Question(
            request=self._request(question["callback_request"], occasion.unix),
            occasion=occasion,
            history=_history(question.get("history")),
            has_history="history" in question,
        )

    def _request(self, value: JSONValue, now: int) -> Ping | CallbackRequest:
        if not isinstance(value, dict):
            raise LineRefused("callback_request is not an object")
        # Only a request that is refused anyway holds a fraction; as a float it is refused for being one.
        return self.request(json.dumps(value, default=float).encode(), now=now)

    def request(self, package: bytes, *, now: int) -> Ping | CallbackRequest:
        """Return the request of the JSON bytes that a token carries.

        Args:
            package: the bytes.
            now: Unix seconds, for the token around them.

        Raises:
            LineRefused: no callback request.
        """
        token = sign_token(package, key=self._key, issuer="explain", expires_at=now + 60)
        try:
            return parse_request(verify_token(token, nodes=self._nodes, now=now))
        except (EnvelopeError, TokenError) as e:
            raise LineRefused(e.code) from e


def _occasion(decision: JSONValue, node: JSONValue) -> Occasion:
    if not isinstance(decision, dict) or decision.keys() != {"id", "time"}:
        raise LineRefused("decision has exactly the members id and time")
    decision_id = decision["id"]
    name, key_id = (node, "") if isinstance(node, str) else _named(node)
    if not isinstance(decision_id, str) or not isinstance(name, str) or not isinstance(key_id, str):
        raise LineRefused("decision.id and node are texts")
    return Occasion(decision_id=decision_id, unix=_unix(decision["time"]), node=name, key_id=key_id)


def _history(value: JSONValue) -> JSONValue:
    """Take a history as it was recorded: whether it fits the request is for the rules to judge, as it was then."""
    if value is not None and not isinstance(value, dict):
        raise LineRefused("history is an object or null")
    if _has_fraction(value):
        raise LineRefused("history holds a number that is not an integer")
    return value


def _has_fraction(value: JSONValue) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(map(_has_fraction, value))
    return isinstance(value, Decimal)


def _named(node: JSONValue) -> tuple[JSONValue, JSONValue]:
    if not isinstance(node, dict) or node.keys() != {"name", "key_id"}:
        raise LineRefused("node is a name, or an object of name and key_id")
    return node["name"], node["key_id"]


def _unix(time: JSONValue) -> int:
    """Read a time as the input document writes it, RFC 3339 with an offset, or as Unix seconds."""
    if isinstance(time, int) and not isinstance(time, bool) and 0 <= time < 2**40:
        return time
    try:
        moment = datetime.fromisoformat(time) if isinstance(time, str) else None
    except ValueError as e:
        raise LineRefused("decision.time is not RFC 3339") from e
    if moment is None or moment.tzinfo is None or moment.timestamp() < 0:
        raise LineRefused("decision.time is an RFC 3339 time with an offset, or Unix seconds")
    return int(moment.timestamp())
