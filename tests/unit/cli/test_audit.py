"""`placet audit`: a thin wire to the policy tier's own process."""

import os
import signal
import sys
from pathlib import Path

import pytest
from placet_cli import audit
from placet_cli.__main__ import app
from placet_cli.policy.build import Bundle
from typer.testing import CliRunner

RUNNER = CliRunner()


class Recorded:
    """Stands in for the policy tier: a program that keeps what it was asked."""

    def __init__(self, folder: Path) -> None:
        """Make the program."""
        self.file = folder / "asked"
        self.program = folder / "python"
        self.program.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" "opa=$PLACET_OPA" > {self.file}\nexit "${{CODE:-0}}"\n'
        )
        self.program.chmod(0o755)

    def asked(self) -> list[str]:
        """The arguments, and which OPA was named."""
        return self.file.read_text().splitlines()


@pytest.fixture
def tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """What the command starts in place of Python."""
    recorded = Recorded(tmp_path)
    monkeypatch.setattr(sys, "executable", str(recorded.program))
    monkeypatch.setenv("PLACET_OPA", "")
    return recorded


@pytest.mark.parametrize(
    ("command", "group"),
    [
        ("verify", "audit"),
        ("export", "audit"),
        ("archive", "audit"),
        ("list", "ledger"),
        ("show", "ledger"),
        ("quota", "ledger"),
    ],
)
def test_everything_is_passed_on(tier: Recorded, command: str, group: str) -> None:
    """Options, values and --help are the policy tier's to read."""
    done = RUNNER.invoke(app, ["audit", command, "--url", "sqlite:////l", "--json", "x y", "--help"])

    assert done.exit_code == 0
    assert tier.asked() == [
        *("-m", "placet_policy", group, command, "--url", "sqlite:////l", "--json", "x y", "--help"),
        "opa=",
    ]


@pytest.mark.parametrize(("code", "shown"), [("0", 0), ("1", 1), ("2", 2), ("130", 130)])
def test_the_exit_code_is_the_tools(tier: Recorded, monkeypatch: pytest.MonkeyPatch, code: str, shown: int) -> None:
    """What a script compares comes through as it is."""
    monkeypatch.setenv("CODE", code)
    assert RUNNER.invoke(app, ["audit", "verify"]).exit_code == shown
    assert tier.asked()[2] == "audit"


def test_a_tool_that_a_signal_ended_is_told_as_shells_do(tier: Recorded) -> None:
    """128 and the signal's number; our own handling of Ctrl-C is as before."""
    before = signal.getsignal(signal.SIGINT)
    tier.program.write_text("#!/bin/sh\nkill -9 $$\n")

    assert RUNNER.invoke(app, ["audit", "verify"]).exit_code == 137
    assert signal.getsignal(signal.SIGINT) is before


def test_replay_names_the_pinned_opa_and_builds_a_folder(
    tier: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder becomes the bundle that is handed on; a bundle is handed on as it is."""
    built: list[tuple[Path, bool]] = []

    def build(policies: Path, *, opa: Path, demo: bool) -> Bundle:
        assert opa == Path("/pinned/opa")
        built.append((policies, demo))
        return Bundle(data=b"bundle", revision="r", files=1)

    monkeypatch.setattr(audit, "pinned_opa", lambda: Path("/pinned/opa"))
    monkeypatch.setattr(audit, "build_bundle", build)
    done = RUNNER.invoke(app, ["audit", "replay", "--since", "2026-01-01", "--policy", str(tmp_path), "--demo"])
    *asked, bundle, opa = tier.asked()

    assert done.exit_code == 0
    assert asked == ["-m", "placet_policy", "audit", "replay", "--since", "2026-01-01", "--policy"]
    assert (Path(bundle).name, opa, built) == ("bundle.tar.gz", "opa=/pinned/opa", [(tmp_path, True)])
    assert not os.path.lexists(bundle)

    RUNNER.invoke(app, ["audit", "replay", "--policy", "/somewhere/b.tar.gz", "ID"])
    assert tier.asked() == [
        *("-m", "placet_policy", "audit", "replay", "ID", "--policy", "/somewhere/b.tar.gz"),
        "opa=/pinned/opa",
    ]


def test_help_on_replay_needs_no_opa(tier: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a build of OPA to read the options."""
    monkeypatch.setattr(audit, "pinned_opa", lambda: pytest.fail("OPA was looked for"))

    assert RUNNER.invoke(app, ["audit", "replay", "--help"]).exit_code == 0
    assert tier.asked()[:5] == ["-m", "placet_policy", "audit", "replay", "--help"]
