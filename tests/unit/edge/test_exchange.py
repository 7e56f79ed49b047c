"""exchange.py: what the log line of a request says about time and about whose it was."""

import time

import structlog
from placet_edge.exchange import Exchange, Journal
from placet_edge.metrics import Alerts, Metrics
from structlog.testing import LogCapture


def test_durations_are_finer_than_the_event_loops_clock() -> None:
    """The clock of uvloop stands still while a callback runs; what a step takes is measured all the same."""
    exchange = Exchange(began_at=time.perf_counter())
    with exchange.policy_timer():
        time.sleep(0.0002)
    with exchange.signing_timer():
        time.sleep(0.0002)
    assert exchange.policy_seconds is not None
    assert exchange.signing_seconds is not None
    assert min(exchange.policy_seconds, exchange.signing_seconds) >= 0.0002


def test_the_line_names_the_key_that_the_node_used() -> None:
    """While a key is rotated, the log says which of the node's keys signs."""
    capture, metrics = LogCapture(), Metrics()
    log = structlog.wrap_logger(None, processors=[capture])
    journal = Journal(metrics=metrics, alerts=Alerts(metrics=metrics, log=log), log=log)
    journal.end(Exchange(began_at=time.perf_counter(), node="node-1", key_id="ab" * 32))
    (line,) = capture.entries
    assert (line["node"], line["key_id"]) == ("node-1", "ab" * 32)
