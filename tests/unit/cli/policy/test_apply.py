"""`placet policy apply`: the ConfigMap that pods mount, and kubectl as the way to it."""

import stat
from pathlib import Path

import pytest
from placet_cli.errors import CliError
from placet_cli.policy import commands
from placet_cli.policy.apply import MAX_BYTES, Destination, apply, config_map, read_bundle

THERE = Destination(name="placet-bundle", namespace="custody")


def program(folder: Path, body: str) -> Path:
    """A shell program."""
    file = folder / "kubectl"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_a_bundle_of_one_mebibyte_is_read_and_a_larger_one_refused(tmp_path: Path) -> None:
    """Kubernetes would refuse it with a sentence that does not help."""
    file = tmp_path / "bundle.tar.gz"
    file.write_bytes(bytes(MAX_BYTES))
    assert len(read_bundle(file)) == 1_048_576

    file.write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(CliError, match=r"1048577 bytes, and a ConfigMap holds at most 1048576 \(1 MiB\)"):
        read_bundle(file)


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b"", "the file is empty")])
def test_a_file_that_is_no_bundle_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    """A missing and an empty file."""
    file = tmp_path / "bundle.tar.gz"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CliError, match=said):
        read_bundle(file)


def test_kubectl_that_refuses_is_quoted(tmp_path: Path) -> None:
    """Its own words, and a failure."""
    refusing = program(tmp_path, "cat > /dev/null; echo 'forbidden: not you' >&2; exit 1")

    with pytest.raises(CliError, match="kubectl refuses: forbidden: not you"):
        apply(config_map(b"x", THERE), THERE, kubectl=str(refusing))


def test_kubectl_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    """The user hears what to install, or what could not be run."""
    with pytest.raises(CliError, match="install kubectl"):
        apply("{}", THERE, kubectl=str(tmp_path / "absent"))
    with pytest.raises(CliError, match="could not be run"):
        apply("{}", THERE, kubectl=str(tmp_path))


def test_kubectl_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that cannot be reached does not hold the terminal for ever."""
    monkeypatch.setattr("placet_cli.policy.apply._SECONDS", 0.1)

    with pytest.raises(CliError, match="timed out"):
        apply("{}", THERE, kubectl=str(program(tmp_path, "exec sleep 60")))


def test_the_command_is_one_of_the_group() -> None:
    """`placet policy --help` names it."""
    assert "apply" in {each.callback.__name__ for each in commands.app.registered_commands if each.callback}
