"""What the ledger adds to a request, on both stores: snapshot with the limits' history, and durable commit.

Everything between OPA's answers and the store is real: group commit, chain, signatures, reservations in three windows.
Every worker asks for a signing key of its own, because approvals of one key wait for each other. The data lie in the
folder for temporary files, so that a commit waits for that disk. `bench` starts it with `tests/support` on the path.
"""

import asyncio
import itertools
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from ledger_records import opened
from placet_policy.ledger.location import Location, SqliteLocation, parse_url
from placet_policy.ledger.migrate import migrate
from placet_policy.ledger.stored import StoredLedger
from postgres import postgres_server

from bench.ledger_payments import WINDOWS, Payments
from bench.quantile import quantile

CONCURRENCIES = (1, 8, 64)
SECONDS = 2.5
_MILLISECONDS = 1000


def main() -> int:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print("\nWhat the ledger adds to an approval: snapshot with the history of limits, and the durable record of it.\n")
    print(f"{'store':<12} {'concurrency':>11} {'records':>9} {'per second':>11} {'p50 ms':>8} {'p99 ms':>8}")
    payments, numbers = Payments(), itertools.count(1)
    with tempfile.TemporaryDirectory(prefix="placet-bench-ledger-") as folder:
        Path(folder).chmod(0o755)
        for name, place in (("SQLite", _file(Path(folder))), ("PostgreSQL", _server(Path(folder)))):
            with place as location:
                asyncio.run(_measure(name, location, payments, numbers))
    return 0


@contextmanager
def _file(folder: Path) -> Iterator[Location]:
    yield SqliteLocation(path=folder / "ledger.sqlite")


@contextmanager
def _server(folder: Path) -> Iterator[Location]:
    with postgres_server({}, place=folder) as server, server.database() as name:
        location = parse_url(server.url_of(name))
        migrate(location)
        yield location


async def _measure(name: str, location: Location, payments: Payments, numbers: Iterator[int]) -> None:
    async with opened(location) as ledger:
        for concurrency in CONCURRENCIES:
            end = time.perf_counter() + SECONDS
            workers = (_work(ledger, payments, numbers, signer=each, end=end) for each in range(concurrency))
            started = time.perf_counter()
            times = sorted(itertools.chain.from_iterable(await asyncio.gather(*workers)))
            rate = len(times) / (time.perf_counter() - started)
            middle, late = (quantile(times, part) * _MILLISECONDS for part in (0.50, 0.99))
            print(f"{name:<12} {concurrency:>11} {len(times):>9} {rate:>11.0f} {middle:>8.1f} {late:>8.1f}", flush=True)


async def _work(
    ledger: StoredLedger, payments: Payments, numbers: Iterator[int], *, signer: int, end: float
) -> list[float]:
    """Seconds of each approval; one that another came before would raise, and end the measurement."""
    times = []
    while time.perf_counter() < end:
        number = next(numbers)
        written, reservation = payments.record(number), payments.reservation(number, signer=signer)
        started = time.perf_counter()
        snapshot = await ledger.snapshot(
            node=written.node, request_id=written.request_id, reservation=reservation, windows=WINDOWS
        )
        await ledger.commit(written, versions=snapshot.versions, reservation=reservation, unseen=snapshot.unseen)
        times.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    sys.exit(main())
