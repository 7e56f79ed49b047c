"""Logs: one JSON object a line on stdout, and a processor that lets no token, key or body through."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from structlog.typing import FilteringBoundLogger, Processor

REDACTED = "[redacted]"
_MAX_TEXT = 1024
_MAX_DEPTH = 4
_SECRET_NAMES = re.compile(r"(^|_)(token|jwt|tss_jwt_msg|package_data|key|pem|passphrase|password|secret|body)$")
_SECRET_SHAPES = re.compile(r"eyJ[\w-]{8,}\.[\w.-]*|-----BEGIN [A-Z ]+-----|TSS_JWT_MSG=")


def configure_logging(level: str) -> FilteringBoundLogger:
    """Send our logs and those of the libraries through the same processors, and return our logger."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        locate_exception,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(number, shared)
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def _configure_libraries(level: int, shared: list[Processor]) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                locate_exception,
                redact,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.root.handlers = [handler]
    # Libraries tell at INFO what we tell better ourselves, and at DEBUG they may tell what nobody should read.
    logging.root.setLevel(max(level, logging.WARNING))


def locate_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and place: its message may quote the request."""
    info = event.pop("exc_info", None)
    error = sys.exception() if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        event["error_at"] = [f"{frame.filename}:{frame.lineno}" for frame in frames]
    return event


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out values whose name or shape says that they are tokens, keys or bodies, and cut long text."""
    return {name: REDACTED if _SECRET_NAMES.search(name) else _clean(value, 0) for name, value in event.items()}


def _clean(value: object, depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview) or depth > _MAX_DEPTH:
        return REDACTED
    if isinstance(value, dict):
        return _clean_mapping(value, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item, depth + 1) for item in value]
    text = str(value)
    return REDACTED if _SECRET_SHAPES.search(text) else text[:_MAX_TEXT]


def _clean_mapping(value: Mapping[object, object], depth: int) -> dict[str, object]:
    return {
        str(name): REDACTED if _SECRET_NAMES.search(str(name)) else _clean(item, depth + 1)
        for name, item in value.items()
    }
