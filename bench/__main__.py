"""`make bench`: requests a second and latency for one KeySign, beside the RSA-4096 signing limit of this machine.

Everything is on: TLS, both token checks (node key RSA-4096), gRPC with mTLS, facts, OPA, the durable ledger record, the
signed answer (server key RSA-4096). Load and chain share the machine, as does nothing else, one hopes. Each phase is
bounded in time, and only loopback is used. At the end stand the ledger alone, on both stores (`bench.ledger`), and the
facts alone, kind by kind (`bench.facts`).
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from placet_callback.token import sign_token
from placet_cli.samples import Sample, sample

from bench.chain import ROOT, running_chain
from bench.limit import signing_limit
from bench.load import Measured, Prepared, post_all
from bench.report import middle_milliseconds, print_report, unapproved

SAMPLE = "keysign_eth_legacy_transfer"
LIMIT_SECONDS = 3.0
PHASES = ((1, 5.0), (8, 7.0))
"""Concurrency, and seconds at most."""

_WARM_UP = 20
# Enough for the whole phase at this part of the signing limit; a faster chain only ends the phase sooner.
_TOKENS_OF_LIMIT = 0.3
_TOKEN_SECONDS = 600
_PART_SECONDS = 120


def main() -> int:
    """Measure and report; 1 when an answer was not an approval, because then the figures mean nothing."""
    chosen = sample(SAMPLE)
    if chosen is None:
        raise SystemExit(f"there is no sample {SAMPLE}")
    node_key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    with tempfile.TemporaryDirectory(prefix="placet-bench-") as folder:
        with running_chain(Path(folder), node_key=node_key.public_key()) as chain:
            threads = os.cpu_count() or 1
            limit = signing_limit(node_key, seconds=LIMIT_SECONDS, threads=threads)
            print(f"✓ RSA-4096 signing limit measured with {threads} threads ({LIMIT_SECONDS:.0f} s)", flush=True)
            measured: dict[int, Measured] = {}
            for concurrency, seconds in PHASES:
                tokens = _tokens(chosen, node_key, int(limit * seconds * _TOKENS_OF_LIMIT) + _WARM_UP)
                post_all(tokens[:_WARM_UP], chain=chain, concurrency=1, seconds=seconds)
                measured[concurrency] = post_all(
                    tokens[_WARM_UP:], chain=chain, concurrency=concurrency, seconds=seconds
                )
        wrong = unapproved(measured, server_key=chain.server_key, now=time.time())
        print_report(measured, limit=limit, threads=threads)
    if wrong:
        print(f"✗ {wrong} answers were no approvals: the figures mean nothing")
        return 1
    milliseconds = f"{middle_milliseconds(measured[1]):.3f}"
    return _measure("bench.ledger") or _measure("bench.facts", "--request-ms", milliseconds)


def _measure(module: str, *arguments: str) -> int:
    """In a process of its own, which may import the policy tier and the code that makes the tests' requests."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "support")}
    argv = [sys.executable, "-m", module, *arguments]
    return subprocess.run(argv, cwd=ROOT, env=environment, timeout=_PART_SECONDS, check=False).returncode


def _tokens(chosen: Sample, key: rsa.RSAPrivateKey, count: int) -> list[Prepared]:
    """Sign so many requests beforehand, each under a request_id of its own."""
    started = time.perf_counter()
    prepared = []
    for number in range(count):
        package, request_id = chosen.package(f"bench-{os.getpid()}-{started:.6f}-{number}")
        token = sign_token(package, key=key, issuer="placet-bench", expires_at=int(time.time()) + _TOKEN_SECONDS)
        prepared.append(Prepared(request_id=str(request_id), token=token))
    print(f"✓ {count} requests signed beforehand ({time.perf_counter() - started:.1f} s)", flush=True)
    return prepared


if __name__ == "__main__":
    sys.exit(main())
