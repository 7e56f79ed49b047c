"""JSON lines on stdout, and the processors that keep tokens, keys and parts of requests out of them."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_STARS = "***"
_SECRET_NAMES = frozenset(
    {"token", "callback_token", "unverified_token", "compact", "body", "package_data", "private_key", "passphrase"}
)
# A compact JWS wherever it stands: a header that begins with {" in base64url, then two more segments.
_TOKEN = re.compile(r"eyJ[\w=-]{4,}\.[\w=-]*(\.[\w=-]*)?", re.ASCII)
_PEM = re.compile(r"-----BEGIN [^-]*PRIVATE KEY-----.*?(-----END [^-]*-----|\Z)", re.DOTALL)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace secrets in a log event by stars: by name, and by form in every text at any depth."""
    return {name: _STARS if name.lower() in _SECRET_NAMES else _clean(value) for name, value in event.items()}


def locate_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and its last three places: its message may quote the request.

    Redaction knows the forms of tokens and keys, and no request has a form that could be known.
    """
    info = event.pop("exc_info", None)
    error = sys.exception() if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        event["error_at"] = [f"{frame.filename}:{frame.lineno}" for frame in frames]
    return event


def configure_logging(level: str, *, stream: TextIO | None = None) -> None:
    """Make structlog and the standard library's logging write one JSON object a line.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        stream: where to write; standard output unless a test says otherwise.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream if stream is not None else sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                locate_exception,
                redact,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # One line a request of the internal endpoints says nothing that the metrics do not.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _PEM.sub(_STARS, _TOKEN.sub(_STARS, value))
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return redact(None, "", value)
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
