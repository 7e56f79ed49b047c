"""Interceptors: a deadline that has passed, and methods that nobody serves."""

from typing import Any, NoReturn, cast

import grpc
import pytest
from placet_policy.interceptors import CountCalls, RequireDeadline
from placet_policy.metrics import Metrics

METHOD = "/placet.policy.v1.PolicyService/Evaluate"


class AbortedError(Exception):
    """What the fake context raises for `abort`."""


class Context:
    """A call whose time is over, or which has none."""

    def __init__(self, remaining: float | None) -> None:
        self._remaining = remaining
        self.aborted: grpc.StatusCode | None = None

    def time_remaining(self) -> float | None:
        return self._remaining

    async def abort(self, code: grpc.StatusCode, _text: str) -> NoReturn:
        self.aborted = code
        raise AbortedError


async def behaviour(request: Any, _context: Any) -> Any:
    """Echo."""
    return request


@pytest.mark.parametrize(
    ("remaining", "code"),
    [(None, grpc.StatusCode.INVALID_ARGUMENT), (0.0, grpc.StatusCode.DEADLINE_EXCEEDED)],
)
async def test_no_time_is_no_answer(remaining: float | None, code: grpc.StatusCode) -> None:
    """Without a deadline, or after it, the method does not run."""
    context = Context(remaining)
    with pytest.raises(AbortedError):
        await RequireDeadline().around(METHOD, behaviour, "request", cast("Any", context))
    assert context.aborted == code


async def test_health_needs_no_deadline() -> None:
    """A health watch has no end, so only our own service asks for one."""
    answer = await RequireDeadline().around("/grpc.health.v1.Health/Watch", behaviour, "x", cast("Any", Context(None)))
    assert answer == "x"


async def test_a_method_that_nobody_serves_stays_unserved() -> None:
    """Nothing is wrapped around nothing."""

    async def nobody(_details: Any) -> None:
        return None

    interceptor = CountCalls(metrics=Metrics())
    assert await interceptor.intercept_service(nobody, cast("Any", None)) is None
