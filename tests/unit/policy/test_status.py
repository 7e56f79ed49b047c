"""Readiness: able to decide, or the reasons why not."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from keys import checker_node
from placet_policy.errors import LedgerFault, LedgerUnavailable, NoActiveBundle, OpaUnavailable
from placet_policy.gate import ActiveBundle
from placet_policy.metrics import Metrics
from placet_policy.opa import OpaResult
from placet_policy.status import Status
from placet_policy.stop import StopSwitch
from structlog.testing import capture_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_callback.token import Node
    from placet_policy.ledger import Ledger

REVISION = "sha256:" + "ab" * 32


class Bundle:
    """The part of an active bundle that status reads."""

    revision = REVISION


class World:
    """Everything status asks, working until a test breaks it."""

    ledger_id = "ledger-1"

    def __init__(self, stop: Path) -> None:
        self.nodes: Sequence[Node] = (checker_node(),)
        self.bundle: Bundle | None = Bundle()
        self.revision = REVISION
        self.opa_broken = False
        self.ledger_broken = False
        self.ledger_slow = False
        self.ledger_asked, self.ledger_goes_on = asyncio.Event(), asyncio.Event()
        self.fault = LedgerFault.UNWRITABLE
        self.asked = 0
        self.metrics = Metrics()
        self.status = Status(
            nodes=lambda: self.nodes,
            opa=self,
            gate=self,
            ledger=cast("Ledger", self),
            stop=StopSwitch(path=stop),
            metrics=self.metrics,
        )

    async def self_test(self) -> OpaResult:
        self.asked += 1
        if self.opa_broken:
            raise OpaUnavailable("connection refused")
        return OpaResult(result={}, revision=self.revision, version="1.22.2")

    def active(self) -> ActiveBundle:
        if self.bundle is None:
            raise NoActiveBundle("no bundle was delivered yet")
        return cast("ActiveBundle", self.bundle)

    async def check(self) -> None:
        if self.ledger_slow:
            self.ledger_asked.set()
            await self.ledger_goes_on.wait()
        if self.ledger_broken:
            raise LedgerUnavailable("disk is full", fault=self.fault)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world in which everything works."""
    return World(tmp_path / "stop")


async def test_ready(world: World) -> None:
    """With everything in place there is no reason against deciding."""
    report = await world.status.report()
    assert (report.ready, report.reasons, report.stopped) == (True, (), False)
    assert (report.opa_version, report.ledger) == ("1.22.2", "ledger-1")
    assert world.metrics.registry.get_sample_value("placet_policy_ready") == 1


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("nodes", (), "no node keys are loaded"),
        ("bundle", None, "no policy release is active"),
        ("opa_broken", True, "OPA does not answer or failed its self-tests"),
        ("revision", "sha256:" + "00" * 32, "OPA has not taken the active policy release"),
        ("ledger_broken", True, "the ledger cannot be written"),
    ],
)
async def test_each_missing_part_is_a_reason(world: World, name: str, value: object, reason: str) -> None:
    """One broken part is one reason, and the tier is not ready."""
    setattr(world, name, value)
    report = await world.status.report()
    assert (report.ready, report.reasons) == (False, (reason,))
    assert world.metrics.registry.get_sample_value("placet_policy_ready") == 0


@pytest.mark.parametrize("fault", list(LedgerFault))
async def test_each_fault_of_the_ledger_is_its_own_reason(world: World, fault: LedgerFault) -> None:
    """What is wrong with the ledger is said in a constant text; the cause stays in the log."""
    world.ledger_broken, world.fault = True, fault
    assert (await world.status.report()).reasons == (str(fault),)


async def test_everything_broken_is_every_reason(world: World) -> None:
    """Reasons do not hide each other."""
    world.nodes, world.bundle, world.opa_broken, world.ledger_broken = (), None, True, True
    assert len((await world.status.report()).reasons) == 4


async def test_a_ledger_that_hangs_is_a_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check has an end."""
    monkeypatch.setattr("placet_policy.status._CHECK_SECONDS", 0.05)
    world.ledger_slow = True
    report = await world.status.report()
    assert (report.reasons, report.ledger) == (("the ledger cannot be written",), "")


async def test_a_stop_is_ready(world: World, tmp_path: Path) -> None:
    """A stopped tier answers, with HOLD: that is no reason against being asked."""
    (tmp_path / "stop").touch()
    report = await world.status.report()
    assert (report.ready, report.stopped) == (True, True)


async def test_an_unknown_stop_is_a_reason(tmp_path: Path) -> None:
    """When nobody knows whether there is a stop, nothing can be decided."""
    report = await World(tmp_path / "gone" / "stop").status.report()
    assert report.reasons == ("the stop file cannot be looked for",)


async def test_draining_is_a_reason_at_once(world: World) -> None:
    """A report from before the drain does not outlive it."""
    assert (await world.status.report()).ready is True
    world.status.drain()
    assert (await world.status.report()).reasons == ("the process is stopping",)


async def test_a_check_that_was_under_way_does_not_hide_the_drain(world: World) -> None:
    """A look that began before the drain and ends after it says that the process stops, and so does the next one."""
    world.ledger_slow = True
    under_way = asyncio.create_task(world.status.report())
    await world.ledger_asked.wait()
    world.status.drain()
    world.ledger_goes_on.set()
    reports = [await under_way, await world.status.report()]
    assert [report.reasons for report in reports] == [("the process is stopping",)] * 2


async def test_many_askers_share_a_check(world: World) -> None:
    """However many ask at once, the world is asked once a second."""
    await asyncio.gather(*(world.status.report() for _ in range(50)))
    assert world.asked == 1


async def test_a_reason_is_logged_while_it_is_new(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause is in the log once, not at every look; the change of readiness is a line too."""
    monkeypatch.setattr("placet_policy.status._FRESH_SECONDS", -1)
    monkeypatch.setattr("placet_policy.status._FRESH_UNREADY_SECONDS", -1)
    await world.status.report()
    world.ledger_broken = True
    with capture_logs() as logs:
        await world.status.report()
        await world.status.report()
        world.ledger_broken = False
        await world.status.report()
    assert [(line["event"], line.get("cause")) for line in logs] == [
        ("not_ready", "disk is full"),
        ("readiness_changed", None),
        ("readiness_changed", None),
    ]
