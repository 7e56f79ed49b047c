"""Files that change: a good change is taken, a bad one keeps what was there and is told once."""

from collections.abc import Mapping

import pytest
from placet_policy.metrics import Metrics
from placet_policy.reload import Contents, FilesInvalid, Reloaded
from structlog.testing import capture_logs


class Files:
    """Files of a test: what they hold now, or why they cannot be read."""

    def __init__(self) -> None:
        self.contents: Contents = {"a": b"1"}
        self.unreadable = False

    def read(self) -> Contents:
        if self.unreadable:
            raise FilesInvalid("/a", "gone")
        return dict(self.contents)


def parse(contents: Mapping[str, bytes]) -> int:
    """A number in a file."""
    try:
        return int(contents["a"])
    except ValueError as error:
        raise FilesInvalid("/a", "not a number") from error


@pytest.fixture
def files() -> Files:
    """Good files."""
    return Files()


@pytest.fixture
def metrics() -> Metrics:
    """Metrics of one test."""
    return Metrics()


@pytest.fixture
def reloaded(files: Files, metrics: Metrics) -> Reloaded[int]:
    """A value made from the files."""
    return Reloaded(what="nodes", read=files.read, parse=parse, metrics=metrics)


def failures(metrics: Metrics) -> float | None:
    """How many unusable changes were counted."""
    return metrics.registry.get_sample_value("placet_policy_reload_failures_total", {"what": "nodes"})


def test_bad_files_stop_the_start(files: Files, metrics: Metrics) -> None:
    """The first value must be good."""
    files.contents = {"a": b"x"}
    with pytest.raises(FilesInvalid):
        Reloaded(what="nodes", read=files.read, parse=parse, metrics=metrics)


def test_a_good_change_is_taken(files: Files, reloaded: Reloaded[int]) -> None:
    """A change is seen by its content."""
    assert reloaded.reload() is False
    files.contents = {"a": b"2"}
    assert reloaded.reload() is True
    assert reloaded.value == 2


def test_a_bad_change_keeps_the_old_value(files: Files, reloaded: Reloaded[int], metrics: Metrics) -> None:
    """An unusable change is logged and counted once, not at every look, and ends with the next good one."""
    files.contents = {"a": b"x"}
    with capture_logs() as logs:
        assert [reloaded.reload(), reloaded.reload()] == [False, False]
    assert reloaded.value == 1
    assert failures(metrics) == 1
    assert [(line["log_level"], line["event"], line["path"]) for line in logs] == [
        ("error", "files_not_reloaded", "/a")
    ]
    files.contents = {"a": b"3"}
    assert reloaded.reload() is True
    assert reloaded.value == 3


def test_unreadable_files_keep_the_old_value(files: Files, reloaded: Reloaded[int], metrics: Metrics) -> None:
    """Files that vanish are a bad change; when they come back as they were, nothing has changed."""
    files.unreadable = True
    assert [reloaded.reload(), reloaded.reload()] == [False, False]
    files.unreadable = False
    assert reloaded.reload() is False
    assert (reloaded.value, failures(metrics)) == (1, 1)


def test_the_same_problem_again_is_told_again(files: Files, reloaded: Reloaded[int], metrics: Metrics) -> None:
    """Bad, good, bad again: two alerts."""
    for content in (b"x", b"1", b"x"):
        files.contents = {"a": content}
        reloaded.reload()
    assert failures(metrics) == 2
