"""A real OPA process beside a gate, started exactly as the service's own `opa-config` says."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from claimed_port import free_port
from opa_binary import opa_binary
from placet_policy.opa_config import opa_arguments, write_files


@dataclass(frozen=True)
class OpaProcess:
    """A running OPA.

    Attributes:
        url: of its API on loopback.
        process: to be killed by a test that wants OPA to die.
    """

    url: str
    process: asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def running_opa(folder: Path, *, gate_port: int) -> AsyncIterator[OpaProcess]:
    """OPA that takes its bundle from a gate; it may not have taken it yet."""
    port = free_port()
    write_files(folder, gate_port=gate_port)
    log = os.open(folder / "opa.log", os.O_CREAT | os.O_WRONLY)
    process = await asyncio.create_subprocess_exec(
        str(opa_binary()), *opa_arguments(folder, opa_port=port), stdout=log, stderr=log
    )
    os.close(log)
    try:
        yield OpaProcess(url=f"http://127.0.0.1:{port}", process=process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
