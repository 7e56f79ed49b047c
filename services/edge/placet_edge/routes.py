"""POST /v2/check, readable top to bottom: design section 1, steps 1 to 5, 11 and 12."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from placet_callback.envelope import Ping, parse_request
from placet_callback.token import verify_token
from starlette.responses import JSONResponse

from placet_edge.approval import (
    Approval,
    NoDecision,
    Refusal,
    approve_if_allowed,
    approving_response,
    ping_response,
    rejecting_response,
)
from placet_edge.errors import Cause, NoDecisionError, UnknownFieldsError
from placet_edge.exchange import Exchange
from placet_edge.form import read_token
from placet_edge.limits import Budget
from placet_edge.metrics import Outcome
from placet_edge.pdp import Question
from placet_edge.protocol import handle_of
from placet_edge.replies import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from placet.policy.v1.policy_pb2 import EvaluateResponse
    from placet_callback.envelope import CallbackRequest
    from placet_callback.response import CallbackResponse
    from placet_callback.token import Node, VerifiedToken
    from starlette.requests import Request
    from starlette.responses import Response

    from placet_edge.answers import Signer
    from placet_edge.exchange import Journal
    from placet_edge.limits import Slots
    from placet_edge.metrics import Metrics
    from placet_edge.pdp import PolicyTier
    from placet_edge.replies import Replies

_TRACE_PARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """What the route asks of a request; see the settings of the same names."""

    budget_seconds: float
    max_body_bytes: int
    token_max_lifetime_seconds: int
    audience: str | None
    refuse_unknown_fields: bool
    ping_action: Literal["none", "approve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRoute:
    """The address that nodes post to. ``nodes`` gives the newest node set, ``clock`` Unix seconds."""

    nodes: Callable[[], Sequence[Node]]
    policy: PolicyTier
    signer: Signer
    replies: Replies
    slots: Slots
    journal: Journal
    metrics: Metrics
    clock: Callable[[], float]
    settings: CheckSettings

    async def check(self, request: Request) -> Response:
        """Answer one callback request. Whatever happens: a signed answer, or no decision."""
        handle = handle_of(request.scope)
        exchange = Exchange(began_at=handle.measured_from)
        budget = Budget.starting(handle.began_at, self.settings.budget_seconds)
        try:
            return await self._reply(request, budget, exchange)
        except asyncio.CancelledError:
            # The drain deadline is over. uvicorn would now write a 500, which no document speaks about.
            handle.close()
            self.journal.no_decision(exchange, NoDecisionError(Cause.DRAINED))
            raise
        except Exception:  # noqa: BLE001
            # The only place that catches everything: log, count, no decision.
            self.journal.crash(exchange)
            return self.replies.last_resort()
        finally:
            self.journal.end(exchange)

    async def _reply(self, request: Request, budget: Budget, exchange: Exchange) -> Response:
        try:
            async with asyncio.timeout_at(budget.ends_at):
                return self.replies.signed(await self._answer(request, budget, exchange))
        except EXPECTED as e:
            return await self.replies.for_error(e, exchange)

    async def _answer(self, request: Request, budget: Budget, exchange: Exchange) -> str:
        """The signed answer; the numbers are the steps of design section 1."""
        unverified_token = await read_token(request, max_bytes=self.settings.max_body_bytes)  # 1
        received_at = self.clock()
        with self.slots.take():
            token = self._verify(unverified_token, exchange)  # 2
            callback = self._parse(token, exchange)  # 3
            if isinstance(callback, Ping):
                return await self._sign(await self._ping(callback, budget, exchange), exchange)  # 4
            question = Question(token=token, received_at=received_at, trace_parent=_trace_parent(request))
            response = await self._evaluate(question, budget, exchange)  # 5 (6 to 10: the policy tier)
            answer = _judge(response, token, callback, exchange)  # 11
            return await self._sign(answer, exchange)  # 12

    def _verify(self, unverified_token: str, exchange: Exchange) -> VerifiedToken:
        token = verify_token(
            unverified_token,
            nodes=self.nodes(),
            now=self.clock(),
            max_lifetime_seconds=self.settings.token_max_lifetime_seconds,
            audience=self.settings.audience,
        )
        exchange.node = token.node
        exchange.key_id = token.key_id
        return token

    def _parse(self, token: VerifiedToken, exchange: Exchange) -> Ping | CallbackRequest:
        callback = parse_request(token)
        exchange.request_id = callback.request_id
        exchange.request_type = 0 if isinstance(callback, Ping) else callback.request_type
        if callback.unknown_fields:
            self.metrics.unknown_fields.inc()
            exchange.details["unknown_fields"] = callback.unknown_fields
            if self.settings.refuse_unknown_fields:
                raise UnknownFieldsError(callback.unknown_fields)
        return callback

    async def _ping(self, ping: Ping, budget: Budget, exchange: Exchange) -> CallbackResponse:
        """A ping proves the whole chain, so the policy tier must be able to decide right now."""
        with exchange.policy_timer():
            status = await self.policy.status(timeout=budget.for_policy())
        if not status.ready:
            raise NoDecisionError(Cause.POLICY_NOT_READY)
        exchange.outcome = Outcome.PING
        return ping_response(ping, self.settings.ping_action)

    async def _evaluate(self, question: Question, budget: Budget, exchange: Exchange) -> EvaluateResponse:
        with exchange.policy_timer():
            response = await self.policy.evaluate(question, timeout=budget.for_policy())
        exchange.decision_id = response.decision_id
        return response

    async def _sign(self, answer: CallbackResponse, exchange: Exchange) -> str:
        with exchange.signing_timer():
            return await self.signer.sign(answer)


def _judge(
    response: EvaluateResponse, token: VerifiedToken, request: CallbackRequest, exchange: Exchange
) -> CallbackResponse:
    match approve_if_allowed(response, token=token, request=request):
        case Approval() as approval:
            exchange.outcome = Outcome.APPROVED
            return approving_response(approval)
        case Refusal() as refusal:
            exchange.outcome = Outcome.REJECTED
            return rejecting_response(refusal)
        case NoDecision(cause=cause):
            raise NoDecisionError(cause)


def _trace_parent(request: Request) -> str | None:
    """The W3C trace context, level 1, section 3.2.2; anything else is dropped, as that document says."""
    value = request.headers.get("traceparent", "")
    return value if _TRACE_PARENT.fullmatch(value) else None


async def ping(request: Request) -> Response:
    """GET /ping as the official servers have it (protocol section a.1); it says nothing about our inside."""
    del request
    return JSONResponse({"server": "placet", "timestamp": str(time.time_ns() // 1_000_000)})
