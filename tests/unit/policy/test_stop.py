"""The stop: a file that exists holds everything, and its coming and going are records."""

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from placet_policy.errors import Indeterminate, LedgerUnavailable
from placet_policy.ledger import Receipt, Record, Snapshot, VersionKey, Versions
from placet_policy.ledger.history import Destination, Window
from placet_policy.ledger.series import Reservation
from placet_policy.metrics import Metrics
from placet_policy.stop import StopRecorder, StopSwitch
from structlog.testing import capture_logs


class FakeLedger:
    """Remembers what was marked, with the rule of the real one: only changes are records."""

    ledger_id = "fake"

    def __init__(self) -> None:
        self.marks: list[tuple[bool, float]] = []
        self.broken = False

    async def snapshot(
        self, *, node: str, request_id: str, reservation: Reservation | None = None, windows: Sequence[Window] = ()
    ) -> Snapshot:
        raise NotImplementedError

    async def commit(
        self,
        record: Record,
        *,
        versions: Versions,
        reservation: Reservation | None = None,
        unseen: Sequence[Destination] = (),
        alone: bool = False,
    ) -> Receipt:
        raise NotImplementedError

    def alone(self, keys: Iterable[VersionKey]) -> AbstractAsyncContextManager[None]:
        raise NotImplementedError

    async def keep_bundle(self, *, revision: str, version: int, content: bytes, at: float) -> Receipt:
        raise NotImplementedError

    async def check(self) -> None:
        raise NotImplementedError

    async def mark_stop(self, *, stopped: bool, at: float) -> Receipt | None:
        if self.broken:
            raise LedgerUnavailable("broken")
        if stopped == (self.marks[-1][0] if self.marks else False):
            return None
        self.marks.append((stopped, at))
        return Receipt(ledger="fake", writer="w", position=len(self.marks), record_hash=b"\0" * 32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A stop file that does not exist."""
    return tmp_path / "stop"


def test_no_file_no_stop(file: Path) -> None:
    """Without the file, and without the setting, deciding goes on."""
    assert StopSwitch(path=file).active() is False
    assert StopSwitch(path=None).active() is False


@pytest.mark.parametrize("content", [b"", b"no", b"false", b"0", b"\xff\n"])
def test_any_content_stops(file: Path, content: bytes) -> None:
    """The file stops by existing."""
    file.write_bytes(content)
    assert StopSwitch(path=file).active() is True


def test_a_folder_and_a_dangling_link_stop(file: Path) -> None:
    """Whatever has the name is the stop."""
    file.mkdir()
    assert StopSwitch(path=file).active() is True
    file.rmdir()
    file.symlink_to("nowhere")
    assert StopSwitch(path=file).active() is True


def test_a_missing_folder_is_unknown(tmp_path: Path) -> None:
    """When the folder is gone nobody knows, and nothing is decided."""
    with pytest.raises(Indeterminate):
        StopSwitch(path=tmp_path / "gone" / "stop").active()


def test_an_unreadable_place_is_unknown(file: Path) -> None:
    """When looking fails in another way nobody knows either."""
    file.touch()
    with pytest.raises(Indeterminate):
        StopSwitch(path=file / "stop").active()


def create(file: Path) -> None:
    """Set the stop."""
    file.touch()


def remove(file: Path) -> None:
    """Lift the stop."""
    file.unlink()


async def test_setting_and_lifting_are_recorded(file: Path) -> None:
    """Each change is one record with its time, one log line, and the gauge."""
    ledger, metrics, times = FakeLedger(), Metrics(), iter([1.0, 2.0, 3.0])
    recorder = StopRecorder(stop=StopSwitch(path=file), ledger=ledger, clock=lambda: next(times), metrics=metrics)
    await recorder.look()
    with capture_logs() as logs:
        create(file)
        await recorder.look()
        await recorder.look()
        stopped = metrics.registry.get_sample_value("placet_policy_stopped")
        remove(file)
        await recorder.look()
    assert ledger.marks == [(True, 2.0), (False, 3.0)]
    assert [line["event"] for line in logs] == ["stop_set", "stop_lifted"]
    assert (stopped, metrics.registry.get_sample_value("placet_policy_stopped")) == (1, 0)


async def test_a_change_that_cannot_be_recorded_is_recorded_later(file: Path) -> None:
    """While the ledger is out of reach the change is not forgotten."""
    ledger = FakeLedger()
    recorder = StopRecorder(stop=StopSwitch(path=file), ledger=ledger, clock=lambda: 1.0, metrics=Metrics())
    create(file)
    ledger.broken = True
    await recorder.look()
    ledger.broken = False
    await recorder.look()
    assert ledger.marks == [(True, 1.0)]


async def test_an_unknown_state_is_an_error_line(tmp_path: Path) -> None:
    """When the folder is gone the watch goes on and says so."""
    switch = StopSwitch(path=tmp_path / "gone" / "stop")
    recorder = StopRecorder(stop=switch, ledger=FakeLedger(), clock=lambda: 1.0, metrics=Metrics())
    with capture_logs() as logs:
        await recorder.look()
    assert [(line["log_level"], line["event"]) for line in logs] == [("error", "stop_unknown")]


def test_the_content_is_not_read(file: Path) -> None:
    """A stop file that cannot be opened, here a pipe without a writer, stops all the same."""
    os.mkfifo(file)
    assert StopSwitch(path=file).active() is True
