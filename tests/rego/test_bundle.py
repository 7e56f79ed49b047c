"""The bundle holds OPA's own gates, and a release of it holds nothing that is not meant to ship."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.policy.build import build_bundle
from placet_cli.policy.cases import read_cases
from placet_cli.policy.check import check_folder
from placet_cli.policy.testing import run_tests
from policy_folder import POLICIES, data_files, opa, opa_json

CAPABILITIES = POLICIES / "capabilities.json"
# Design section 2; io.jwt and json.*_schema are here because they read a clock or fetch what a schema refers to, and
# rego.metadata because codes are read from heads.
BANNED = [
    "http.send",
    "io.jwt.decode_verify",
    "io.jwt.encode_sign",
    "io.jwt.encode_sign_raw",
    "json.match_schema",
    "json.verify_schema",
    "net.lookup_ip_addr",
    "opa.runtime",
    "print",
    "rand.intn",
    "rego.metadata.chain",
    "rego.metadata.rule",
    "time.now_ns",
    "trace",
    "uuid.rfc4122",
]


class _Silent:
    """Nobody watches."""

    def phase(self, name: str, steps: int) -> Callable[[], None]:
        """Begin nothing."""
        assert (name, steps > 0) in {("Rego tests", True), ("cases", True)}
        return lambda: None


def test_check_finds_nothing() -> None:
    """`placet policy check` has nothing to say about the policies that ship."""
    assert check_folder(POLICIES, opa=opa_binary()) == []


def test_the_rules_own_tests_and_the_cases_hold() -> None:
    """Every test beside a rule passes on the real OPA, all of them reach every line, and every case is decided so."""
    tested = run_tests(POLICIES, opa=opa_binary(), progress=_Silent())

    assert tested.findings == []
    assert tested.coverage == 100
    assert tested.tests > 200
    assert tested.cases == len(read_cases(POLICIES)) > 150


def test_capabilities_are_those_of_the_pinned_opa_without_the_banned() -> None:
    """capabilities.json is `opa capabilities --current`, less what README says is taken out."""
    expected = opa_json("capabilities", "--current")
    expected["builtins"] = [builtin for builtin in expected["builtins"] if builtin["name"] not in BANNED]
    expected["features"] = [feature for feature in expected["features"] if not feature.startswith("rego_v2")]
    expected["future_keywords"] = []
    expected["allow_net"] = []

    assert json.loads(CAPABILITIES.read_bytes()) == expected


def test_no_builtin_is_left_whose_answer_is_not_a_function_of_its_arguments() -> None:
    """Everything that OPA itself marks as nondeterministic is banned."""
    capabilities = json.loads(CAPABILITIES.read_bytes())

    assert [builtin["name"] for builtin in capabilities["builtins"] if builtin.get("nondeterministic")] == []


@pytest.mark.parametrize("builtin", [name for name in BANNED if name != "print"])
def test_a_banned_builtin_is_refused(builtin: str, tmp_path: Path) -> None:
    """A module that calls a banned builtin does not pass `opa check`; of `print`, policies/checks takes care."""
    arguments = {"trace": '"x"', "net.lookup_ip_addr": '"x"', "rand.intn": '"x", 1'}
    call = f"{builtin}({arguments.get(builtin, '')})"
    (tmp_path / "banned.rego").write_text(f"package placet.banned\n\nx if {call}\n", encoding="utf-8")

    done = opa("check", "--capabilities", str(CAPABILITIES), str(tmp_path / "banned.rego"))

    assert done.returncode != 0
    assert f"undefined function {builtin}" in done.stderr


@pytest.fixture(scope="module")
def release() -> dict[str, bytes]:
    """The members of a release build, by name."""
    packed = build_bundle(POLICIES, opa=opa_binary()).data
    members = {}
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        for entry in archive:
            file = archive.extractfile(entry)
            if file is not None:
                members[entry.name] = file.read()
    return members


def test_a_release_is_rego_data_and_manifest(release: dict[str, bytes]) -> None:
    """A release holds the modules of the bundle without their tests, one data document and the manifest."""
    bundle = POLICIES / "bundle"
    modules = [file.relative_to(bundle).as_posix() for file in bundle.rglob("*.rego")]
    shipped = sorted(name for name in modules if not name.endswith("_test.rego"))

    found = sorted(name.lstrip("/") for name in release if name.endswith(".rego"))
    assert len(found) == len(shipped)
    assert all(name.endswith(expected) for name, expected in zip(found, shipped, strict=True))
    assert {name.lstrip("/") for name in release if not name.endswith(".rego")} == {"data.json", ".manifest"}


def test_a_release_has_no_tests(release: dict[str, bytes]) -> None:
    """No test of a rule is shipped, neither as a file nor as a package."""
    assert [name for name in release if "_test" in name] == []
    assert [name for name, content in release.items() if b"\ntest_" in content] == []


def test_a_release_claims_placet_only(release: dict[str, bytes]) -> None:
    """The manifest's roots are exactly `placet`, so that a bundle cannot replace OPA's authorization."""
    manifest = json.loads(next(content for name, content in release.items() if name.lstrip("/") == ".manifest"))

    assert (manifest["roots"], manifest["rego_version"]) == (["placet"], 1)


def test_a_release_has_no_demonstration_data(release: dict[str, bytes]) -> None:
    """No name and no text that only the demonstration data has occurs anywhere in a release."""
    shipped = {text for document in data_files(POLICIES / "bundle").values() for text in _texts(document)}
    demo = {text for document in data_files(POLICIES / "demo").values() for text in _texts(document)} - shipped
    # Words of the schemas, which every bundle shares with its rules.
    demo -= {
        "allowed", "chain_token_allowlist", "curve", "destinations", "ed25519", "group", "group_ids", "key_gen",
        "key_reshare", "label", "limits", "max", "new_node_ids", "new_threshold", "node_ids", "old_group_id",
        "old_node_ids", "old_threshold", "paths", "root_key", "secp256k1", "test_network", "threshold", "vault",
        "unchecked", "wallets", "windows", "hot", "seconds", "*",
    }  # fmt: skip
    # Solana's own names of what wallets put beside a payment, which rules tell from calls.
    demo -= {"AssociatedToken.Create", "AssociatedToken.CreateIdempotent", "Memo", "System.AdvanceNonceAccount"}
    everything = b"\n".join(release.values()).decode()

    assert {"0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1", "mMedDioOKhTlhGyQRzMv", "demo-treasury"} <= demo
    # A limit is digits in quotes; the same digits may stand in another number.
    assert sorted(text for text in demo if (f'"{text}"' if text.isdigit() else text) in everything) == []


def test_a_demonstration_build_has_it() -> None:
    """The same build with the overlay does contain the demonstration data: the test above can fail."""
    packed = build_bundle(POLICIES, opa=opa_binary(), demo=True).data
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        contents = [file.read() for entry in archive if (file := archive.extractfile(entry)) is not None]

    assert b"0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1" in b"".join(contents)


MISSPELT = [
    ("placet/main/main.rego", "input.request.type", "input.request.typ"),
    ("placet/rules/pinned_key/pinned_key.rego", "input.facts.signer.path)", "input.facts.signer.pth)"),
    ("placet/rules/fee_limit/fee_limit.rego", "input.facts.fee.asset.token", "input.facts.fee.asset.tokn"),
    ("placet/rules/key_group/key_group.rego", "input.request.detail", "input.request.details"),
    ("placet/rules/amount_limit/amount_limit.rego", "transfer.asset.token == token", "transfer.aset.token == token"),
    ("placet/rules/provenance/provenance.rego", "input.facts.missing == []", "input.facts.misses == []"),
]


@pytest.mark.parametrize(("file", "right", "wrong"), MISSPELT)
def test_a_misspelt_field_of_the_input_is_refused(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    """The schema that one package names holds for the packages below it: OPA finds the misspelt field."""
    shutil.copytree(POLICIES / "bundle", tmp_path / "bundle")
    module = tmp_path / "bundle" / file
    text = module.read_text(encoding="utf-8")
    assert right in text
    module.write_text(text.replace(right, wrong), encoding="utf-8")

    done = opa("check", "--strict", "--schema", "schemas", "--bundle", str(tmp_path / "bundle"))

    assert done.returncode != 0
    assert "rego_type_error: undefined ref" in done.stderr


def _texts(document: Any) -> set[str]:
    """Every name and every string in a document."""
    if isinstance(document, dict):
        return set(document) | {text for value in document.values() for text in _texts(value)}
    if isinstance(document, list):
        return {text for value in document for text in _texts(value)}
    return {document} if isinstance(document, str) else set()
