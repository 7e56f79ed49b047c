"""The OPA in the same pod: one question a decision, and the self-tests that say whether it may be asked at all.

The path of the query is fixed; nothing of a request ever becomes a part of it (CVE-2025-46569). ``session`` is the
client underneath, ``authz.rego`` what OPA itself lets through.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import aiohttp
from placet_callback import strict_json

from placet_policy.answer import parse_answer
from placet_policy.errors import OpaAnswerInvalid, OpaUnavailable
from placet_policy.opa.session import StrictClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from placet_callback.strict_json import JSONValue

ENTRYPOINT: Final = "decision"
SELF_TEST: Final = "selftest"
_ANSWER_FIELDS: Final = frozenset({"result", "provenance"})
_REVISION: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
# Two neighbours just below 2^256: rounded to 64 bits, or to a float, they are equal and their sum is another number.
_BIG_A: Final = 2**256 - 1
_BIG_B: Final = 2**256 - 2
_BIG_SUM: Final = "231584178474632390847141970017375815706539969331281128078915168015826259279869"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaResult:
    """One answer of OPA, not yet read as a decision.

    Attributes:
        result: the value of the queried document.
        revision: of the one bundle under which it was computed, from the ``provenance`` of the same response.
        version: OPA's version.
    """

    result: JSONValue
    revision: str
    version: str


class Opa:
    """The OPA in the same pod, asked for exactly two documents."""

    def __init__(self, *, url: str, timeout_seconds: float, observe: Callable[[float], None]) -> None:
        """Prepare the client; nothing is connected before the first question.

        Args:
            url: ``http://`` on loopback; OPA's API has no business on any other address.
            timeout_seconds: for a whole exchange, connecting included.
            observe: told the seconds every completed exchange took.

        Raises:
            ValueError: the url is not plain http on a loopback address.
        """
        host, port = _loopback(url)
        self._client = StrictClient(host=host, port=port, timeout=timeout_seconds, observe=observe)

    async def decide(self, document: Mapping[str, JSONValue]) -> OpaResult:
        """Ask for the decision on one input document, in one request.

        Raises:
            OpaUnavailable: no answer in time, a broken connection, or a status that is not 200.
            OpaAnswerInvalid: an answer that is undefined, too large, redirected, not strict JSON, or without exactly
                one bundle revision.
        """
        return _read(await self._ask(ENTRYPOINT, document))

    async def version(self) -> str:
        """Return the version of the OPA that answers right now; raises as ``decide`` does."""
        return (await self._self_test_sum()).version

    async def self_test(self) -> OpaResult:
        """Prove that this OPA, with this bundle, can be trusted with a decision.

        1. integers above 64 bits are added and compared exactly (opa#6281), with values read from the input;
        2. an undefined document is seen as such;
        3. the entrypoint exists, answers in the agreed shape, and allows no empty input.

        Returns:
            The answer to 3, whose revision and version are the ones that were tested.

        Raises:
            OpaUnavailable: as ``decide``.
            OpaAnswerInvalid: a test failed; the cause says which.
        """
        big = await self._self_test_sum()
        if big.result != {"sum": _BIG_SUM, "greater": True, "total": _BIG_SUM}:
            raise OpaAnswerInvalid("self-test: OPA rounds integers above 64 bits")
        undefined = await self._ask(SELF_TEST, {})
        if not isinstance(undefined, dict) or "result" in undefined:
            raise OpaAnswerInvalid("self-test: an undefined document has a result")
        empty = await self.decide({})
        parse_answer(empty.result, profile=())  # without a profile no allow is a valid answer
        if empty.revision != big.revision:
            raise OpaAnswerInvalid("self-test: the bundle changed meanwhile")
        return empty

    async def bundle_is_active(self) -> bool:
        """Tell whether OPA listens and has activated its bundle; whether it can be trusted is ``self_test``'s."""
        return await self._client.healthy()

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close_connection()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _self_test_sum(self) -> OpaResult:
        return _read(await self._ask(SELF_TEST, {"selftest": {"a": _BIG_A, "b": _BIG_B}}))

    async def _ask(self, rule: str, document: Mapping[str, JSONValue]) -> JSONValue:
        try:
            return await self._client.ask(rule, document)
        except aiohttp.ClientResponseError as e:
            raise OpaUnavailable(f"OPA answered with status {e.status}") from e
        except (aiohttp.ClientError, TimeoutError, OSError) as e:
            raise OpaUnavailable(f"OPA did not answer: {type(e).__name__}") from e
        except strict_json.StrictJsonError as e:
            raise OpaAnswerInvalid(f"OPA's answer is not strict JSON: {e.reason}") from e


def _loopback(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        raise ValueError("the OPA url is not http://HOST:PORT")
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError("the OPA url is not on a loopback address")
    return (f"[{host}]" if ":" in host else host), parts.port or 8181


def _read(answer: JSONValue) -> OpaResult:
    """Take result, revision and version out of one response body."""
    if not isinstance(answer, dict) or not answer.keys() <= _ANSWER_FIELDS:
        raise OpaAnswerInvalid("OPA's answer has unknown members")
    if "result" not in answer:
        raise OpaAnswerInvalid("OPA's answer is undefined")
    provenance = _member(answer, "provenance")
    bundles = list(_member(provenance, "bundles").values())
    if len(bundles) != 1 or not isinstance(bundles[0], dict):
        raise OpaAnswerInvalid("OPA's answer does not come from exactly one bundle")
    revision, version = bundles[0].get("revision"), provenance.get("version")
    if not isinstance(revision, str) or _REVISION.fullmatch(revision) is None or not isinstance(version, str):
        raise OpaAnswerInvalid("OPA's answer names no revision or no version")
    return OpaResult(result=answer["result"], revision=revision, version=version)


def _member(value: dict[str, JSONValue], name: str) -> dict[str, JSONValue]:
    member = value.get(name)
    if not isinstance(member, dict):
        raise OpaAnswerInvalid(f"OPA's answer has no {name}")
    return member
