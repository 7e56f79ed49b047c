"""What a log shows of a long command."""

import io

from placet_cli.policy.progress import lines
from rich.console import Console


def test_a_log_gets_a_line_every_ten_seconds() -> None:
    """Steps 1 to 3 take four seconds each, so that the third is told; the next three are told together again."""
    written, now = io.StringIO(), iter([0.0, 4.0, 8.0, 12.0, 12.0, 16.0, 20.0, 24.0, 24.0])
    step = lines("mutants", 1200, console=Console(file=written), clock=lambda: next(now))

    for _ in range(6):
        step()

    assert written.getvalue().splitlines() == ["mutants: 3 of 1,200 (0 %)", "mutants: 6 of 1,200 (0 %)"]


def test_what_is_quick_is_not_told() -> None:
    """Nothing is written of what takes less than ten seconds."""
    written = io.StringIO()
    step = lines("cases", 2, console=Console(file=written), clock=lambda: 1.0)

    step()
    step()

    assert written.getvalue() == ""
