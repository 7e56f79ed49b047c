"""What can go wrong in the edge.

::

    EdgeError
    ├── SettingsError        settings are unknown, missing or malformed; the process does not start
    ├── StartError           the process does not start
    │   ├── ListenError      a port cannot be listened on
    │   └── KeyMaterialError a key or certificate file is unusable; a reload keeps the old one
    ├── FormError            the HTTP request is not one form with one token (design step 1)
    ├── UnknownFieldsError   the envelope has fields we do not know, and the settings refuse those (step 3)
    └── NoDecisionError      there is no decision to answer with; its cause says why

Token and envelope errors (steps 2 and 3) come from ``placet_callback``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class EdgeError(Exception):
    """Everything below."""


class SettingsError(EdgeError):
    """Settings that stop the start.

    Attributes:
        problems: one line for each, beginning with the name of the setting, never holding its value.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)


class StartError(EdgeError):
    """The process cannot start; ``fields`` says why, for a log line."""

    fields: dict[str, object]


class ListenError(StartError):
    """A host and port on which we cannot listen."""

    def __init__(self, *, host: str, port: int, reason: str) -> None:
        super().__init__(host, port, reason)
        self.fields = {"host": host, "port": port, "reason": reason}


class KeyMaterialError(StartError):
    """A key or certificate file that cannot be used; never holds what the file contains."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(str(path), reason)
        self.path = path
        self.reason = reason
        self.fields = {"file": str(path), "reason": reason}


class FormError(EdgeError):
    """A request body that is not exactly one form field named TSS_JWT_MSG.

    Attributes:
        code: which rule it broke, a :class:`FormCode`.
    """

    def __init__(self, code: FormCode) -> None:
        super().__init__(code)
        self.code = code


class FormCode(StrEnum):
    """The rules of design step 1, one word each, for logs and metrics."""

    QUERY_STRING = "query_string"
    CONTENT_TYPE = "content_type"
    CONTENT_ENCODING = "content_encoding"
    TOO_LARGE = "too_large"
    NOT_A_FORM = "not_a_form"
    FIELD_MISSING = "field_missing"
    FIELD_REPEATED = "field_repeated"
    FIELD_UNKNOWN = "field_unknown"


class UnknownFieldsError(EdgeError):
    """An envelope with fields that the protocol does not have, while the settings refuse those.

    Attributes:
        names: as ``placet_callback`` gives them, at most 16, safe for logs.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names


class Cause(StrEnum):
    """Why there is no decision. A closed set: these are the values of a metric's label."""

    POLICY_UNAVAILABLE = "policy_unavailable"
    POLICY_DEADLINE = "policy_deadline"
    POLICY_ERROR = "policy_error"
    POLICY_NOT_READY = "policy_not_ready"
    ANSWER_FOREIGN = "answer_foreign"
    ANSWER_INCOMPLETE = "answer_incomplete"
    EFFECT_UNKNOWN = "effect_unknown"
    HELD = "held"
    FULL = "full"
    BUDGET = "budget"
    INTERNAL = "internal"
    DISCONNECTED = "disconnected"
    DRAINED = "drained"


QUIET: Final = frozenset({Cause.HELD, Cause.FULL, Cause.DISCONNECTED})
"""No alert here: held requests are alerted where the reasons are; a full edge and a client that left are counted."""


class NoDecisionError(EdgeError):
    """There is nothing to answer with: the node is to ask again.

    Attributes:
        cause: why; ``detail`` adds, for the log only, what a peer said (a gRPC code, never its text).
    """

    def __init__(self, cause: Cause, *, detail: str | None = None) -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail
