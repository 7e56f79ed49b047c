"""`placet policy apply`: the ConfigMap that pods mount, and kubectl as the way to it."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli import policy
from placet_cli.__main__ import app
from placet_cli.errors import CliError
from placet_cli.policy_apply import MAX_BYTES, Destination, apply, config_map, read_bundle
from placet_cli.policy_build import build_bundle
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[3]
THERE = Destination(name="placet-bundle", namespace="custody")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The bundle of this repository's policies."""
    file = tmp_path / "bundle.tar.gz"
    file.write_bytes(build_bundle(ROOT / "policies", opa=opa_binary()).data)
    return file


@pytest.fixture
def kubectl(tmp_path: Path) -> Path:
    """A program that keeps its arguments and its input, and answers as kubectl does."""
    return program(
        tmp_path, 'printf "%s\\n" "$@" > "$0.arguments"; cat > "$0.input"; echo configmap/x serverside-applied'
    )


def program(folder: Path, body: str) -> Path:
    """A shell program."""
    file = folder / "kubectl"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def command(*arguments: str | Path) -> Result:
    """The command as people run it."""
    environment = {"PLACET_OPA": str(opa_binary()), "PATH": os.environ["PATH"]}
    return CliRunner().invoke(app, ["policy", "apply", "-n", "custody", *map(str, arguments)], env=environment)


def test_the_bundle_reaches_kubectl(bundle: Path, kubectl: Path) -> None:
    """Exactly its bytes, under the name that the pods look for, applied on the server's side."""
    result = command(bundle, "--kubectl", kubectl, "--context", "prod")
    manifest = json.loads(Path(f"{kubectl}.input").read_text())
    arguments = Path(f"{kubectl}.arguments").read_text().split()

    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "configmap/x serverside-applied")
    assert base64.b64decode(manifest["binaryData"]["bundle.tar.gz"]) == bundle.read_bytes()
    assert (manifest["metadata"]["namespace"], manifest["metadata"]["name"]) == ("custody", "placet-bundle")
    assert arguments[:5] == ["--context", "prod", "--namespace", "custody", "apply"]
    assert "--server-side" in arguments


def test_the_manifest_names_the_revision_that_is_printed(bundle: Path, kubectl: Path) -> None:
    """People compare what they applied with what a decision carries."""
    result = command(bundle, "--kubectl", kubectl)
    manifest = json.loads(Path(f"{kubectl}.input").read_text())

    assert result.stdout.splitlines()[1] == f"{manifest['metadata']['annotations']['placet/revision']}  {bundle}"


def test_a_dry_run_prints_the_manifest_and_asks_nobody(bundle: Path, tmp_path: Path) -> None:
    """There need not even be a kubectl."""
    result = command(bundle, "--dry-run", "--name", "other", "--kubectl", tmp_path / "absent")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["metadata"]["name"] == "other"


def test_what_the_policy_tier_would_not_take_is_not_applied(tmp_path: Path, kubectl: Path) -> None:
    """A broken bundle is found here, before it reaches a pod."""
    file = tmp_path / "broken.tar.gz"
    file.write_bytes(b"not a bundle")
    result = command(file, "--kubectl", kubectl)

    assert result.exit_code == 1
    assert "the policy tier would not take this bundle" in result.stderr
    assert not Path(f"{kubectl}.input").exists()


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
    monkeypatch.setattr("placet_cli.policy_apply._SECONDS", 0.1)

    with pytest.raises(CliError, match="timed out"):
        apply("{}", THERE, kubectl=str(program(tmp_path, "exec sleep 60")))


def test_the_command_is_one_of_the_group() -> None:
    """`placet policy --help` names it."""
    assert "apply" in {each.callback.__name__ for each in policy.app.registered_commands if each.callback}
