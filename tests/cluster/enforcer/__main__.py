"""Enforce NetworkPolicies on the one node: ask the API twice a second, and write what changed into iptables.

Run inside the cluster's network: ``python -m tests.cluster.enforcer SERVER:PORT CA CERTIFICATE KEY``. IPv4 only.
"""

import http.client
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.enforcer.api import Api
from tests.cluster.enforcer.chains import TOP, ruleset

_SECONDS = 0.5
# Between pods, and from pods to the node. What the node sends to a pod passes neither: no policy stops a kubelet.
_HOOKS = ("FORWARD", "INPUT")


def enforce(api: Api) -> None:
    """Go on until the process is ended. While the API does not answer, the last rules stand."""
    text, chains = "", [TOP]
    while True:
        try:
            wanted, names = ruleset(api.state())
            if wanted != text:
                _write(wanted)
                _remove(set(chains) - set(names))
                text, chains = wanted, names
                print(f"{time.strftime('%T')} {len(chains) - 1} chains", flush=True)
        except (OSError, http.client.HTTPException, ValueError, subprocess.CalledProcessError) as error:
            print(f"{time.strftime('%T')} again: {error!r}", flush=True)
        time.sleep(_SECONDS)


def _write(rules: str) -> None:
    # All at once: there is no moment at which half of the rules hold.
    subprocess.run(["iptables-restore", "-w", "5", "--noflush"], input=rules, text=True, check=True)
    for hook in _HOOKS:
        if _iptables("-C", hook, "-j", TOP):
            _iptables("-I", hook, "1", "-j", TOP)


def _remove(chains: set[str]) -> None:
    for chain in chains:
        _iptables("-F", chain)
        _iptables("-X", chain)


def _iptables(*arguments: str) -> int:
    return subprocess.run(["iptables", "-w", "5", *arguments], check=False, capture_output=True).returncode


def main(argv: Sequence[str]) -> None:
    """Read the arguments and begin."""
    server, authority, certificate, key = argv
    enforce(Api(server=server, authority=Path(authority), certificate=Path(certificate), key=Path(key)))


if __name__ == "__main__":
    main(sys.argv[1:])
