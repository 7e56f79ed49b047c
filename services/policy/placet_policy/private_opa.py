"""An OPA of a tool's own: one fixed bundle, served as the gate serves it, ended when the tool ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from placet_policy.errors import OpaUnavailable, RevisionMismatch
from placet_policy.gate.serve import HOST, BundleServer
from placet_policy.opa import Opa
from placet_policy.opa_config import opa_arguments, write_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from placet_policy.gate import ActiveBundle

_START_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.02
_END_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 10.0


def find_opa(given: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the OPA to run: the one given, else ``PLACET_OPA``, else the one on PATH; None when there is none."""
    if given is not None:
        return given
    named = environ.get("PLACET_OPA") or shutil.which("opa", path=environ.get("PATH"))
    return Path(named) if named else None


@contextlib.asynccontextmanager
async def private_opa(bundle: ActiveBundle, *, binary: Path, folder: Path) -> AsyncIterator[Opa]:
    """Run OPA on loopback with one bundle, until the context ends.

    Args:
        bundle: passed the gate's checks.
        binary: OPA.
        folder: an empty folder for its files.

    Raises:
        OSError: the binary cannot be started.
        Indeterminate: OPA did not become usable in time; the cause names why.
    """
    server = BundleServer(port=0, active=lambda: bundle)
    await server.start()
    try:
        write_files(folder, gate_port=server.port)
        port = _free_port()
        with _running(binary, opa_arguments(folder, opa_port=port), folder) as process:
            async with Opa(url=f"http://{HOST}:{port}", timeout_seconds=_ANSWER_SECONDS, observe=_ignore) as opa:
                await _usable(opa, bundle, process)
                yield opa
    finally:
        await server.stop()


@contextlib.contextmanager
def _running(binary: Path, arguments: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    # Nothing of our environment is for OPA: policies could otherwise read it through opa.runtime().
    with (folder / "opa.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  (the pinned OPA with arguments of our own)
            [str(binary), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"HOME": str(folder), "PATH": os.defpath},
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _usable(opa: Opa, bundle: ActiveBundle, process: subprocess.Popen[bytes]) -> None:
    """Wait until the bundle is active, then require the self-tests to pass under it at once."""
    end = asyncio.get_running_loop().time() + _START_SECONDS
    while not await opa.bundle_is_active():
        if process.poll() is not None:
            raise OpaUnavailable(f"OPA ended with code {process.returncode}")
        if asyncio.get_running_loop().time() > end:
            raise OpaUnavailable("OPA did not take the bundle")
        await asyncio.sleep(_LOOK_SECONDS)
    tested = await opa.self_test()
    if tested.revision != bundle.revision:
        raise RevisionMismatch(f"OPA took {tested.revision}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _ignore(_seconds: float) -> None:
    """Nobody measures a tool."""
