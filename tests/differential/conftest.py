"""What the differential tests did, in numbers, below the results of pytest."""

from collections.abc import Callable

import pytest

_LINE, _HONEST, _CHANGED = "differential line", "differential honest", "differential changed"


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """What a test calls to put a line below the results, with how many requests it was about."""

    def note(line: str, *, honest: int = 0, changed: int = 0) -> None:
        # A test's own properties are what a worker sends to the process that shows the results.
        request.node.user_properties.extend([(_LINE, line), (_HONEST, honest), (_CHANGED, changed)])

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what each test told, and the sums."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    told = [each for report in reports if report.when == "call" for each in report.user_properties]
    lines = sorted(value for name, value in told if name == _LINE)
    if not lines:
        return
    terminalreporter.section("compared with what wallets build, read and hash")
    for line in lines:
        terminalreporter.write_line(line)
    honest, changed = (sum(value for name, value in told if name == which) for which in (_HONEST, _CHANGED))
    terminalreporter.write_line(f"all: {honest:,} honest requests, {changed:,} changed ones")
