"""`python -m bench.ledger_size`: a ledger of many records, and what is still quick in it (docs/ledger-size.md).

Loads valid records of a year (true chain, hashes, signatures; contents archived), and measures on them: an approval
with its history in three windows, for the signing key that made half of them all, and the
whole ledger verified. Needs `tests/support` on the path, and time: about a millisecond for every few records.
"""

import argparse
import asyncio
import dataclasses
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from audit_ledger import evidence
from ledger_records import keep_bundle
from placet_policy.ledger.location import Location, SqliteLocation, parse_url
from placet_policy.ledger.migrate import migrate
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.reading import open_for_reading
from placet_policy.ledger.sqlite import SqliteStore
from placet_policy.ledger.store import read_id
from postgres import postgres_server

from bench.ledger_load import load, settle, sizes
from bench.ledger_payments import WINDOWS, Payments
from bench.ledger_rows import BUSY_SIGNER, LedgerRows
from bench.quantile import quantile

_BATCH = 20_000
_APPROVALS = 500
_MEGABYTE = 1024 * 1024
_MILLISECONDS = 1000


def main() -> int:
    """Load, measure, print; a ledger that is not whole ends it."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger_size", description=__doc__)
    parser.add_argument("--records", type=int, required=True, help="how many approvals")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--folder", type=Path, help="where the data lie meanwhile; else the folder for temporary files")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="placet-bench-size-", dir=options.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _place(folder, options.store) as location:
            _measure(location, options.records)
    return 0


@contextmanager
def _place(folder: Path, store: str) -> Iterator[Location]:
    if store == "sqlite":
        file = SqliteLocation(path=folder / "ledger.sqlite")
        SqliteStore(file)
        yield file
        return
    with postgres_server({}, place=folder) as server, server.database() as name:
        location = parse_url(server.url_of(name))
        migrate(location)
        yield location


def _measure(location: Location, count: int) -> None:
    with open_for_reading(location) as (connection, statements):
        ledger = read_id(connection, statements)
    rows = LedgerRows(ledger=ledger, count=count, end=time.time() - 1)
    seconds = _timed(lambda: load(location, rows.batches(_BATCH), loaded=_progress(count)))
    print(f"\nloaded: {count} approvals in {seconds:.0f} s", flush=True)
    settle(location)
    for table, size in sizes(location).items():
        print(f"size: {table:<14} {size / _MEGABYTE:>9.0f} MB, {size / count:>6.0f} bytes an approval", flush=True)
    asyncio.run(_approve(location, count))
    seconds = _timed(lambda: _run("audit", "verify", "--url", location.shown))
    print(f"verify: {seconds:.0f} s, {count / seconds:.0f} records a second", flush=True)


async def _approve(location: Location, count: int) -> None:
    """Approve for the busy key, one after the other, and say how long each step took."""
    payments = Payments()
    ledger = await open_ledger(location)
    reads, writes = [], []
    try:
        await keep_bundle(ledger)
        for number in range(count + 1, count + 1 + _APPROVALS):
            usual, reservation = payments.record(number), payments.reservation(number, signer=BUSY_SIGNER)
            # A token of its own, so that the ledger is whole afterwards.
            token = evidence(usual.request_id)
            started = time.perf_counter()
            snapshot = await ledger.snapshot(
                node=usual.node, request_id=usual.request_id, reservation=reservation, windows=WINDOWS
            )
            reads.append(time.perf_counter() - started)
            document = payments.document(number, signer=BUSY_SIGNER, history=snapshot.history)
            written = dataclasses.replace(usual, **token, input=document)
            read = time.perf_counter()
            await ledger.commit(written, versions=snapshot.versions, reservation=reservation, unseen=snapshot.unseen)
            writes.append(time.perf_counter() - read)
    finally:
        await ledger.close()
    for name, times in (("history in 3 windows", sorted(reads)), ("durable record", sorted(writes))):
        middle, late = (quantile(times, part) * _MILLISECONDS for part in (0.50, 0.99))
        print(f"{name}: p50 {middle:.2f} ms, p99 {late:.2f} ms", flush=True)


def _progress(count: int) -> Callable[[int], None]:
    started, done = time.perf_counter(), 0

    def loaded(more: int) -> None:
        nonlocal done
        done += more
        rate = done / (time.perf_counter() - started)
        sys.stderr.write(f"\r{done} of {count} loaded, {rate:.0f} a second ")

    return loaded


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _run(*arguments: str) -> None:
    # What it finds is printed; a ledger that is not whole makes it fail.
    subprocess.run([sys.executable, "-m", "placet_policy", *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
