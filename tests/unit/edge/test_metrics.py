"""metrics.py: every series is there from the start, so that the first event of a kind is an increase."""

import ast
from pathlib import Path

import placet_edge
from placet_edge.errors import QUIET, Cause, FormCode
from placet_edge.metrics import ALERTS, Closed, Metrics, Outcome, Reloaded


def label_values(sample: str) -> list[tuple[str, ...]]:
    """The label values of every series with this name in fresh metrics, all of them 0."""
    samples = [found for metric in Metrics().registry.collect() for found in metric.samples if found.name == sample]
    assert {found.value for found in samples} == {0.0}
    return [tuple(found.labels.values()) for found in samples]


def test_every_value_of_a_closed_set_begins_at_zero() -> None:
    """A counter that appears with its first event hides that event from `increase()`."""
    results = [(what, result) for what in Reloaded for result in ("taken", "refused")]
    types = ["PING", "KEY_GEN", "KEY_SIGN", "KEY_RESHARE", "KEY_SHARE_SIGN", "UNKNOWN"]
    assert label_values("placet_edge_requests_total") == [(outcome,) for outcome in Outcome]
    assert label_values("placet_edge_no_decisions_total") == [(cause,) for cause in Cause]
    assert label_values("placet_edge_form_errors_total") == [(code,) for code in FormCode]
    assert label_values("placet_edge_token_errors_total") == [(str(check),) for check in range(1, 8)]
    assert label_values("placet_edge_request_types_total") == [(name,) for name in types]
    assert label_values("placet_edge_connections_closed_total") == [(cause,) for cause in Closed]
    assert label_values("placet_edge_reloads_total") == results
    assert label_values("placet_edge_alerts_total") == [(alert,) for alert in ALERTS]


def test_every_alert_that_can_be_raised_is_known() -> None:
    """The alerts are a bad reload, and each cause of no decision that means that something is broken."""
    assert set(ALERTS) == {"reload_refused"} | {f"no_decision_{cause}" for cause in Cause if cause not in QUIET}
    sources = [ast.parse(path.read_text()) for path in Path(placet_edge.__file__).parent.glob("*.py")]
    raised = [
        ast.unparse(node.args[0])
        for tree in sources
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".raise_alert")
    ]
    assert sorted(raised) == ["'reload_refused'", "f'no_decision_{error.cause}'"]
