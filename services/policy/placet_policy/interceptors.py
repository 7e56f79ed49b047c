"""What happens to every gRPC call before its method: who calls, by when, and what is counted."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import grpc
import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from placet_policy.metrics import Metrics

    # The library's classes are generic in their stubs only.
    Context = grpc.aio.ServicerContext[Any, Any]
    Behaviour = Callable[[Any, Context], Awaitable[Any]]
    Handler = grpc.RpcMethodHandler[Any, Any]
    Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]

_SAN = "x509_subject_alternative_name"
_SERVICE = "/placet.policy.v1.PolicyService/"
_log = structlog.get_logger()


class _Around(grpc.aio.ServerInterceptor):
    """Calls ``around`` with the method's name and its behaviour, for methods that exist."""

    @abstractmethod
    async def around(self, method: str, behaviour: Behaviour, request: Any, context: Context) -> Any:
        """Run the behaviour, or abort instead."""

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Handler | None:
        """See ``grpc.aio.ServerInterceptor``."""
        handler = await continuation(handler_call_details)
        # The library answers None for a method that nobody serves; UNIMPLEMENTED follows by itself.
        if handler is None:
            return None
        method = str(handler_call_details.method)
        streams = handler.unary_stream is not None
        behaviour: Any = handler.unary_stream if streams else handler.unary_unary

        async def wrapped(request: Any, context: Context) -> Any:
            return await self.around(method, behaviour, request, context)

        make: Any = grpc.unary_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
        wrapped_handler: Handler = make(
            wrapped,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
        return wrapped_handler


class CountCalls(_Around):
    """Counts every call by method and status code. Outermost, so that it sees what the others refuse."""

    def __init__(self, *, metrics: Metrics) -> None:
        self._metrics = metrics

    async def around(self, method: str, behaviour: Behaviour, request: Any, context: Context) -> Any:
        """Run the behaviour and count how it ended."""
        code = grpc.StatusCode.UNKNOWN
        try:
            response = await behaviour(request, context)
            code = _code(context, grpc.StatusCode.OK)
        except grpc.aio.AbortError:
            code = _code(context, code)
            raise
        finally:
            self._metrics.calls.labels(method=method, code=code.name).inc()
        return response


class RequireClientName(_Around):
    """Lets nobody in whose client certificate does not carry the pinned subject alternative name."""

    def __init__(self, *, client_san: str, metrics: Metrics) -> None:
        self._client_san = client_san.encode("utf-8")
        self._metrics = metrics

    async def around(self, method: str, behaviour: Behaviour, request: Any, context: Context) -> Any:
        """Run the behaviour for the pinned client only."""
        names = list(context.auth_context().get(_SAN, ()))
        if self._client_san not in names:
            self._metrics.unidentified.inc()
            shown = [name.decode("utf-8", "replace") for name in names]
            _log.error("client_name_refused", method=method, names=shown)
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "the client certificate is not the pinned one")
        return await behaviour(request, context)


class RequireDeadline(_Around):
    """Refuses calls to our service that do not say by when they need the answer."""

    async def around(self, method: str, behaviour: Behaviour, request: Any, context: Context) -> Any:
        """Run the behaviour when there is time, and an end to it."""
        if method.startswith(_SERVICE):
            # The stubs say float; without a deadline the library answers None.
            remaining: Any = context.time_remaining()
            if remaining is None:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "a deadline is required")
            if remaining <= 0:
                await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline has passed")
        return await behaviour(request, context)


def _code(context: Context, default: grpc.StatusCode) -> grpc.StatusCode:
    """Return the status that was set on a call; the library keeps it as a member, a number, or nothing."""
    code: Any = context.code()
    if isinstance(code, grpc.StatusCode):
        return code
    return next((each for each in grpc.StatusCode if code and each.value[0] == code), default)
