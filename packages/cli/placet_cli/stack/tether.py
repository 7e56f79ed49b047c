"""Run a command that ends when the process that started it ends, however that one ended.

`python -m placet_cli.stack.tether PARENT COMMAND...` asks the kernel to kill this process when its parent dies, and
then becomes the command. So even `kill -9` of `placet up` leaves nothing running. Only Linux knows the request
(prctl(2), PR_SET_PDEATHSIG); elsewhere the command simply runs. The module imports nothing but the standard library,
because it stands before the start of every process.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
        # The parent may have died before the request was made; the kernel would then never tell.
        if os.getppid() != parent:
            sys.exit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main()
