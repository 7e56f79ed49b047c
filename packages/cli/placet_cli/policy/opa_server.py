"""One OPA that answers many decisions: a process takes longer to start than a decision takes."""

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from placet_cli.errors import CliError
from placet_cli.policy.opa_run import opa_environment

_START_SECONDS = 60.0
_ANSWER_SECONDS = 60.0
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.01


class OpaRefusalError(CliError):
    """OPA took the question and fails on it: rules conflict, there is no decision, or data have a rule's place."""


class OpaServer:
    """A running OPA; ``serve`` makes one."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def put_data(self, placet: Mapping[str, Any]) -> None:
        """Replace ``data.placet``, as far as it is no Rego.

        Raises:
            OpaRefusalError: OPA refuses the data, for one because a rule has the same place.
        """
        self._asked("PUT", "/v1/data/placet", dict(placet))

    def put_module(self, name: str, text: str) -> None:
        """Replace one module, or add it; all are compiled anew.

        Args:
            name: Its path below the folder that was served, as ``modules`` gives it.
            text: Its Rego.

        Raises:
            OpaRefusalError: OPA does not compile it; the text is OPA's.
        """
        self._answered("PUT", f"/v1/policies/{name}", content=text.encode())

    def decide(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for the decision on one input.

        Raises:
            OpaRefusalError: OPA fails, or there is no decision: it is undefined, or the rules contradict each other.
        """
        answer = self._asked("POST", "/v1/data/placet/main/decision", {"input": dict(document)})
        if not isinstance(answer.get("result"), dict):
            raise OpaRefusalError("data.placet.main.decision is undefined: no module of the folder decides")
        result: dict[str, Any] = answer["result"]
        return result

    def _asked(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        response = self._answered(method, path, json=body)
        found: dict[str, Any] = response.json() if response.content else {}
        return found

    def _answered(self, method: str, path: str, **body: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **body)
        except httpx.HTTPError as error:
            raise CliError(f"OPA does not answer: {error}") from error
        if response.is_error:
            raise OpaRefusalError(f"OPA refuses: {_words(response)}")
        return response


@contextlib.contextmanager
def serve(opa: Path, folder: Path) -> Iterator[OpaServer]:
    """Run OPA over a folder of Rego, on a socket of its own, until the context ends.

    Args:
        opa: The pinned OPA.
        folder: The modules, without tests and data.

    Raises:
        CliError: OPA does not compile the modules, or does not become ready; the text is its own.
    """
    # A socket's path is short, and nobody else may ask.
    with tempfile.TemporaryDirectory(prefix="placet-opa-") as work:
        address = Path(work) / "socket"
        log = Path(work) / "log"
        transport = httpx.HTTPTransport(uds=str(address))
        with (
            _running(opa, ["--addr", f"unix://{address}", "."], folder, log) as process,
            httpx.Client(transport=transport, base_url="http://opa", timeout=_ANSWER_SECONDS) as client,
        ):
            _wait(process, address, log)
            yield OpaServer(client)


@contextlib.contextmanager
def _running(opa: Path, arguments: list[str], folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    options = ["--server", "--skip-version-check", "--log-level", "error"]
    try:
        with log.open("wb") as written:
            process = subprocess.Popen(  # noqa: S603 - the pinned OPA
                [opa, "run", *options, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                env=opa_environment(HOME=str(log.parent)),
            )
    except OSError as error:
        raise CliError(f"opa run could not be started: {error}") from error
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: Path, log: Path) -> None:
    """Wait until OPA listens; it does so only after it has compiled everything."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said = log.read_text(encoding="utf-8", errors="replace").strip()
            raise CliError(f"opa run refuses the policies:\n{said}")
        if _listens(address):
            return
        time.sleep(_LOOK_SECONDS)
    raise CliError(f"OPA was not ready within {_START_SECONDS:g} s")


def _listens(address: Path) -> bool:
    # Not asked through httpx, which leaves a socket open that could not connect.
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(address)) == 0


def _words(response: httpx.Response) -> str:
    """What OPA says, with the first of its errors, which names the place."""
    try:
        said = response.json()
    except ValueError:
        return response.text.strip()
    first: dict[str, Any] = next(iter(said.get("errors", [])), {})
    place = first.get("location", {})
    where = f"{place['file']}:{place['row']}: " if place.get("file") else ""
    return where + " ".join(str(first.get("message") or said.get("message")).split())
