"""`placet policy build`: the same folder, the same bytes, and nothing in them that must not ship."""

import gzip
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from opa_binary import opa_binary
from placet_cli.__main__ import app
from placet_cli.errors import CliError
from placet_cli.policy.build import Bundle, build_bundle
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[4]
RULE = """package placet.main

decision := {"effect": "hold", "limit": data.placet.limits.most}
"""
TEST = """package placet.main_test

import data.placet.main

test_decision if main.decision.effect == "hold"
"""


def _write(file: Path, content: str | dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A small policy folder: one rule with its test, one datum, one overlay."""
    folder = tmp_path / "policies"
    _write(folder / "bundle/placet/main/main.rego", RULE)
    _write(folder / "bundle/placet/main/main_test.rego", TEST)
    _write(folder / "bundle/placet/limits/data.json", {"most": "10", "names": {}})
    _write(folder / "demo/placet/limits/data.json", {"names": {"demo": True}})
    return folder


def _build(policies: Path, *, demo: bool = False) -> Bundle:
    return build_bundle(policies, opa=opa_binary(), demo=demo)


def _members(bundle: Bundle) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(bundle.data))) as archive:
        files = {entry.name: archive.extractfile(entry) for entry in archive}
    return {name: file.read() for name, file in files.items() if file is not None}


def _refusal(policies: Path, *, demo: bool = False) -> str:
    with pytest.raises(CliError) as refused:
        _build(policies, demo=demo)
    return str(refused.value)


def _command(*arguments: str | Path) -> Result:
    environment = {"PLACET_OPA": str(opa_binary())}
    return CliRunner().invoke(app, ["policy", "build", *map(str, arguments)], env=environment)


def test_a_bundle_holds_rules_data_and_a_manifest_and_no_tests(policies: Path) -> None:
    """What ships is the rule, the merged data and a manifest whose only root is placet."""
    members = _members(_build(policies))
    assert members == {
        "/.manifest": b'{"revision":"","roots":["placet"],"rego_version":1}\n',
        "/data.json": b'{"placet":{"limits":{"most":"10","names":{}}}}\n',
        "/placet/main/main.rego": RULE.encode(),
    }


def test_the_same_input_gives_the_same_bytes(policies: Path) -> None:
    """Other times, other modes and another folder change nothing."""
    first = _build(policies)
    for file in policies.rglob("*"):
        os.utime(file, (1, 1))
    (policies / "bundle/placet/main/main.rego").chmod(0o600)
    moved = policies.rename(policies.parent / "elsewhere")
    assert _build(moved).data == first.data


def test_the_command_keeps_the_old_bundle_when_the_policies_are_bad(policies: Path) -> None:
    """Exit code 1, OPA's own words, and the old file untouched."""
    output = policies.parent / "bundle.tar.gz"
    output.write_text("old")
    _write(policies / "bundle/placet/main/main.rego", "package placet.main\n\ndecision := nonsense\n")
    result = _command(policies, "-o", output)
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "placet: opa check refuses the policies:\n1 error occurred: placet/main/main.rego:3: "
    )
    assert "var nonsense is unsafe" in result.stderr
    assert output.read_text() == "old"


def test_demo_data_is_laid_over_only_when_asked(policies: Path) -> None:
    """With --demo the overlay's names are in the data, without it they are not."""
    assert json.loads(_members(_build(policies, demo=True))["/data.json"]) == {
        "placet": {"limits": {"most": "10", "names": {"demo": True}}}
    }
    assert b"demo" not in _build(policies).data


def test_demo_may_bring_a_file_that_the_bundle_does_not_have(policies: Path) -> None:
    """A datum that is not shipped at all may be demonstrated."""
    _write(policies / "demo/placet/more/data.json", {"a": 1})
    assert json.loads(_members(_build(policies, demo=True))["/data.json"])["placet"]["more"] == {"a": 1}


@pytest.mark.parametrize("most", ["11", "10"], ids=["other-value", "same-value"])
def test_demo_never_replaces_a_shipped_value(policies: Path, most: str) -> None:
    """A clash is an error, even with the same value: one of the two would be forgotten when the other changes."""
    _write(policies / "demo/placet/limits/data.json", {"most": most})
    assert _refusal(policies, demo=True) == "demo/placet/limits/data.json: most is stated by the bundle already"


def test_a_clash_inside_objects_names_the_whole_path(policies: Path) -> None:
    """The path leads to the value."""
    _write(policies / "bundle/placet/limits/data.json", {"most": "10", "names": {"a": {"b": 1}}})
    _write(policies / "demo/placet/limits/data.json", {"names": {"a": {"b": {}}}})
    assert _refusal(policies, demo=True) == "demo/placet/limits/data.json: names.a.b is stated by the bundle already"


def test_demo_brings_no_rules(policies: Path) -> None:
    """An overlay with rules would be another policy."""
    _write(policies / "demo/placet/main/main.rego", RULE)
    assert _refusal(policies, demo=True) == "demo/placet/main/main.rego: an overlay holds data.json files only"


def test_a_folder_without_demo_has_no_demo(policies: Path) -> None:
    """Asking for it is an error that names the folder."""
    (policies / "demo/placet/limits/data.json").unlink()
    assert _refusal(policies, demo=True) == f"{policies}/demo: is not there, or holds no files"


