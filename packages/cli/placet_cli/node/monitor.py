"""Pings, as a node with ``monitor_interval`` sends them (protocol c.3)."""

import time
from collections.abc import Callable
from enum import StrEnum

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from placet_callback.envelope import RequestType, encode_request

from placet_cli.node.config import NodeConfig
from placet_cli.node.reactions import AnswerKind
from placet_cli.node.send import ServerOutcome, ask


class PingForm(StrEnum):
    """The forms that a ping may have; which one the node sends is not documented."""

    STRINGS = "strings"
    OBJECTS = "objects"
    TYPE_ONLY = "type-only"
    EMPTY = "empty"


_PACKAGES = {
    PingForm.STRINGS: encode_request("", RequestType.PING, "", ""),
    PingForm.OBJECTS: encode_request("", RequestType.PING, "{}", "{}"),
    PingForm.TYPE_ONLY: encode_request(None, RequestType.PING, None, None),
    PingForm.EMPTY: encode_request(None, None, None, None),
}


def ping_package(form: PingForm) -> bytes:
    """Write the envelope of a ping."""
    return _PACKAGES[form]


def monitor(
    config: NodeConfig,
    node_key: RSAPrivateKey,
    *,
    interval: float,
    client: httpx.Client,
    count: int | None = None,
    form: PingForm = PingForm.STRINGS,
    report: Callable[[ServerOutcome], None] = lambda _: None,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Ping every configured server, again and again.

    Args:
        config: The node's configuration.
        node_key: The node's callback key.
        interval: Seconds between two rounds.
        client: See ``transport.http_client``.
        count: How many rounds; None goes on until the process is interrupted.
        form: How the ping is written.
        report: Called after every ping; ``tries`` is the number of the round.
        now: The clock, seconds since 1970.
        sleep: Waits, seconds.

    Returns:
        True when every ping of every round was answered with a signed status 0.
    """
    answered = True
    number = 0
    while count is None or number < count:
        if number > 0:
            sleep(interval)
        number += 1
        for server in config.servers:
            answer = ask(
                server,
                node_key,
                ping_package(form),
                request_id=None,
                client=client,
                ping=True,
                now=now,
                token_expire_minutes=config.token_expire_minutes,
                request_timeout=config.request_timeout,
            )
            answered = answered and answer.kind == AnswerKind.APPROVED
            report(ServerOutcome(server=server, answer=answer, tries=number))
    return answered
