"""opa-python-client with a session of our own (design section 2).

Measured on opa-python-client 3.0.0: the stock session takes the last of duplicate names and NaN, follows redirects,
reads endless bodies and retries. ``StrictClient`` replaces the session and nothing else: the requests stay the
library's.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from opa_client.opa_async import AsyncOpaClient  # type: ignore[import-untyped]  # the library ships no types
from placet_callback import strict_json

from placet_policy.errors import OpaAnswerInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import SimpleNamespace

    from aiohttp.client_middlewares import ClientHandlerType
    from placet_callback.strict_json import JSONValue

PACKAGE: Final = "placet.main"
MAX_ANSWER_BYTES: Final = 64 * 1024
CONNECT_SECONDS: Final = 0.5
_MAX_DEPTH: Final = 16
_QUERY: Final = {"provenance": "true"}


class StrictClient(AsyncOpaClient):  # type: ignore[misc]  # the base is untyped
    """The library's client with another session."""

    _session: aiohttp.ClientSession | None

    def __init__(self, *, host: str, port: int, timeout: float, observe: Callable[[float], None]) -> None:
        super().__init__(host=host, port=port, ssl=False, retries=0, timeout=timeout)
        self._observe = observe

    async def ask(self, rule: str, document: Mapping[str, JSONValue]) -> JSONValue:
        """POST the document to ``/v1/data/placet/main/<rule>?provenance=true`` and return the parsed body."""
        await self._open()
        answer: JSONValue = await self.query_rule(document, PACKAGE, rule, _QUERY)
        return answer

    async def healthy(self) -> bool:
        """GET ``/health?bundles=true``; False as well when nothing listens."""
        await self._open()
        answer: bool = await self.check_health({"bundles": "true"})
        return answer

    async def _open(self) -> None:
        if self._session is None:
            await self._init_session()

    async def _init_session(self) -> None:
        self._connector = aiohttp.TCPConnector(limit=0, force_close=False)
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            timeout=aiohttp.ClientTimeout(total=self.timeout, sock_connect=min(CONNECT_SECONDS, self.timeout)),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            json_serialize=_serialize,
            response_class=_Response,
            trust_env=False,
            auto_decompress=False,
            trace_configs=[_timing(self._observe)],
            middlewares=(_refuse_redirects,),
        )


class _Response(aiohttp.ClientResponse):
    """A response whose body is bounded and whose JSON is strict."""

    async def read(self) -> bytes:
        """Return the body; raises OpaAnswerInvalid when it is longer than 64 KiB."""
        body = bytearray()
        async for chunk in self.content.iter_any():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                self.close()
                raise OpaAnswerInvalid("OPA's answer is longer than 64 KiB")
        return bytes(body)

    # The base class offers a loader and an encoding; neither may be chosen here, and the library passes none.
    async def json(self, **_ignored: Any) -> Any:
        """Return the body as strict JSON."""
        if self.status != 200 or self.content_type != "application/json":  # noqa: PLR2004 - HTTP's OK
            raise OpaAnswerInvalid("OPA's answer is not a 200 with JSON")
        if "Content-Encoding" in self.headers:
            raise OpaAnswerInvalid("OPA's answer is encoded, which was not asked for")
        return strict_json.loads(await self.read(), max_bytes=MAX_ANSWER_BYTES, max_depth=_MAX_DEPTH, max_values=None)


async def _refuse_redirects(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    response = await handler(request)
    if 300 <= response.status < 400:  # noqa: PLR2004 - HTTP's redirections
        response.close()
        raise OpaAnswerInvalid("OPA answered with a redirect")
    return response


def _serialize(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def _timing(observe: Callable[[float], None]) -> aiohttp.TraceConfig:
    async def started(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.started = time.perf_counter()

    async def ended(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        observe(time.perf_counter() - context.started)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(started)
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(ended)
    return trace
