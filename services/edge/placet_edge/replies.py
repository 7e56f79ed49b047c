"""What the peer sees. The one table that turns errors into HTTP; nothing of an error's text is in it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from placet_callback.envelope import EnvelopeError
from placet_callback.token import TokenError
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from placet_edge.errors import Cause, FormError, NoDecisionError, UnknownFieldsError
from placet_edge.metrics import Outcome
from placet_edge.protocol import handle_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from placet_edge.answers import StandingAnswers
    from placet_edge.exchange import Exchange, Journal
    from placet_edge.metrics import Metrics

STATUS_INVALID_REQUEST: Final = 10
STATUS_INVALID_TOKEN: Final = 20
STATUS_INTERNAL: Final = 30
_STANDING_ANSWER_SECONDS = 1.0

EXPECTED: Final = (
    FormError,
    TokenError,
    EnvelopeError,
    UnknownFieldsError,
    NoDecisionError,
    TimeoutError,
    ClientDisconnect,
)

_BadRequestError = FormError | TokenError | EnvelopeError | UnknownFieldsError


class NoAnswer(Response):
    """Ends the connection with no bytes written: the only case in which a retry is documented (protocol e.5)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close instead of answering."""
        del receive, send
        handle_of(scope).close()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySettings:
    """How a team wants its node to be answered; see the settings of the same names."""

    no_decision: Literal["close", "503", "200"]
    bad_token: Literal["answer", "close"]
    response_form: Literal["text", "json"]


class Replies:
    """Builds every HTTP response of the callback address."""

    def __init__(
        self, *, standing: StandingAnswers, settings: ReplySettings, journal: Journal, metrics: Metrics
    ) -> None:
        self._standing = standing
        self._settings = settings
        self._journal = journal
        self._metrics = metrics

    def signed(self, compact: str) -> Response:
        """HTTP 200 with a callback response token, bare or as a JSON string (protocol a.3)."""
        if self._settings.response_form == "json":
            return Response(json.dumps(compact), media_type="application/json")
        return Response(compact, media_type="text/plain")

    async def for_error(self, error: Exception, exchange: Exchange) -> Response:
        """The table: what each expected error becomes, noted in ``exchange``.

        Args:
            error: one of :data:`EXPECTED`.
            exchange: gets outcome and details.
        """
        match error:
            case FormError() | TokenError() | EnvelopeError() | UnknownFieldsError():
                return await self._bad(error, exchange)
            case NoDecisionError():
                return await self._none(error, exchange)
            case TimeoutError():
                return await self._none(NoDecisionError(Cause.BUDGET), exchange)
            case ClientDisconnect():
                return await self._none(NoDecisionError(Cause.DISCONNECTED), exchange)
            case _:
                raise error

    def last_resort(self) -> Response:
        """No decision without the help of anything that may be broken."""
        return Response(status_code=503) if self._settings.no_decision == "503" else NoAnswer()

    async def _bad(self, error: _BadRequestError, exchange: Exchange) -> Response:
        status = self._note(error, exchange)
        if self._settings.bad_token == "close":  # noqa: S105  # a way to answer, no password
            return NoAnswer()
        return await self._standing_answer(status)

    def _note(self, error: _BadRequestError, exchange: Exchange) -> int:
        """Count the error, put it into the exchange, and give the status that answers it."""
        match error:
            case FormError():
                self._metrics.form_errors.labels(code=error.code).inc()
                exchange.outcome = Outcome.BAD_FORM
                exchange.details["code"] = error.code
                return STATUS_INVALID_TOKEN
            case TokenError():
                self._metrics.token_errors.labels(check=str(error.check)).inc()
                exchange.outcome = Outcome.BAD_TOKEN
                exchange.details |= _token_details(error)
                return STATUS_INVALID_TOKEN
            case EnvelopeError():
                exchange.outcome = Outcome.BAD_ENVELOPE
                exchange.details |= {"code": error.code, "path": error.path}
                return STATUS_INVALID_REQUEST
            case UnknownFieldsError():
                exchange.outcome = Outcome.BAD_ENVELOPE
                exchange.details |= {"code": "UNKNOWN_FIELDS", "names": error.names}
                return STATUS_INVALID_REQUEST

    async def _none(self, error: NoDecisionError, exchange: Exchange) -> Response:
        self._journal.no_decision(exchange, error)
        if self._settings.no_decision == "200" and error.cause != Cause.DISCONNECTED:
            return await self._standing_answer(STATUS_INTERNAL)
        return self.last_resort()

    async def _standing_answer(self, status: int) -> Response:
        async with asyncio.timeout(_STANDING_ANSWER_SECONDS):
            return self.signed(await self._standing.get(status))


def _token_details(error: TokenError) -> dict[str, object]:
    details: dict[str, object] = {"check": error.check, "code": error.code}
    if error.clock is not None:
        # Perhaps one of the two clocks is off: say both times (design section 7).
        now, claim = error.clock
        details["clock"] = {"now": round(now, 3), "claim": claim}
    return details
