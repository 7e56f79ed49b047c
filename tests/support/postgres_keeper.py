"""Run one PostgreSQL for as long as standard input is open: FOLDER, folder of the programs, options of the server.

Prints the port whenever the server accepts connections. A line on standard input crashes the server and starts it
again. Everything it starts it stops, whatever ends its parent.
"""

import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

_START_SECONDS = 60


def main() -> int:
    """Make the data, start the server, do as standard input says, and stop the server at its end."""
    folder, programs, *options = sys.argv[1:]
    # The end of standard input is how this ends, whatever a terminal sends to the whole group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    data = Path(folder) / "data"
    port = _free_port()
    serving = [f"{programs}/postgres", "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", folder, *options]
    with (Path(folder) / "log").open("ab") as log:
        initdb = [f"{programs}/initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        subprocess.run([*initdb, "--locale=C", "--no-sync"], check=True, stdout=log, stderr=log, **_user())
        while _serve(serving, port, log):
            pass
    return 0


def _serve(arguments: list[str], port: int, log: IO[bytes]) -> bool:
    """Run the server until a line says that it crashes (True), or until standard input ends (False)."""
    with subprocess.Popen(arguments, stdout=log, stderr=log, **_user()) as server:
        try:
            _wait(server, port)
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()
            return bool(sys.stdin.readline())
        finally:
            # Immediate, which the server recovers from as from a crash; at the end nobody needs the data any more.
            server.send_signal(signal.SIGQUIT)


def _user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    import psycopg  # noqa: PLC0415  (not needed where the server never starts)

    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
