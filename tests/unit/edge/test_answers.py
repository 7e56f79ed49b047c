"""answers.py: one signed copy of each standing answer serves half its life."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import keys
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from placet_callback.response import CallbackResponse, read_response
from placet_callback.token import PublicKey, fingerprint
from placet_edge.answers import Signer, StandingAnswers
from placet_edge.keys import ServerKey
from placet_edge.metrics import Metrics

START = 1_700_000_000.0


class Bench:
    """A signer with a clock and a key that tests turn."""

    def __init__(self) -> None:
        self.now = START
        self.key = server_key(keys.server_private())
        self.pool = ThreadPoolExecutor(max_workers=2)
        self.metrics = Metrics()
        self.signer = Signer(
            key=lambda: self.key,
            issuer="callback-server",
            lifetime=120,
            pool=self.pool,
            clock=lambda: self.now,
            metrics=self.metrics,
        )
        self.standing = StandingAnswers(signer=self.signer, clock=lambda: self.now)

    @property
    def signatures(self) -> float | None:
        return self.metrics.registry.get_sample_value("placet_edge_signatures_total")


def server_key(rsa: RSAPrivateKey) -> ServerKey:
    """A server key as the loader makes it."""
    return ServerKey(rsa=rsa, key_id=fingerprint(rsa))


@pytest.fixture
def bench() -> Bench:
    """A fresh one."""
    return Bench()


async def test_an_answer_lives_two_minutes_from_now(bench: Bench) -> None:
    """`exp` is now plus the lifetime: good one second before with the node's leeway, expired after it."""
    signed = await bench.signer.sign(CallbackResponse(status=0, request_id="r", action="REJECT", error="A: b"))
    read = [
        read_response(signed.encode(), server_key=keys.server_public(), request_id="r", now=START + seconds).kind
        for seconds in (0, 149, 151)
    ]
    assert read == ["rejected", "rejected", "undocumented"]


async def test_a_copy_serves_half_its_life(bench: Bench) -> None:
    """Up to 60 seconds the same bytes, then a new signature."""
    first = await bench.standing.get(20)
    bench.now = START + 59
    assert await bench.standing.get(20) == first
    assert bench.signatures == 1
    bench.now = START + 60
    assert await bench.standing.get(20) != first
    assert bench.signatures == 2


async def test_each_status_has_its_copy(bench: Bench) -> None:
    """10, 20 and 30 are three signatures, however often they are asked for at once."""
    got = await asyncio.gather(*(bench.standing.get(status) for status in (10, 20, 30) * 10))
    assert (len(set(got)), bench.signatures) == (3, 3)


async def test_a_new_key_signs_at_once(bench: Bench) -> None:
    """A copy by the old key is not given out after the key was replaced."""
    await bench.standing.get(20)
    bench.key = server_key(keys.stranger_private())
    signed = await bench.standing.get(20)
    public = PublicKey(key_id=bench.key.key_id, rsa=keys.stranger_private().public_key())
    assert read_response(signed.encode(), server_key=public, request_id=None, now=START).status == 20


async def test_a_standing_answer_holds_nothing_but_its_status(bench: Bench) -> None:
    """No action, no error, no request_id."""
    signed = await bench.standing.get(30)
    read = read_response(signed.encode(), server_key=keys.server_public(), request_id=None, now=START)
    assert (read.kind, read.status, read.action, read.error) == ("error", 30, None, None)


def test_the_server_key_does_not_print_itself() -> None:
    """A key in a log line or a traceback shows nothing."""
    assert "RSA" not in repr(server_key(keys.server_private()))
