"""What a long command shows while it works."""

import itertools
import sys
from collections.abc import Callable

import pytest
from placet_policy.audit.progress import Progress

Clock = Callable[[], Progress]


@pytest.fixture
def every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that a second passes on between two looks."""
    seconds = itertools.count(100.0)
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))


@pytest.mark.usefixtures("every_second")
def test_a_terminal_is_written_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, with the share that is done and the rate, which is taken away at the end."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = Progress(doing="verified", total=4000)
    progress(1000)
    progress(3000)
    progress.end()

    assert capsys.readouterr().err == (
        "\rverified 1,000 of 4,000 (25 %) records, 1,000 a second\x1b[K"
        "\rverified 3,000 of 4,000 (75 %) records, 1,500 a second\x1b[K"
        "\r\x1b[K"
    )


@pytest.mark.usefixtures("every_second")
def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Every ten seconds; nothing of what is shorter."""
    progress = Progress(doing="exported", total=None)
    for count in range(12):
        progress(count)
    progress.end()

    assert capsys.readouterr().err == "exported 9 records, 1 a second\n"


@pytest.mark.usefixtures("every_second")
def test_what_is_done_after_the_last_record_is_shown_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes the place of the count, as often as that may be shown."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = Progress(doing="verified", total=4000)
    progress(1000)
    progress.stage("comparing, 1 of 2")
    progress.end()

    assert capsys.readouterr().err == (
        "\rverified 1,000 of 4,000 (25 %) records, 1,000 a second\x1b[K\rcomparing, 1 of 2\x1b[K\r\x1b[K"
    )
