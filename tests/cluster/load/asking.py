"""Runs inside the stand-in's pod: asks the edge steadily, as many nodes would, until its standard input ends.

``python -c SCRIPT PLAN`` with the plan as JSON: ``address``, ``samples`` (name to how many tries it gets at most),
``server_keys`` (PEM, the present one first), ``pace`` and ``pause`` (seconds between new requests, and before the same
one is asked again), ``most`` (unanswered requests at which no new one is made), ``seconds`` (of the whole, at most).
Every try is one line of JSON on standard output. A request is asked again after silence alone, as the node's
documentation has it, under the same id and in a fresh token; the node's pause is 60 seconds, here it is shorter.
"""

import heapq
import itertools
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
from placet_callback.envelope import read_response
from placet_callback.keys import load_public_keys
from placet_callback.token import sign_token
from placet_cli.node.reactions import AnswerKind, kind_of
from placet_cli.node.request_file import Request, find_request
from placet_cli.node.send import ISSUER
from placet_cli.node.store import node_key
from placet_cli.node.transport import NoResponseError, http_client, post_token

_NODE = Path("/node")
_WORKERS = 4
_TOKEN_SECONDS = 120
_ANSWER_SECONDS = 10.0
_FINISH_SECONDS = 120.0
# A node's connections end now and then, and only a new one reaches a new pod.
_TRIES_A_CONNECTION = 10


class Asking:
    """What is to be asked now, and by when.

    Args:
        plan: see the module.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._key = node_key(_NODE)
        self._servers = [key for pem in plan["server_keys"] for key in load_public_keys(pem.encode())]
        self._samples = itertools.cycle(plan["samples"])
        self._due: list[tuple[float, int, str, Request, int]] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._next_new = time.monotonic()
        self._ends = time.monotonic() + plan["seconds"]
        self._waiting = 0

    def run(self, over: threading.Event) -> None:
        """Ask until it is over, and then the unanswered ones only."""
        workers = [threading.Thread(target=self._work, args=(over,)) for _ in range(_WORKERS)]
        for worker in workers:
            worker.start()
        while not over.wait(1) and time.monotonic() < self._ends:
            pass
        over.set()
        self._ends = time.monotonic() + _FINISH_SECONDS
        for worker in workers:
            worker.join()

    def _work(self, over: threading.Event) -> None:
        while True:
            with http_client(ca_file=_NODE / "ca.pem") as client:
                for _ in range(_TRIES_A_CONNECTION):
                    task = self._take(over)
                    if task is not None:
                        self._try(client, *task)
                    elif over.is_set() and (self._waiting == 0 or time.monotonic() > self._ends):
                        return
                    else:
                        time.sleep(0.1)

    def _take(self, over: threading.Event) -> tuple[str, Request, int] | None:
        """What is due: one that is asked again, or else a new one."""
        with self._lock:
            now = time.monotonic()
            if self._due and self._due[0][0] <= now:
                _, _, sample, request, tries = heapq.heappop(self._due)
                return sample, request, tries
            if over.is_set() or now < self._next_new or self._waiting >= self._plan["most"]:
                return None
            self._next_new = now + self._plan["pace"]
            self._waiting += 1
            sample = next(self._samples)
            return sample, find_request(sample), 0

    def _try(self, client: httpx.Client, sample: str, request: Request, tries: int) -> None:
        at, started = time.time(), time.monotonic()
        kind, signer, why = self._ask(client, request)
        told = {"request_id": request.request_id, "sample": sample, "kind": kind, "signer": signer, "why": why}
        with self._lock:
            print(json.dumps(told | {"at": at, "seconds": time.monotonic() - started}), flush=True)
            if kind != AnswerKind.NO_RESPONSE or tries + 1 >= self._plan["samples"][sample]:
                self._waiting -= 1
                return
            due = time.monotonic() + self._plan["pause"]
            heapq.heappush(self._due, (due, next(self._numbers), sample, request, tries + 1))

    def _ask(self, client: httpx.Client, request: Request) -> tuple[AnswerKind, int | None, str]:
        """The kind of the answer, which of the server's keys signed it, and what was wrong."""
        expires_at = int(time.time()) + _TOKEN_SECONDS
        token = sign_token(request.package, key=self._key, issuer=ISSUER, expires_at=expires_at)
        try:
            answer = post_token(client, self._plan["address"], token, seconds=_ANSWER_SECONDS)
        except NoResponseError as error:
            return AnswerKind.NO_RESPONSE, None, str(error)
        why = ""
        for signer, key in enumerate(self._servers):
            read = read_response(answer.body or b"", server_key=key, request_id=request.request_id, now=time.time())
            kind = kind_of(read.kind, http_status=answer.status)
            if kind != AnswerKind.UNDOCUMENTED:
                return kind, signer, read.why
            why = why or f"HTTP status {answer.status}. {read.why}"
        return AnswerKind.UNDOCUMENTED, None, why


def main(plan: dict[str, Any]) -> None:
    """Ask by a plan."""
    over = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    Asking(plan).run(over)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
