"""Go-style durations."""

import pytest
from placet_cli.node.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30.0),
        ("5m", 300.0),
        ("1h", 3600.0),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        (".5s", 0.5),
        ("250ms", 0.25),
        ("1m0.5s", 60.5),
        ("10us", 0.00001),
        ("10\u00b5s", 0.00001),
        ("1000ns", 0.000001),
        ("0", 0.0),
        ("0s", 0.0),
    ],
)
def test_a_duration_is_read_as_go_reads_it(text: str, seconds: float) -> None:
    """Numbers with units, added up."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "60", "1d", "-5m", "+5m", "1 h", " 1h", "1h ", "h", "1.s", "1H", "5min", "\u0663s"]
)
def test_anything_else_is_refused(text: str) -> None:
    """A number without a unit, a sign, a space, another unit or another digit is no duration."""
    with pytest.raises(ValueError, match="is not a duration such as 30s, 5m or 1h"):
        parse_duration(text)


def test_an_endless_text_is_cut_in_the_error() -> None:
    """A megabyte of digits is neither parsed nor printed."""
    with pytest.raises(ValueError, match="is not a duration") as refused:
        parse_duration("1" * 1_000_000 + "s")
    assert len(str(refused.value)) < 150
