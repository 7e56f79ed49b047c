"""How a node takes an answer that its documentation says nothing about (protocol e.5)."""

from enum import StrEnum

HTTP_OK = 200
"""The only HTTP status that a processed callback has (protocol a.2)."""

_HTTP_SERVER_ERRORS = range(500, 600)


class AnswerKind(StrEnum):
    """What became of one try.

    ``NO_RESPONSE`` is the only kind that the node's documentation says is asked again. ``ERROR`` is a well-signed
    status other than 0; ``UNDOCUMENTED`` is everything the documentation does not describe: another HTTP status, a
    body that is no token, a wrong signature, another request_id, an expired answer, a status 0 without an action.
    """

    APPROVED = "approved"
    REJECTED = "rejected"
    ERROR = "error"
    UNDOCUMENTED = "undocumented"
    NO_RESPONSE = "no response"


class Reacts(StrEnum):
    """Which answers the modelled node asks again; whatever it does not ask again and is no APPROVE is a refusal."""

    CLOSE_ONLY = "close-only"
    FIVE_XX = "5xx"
    ANY = "any"


def asks_again(reacts: Reacts, *, kind: AnswerKind, http_status: int | None) -> bool:
    """Tell whether the modelled node asks again after such an answer.

    Args:
        reacts: The node to model. ``close-only``: a missing answer only. ``5xx``: that, and an HTTP status of 500
            to 599. ``any``: everything but a signed status 0 with an action.
        kind: What the answer was.
        http_status: Its HTTP status; None where there was no HTTP response.
    """
    if kind in {AnswerKind.APPROVED, AnswerKind.REJECTED}:
        return False
    if kind == AnswerKind.NO_RESPONSE or reacts == Reacts.ANY:
        return True
    return reacts == Reacts.FIVE_XX and http_status in _HTTP_SERVER_ERRORS


def kind_of(read_kind: str, *, http_status: int) -> AnswerKind:
    """Name an answer whose body has been read; a documented answer has HTTP status 200 (protocol a.2)."""
    if http_status != HTTP_OK:
        return AnswerKind.UNDOCUMENTED
    return AnswerKind(read_kind)
