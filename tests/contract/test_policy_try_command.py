"""`placet policy try` to its end: the policy tier's facts, the real OPA's rules, one sentence for what is wrong."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from opa_binary import opa_binary
from placet_cli.__main__ import app
from placet_cli.policy.build import build_bundle
from placet_cli.policy.case_findings import failed_cases, sound_cases
from placet_cli.policy.decisions import decide
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policies with the demonstration data."""
    file = tmp_path_factory.mktemp("bundle") / "bundle.tar.gz"
    file.write_bytes(build_bundle(POLICIES, opa=opa_binary(), demo=True).data)
    return file


def _try(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["policy", "try", *map(str, arguments)], env={"PLACET_OPA": str(opa_binary())})


def _tried(*arguments: str | Path) -> dict[str, Any]:
    result = _try(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def _code(said: dict[str, Any], rule: str, code: str) -> dict[str, Any]:
    (found,) = [each for each in said["rules"] if each["name"] == rule]
    (traced,) = [each for each in found["codes"] if each["code"] == code]
    assert isinstance(traced, dict)
    return traced


def test_a_sample_is_explained_down_to_the_helpers(bundle: Path) -> None:
    """The decision is the policy tier's, and each code says which helper let it fire or stopped it."""
    said = _tried("a08_amount_mismatch", "--bundle", bundle)
    assert said["effect"] == "deny"
    assert [reason["code"] for reason in said["reasons"]] == [
        "AMOUNT_MISMATCH",
        "CONTRADICTION_DENIED",
        "AMOUNT_ABOVE_LIMIT",
    ]
    assert said["facts"]["summary"][0] == "Send 10 ETH to 0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1 on ETH."
    fired, silent = _code(said, "amount_limit", "AMOUNT_ABOVE_LIMIT"), _code(said, "fee_limit", "FEE_ABOVE_LIMIT")
    assert (fired["fired"], fired["message"]) == (True, "10 ETH is above the limit of 2 ETH for vault demo-treasury")
    assert fired["conditions"] == [
        {"helper": "_proven", "wanted": True, "true": True},
        {"helper": "_configured", "wanted": True, "true": True},
        {"helper": "_payments_within_limits_or_held", "wanted": False, "true": False},
    ]
    assert (silent["fired"], silent["conditions"][-1]) == (
        False,
        {"helper": "_within_limit_or_held", "wanted": False, "true": True},
    )
    assert {each["name"] for each in said["rules"] if not each["asked"]} == {
        "amount_tiers",
        "initiator",
        "key_group",
        "key_share_sign",
        "node_group",
        "replacement",
        "source_key",
        "wallet_scope",
    }


def test_data_are_tried_without_changing_the_folder(tmp_path: Path) -> None:
    """A lower limit refuses what the demonstration data allow."""
    data = {"rules": {"amount_limit": {"limits": {"ETH": {"max": "1"}}}}}
    lower = tmp_path / "lower.json"
    lower.write_text(json.dumps(data))
    arguments = ("keysign_eth_eip1559_transfer", "--policies", POLICIES, "--demo", "--data", lower)
    said, result = _tried(*arguments), _try(*arguments)
    assert [(reason["rule"], reason["code"]) for reason in said["reasons"]] == [("amount_limit", "AMOUNT_ABOVE_LIMIT")]
    assert "Decision  ✗ DENY: the node would be answered REJECT, for good" in result.stdout
    assert "“payments within limits or held” is not true" in result.stdout


def test_an_edited_input_document_says_whose_facts_they_are(bundle: Path, tmp_path: Path) -> None:
    """What the rules allow without a proof is no approval, and the answer says so."""
    document = yaml.safe_load((POLICIES / "cases/inputs.yaml").read_text())["eth_transfer"]
    file = tmp_path / "edited.json"
    file.write_text(json.dumps(document))
    said = _tried(file, "--bundle", bundle)
    assert (said["effect"], said["reasons"]) == ("allow", [])
    assert said["notes"][0].startswith("the facts are those that stand in the file")

    document["facts"]["status"] = "UNPROVABLE"
    document["facts"]["missing"] = [{"code": "PATH_NOT_PINNED", "path": "x"}]
    file.write_text(json.dumps(document))
    assert _tried(file, "--bundle", bundle)["effect"] == "hold"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"schema": "placet.input/v1", "facts": 5}', "edited.json: facts is not an object"),
        ('{"request_type": 0}', "edited.json: the policy tier would decide nothing: PING_NOT_EVALUATED"),
        ("{", "edited.json: is not JSON"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(bundle: Path, tmp_path: Path, content: str, problem: str) -> None:
    """And exit status 2, so that nobody takes it for a decision."""
    file = tmp_path / "edited.json"
    file.write_text(content)
    result = _try(file, "--bundle", bundle)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("placet: ")
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_bundle_that_the_gate_refuses_is_named(tmp_path: Path) -> None:
    """The text is the policy tier's own."""
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    result = _try("keygen_secp256k1", "--bundle", broken)
    assert result.exit_code == 2
    assert f"{broken}: the bundle is refused: not a gzip file" in result.stderr


def test_other_data_that_are_not_there_are_no_sample(tmp_path: Path) -> None:
    """Samples are requests, so that nothing is said of them where a file of data is missing."""
    result = _try("keygen_secp256k1", "--policies", POLICIES, "--data", tmp_path / "none.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"placet: {tmp_path / 'none.json'}: no such file\n"


@pytest.mark.parametrize(
    ("file", "name", "effect", "codes"),
    [
        ("fee_limit", "one unit above the limit", "deny", ["FEE_ABOVE_LIMIT"]),
        ("fee_limit", "fee_limit: exactly the limit", "allow", []),
        ("time_windows", "the clocks of whatever machine decides", "hold", ["TIME_WINDOWS_NOT_CONFIGURED"]),
    ],
)
def test_a_case_is_decided_by_its_folder_with_its_own_data(file: str, name: str, effect: str, codes: list[str]) -> None:
    """As `placet policy test` decides it, broken data included; the answer says what the case expects."""
    said = _tried(POLICIES / "cases" / f"{file}.yaml", "--case", name)

    assert (said["effect"], [reason["code"] for reason in said["reasons"]]) == (effect, codes)
    assert said["notes"][-1].endswith(f"it expects {effect}" + (f" ({codes[0]})" if codes else ""))


def test_a_failing_case_names_the_command_that_tries_it(tmp_path: Path) -> None:
    """The remedy can be pasted into a shell, and shows the decision that was not expected."""
    policies = tmp_path / "our policies"
    shutil.copytree(POLICIES, policies)
    file = policies / "cases" / "fee_limit.yaml"
    file.write_text(file.read_text().replace("effect: deny, codes: [FEE_ABOVE_LIMIT]", "effect: allow, codes: []", 1))
    cases, _ = sound_cases(policies)
    (failed,) = failed_cases(policies, decide(policies, cases, opa=opa_binary()))

    command = failed.remedy.split("`")[1]
    assert command == f"placet policy try '{file}' --case 'one unit above the limit'"
    result = _try(*shlex.split(command)[3:])
    assert "The rules say  ✗ DENY\n  FEE_ABOVE_LIMIT (fee_limit)" in result.stdout
    assert "it expects allow\n" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("cases/fee_limit.yaml",), "is YAML, as cases are; --case NAME says which case of it is tried"),
        (("cases/fee_limit.yaml", "--case", "exactly the limitt"), "did you mean 'exactly the limit'?"),
        (("cases/inputs.yaml", "--case", "x"), "is no file of cases, which is DIR/cases/NAME.yaml"),
        (("mutate.yaml", "--case", "x"), "is no file of cases, which is DIR/cases/NAME.yaml"),
        (("cases/fee_limit.yaml", "--case", "exactly the limit", "--demo"), "--case goes without --demo"),
    ],
)
def test_a_case_that_cannot_be_tried_is_one_sentence(arguments: tuple[str, ...], problem: str) -> None:
    """And what the case decides itself cannot be given beside it."""
    file, *options = arguments
    result = _try(POLICIES / file, *options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_case_that_is_broken_says_how(tmp_path: Path) -> None:
    """The sentence is that of `placet policy check`."""
    policies = tmp_path / "policies"
    shutil.copytree(POLICIES, policies)
    file = policies / "cases" / "fee_limit.yaml"
    file.write_text(file.read_text().replace("input: eth_transfer", "input: nothing", 1))

    result = _try(file, "--case", "exactly the limit")

    assert result.exit_code == 2
    assert "cases/fee_limit.yaml: fee_limit: exactly the limit: input: there is no 'nothing'" in result.stderr
