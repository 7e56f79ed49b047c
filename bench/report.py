"""What is printed at the end, and whether every answer was an approval at all."""

from collections.abc import Mapping

from placet_callback.keys import PublicKey
from placet_callback.response import read_response

from bench.load import Answered, Measured
from bench.quantile import quantile

_MILLISECONDS = 1000


def unapproved(measured: Mapping[int, Measured], *, server_key: PublicKey, now: float) -> int:
    """How many answers were no verified approval of the request they belong to."""
    answers = [answer for phase in measured.values() for answer in phase.answers]
    return sum(not _approved(answer, server_key, now) for answer in answers)


def _approved(answer: Answered, server_key: PublicKey, now: float) -> bool:
    if answer.body is None:
        return False
    read = read_response(answer.body, server_key=server_key, request_id=answer.request_id, now=now)
    return read.kind == "approved"


def print_report(measured: Mapping[int, Measured], *, limit: float, threads: int) -> None:
    """Print the figures, the ratio last."""
    print(f"\n{'concurrency':>11} {'requests':>9} {'per second':>11} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    for concurrency, phase in measured.items():
        times = sorted(answer.seconds * _MILLISECONDS for answer in phase.answers)
        quantiles = " ".join(f"{quantile(times, part):8.1f}" for part in (0.50, 0.95, 0.99))
        print(f"{concurrency:>11} {len(times):>9} {phase.rate:>11.1f} {quantiles}")
    print("\nprocessor milliseconds per request:")
    for concurrency, phase in measured.items():
        each = {name: seconds * _MILLISECONDS / max(1, len(phase.answers)) for name, seconds in phase.processor.items()}
        print(f"{concurrency:>11}  " + ", ".join(f"{name} {spent:.1f}" for name, spent in each.items()))
    best = max(phase.rate for phase in measured.values())
    print(f"\nRSA-4096 signing limit of this machine ({threads} threads): {limit:.1f} per second")
    print(f"ratio: {best / limit:.2f} (requests per second over signing limit)")


def middle_milliseconds(phase: Measured) -> float:
    """The median latency of a phase."""
    return quantile(sorted(answer.seconds for answer in phase.answers), 0.50) * _MILLISECONDS
