"""The HTTP side of one question: bounded in time and in size, no redirects, no proxy, certificates always checked."""

import ssl
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from placet_cli.errors import CliError

FORM_FIELD = "TSS_JWT_MSG"
"""The one documented form field (protocol a.1)."""

MAX_ANSWER_BYTES = 2 * 1024 * 1024


class NoResponseError(Exception):
    """There was no complete HTTP response; the text says why."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete HTTP response.

    Attributes:
        status: The HTTP status.
        body: The body, or None when it is longer than ``MAX_ANSWER_BYTES``.
    """

    status: int
    body: bytes | None


def http_client(*, ca_file: Path | None = None) -> httpx.Client:
    """Make the client that all questions of one command share.

    Args:
        ca_file: PEM certificates to trust in place of the machine's own.

    Raises:
        CliError: The file holds no certificate or cannot be read.
    """
    try:
        # Without a file this is the machine's trust store, as a Go program such as the node uses it.
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        reason = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise CliError(f"{ca_file}: {reason}") from error
    headers = {"accept-encoding": "identity"}
    return httpx.Client(verify=context, follow_redirects=False, trust_env=False, headers=headers)


def post_token(client: httpx.Client, url: str, token: str, *, seconds: float) -> HttpAnswer:
    """Post the form and read the whole answer within the given time.

    Args:
        client: See ``http_client``.
        url: The server's ``service_address``.
        token: The compact token.
        seconds: For the whole exchange; a server that drips bytes does not get longer.

    Raises:
        NoResponseError: No connection, no answer, or no complete answer in time.
    """
    deadline = time.monotonic() + seconds
    try:
        with client.stream("POST", url, data={FORM_FIELD: token}, timeout=seconds) as response:
            return HttpAnswer(response.status_code, _read(response, deadline))
    except httpx.TimeoutException as error:
        raise NoResponseError(f"No answer within {seconds:g} s.") from error
    except httpx.TransportError as error:
        raise NoResponseError(f"{str(error).rstrip('.') or 'The connection ended without an answer'}.") from error


def _read(response: httpx.Response, deadline: float) -> bytes | None:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return None
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer did not end in time", request=response.request)
    return bytes(body)