def test_a_folder_that_is_no_policy_folder_is_named(tmp_path: Path) -> None:
    """The part that is missing is in the error."""
    assert _refusal(tmp_path) == f"{tmp_path}/bundle: is not there, or holds no files"


def test_everything_lies_under_placet(policies: Path) -> None:
    """A bundle with another top could replace the authorization that OPA loaded from disk."""
    _write(policies / "bundle/system/authz.rego", "package system.authz\n")
    assert _refusal(policies) == "bundle/system/authz.rego: everything in a bundle lies under placet"


def test_a_module_that_claims_another_root_is_refused(policies: Path) -> None:
    """OPA refuses a package outside the roots, wherever its file lies."""
    _write(policies / "bundle/placet/authz.rego", "package system.authz\n\ndefault allow := true\n")
    assert "manifest roots [placet] do not permit 'package system.authz' in module" in _refusal(policies)


def test_other_roots_in_a_manifest_are_refused(policies: Path) -> None:
    """Roots are exactly placet."""
    _write(policies / "bundle/.manifest", {"roots": [""]})
    assert _refusal(policies) == 'bundle/.manifest: roots must be ["placet"]'


def test_a_name_twice_in_a_datum_is_refused(policies: Path) -> None:
    """OPA would keep the last of the two."""
    _write(policies / "bundle/placet/limits/data.json", '{"most": "10", "most": "1000000"}')
    assert _refusal(policies) == "bundle/placet/limits/data.json: a name occurs twice in one object"


@pytest.mark.parametrize(
    ("content", "problem"),
    [("[]", "is not a JSON object"), ('{"a": NaN}', "NaN is no JSON")],
    ids=["list", "nan"],
)
def test_a_datum_must_be_a_json_object(policies: Path, content: str, problem: str) -> None:
    """The file is named."""
    _write(policies / "bundle/placet/limits/data.json", content)
    assert _refusal(policies) == f"bundle/placet/limits/data.json: {problem}"


def test_data_in_yaml_is_refused(policies: Path) -> None:
    """OPA would take it, and no schema would ever have seen it."""
    _write(policies / "bundle/placet/limits/data.yaml", "least: 1\n")
    assert _refusal(policies) == "bundle/placet/limits/data.yaml: data is written as data.json"


def test_strict_mode_is_on(policies: Path) -> None:
    """An unused variable is an error, as in `opa check --strict`."""
    _write(policies / "bundle/placet/main/main.rego", RULE + "\nunused if {\n\tx := 1\n}\n")
    assert "assigned var x unused" in _refusal(policies)


def test_schemas_are_checked_when_there_are_any(policies: Path) -> None:
    """A misspelt input field that the schema does not have stops the build."""
    _write(policies / "schemas/limits.schema.json", {})
    _write(policies / "schemas/input.json", {"type": "object", "properties": {"right": {"type": "string"}}})
    annotated = (
        "# METADATA\n# scope: package\n# schemas:\n#   - input: schema.input\npackage placet.main\n\nx := input.wrong\n"
    )
    _write(policies / "bundle/placet/main/main.rego", annotated)
    assert "undefined ref: input.wrong" in _refusal(policies)


def test_capabilities_are_obeyed_when_there_are_any(policies: Path) -> None:
    """A builtin that the file does not have cannot be called."""
    current = subprocess.run([opa_binary(), "capabilities", "--current"], capture_output=True, check=True).stdout
    capabilities = json.loads(current)
    capabilities["builtins"] = [builtin for builtin in capabilities["builtins"] if builtin["name"] != "http.send"]
    _write(policies / "capabilities.json", capabilities)
    _write(policies / "bundle/placet/main/main.rego", RULE + '\nx := http.send({"method": "get", "url": "http://x"})\n')
    assert "undefined function http.send" in _refusal(policies)


def test_an_opa_that_cannot_be_run_is_named(policies: Path) -> None:
    """No bundle comes from a program that is not there."""
    with pytest.raises(CliError, match="opa check could not be run"):
        build_bundle(policies, opa=policies / "no-opa")


def test_a_file_that_cannot_be_read_is_named(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle without one of its files would be another policy."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert _refusal(policies) == f"{policies}/bundle/placet/limits/data.json: Permission denied"


def test_only_files_are_taken_from_what_opa_packed(policies: Path) -> None:
    """A folder entry, as another release of OPA might write it, changes no byte of the bundle."""
    opa = policies.parent / "opa"
    skip = 'while [ "$1" != --output ]; do shift; done'
    _write(opa, f'#!/bin/sh\n[ "$1" = check ] && exit 0\n{skip}\ntar -czf "$2" .manifest placet\n')
    opa.chmod(0o755)
    assert sorted(_members(build_bundle(policies, opa=opa))) == [
        ".manifest",
        "placet/limits/data.json",
        "placet/main/main.rego",
    ]


def test_the_projects_own_policies_build_with_and_without_demo() -> None:
    """What this repository ships builds; the demonstration's data is in one of the two bundles only."""
    release, demo = _build(ROOT / "policies"), _build(ROOT / "policies", demo=True)
    assert release.revision != demo.revision
    assert [name for name in _members(release) if name.endswith("_test.rego")] == []
    assert json.loads(_members(release)["/data.json"])["placet"]["registry"]["keys"] == {}
