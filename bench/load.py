"""The load: tokens made beforehand, posted over kept TLS connections, each answer timed and kept."""

import http.client
import ssl
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.chain import RunningChain

_HEADERS = {"content-type": "application/x-www-form-urlencoded"}
_ANSWER_SECONDS = 30.0
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request that only needs to be posted.

    Attributes:
        request_id: the id the answer must carry.
        token: the signed callback token.
    """

    request_id: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer.

    Attributes:
        body: the response body; None when there was no HTTP 200.
        seconds: from the first byte sent to the last byte read.
    """

    request_id: str
    body: bytes | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One phase.

    Attributes:
        answers: all of them.
        seconds: how long the phase took.
        processor: processor seconds that each process used meanwhile.
    """

    answers: Sequence[Answered]
    seconds: float
    processor: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds


def post_all(requests: Sequence[Prepared], *, chain: RunningChain, concurrency: int, seconds: float) -> Measured:
    """Post until the time is over or the requests are used up, each worker over a connection of its own."""
    context = ssl.create_default_context(cafile=str(chain.ca_file))
    pending = deque(requests)

    def work(end: float) -> list[Answered]:
        connection = http.client.HTTPSConnection("localhost", chain.port, context=context, timeout=_ANSWER_SECONDS)
        answers = []
        try:
            while time.perf_counter() < end:
                try:
                    request = pending.popleft()
                except IndexError:
                    break
                answers.append(_post(connection, request))
        finally:
            connection.close()
        return answers

    before, started = chain.processor_seconds(), time.perf_counter()
    with ThreadPoolExecutor(max_workers=concurrency) as pool:
        answers = [one for each in pool.map(work, [started + seconds] * concurrency) for one in each]
    ended, after = time.perf_counter(), chain.processor_seconds()
    used = {name: after[name] - seconds_before for name, seconds_before in before.items() if name in after}
    return Measured(answers=answers, seconds=ended - started, processor=used)


def _post(connection: http.client.HTTPSConnection, request: Prepared) -> Answered:
    body = urlencode({"TSS_JWT_MSG": request.token})
    started = time.perf_counter()
    try:
        connection.request("POST", "/v2/check", body, _HEADERS)
        response = connection.getresponse()
        answer = response.read()
    except (http.client.HTTPException, OSError):
        connection.close()
        return Answered(request_id=request.request_id, body=None, seconds=time.perf_counter() - started)
    kept = answer if response.status == _OK else None
    return Answered(request_id=request.request_id, body=kept, seconds=time.perf_counter() - started)
