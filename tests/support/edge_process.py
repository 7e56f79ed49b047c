"""The edge as operators start it: ``python -m placet_edge`` with settings in the environment."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from running_edge import EdgeFiles

PREFIX = "PLACET_EDGE_"


def environment(files: EdgeFiles, policy_target: str, **changes: str) -> dict[str, str]:
    """The environment of an edge with TLS on free ports of loopback; `changes` are settings in lower case."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    settings: Mapping[str, str] = {
        "host": "127.0.0.1",
        "port": "0",
        "internal_host": "127.0.0.1",
        "internal_port": "0",
        "tls_cert_file": str(files.cert),
        "tls_key_file": str(files.cert_key),
        "server_key_file": str(files.server_key),
        "nodes_dir": str(files.nodes_dir),
        "policy_target": policy_target,
        **changes,
    }
    return clean | {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}


@dataclass(kw_only=True)
class EdgeProcess:
    """A started edge; lines are its log so far, each one JSON object."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]]
    reading: asyncio.Task[None]

    async def until(self, event: str) -> dict[str, Any]:
        """Wait for the first line with this event."""
        async with asyncio.timeout(120):
            while not (found := [line for line in self.lines if line["event"] == event]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found[0]

    async def end(self) -> int:
        """Wait for the end; the value is the exit code."""
        async with asyncio.timeout(120):
            code = await self.process.wait()
            await self.reading
        return code


@asynccontextmanager
async def edge_process(env: Mapping[str, str]) -> AsyncIterator[EdgeProcess]:
    """Start an edge; it is killed at the end of the block if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "placet_edge", env=env, stdout=asyncio.subprocess.PIPE
    )
    lines: list[dict[str, Any]] = []
    reading = asyncio.create_task(_read(process.stdout, lines))
    try:
        yield EdgeProcess(process=process, lines=lines, reading=reading)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(stream: asyncio.StreamReader | None, lines: list[dict[str, Any]]) -> None:
    while stream is not None and (line := await stream.readline()):
        lines.append(json.loads(line))
