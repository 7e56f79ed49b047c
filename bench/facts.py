"""What the facts cost: requests of each kind, and the worst ones known, without network, signatures and OPA.

It is a program of its own, because the development stack beside it must import nothing of the services. `bench` starts
it with `tests/support` on the path; the worst requests are made by the same code as those of the tests.
"""

import argparse
import functools
import gc
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from placet_callback.envelope import CallbackRequest, encode_request
from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.build import build_bundle
from placet_policy.facts.detail import parse_details
from placet_policy.facts.prove import Facts, prove
from placet_policy.gate.bundle import parse_bundle
from placet_policy.registry import Registry

from bench.fact_requests import USUAL
from bench.quantile import quantile
from bench.worst_requests import WIDE, WIDE_PATHS, WORST

ROOT = Path(__file__).resolve().parent.parent
KIND_SECONDS = 0.3
MOST_RUNS = 2000
WORST_RUNS = 3
AIM_MILLISECONDS = 50
AIM_MEGABYTES = 50

_MILLISECONDS = 1000
_CACHED = type(functools.lru_cache(lambda: None))
_MEGABYTE = 1024 * 1024


def main() -> int:
    """Measure and print; 1 when a usual request was not proven, because then its figures mean nothing."""
    parser = argparse.ArgumentParser(prog="python -m bench.facts")
    parser.add_argument("--request-ms", type=float, required=True, help="a whole request at concurrency 1, p50")
    request_ms: float = parser.parse_args().request_ms
    registry = parse_bundle(build_bundle(ROOT / "policies", opa=pinned_opa(), demo=True).data).registry
    unproven = _print_usual(registry, request_ms)
    _print_worst(registry)
    for name in unproven:
        print(f"✗ {name} is not proven: its figures mean nothing")
    return 1 if unproven else 0


def _print_usual(registry: Registry, request_ms: float) -> list[str]:
    """The table of the kinds; the names of those that were not proven."""
    print(
        "\nFacts of one request by kind: parse its JSON, decode, prove; in processor time. Share: of a whole request,"
    )
    print(f"which takes {request_ms:.1f} ms (p50 at concurrency 1).\n")
    print(f"{'kind':<14} {'per second':>11} {'p50 ms':>8} {'p99 ms':>8} {'share':>7}")
    unproven = []
    for name, make in USUAL.items():
        request = make()
        if _facts(request, registry).status != "PROVEN":
            unproven.append(name)
        gc.collect()
        times = sorted(_times(request, registry))
        rate = len(times) / sum(times)
        middle, late = (quantile(times, part) * _MILLISECONDS for part in (0.50, 0.99))
        print(f"{name:<14} {rate:>11.0f} {middle:>8.2f} {late:>8.2f} {middle / request_ms:>7.1%}", flush=True)
    return unproven


def _times(request: CallbackRequest, registry: Registry) -> Iterator[float]:
    """Seconds of processor time of each run."""
    end = time.perf_counter() + KIND_SECONDS
    for _ in range(MOST_RUNS):
        started = time.process_time()
        _facts(request, registry)
        yield time.process_time() - started
        if time.perf_counter() > end:
            return


def _print_worst(registry: Registry) -> None:
    """Each with nothing remembered, as it is repeated (the best of a few runs each), and once more for the memory."""
    print(
        "\nThe dearest requests known, by what is much in them. KB: of the request. Cold: processor milliseconds where"
    )
    print("no key or address was met before, as after a start. Warm: the same request again. MB: Python's peak.")
    print(f"✗: over the aim of {AIM_MILLISECONDS} ms cold and {AIM_MEGABYTES} MB.\n")
    print(f"  {'':<34} {'KB':>5} {'cold ms':>8} {'warm ms':>8} {'MB':>6}   what the facts say")
    beyond = 0
    for name, make in WORST.items():
        request, known = make(), _widened(registry) if name in WIDE else registry
        found = _facts(request, known)
        cold = min(_timed(request, known, forget=True) for _ in range(WORST_RUNS))
        warm = min(_timed(request, known, forget=False) for _ in range(WORST_RUNS))
        _forget()
        memory = _peak(request, known)
        over = cold > AIM_MILLISECONDS or memory > AIM_MEGABYTES
        beyond += over
        figures = f"{_size(request) / 1024:>5.0f} {cold:>8.1f} {warm:>8.1f} {memory:>6.1f}"
        print(f"{'✗' if over else ' '} {name:<34} {figures}   {_outcome(found)}", flush=True)
    print(f"\n{len(WORST) - beyond} of {len(WORST)} within the aim.")


def _widened(registry: Registry) -> Registry:
    """The registry with pinned keys whose patterns leave more than the last step open."""
    keys = {text: replace(key, paths=(*WIDE_PATHS, *key.paths)) for text, key in registry.keys.items()}
    return replace(registry, keys=keys)


def _timed(request: CallbackRequest, registry: Registry, *, forget: bool) -> float:
    """Milliseconds of processor time: the wall's, where nobody else uses the machine."""
    if forget:
        _forget()
    started = time.process_time()
    _facts(request, registry)
    return (time.process_time() - started) * _MILLISECONDS


def _peak(request: CallbackRequest, registry: Registry) -> float:
    """Megabytes that Python allocates at most meanwhile; what C libraries take for themselves is not seen."""
    tracemalloc.start()
    try:
        _facts(request, registry)
        return tracemalloc.get_traced_memory()[1] / _MEGABYTE
    finally:
        tracemalloc.stop()


def _forget() -> None:
    """Empty every cache of the policy tier: a hostile request names what nobody named before."""
    gc.collect()
    for found in gc.get_objects():
        if isinstance(found, _CACHED) and found.__module__.startswith("placet_policy."):
            found.cache_clear()


def _facts(request: CallbackRequest, registry: Registry) -> Facts:
    return prove(parse_details(request), registry)


def _size(request: CallbackRequest) -> int:
    return len(encode_request(request.request_id, request.request_type, request.request_detail, request.extra_info))


def _outcome(found: Facts) -> str:
    """The status, and the first of the codes."""
    noted = [one.code for one in found.contradictions] + [one.code for one in found.missing]
    codes = list(dict.fromkeys(map(str, noted)))
    more = f" (and {len(codes) - 1} more)" if len(codes) > 1 else ""
    return str(found.status) + (f": {codes[0]}{more}" if codes else "")


if __name__ == "__main__":
    sys.exit(main())
