"""`placet policy apply` as people run it: its reader tries the bundle on real OPA, then kubectl gets it."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli.__main__ import app
from placet_cli.policy.build import build_bundle
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[2]


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
