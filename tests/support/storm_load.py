"""Clients that ask like nodes while processes are killed: new payments, speed-ups, repeats, and a refused one."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from threading import Event, Lock

import httpx
from limited_worker import payment
from placet_callback.response import read_response
from placet_callback.token import sign_token
from placet_cli.node.reactions import AnswerKind, kind_of
from placet_cli.node.send import ISSUER
from placet_cli.node.transport import NoResponseError, http_client, post_token
from stack import Stack, named
from storm_check import Asked, Payment

_EFFECTS = {AnswerKind.APPROVED: "ALLOW", AnswerKind.REJECTED: "DENY", AnswerKind.NO_RESPONSE: None}
_REFUSED = "a10_fee_drain"
_LARGEST = 2 * 10**18
_TRIES = 4
_TOKEN_SECONDS = 120
_ANSWER_SECONDS = 8.0
_PAUSE_SECONDS = 0.15
_USUAL_FEE = 2


class Load:
    """What was asked, by whom and with which answer; clients add to it from their own threads.

    Attributes:
        asked: every try.
        payments: by request_id.
        packages: the envelope of every request_id.
        in_flight: how many tries wait for an answer right now.
    """

    def __init__(self, stacks: Sequence[Stack], *, payments: int) -> None:
        self.asked: list[Asked] = []
        self.payments: dict[str, Payment] = {}
        self.packages: dict[str, bytes] = {}
        self.in_flight = 0
        self._stacks = stacks
        self._most = payments
        self._lock = Lock()

    def run(self, over: Event, *, clients: int, seed: int) -> list[Callable[[], None]]:
        """Start so many clients, which ask until `over` is set; each returned call waits for one of them."""
        pool = ThreadPoolExecutor(clients, thread_name_prefix="storm-client")
        running = [pool.submit(self._client, over, random.Random(f"{seed}-{each}")) for each in range(clients)]
        pool.shutdown(wait=False)
        return [each.result for each in running]

    def finish(self) -> None:
        """Ask every request that has no answer yet once more, one after the other, when everything is well again."""
        answered = {each.request_id for each in self.asked if each.effect is not None}
        with _clients(self._stacks) as connections:
            for number, request_id in enumerate(self.packages.keys() - answered):
                self._ask(self._stacks[number % len(self._stacks)], connections, request_id)

    def _client(self, over: Event, chance: random.Random) -> None:
        with _clients(self._stacks) as connections:
            while not over.is_set():
                request_id = self._next_request(chance)
                for _ in range(_TRIES):
                    if self._ask(chance.choice(self._stacks), connections, request_id) or over.is_set():
                        break
                    time.sleep(chance.uniform(0, _PAUSE_SECONDS))

    def _next_request(self, chance: random.Random) -> str:
        with self._lock:
            known = list(self.payments)
            dice = chance.random()
            if dice < 0.05:
                return self._keep(*_refused())
            if known and (dice < 0.25 or len(known) >= self._most):
                return chance.choice(known)
            nonce = self.payments[chance.choice(known)].nonce if known and dice < 0.4 else len(known)
            return self._new_payment(nonce, chance.randint(1, _LARGEST))

    def _new_payment(self, nonce: int, amount: int) -> str:
        """A payment, and a speed-up of an earlier one where the nonce is its."""
        number = len(self.payments)
        request_id = f"storm-{number}"
        self.payments[request_id] = Payment(request_id=request_id, nonce=nonce, amount=amount)
        package = payment(nonce, request_id=request_id, amount=amount, maxFeePerGas=_USUAL_FEE + number)
        return self._keep(package, request_id)

    def _keep(self, package: bytes, request_id: str) -> str:
        self.packages[request_id] = package
        return request_id

    def _ask(self, stack: Stack, connections: Mapping[int, httpx.Client], request_id: str) -> bool:
        """Ask once, in a fresh token; whether there was an answer."""
        expires_at = int(time.time()) + _TOKEN_SECONDS
        token = sign_token(self.packages[request_id], key=stack.stand_in.key, issuer=ISSUER, expires_at=expires_at)
        self._waiting(1)
        try:
            effect = _EFFECTS[_answer(stack, connections[id(stack)], token, request_id)]
        finally:
            self._waiting(-1)
        digest = sha256(token.encode()).hexdigest()
        self.asked.append(Asked(request_id=request_id, token_sha256=digest, effect=effect))
        return effect is not None

    def _waiting(self, more: int) -> None:
        with self._lock:
            self.in_flight += more


def _answer(stack: Stack, client: httpx.Client, token: str, request_id: str) -> AnswerKind:
    server = stack.stand_in.server
    try:
        answer = post_token(client, server.service_address, token, seconds=_ANSWER_SECONDS)
    except NoResponseError:
        return AnswerKind.NO_RESPONSE
    read = read_response(answer.body or b"", server_key=server.key, request_id=request_id, now=time.time())
    return kind_of(read.kind, http_status=answer.status)


def _refused() -> tuple[bytes, str]:
    package, request_id = named(_REFUSED).package()
    assert request_id is not None
    return package, request_id


@contextmanager
def _clients(stacks: Sequence[Stack]) -> Iterator[Mapping[int, httpx.Client]]:
    """A client of its own for every stack: each has its own certificate authority."""
    with ExitStack() as opened:
        yield {id(each): opened.enter_context(http_client(ca_file=each.stand_in.ca_file)) for each in stacks}
