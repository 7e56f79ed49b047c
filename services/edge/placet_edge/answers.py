"""Design step 12: signed answers, and the few that are signed ahead because anybody can ask for them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_callback import token
from placet_callback.response import CallbackResponse, encode_response

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from placet_edge.keys import ServerKey
    from placet_edge.metrics import Metrics


class Signer:
    """Makes callback response tokens in a thread pool: OpenSSL frees the interpreter while it computes."""

    def __init__(
        self,
        *,
        key: Callable[[], ServerKey],
        issuer: str,
        lifetime: int,
        pool: Executor,
        clock: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        self._key = key
        self._issuer = issuer
        self._pool = pool
        self._clock = clock
        self._metrics = metrics
        self.lifetime = lifetime

    @property
    def key_id(self) -> str:
        """The fingerprint of the key that signs now."""
        return self._key().key_id

    async def sign(self, response: CallbackResponse) -> str:
        """The compact token for ``response``, valid for ``lifetime`` seconds from now (protocol section b)."""
        package = encode_response(response)
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        signed = await loop.run_in_executor(self._pool, self._sign_now, package, int(self._clock()) + self.lifetime)
        self._metrics.signatures.inc()
        self._metrics.signing_seconds.observe(time.perf_counter() - began)
        return signed

    def _sign_now(self, package: bytes, expires_at: int) -> str:
        return token.sign_token(package, key=self._key().rsa, issuer=self._issuer, expires_at=expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    token: str
    key_id: str
    fresh_until: float


class StandingAnswers:
    """Answers that hold nothing but a status: one signed copy of each is given out for half its life.

    Whoever reaches the port can ask for these; a signature each would let garbage use up the processor.
    """

    def __init__(self, *, signer: Signer, clock: Callable[[], float]) -> None:
        self._signer = signer
        self._clock = clock
        self._copies: dict[int, _Copy] = {}
        self._lock = asyncio.Lock()

    async def get(self, status: int) -> str:
        """The compact token of the answer with this ``status``, which must not be 0, and nothing else."""
        async with self._lock:
            copy = self._copies.get(status)
            if copy is None or copy.key_id != self._signer.key_id or self._clock() >= copy.fresh_until:
                copy = await self._make(status)
                self._copies[status] = copy
            return copy.token

    async def _make(self, status: int) -> _Copy:
        key_id, now = self._signer.key_id, self._clock()
        response = CallbackResponse(status=status, request_id=None, action=None, error=None)
        signed = await self._signer.sign(response)
        return _Copy(token=signed, key_id=key_id, fresh_until=now + self._signer.lifetime / 2)
