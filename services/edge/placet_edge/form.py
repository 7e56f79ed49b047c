"""Design step 1: the HTTP request must be one form with one field named TSS_JWT_MSG, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from placet_edge.errors import FormCode, FormError

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.requests import Request

FIELD = b"TSS_JWT_MSG"
_CONTENT_TYPE = re.compile(r"application/x-www-form-urlencoded([ \t]*;[ \t]*charset=\"?utf-8\"?)?", re.IGNORECASE)
_ENCODED = re.compile(rb"(?:[\x20-\x24\x27-\x3a\x3c-\x7e]|%[0-9A-Fa-f]{2})*")


async def read_token(request: Request, *, max_bytes: int) -> str:
    """The unverified callback token of a request (protocol section a.1).

    The body is read to its end whatever else is wrong, because closing a connection with unread data on it makes
    the answer disappear; what is too large is dropped as it comes.

    Raises:
        FormError: the first rule that is broken.
        starlette.requests.ClientDisconnect: the node went away.
    """
    body = await _read_body(request, max_bytes=max_bytes)
    _check_head(request)
    if body is None:
        raise FormError(FormCode.TOO_LARGE)
    return parse_form(body)


async def _read_body(request: Request, *, max_bytes: int) -> bytes | None:
    body = bytearray()
    too_large = False
    async for chunk in request.stream():
        too_large = too_large or len(body) + len(chunk) > max_bytes
        if not too_large:
            body += chunk
    return None if too_large else bytes(body)


def _check_head(request: Request) -> None:
    if request.scope["query_string"]:
        raise FormError(FormCode.QUERY_STRING)
    if _only(request.headers, "content-encoding", default="identity").lower() != "identity":
        raise FormError(FormCode.CONTENT_ENCODING)
    if not _CONTENT_TYPE.fullmatch(_only(request.headers, "content-type", default="")):
        raise FormError(FormCode.CONTENT_TYPE)


def _only(headers: Headers, name: str, *, default: str) -> str:
    """The one value of a header; of several there is no right one, so they count as none of the allowed."""
    values = headers.getlist(name) or [default]
    return values[0].strip() if len(values) == 1 else ""


def parse_form(body: bytes) -> str:
    """The value of the only field, percent-decoded (WHATWG URL, ``application/x-www-form-urlencoded``).

    Raises:
        FormError: it is no such form, or has another field, or more than one.
    """
    if not body:
        raise FormError(FormCode.FIELD_MISSING)
    fields = [_parse_field(part) for part in body.split(b"&")]
    names = [name for name, _value in fields]
    if FIELD not in names:
        raise FormError(FormCode.FIELD_MISSING)
    if names.count(FIELD) > 1:
        raise FormError(FormCode.FIELD_REPEATED)
    if len(names) > 1:
        raise FormError(FormCode.FIELD_UNKNOWN)
    try:
        return fields[0][1].decode("ascii")
    except UnicodeDecodeError as e:
        raise FormError(FormCode.NOT_A_FORM) from e


def _parse_field(part: bytes) -> tuple[bytes, bytes]:
    name, separator, value = part.partition(b"=")
    if not separator or not _ENCODED.fullmatch(name) or not _ENCODED.fullmatch(value):
        raise FormError(FormCode.NOT_A_FORM)
    return _decode(name), _decode(value)


def _decode(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))
