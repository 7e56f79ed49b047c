"""The callback response: built by us, and read as the stand-in for the TSS Node reads it (protocol a.2, a.3, c.2)."""

import json
import math
from dataclasses import dataclass
from typing import Final, Literal

from placet_callback import strict_json
from placet_callback.canonical_base64 import NotCanonicalError, decode_padded
from placet_callback.keys import Node, PublicKey
from placet_callback.strict_json import JSONValue, StrictJsonError
from placet_callback.token import MAX_TOKEN_BYTES, TokenError, verify_token

MAX_ERROR_BYTES: Final = 512

Kind = Literal["approved", "rejected", "error", "undocumented"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackResponse:
    """A response that the documents describe; no other can be constructed.

    Attributes:
        status: 0 when the callback was processed, else the server's own failure (10 request, 20 token, 30 internal).
        request_id: Echo of the request's; None when it is not known.
        action: Only with status 0.
        error: Only with REJECT: 1 to 512 bytes of UTF-8.

    Raises:
        ValueError: For any other combination.
    """

    status: int
    request_id: str | None = None
    action: Literal["APPROVE", "REJECT"] | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.status, bool) or self.status < 0:
            raise ValueError("status is an integer that is not negative")
        if self.action not in ("APPROVE", "REJECT", None):
            raise ValueError("action is APPROVE, REJECT or absent")
        if self.status != 0 and self.action is not None:
            raise ValueError("an action goes with status 0 only")
        if self.error is None:
            return
        if self.action != "REJECT":
            raise ValueError("an error goes with REJECT only")
        if not 1 <= len(self.error.encode("utf-8")) <= MAX_ERROR_BYTES:
            raise ValueError(f"an error has 1 to {MAX_ERROR_BYTES} bytes")


def encode_response(response: CallbackResponse) -> bytes:
    """The JSON bytes of a response, names sorted, absent fields left out, as the Go template has it (protocol c.2)."""
    fields = {
        "action": response.action,
        "error": response.error,
        "request_id": response.request_id,
        "status": response.status,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(present, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResponse:
    """What a node can make of an answer.

    Attributes:
        kind: `undocumented` is everything of which no document says what the node does with it; bad signatures too.
        status: As read; an absent one is 0 (protocol a.4). None when the answer could not be trusted.
        action: As read.
        error: As read.
        why: One sentence in which nothing comes from the answer.
    """

    kind: Kind
    status: int | None
    action: str | None
    error: str | None
    why: str


class _Unusable(Exception):  # noqa: N818 - it never leaves this module
    """The answer is undocumented; the argument says why."""


def read_response(
    body: bytes,
    *,
    server_key: PublicKey,
    request_id: str | None,
    now: float,
    ping: bool = False,
) -> ReadResponse:
    """Read the body of an HTTP answer as a careful node would.

    Args:
        body: The bare token, or the token as a JSON string (protocol a.3).
        server_key: The server's pinned public key.
        request_id: The request's; None when the request had none.
        now: Unix seconds.
        ping: Whether the request was a Ping: then status 0 suffices, and counts as approved (protocol c.3).

    Returns:
        What it is; never an exception for anything a server can send.
    """
    try:
        fields = _fields(_compact(body), server_key, now)
        return _named(fields, request_id or "", ping=ping)
    except _Unusable as unusable:
        return ReadResponse(kind="undocumented", status=None, action=None, error=None, why=str(unusable))


def _compact(body: bytes) -> str:
    """The token, which either is the body or the JSON string that the body is."""
    quoted = body.startswith(b'"')
    try:
        text = strict_json.loads(body, max_bytes=MAX_TOKEN_BYTES + 2) if quoted else body.decode("ascii")
    except (StrictJsonError, UnicodeDecodeError) as error:
        raise _Unusable("The body is neither a token nor a JSON string.") from error
    return text if isinstance(text, str) else ""  # JSON that starts with a quote is a string; if not, it is no token.


def _fields(compact: str, server_key: PublicKey, now: float) -> dict[str, JSONValue]:
    """The members of the response inside the token; null counts as absent.

    A server's `exp` must not have passed; how far away it may lie is a rule of ours for requests, not one for servers.
    """
    server = Node(name="server", keys=(server_key,))
    try:
        token = verify_token(compact, nodes=(server,), now=now, max_lifetime_seconds=math.inf)
    except TokenError as error:
        raise _Unusable(f"The token fails check {error.check}: {error.code}.") from error
    try:
        response = strict_json.loads(decode_padded(token.package_data), max_bytes=MAX_TOKEN_BYTES)
    except (NotCanonicalError, StrictJsonError) as error:
        raise _Unusable("The package_data is not strict JSON in base64.") from error
    if not isinstance(response, dict):
        raise _Unusable("The response is not an object.")
    return {name: value for name, value in response.items() if value is not None}


def _named(fields: dict[str, JSONValue], request_id: str, *, ping: bool) -> ReadResponse:
    """The response with its name; the order of the tests is from what cannot be read to what is documented."""
    status = fields.get("status", 0)
    action = _optional_text(fields, "action")
    error = _optional_text(fields, "error")
    if isinstance(status, bool) or not isinstance(status, int):
        raise _Unusable("The status is not an integer.")
    kind, why = _kind(status, action, ping=ping)
    echoed = fields.get("request_id", "")
    # A server that could not read the request cannot echo its id; everybody else must.
    if echoed != request_id and not (kind == "error" and echoed == ""):
        kind, why = "undocumented", "The request_id is not the request's."
    return ReadResponse(kind=kind, status=status, action=action, error=error, why=why)


def _kind(status: int, action: str | None, *, ping: bool) -> tuple[Kind, str]:
    if status != 0:
        if action is None:
            return "error", "The server says that it failed: status other than 0, no action."
        return "undocumented", "Status other than 0 together with an action."
    if action == "APPROVE":
        return "approved", "Status 0 with APPROVE."
    if action == "REJECT":
        return "rejected", "Status 0 with REJECT."
    if action is None and ping:
        return "approved", "Status 0, which is all that a Ping needs."
    return "undocumented", "Status 0 without APPROVE or REJECT."


def _optional_text(fields: dict[str, JSONValue], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise _Unusable(f"The {name} is not a string.")
    return value
