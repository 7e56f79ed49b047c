"""Windows are read strictly from a bundle's data."""

from typing import Any

import pytest
from bundles import bundle
from placet_policy.errors import BundleRefused
from placet_policy.gate import parse_bundle
from placet_policy.gate.windows import MAX_WINDOWS, parse_windows
from placet_policy.ledger.history import Window
from placet_policy.ledger.reservation_statements import MAX_STARTS

DAY = {"seconds": 86400}


def test_windows_are_read_by_name() -> None:
    """In the order of their names, up to the longest one; a bundle without any has none."""
    windows = {"week": {"seconds": 604800}, "day": DAY, "longest": {"seconds": 34_560_000}, "s": {"seconds": 1}}
    active = parse_bundle(bundle(data={"windows": windows}))

    assert active.windows == (
        Window(name="day", seconds=86400),
        Window(name="longest", seconds=34560000),
        Window(name="s", seconds=1),
        Window(name="week", seconds=604800),
    )
    assert parse_bundle(bundle()).windows == ()


@pytest.mark.parametrize(
    ("windows", "path"),
    [
        ([], "placet.windows"),
        (None, "placet.windows"),
        ({f"w{number}": DAY for number in range(MAX_WINDOWS + 1)}, "placet.windows"),
        ({"Day": DAY}, "placet.windows.Day"),
        ({"": DAY}, "placet.windows."),
        ({"day\n": DAY}, "placet.windows.day\n"),
        ({"d" * 33: DAY}, f"placet.windows.{'d' * 33}"),
        ({"day": 86400}, "placet.windows.day"),
        ({"day": {}}, "placet.windows.day"),
        ({"day": {"seconds": 1, "why": "x"}}, "placet.windows.day"),
        ({"day": {"seconds": 0}}, "placet.windows.day"),
        ({"day": {"seconds": -1}}, "placet.windows.day"),
        ({"day": {"seconds": 34_560_001}}, "placet.windows.day"),
        ({"day": {"seconds": "86400"}}, "placet.windows.day"),
        ({"day": {"seconds": True}}, "placet.windows.day"),
        ({"day": {"seconds": None}}, "placet.windows.day"),
    ],
)
def test_a_mistake_refuses_the_bundle(windows: Any, path: str) -> None:
    """What cannot be a window is found before the bundle decides anything, and named with a sentence."""
    with pytest.raises(BundleRefused) as refused:
        parse_windows({"windows": windows})

    assert refused.value.path == path
    assert refused.value.reason


def test_every_window_of_a_bundle_can_be_read() -> None:
    """The ledger's statement has room for as many as the gate lets through."""
    assert MAX_WINDOWS == MAX_STARTS == 8


def test_the_gate_refuses_the_whole_bundle() -> None:
    """A release with a bad window is not served at all."""
    with pytest.raises(BundleRefused):
        parse_bundle(bundle(data={"windows": {"day": {"seconds": 0}}}))
