"""Run one PostgreSQL for as long as standard input is open: FOLDER, folder of the programs, options of the server.

Prints the port whenever the server accepts connections. A line on standard input ends the server and starts it again:
``crash`` as it ends itself in an emergency, ``kill`` with SIGKILL of its first process, whose children then find out.
Everything it starts it stops, whatever ends its parent.
"""

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from claimed_port import free_port

_START_SECONDS = 200


def main() -> int:
    """Make the data, start the server, do as standard input says, and stop the server at its end."""
    folder, programs, *options = sys.argv[1:]
    # The end of standard input is how this ends, whatever a terminal sends to the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    data = Path(folder) / "data"
    port = free_port()
    serving = [f"{programs}/postgres", "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", folder, *options]
    with (Path(folder) / "log").open("ab") as log:
        initdb = [f"{programs}/initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        subprocess.run([*initdb, "--locale=C", "--no-sync"], check=True, stdout=log, stderr=log, **_user())
        while _serve(serving, port, log):
            pass
    return 0


def _serve(arguments: list[str], port: int, log: IO[bytes]) -> str:
    """Run the server until a line says how it ends, which is returned, or until standard input ends."""
    server = _started(arguments, port, log)
    # Immediate, which the server recovers from as from a crash; at the end nobody needs the data any more.
    ending = signal.SIGQUIT
    try:
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        line = sys.stdin.readline()
        ending = signal.SIGKILL if line == "kill\n" else ending
        return line
    finally:
        server.send_signal(ending)
        server.wait()


def _started(arguments: list[str], port: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A server that accepts connections; it refuses to start while children of a killed one still use the data."""
    end = time.monotonic() + _START_SECONDS
    while True:
        server = subprocess.Popen(arguments, stdout=log, stderr=log, **_user())
        if _accepts(server, port, end=end):
            return server
        if time.monotonic() > end:
            server.send_signal(signal.SIGQUIT)
            server.wait()
            raise TimeoutError("the server does not start")
        time.sleep(0.05)


def _user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def _accepts(server: subprocess.Popen[bytes], port: int, *, end: float) -> bool:
    """Wait until the server accepts connections (True), or has ended, or the time is over."""
    import psycopg  # noqa: PLC0415  (not needed where the server never starts)

    while server.poll() is None and time.monotonic() < end:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
