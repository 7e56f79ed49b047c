"""One question to one callback server, and one request to all of them with the configured retries.

A fresh token is signed for every try, because a token lives for minutes and the tries span an hour (protocol e.4).
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from placet_callback.envelope import read_response
from placet_callback.token import sign_token

from placet_cli.node.config import CallbackServer, NodeConfig
from placet_cli.node.reactions import HTTP_OK, AnswerKind, Reacts, asks_again, kind_of
from placet_cli.node.transport import NoResponseError, post_token

ISSUER = "placet-stand-in"
"""``iss`` of our tokens. What the real node writes there is undocumented, so no server may rely on it."""

_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one try brought.

    Attributes:
        kind: How the node's documentation would call it.
        status: ``status`` of the signed body; None where no signed body was read.
        action: ``APPROVE`` or ``REJECT`` as signed, whatever came with it; None where there is none.
        error: ``error`` of the signed body.
        http_status: None where there was no HTTP response.
        why: One phrase for people; says what was wrong where something was.
    """

    kind: AnswerKind
    status: int | None = None
    action: str | None = None
    error: str | None = None
    http_status: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOutcome:
    """Where one server stands after its tries.

    Attributes:
        server: The server that was asked.
        answer: The last answer, which is the one that counts.
        tries: How many times it was asked, at least 1.
    """

    server: CallbackServer
    answer: Answer
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the node would do with the task.

    Attributes:
        servers: One entry a configured server, in the order of the file.
    """

    servers: tuple[ServerOutcome, ...]

    @property
    def approved(self) -> bool:
        """Every configured server approved; no server at all is no approval (protocol e.3)."""
        return bool(self.servers) and all(one.answer.kind == AnswerKind.APPROVED for one in self.servers)

    @property
    def rejected(self) -> bool:
        """At least one server refused in the documented form: signed status 0 with REJECT."""
        return any(one.answer.kind == AnswerKind.REJECTED for one in self.servers)


def ask(
    server: CallbackServer,
    node_key: RSAPrivateKey,
    package: bytes,
    *,
    request_id: str | None,
    client: httpx.Client,
    ping: bool = False,
    now: Callable[[], float] = time.time,
    token_expire_minutes: int = 2,
    request_timeout: float = 10.0,
) -> Answer:
    """Post one freshly signed request to one server and read its answer.

    Args:
        server: Where to post, and the key its answer must be signed with.
        node_key: The node's callback key.
        package: The envelope, UTF-8 JSON (protocol c.1).
        request_id: The id the answer must carry; None for a ping that has none.
        client: See ``transport.http_client``.
        ping: The request is a ping: a signed status 0 suffices (protocol c.3).
        now: The clock, seconds since 1970; read before signing and again when the answer is there.
        token_expire_minutes: Life of the token, minutes.
        request_timeout: Seconds for the whole exchange, body included.

    Returns:
        The answer; network faults are answers of kind ``NO_RESPONSE``, never exceptions.
    """
    expires_at = int(now()) + token_expire_minutes * _SECONDS_PER_MINUTE
    token = sign_token(package, key=node_key, issuer=ISSUER, expires_at=expires_at)
    try:
        answer = post_token(client, server.service_address, token, seconds=request_timeout)
    except NoResponseError as error:
        return Answer(kind=AnswerKind.NO_RESPONSE, why=str(error))
    if answer.body is None:
        return Answer(kind=AnswerKind.UNDOCUMENTED, http_status=answer.status, why="The body is too long.")
    read = read_response(answer.body, server_key=server.key, request_id=request_id, now=now(), ping=ping)
    return Answer(
        kind=kind_of(read.kind, http_status=answer.status),
        status=read.status,
        action=read.action,
        error=read.error,
        http_status=answer.status,
        why=read.why if answer.status == HTTP_OK else f"HTTP status {answer.status}, which no processed callback has.",
    )


def send_with_retries(
    config: NodeConfig,
    node_key: RSAPrivateKey,
    package: bytes,
    *,
    request_id: str | None,
    client: httpx.Client,
    ping: bool = False,
    reacts: Reacts = Reacts.CLOSE_ONLY,
    time_scale: float = 1.0,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    report: Callable[[ServerOutcome], None] = lambda _: None,
    pausing: Callable[[int, float], None] = lambda _retry, _seconds: None,
) -> Outcome:
    """Ask every configured server, and those that must be asked again until the retries are used up.

    All servers are asked in each round. Once one of them has refused, the task is refused and nobody is asked again.
    Whether a real node does the same is undocumented (protocol e.3).

    Args:
        config: The node's configuration.
        node_key: The node's callback key.
        package: The envelope, the same for every try and every server.
        request_id: The id every answer must carry; None for a ping that has none.
        client: See ``transport.http_client``.
        ping: The request is a ping: a signed status 0 suffices.
        reacts: Which answers are asked again.
        time_scale: Multiplies the pause between two tries, so that an hour of retries is testable.
        now: The clock, seconds since 1970.
        sleep: Waits, seconds.
        report: Called after every try.
        pausing: Called before every pause with the number of the coming retry, from 1, and the seconds until it.
    """
    outcomes: dict[int, ServerOutcome] = {}
    pending = list(range(len(config.servers)))
    tries = 0
    while True:
        tries += 1
        for index in pending:
            answer = ask(
                config.servers[index],
                node_key,
                package,
                request_id=request_id,
                client=client,
                ping=ping,
                now=now,
                token_expire_minutes=config.token_expire_minutes,
                request_timeout=config.request_timeout,
            )
            outcomes[index] = ServerOutcome(server=config.servers[index], answer=answer, tries=tries)
            report(outcomes[index])
        pending = [index for index in pending if _again(outcomes[index].answer, reacts)]
        if not pending or tries > config.retry_times or _refused(outcomes.values(), reacts):
            return Outcome(servers=tuple(outcomes[index] for index in range(len(config.servers))))
        seconds = config.sleep_seconds * time_scale
        pausing(tries, seconds)
        sleep(seconds)


def _again(answer: Answer, reacts: Reacts) -> bool:
    return asks_again(reacts, kind=answer.kind, http_status=answer.http_status)


def _refused(outcomes: Iterable[ServerOutcome], reacts: Reacts) -> bool:
    return any(one.answer.kind != AnswerKind.APPROVED and not _again(one.answer, reacts) for one in outcomes)
