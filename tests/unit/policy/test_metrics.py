"""The metrics: what can be counted is there from the start, at zero, so that a first alert is an increase."""

from placet_policy import errors
from placet_policy.decision import Effect
from placet_policy.metrics import Metrics


def values(metrics: Metrics, name: str, label: str) -> dict[str, float]:
    """A counter's values by its label."""
    return {
        sample.labels[label]: sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == f"placet_policy_{name}_total"
    }


def test_every_alert_starts_at_zero() -> None:
    """Prometheus' increase() sees no first event of a series that appears with it."""
    metrics = Metrics()

    assert values(metrics, "indeterminate", "cause") == {
        "Cancelled": 0,
        "DeadlinePassed": 0,
        "Inconsistent": 0,
        "Indeterminate": 0,
        "LedgerUnavailable": 0,
        "NoActiveBundle": 0,
        "OpaAnswerInvalid": 0,
        "OpaUnavailable": 0,
        "PolicyError": 0,
        "RevisionMismatch": 0,
        "VersionMoved": 0,
    }
    assert values(metrics, "evaluations", "outcome") == {
        "ALLOW": 0,
        "DENY": 0,
        "HOLD": 0,
        "refused": 0,
        "indeterminate": 0,
        "failed": 0,
    }
    assert values(metrics, "reload_failures", "what") == {"nodes": 0, "tls": 0}


def test_a_new_kind_of_error_or_effect_has_a_zero_too() -> None:
    """The sets are those of the error tree and of the effects."""
    metrics = Metrics()

    assert {kind.__name__ for kind in errors.Indeterminate.__subclasses__()} <= values(
        metrics, "indeterminate", "cause"
    ).keys()
    assert {effect.value for effect in Effect} <= values(metrics, "evaluations", "outcome").keys()
