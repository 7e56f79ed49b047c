"""The JSON inside a callback token: requests and responses (protocol (c))."""

import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from placet_callback import strict_json
from placet_callback.canonical_base64 import NotCanonicalError, decode_padded
from placet_callback.response import CallbackResponse, ReadResponse, encode_response, read_response
from placet_callback.strict_json import JSONValue, StrictJsonError
from placet_callback.token import MAX_TOKEN_BYTES, VerifiedToken

__all__ = [
    "CallbackRequest",
    "CallbackResponse",
    "EnvelopeError",
    "Ping",
    "ReadResponse",
    "RequestType",
    "encode_request",
    "encode_response",
    "parse_request",
    "read_response",
]

MAX_REQUEST_ID_CHARACTERS: Final = 256
MAX_UNKNOWN_FIELDS: Final = 16

_FIELDS: Final = ("request_id", "request_type", "request_detail", "extra_info")
_CONTENT_FIELDS: Final = ("request_detail", "extra_info")
_INT64: Final = range(-(2**63), 2**63)


class RequestType(IntEnum):
    """The request types of protocol c.1; 4 is unassigned. A request may carry any other integer too."""

    PING = 0
    KEY_GEN = 1
    KEY_SIGN = 2
    KEY_RESHARE = 3
    KEY_SHARE_SIGN = 5


class EnvelopeError(Exception):
    """The content of a verified token is not a callback request.

    Attributes:
        code: Why, UPPER_SNAKE, from a closed list.
        path: Where, as `$.member`; nothing in it comes from a value.
    """

    def __init__(self, code: str, path: str = "$") -> None:
        super().__init__(code, path)
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A request that asks for nothing but a sign of life (protocol c.3). Made in `parse_request` and nowhere else.

    Attributes:
        request_id: As sent, to be echoed; None when absent, null or an empty object.
        unknown_fields: Names of envelope fields that the protocol does not know, at most 16, sorted; `?` stands for
            names that are not plain identifiers.
    """

    request_id: str | None
    unknown_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """A request that needs a decision.

    Attributes:
        request_id: 1 to 256 printable characters.
        request_type: Any integer of 64 bits but 0; see `RequestType`.
        request_detail: JSON text as sent; empty when absent or null.
        extra_info: JSON text as sent; empty when absent or null.
        unknown_fields: Names of envelope fields that the protocol does not know, at most 16, sorted; `?` stands for
            names that are not plain identifiers.
    """

    request_id: str
    request_type: int
    request_detail: str = field(repr=False)
    extra_info: str = field(repr=False)
    unknown_fields: tuple[str, ...] = ()


def parse_request(token: VerifiedToken) -> Ping | CallbackRequest:
    """Read the request inside a verified token (design, step 3).

    Raises:
        EnvelopeError: When the base64 is not canonical, the JSON not strict, or a field is not what the protocol says.
    """
    envelope = _envelope(token.package_data)
    unknown_fields = _unknown_fields(envelope)
    if _is_ping(envelope, unknown_fields):
        return Ping(request_id=_ping_request_id(envelope), unknown_fields=unknown_fields)
    return CallbackRequest(
        request_type=_request_type(envelope),
        request_id=_request_id(envelope),
        request_detail=_text(envelope, "request_detail"),
        extra_info=_text(envelope, "extra_info"),
        unknown_fields=unknown_fields,
    )


def encode_request(
    request_id: str | None,
    request_type: int | None,
    request_detail: str | None,
    extra_info: str | None,
) -> bytes:
    """The JSON bytes of a callback request, as the node's Go code writes it; a field that is None is left out."""
    values = (request_id, request_type, request_detail, extra_info)
    fields = {name: value for name, value in zip(_FIELDS, values, strict=True) if value is not None}
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _envelope(package_data: str) -> dict[str, JSONValue]:
    """The envelope's members; null counts as absent."""
    try:
        raw = decode_padded(package_data)
    except NotCanonicalError as error:
        raise EnvelopeError("PACKAGE_DATA_NOT_CANONICAL_BASE64") from error
    try:
        envelope = strict_json.loads(raw, max_bytes=MAX_TOKEN_BYTES)
    except StrictJsonError as error:
        raise EnvelopeError("ENVELOPE_NOT_STRICT_JSON", error.path) from error
    if not isinstance(envelope, dict):
        raise EnvelopeError("ENVELOPE_NOT_AN_OBJECT")
    for name in envelope:
        # Go takes `Request_Type` for `request_type`, so the node may mean by it what we would count as unknown.
        if name not in _FIELDS and name.casefold() in _FIELDS:
            raise EnvelopeError("FIELD_NAME_NOT_EXACT", f"$.{name.casefold()}")
    return {name: value for name, value in envelope.items() if value is not None}


def _unknown_fields(envelope: dict[str, JSONValue]) -> tuple[str, ...]:
    """What is recorded of unknown fields: never empty when there is one, and never long."""
    names = {strict_json.shown_name(name) for name in envelope if name not in _FIELDS}
    return tuple(sorted(names))[:MAX_UNKNOWN_FIELDS]


def _is_ping(envelope: dict[str, JSONValue], unknown_fields: tuple[str, ...]) -> bool:
    """The rule of protocol c.3: type 0, or no type and nothing else either, and in both cases no content.

    Where a Ping is answered with APPROVE, content under type 0 would be approved unread; so it is refused.
    """
    filled = [name for name in _CONTENT_FIELDS if name in envelope and not _is_empty(envelope[name])]
    if "request_type" not in envelope:
        if filled or unknown_fields:
            raise EnvelopeError("REQUEST_TYPE_MISSING", "$.request_type")
        return True
    if _request_type(envelope) != RequestType.PING:
        return False
    if filled:
        raise EnvelopeError("PING_NOT_EMPTY", f"$.{filled[0]}")
    return True


def _is_empty(value: JSONValue) -> bool:
    """The empty forms of protocol c.3: an empty string, the text of an empty object, an empty object."""
    return value in ("", "{}") or value == {}


def _ping_request_id(envelope: dict[str, JSONValue]) -> str | None:
    value = envelope.get("request_id")
    if value is None or value == {}:
        return None
    if value == "":
        return ""
    return _request_id(envelope)


def _request_type(envelope: dict[str, JSONValue]) -> int:
    value = envelope["request_type"]
    if isinstance(value, bool) or not isinstance(value, int):
        raise EnvelopeError("REQUEST_TYPE_NOT_AN_INTEGER", "$.request_type")
    if value not in _INT64:  # No peer and no ledger column could hold it.
        raise EnvelopeError("REQUEST_TYPE_OUT_OF_RANGE", "$.request_type")
    return value


def _request_id(envelope: dict[str, JSONValue]) -> str:
    """The id, which people read in logs and databases store: so no control, format or unassigned characters."""
    value = envelope.get("request_id")
    if value is None:
        raise EnvelopeError("REQUEST_ID_MISSING", "$.request_id")
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_REQUEST_ID_CHARACTERS or not value.isprintable():
        raise EnvelopeError("REQUEST_ID_INVALID", "$.request_id")
    return value


def _text(envelope: dict[str, JSONValue], name: str) -> str:
    value = envelope.get(name, "")
    if not isinstance(value, str):
        raise EnvelopeError(f"{name.upper()}_NOT_A_STRING", f"$.{name}")
    return value
