"""Where two values of JSON differ first."""

from typing import Any

import pytest
from placet_policy.audit.difference import Difference, first_difference


@pytest.mark.parametrize(
    ("recorded", "now", "difference"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}, Difference("$.a[1].b", "x", "y")),
        ({"a": 1, "b": 2}, {"a": 1}, Difference("$.b", 2, "(absent)")),
        ({"a": 1}, {"a": 1, "b c": 2}, Difference("$['b c']", "(absent)", 2)),
        ([1], [1, 2], Difference("$[1]", "(absent)", 2)),
        ([1, 2], [1], Difference("$[1]", 2, "(absent)")),
        (1, True, Difference(path="$", recorded=1, now=True)),
        (None, {}, Difference("$", None, {})),
        ({"z": 1, "a": 1}, {"z": 2, "a": 2}, Difference("$.z", 1, 2)),
    ],
)
def test_the_first_place_is_named(recorded: Any, now: Any, difference: Difference) -> None:
    """In the order of what was recorded, absent members included."""
    assert first_difference(recorded, now) == difference


def test_equal_values_differ_nowhere() -> None:
    """The order of members makes no difference of values."""
    assert first_difference({"a": [1, None], "b": True}, {"b": True, "a": [1, None]}) is None
