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
    assert "bundle.tar.gz" not in result.stderr


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


_SUPPLIER = "TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer"
_LISTED = {"label": "supplier"}


@pytest.mark.parametrize(
    ("rule", "data", "fault"),
    [
        (
            "destination_allowlist",
            {"destinations": {"TRON": {"TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCes": _LISTED}}},
            "/destinations/TRON/TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCes: is no address on TRON: ",
        ),
        (
            "destination_allowlist",
            {"destinations": {"BTC": {"bc1qgkal4q0000000000000000000000000000c7hk": _LISTED}}},
            "/destinations/BTC/bc1qgkal4q0000000000000000000000000000c7hk: is no address on BTC: ",
        ),
        (
            "destination_allowlist",
            {"destinations": {"BTC": {"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx": _LISTED}}},
            "/destinations/BTC/tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx: is no address on BTC: ",
        ),
        (
            "destination_allowlist",
            {"destinations": {"ETHEREUM": {"0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1": _LISTED}}},
            "/destinations/ETHEREUM: the registry has no such chain",
        ),
        (
            "destination_allowlist",
            {"destinations": {"ETH": {_SUPPLIER: _LISTED}}},
            f"/destinations/ETH/{_SUPPLIER}: is no address on ETH: ",
        ),
        (
            "contract_call",
            {"allowed": {"SOL": {_SUPPLIER: {"0x": _LISTED}}}},
            f"/allowed/SOL/{_SUPPLIER}: is no address on SOL: ",
        ),
        (
            "contract_call",
            {"spenders": {"ETH": {_SUPPLIER: _LISTED}}},
            f"/spenders/ETH/{_SUPPLIER}: is no address on ETH: ",
        ),
        (
            "contract_call",
            {"delegates": {"ETH": {_SUPPLIER: _LISTED}}},
            f"/delegates/ETH/{_SUPPLIER}: is no address on ETH: ",
        ),
        ("chain_token_allowlist", {"allowed": {"ETH0": {"ETH": {}}}}, "/allowed/ETH0: the registry has no such chain"),
        ("transaction_expiry", {"limits": {"TRX": {"max_seconds": 60}}}, "/limits/TRX: the registry has no such chain"),
        (
            "transaction_type",
            {"opened": {"hot": {"ETH0": {"eip4844": _LISTED}, "*": {"unprotected": _LISTED}}}},
            "/opened/hot/ETH0: the registry has no such chain",
        ),
    ],
)
def test_an_address_or_chain_that_cannot_be_is_refused(
    policies: Path, rule: str, data: dict[str, Any], fault: str
) -> None:
    """A mistyped address, one of another chain and an unknown chain are named with file and place."""
    file = policies / f"bundle/placet/rules/{rule}/data.json"
    _write(file, json.loads(file.read_bytes()) | data)
    output = policies.parent / "bundle.tar.gz"
    result = _command(policies, "-o", output)
    assert (result.exit_code, output.exists()) == (1, False)
    assert result.stderr.startswith(f"placet: placet/rules/{rule}/data.json: {fault}"), result.stderr


def test_addresses_and_chains_that_can_be_are_taken(policies: Path) -> None:
    """The word for a creation is no address, and messages may be for networks that the registry does not know."""
    contract = "0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1"
    for rule, data in {
        "contract_call": {
            "allowed": {"ETH": {"create": {"0x": _LISTED}}, "TRON": {_SUPPLIER: {"0xa9059cbb": _LISTED}}}
        },
        "message_signing": {"typed": {"424242": {contract: {"Permit": _LISTED}}}},
        "destination_allowlist": {
            "destinations": {"SIGNET_BTC": {"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx": _LISTED}}
        },
    }.items():
        file = policies / f"bundle/placet/rules/{rule}/data.json"
        _write(file, json.loads(file.read_bytes()) | data)
    result = _command(policies, "-o", policies.parent / "bundle.tar.gz")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_profile_that_names_a_missing_rule_is_refused(policies: Path) -> None:
    """A rule that was deleted, or never was, would hold everything; data without a module is no rule."""
    file = policies / "bundle/placet/profiles/data.json"
    profiles = json.loads(file.read_bytes())
    _write(file, profiles | {"key_groups": {"hot": {"KEY_SIGN": {"rules": ["provenance", "never_was"]}}}})
    result = _command(policies, "-o", policies.parent / "bundle.tar.gz")
    where = "placet: placet/profiles/data.json:"
    assert result.exit_code == 1
    assert result.stderr == (
        f"{where} /key_groups/hot/KEY_SIGN names the rule never_was, which is not in the bundle; every request"
        " under this profile would be held. Add bundle/placet/rules/never_was, or take the name out\n"
    )
    added = {"request_types": profiles["request_types"] | {"KEY_GEN": {"rules": ["freeze"], "also": {"never_was": {}}}}}
    _write(file, profiles | added)
    result = _command(policies, "-o", policies.parent / "bundle.tar.gz")
    assert result.stderr.startswith(f"{where} /request_types/KEY_GEN names the rule never_was, ")
    _write(file, profiles)
    for module in (policies / "bundle/placet/rules/rolling_count").glob("*.rego"):
        module.unlink()
    result = _command(policies, "-o", policies.parent / "bundle.tar.gz")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{where} /request_types/KEY_SIGN names the rule rolling_count, which is not in")
