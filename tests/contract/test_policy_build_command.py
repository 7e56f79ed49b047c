"""`placet policy build` to its end: the file, its digest, and a bundle that the policy tier itself has taken."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.__main__ import app
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A copy of this repository's policies, as a team makes its own."""
    return shutil.copytree(ROOT / "policies", tmp_path / "policies")


def _command(*arguments: str | Path) -> Result:
    environment = {"PLACET_OPA": str(opa_binary())}
    return CliRunner().invoke(app, ["policy", "build", *map(str, arguments)], env=environment)


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def test_the_revision_is_the_digest_of_the_bytes(policies: Path) -> None:
    """What the command prints is what sha256sum prints for the file."""
    output = policies.parent / "bundle.tar.gz"
    result = _command(policies, "-o", output)
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    assert (result.exit_code, result.stdout) == (0, f"sha256:{digest}  {output}\n")


def test_the_command_replaces_a_bundle_in_one_step(policies: Path) -> None:
    """The gate watches the folder: a new file under the old name, readable by others, and nothing left beside it."""
    output = policies.parent / "out" / "bundle.tar.gz"
    _write(output, {})
    before = output.stat().st_ino
    assert _command(policies, "-o", output).exit_code == 0
    assert output.stat().st_ino != before
    assert (output.stat().st_mode & 0o777, [path.name for path in output.parent.iterdir()]) == (
        0o644,
        ["bundle.tar.gz"],
    )


def test_the_command_names_an_output_that_cannot_be_written(policies: Path, tmp_path: Path) -> None:
    """The folder must be there."""
    result = _command(policies, "-o", tmp_path / "no" / "bundle.tar.gz")
    assert (result.exit_code, result.stderr) == (
        1,
        f"placet: {tmp_path}/no/bundle.tar.gz: No such file or directory\n",
    )


def test_a_bundle_that_the_gate_refuses_is_not_written(policies: Path) -> None:
    """Two tokens at one address pass the schemas; the policy tier's own reader finds them."""
    file = policies / "bundle/placet/registry/tokens/data.json"
    tokens = json.loads(file.read_bytes())
    _write(file, tokens | {"ETH_USDT2": tokens["ETH_USDT"]})
    output = policies.parent / "bundle.tar.gz"
    result = _command(policies, "-o", output)
    assert (result.exit_code, output.exists()) == (1, False)
    assert result.stderr.startswith(
        "placet: the policy tier would not take this bundle: the bundle is refused: the registry is not valid: "
    )


def test_rules_that_opa_cannot_decide_with_are_not_written(policies: Path) -> None:
    """The gate reads no rules; OPA, asked as the policy tier asks it, must answer in the agreed shape."""
    file = policies / "bundle/placet/main/main.rego"
    file.write_text('package placet.main\n\ndecision := {"effect": "allow"}\n')
    for other in (policies / "bundle").rglob("*_test.rego"):
        other.unlink()
    result = _command(policies, "-o", policies.parent / "bundle.tar.gz")
    assert result.exit_code == 1
    assert result.stderr.startswith("placet: the policy tier would not take this bundle: OPA is not usable: ")


def test_an_address_as_wallets_show_it_is_refused_with_its_place(policies: Path) -> None:
    """A mixed-case address would match nothing, and so refuse honest requests for good."""
    file = policies / "demo/placet/rules/destination_allowlist/data.json"
    data = json.loads(file.read_bytes())
    data["destinations"]["ETH"] = {"0x0F76F604fd7762bD94b48cA2523f69ab9665C97f": {"label": "treasury"}}
    _write(file, data)
    result = _command(policies, "--demo", "-o", policies.parent / "bundle.tar.gz")
    assert result.exit_code == 1
    assert result.stderr == (
        "placet: placet/rules/destination_allowlist/data.json:"
        " /destinations/ETH/0x0F76F604fd7762bD94b48cA2523f69ab9665C97f: is not canonical;"
        " write EVM addresses in lower case\n"
    )
