"""What may be in a bundle, and what OPA is given of it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundles import DATA, bundle, members, tar_gz
from placet_policy.errors import BundleRefused
from placet_policy.gate import load_bundle, parse_bundle
from placet_policy.gate.archive import unpack
from placet_policy.gate.profiles import parse_accept_unprovable, parse_profiles


def served(content: bytes) -> dict[str, bytes]:
    """The members that OPA is given."""
    return unpack(parse_bundle(content).served)


def test_the_revision_is_the_digest_of_the_delivered_bytes(tmp_path: Path) -> None:
    """Two people with the file compute the same revision."""
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(bundle())
    active = load_bundle(path)

    assert active.revision == "sha256:" + hashlib.sha256(bundle()).hexdigest()
    assert (active.version, active.expires_at) == (0, None)


def test_opa_is_given_what_was_understood() -> None:
    """One data file, the modules as they are, and a manifest of our own."""
    content = bundle(manifest={"revision": "theirs", "roots": ["placet"], "rego_version": 1})

    assert sorted(served(content)) == [".manifest", "bundle/placet/main/main.rego", "data.json"]
    assert json.loads(served(content)[".manifest"]) == {
        "revision": "sha256:" + hashlib.sha256(content).hexdigest(),
        "roots": ["placet"],
        "rego_version": 1,
    }
    assert json.loads(served(content)["data.json"]) == {"placet": DATA}
    assert served(content)["bundle/placet/main/main.rego"] == members()["/bundle/placet/main/main.rego"]


@pytest.mark.parametrize(
    ("content", "path"),
    [(b"garbage", "bundle.tar.gz"), (bundle(manifest={"roots": [""]}), ".manifest")],
    ids=["the whole file", "a member"],
)
def test_a_refusal_names_the_file_or_what_in_it(tmp_path: Path, content: bytes, path: str) -> None:
    """Where nothing inside can be named, the file as a whole is."""
    file = tmp_path / "bundle.tar.gz"
    file.write_bytes(content)
    with pytest.raises(BundleRefused) as refused:
        load_bundle(file)
    assert refused.value.path == path


def test_repacking_is_reproducible() -> None:
    """The same members in another order are served as the same bytes, but for the revision."""
    one, two = members(), dict(reversed(members().items()))
    first, second = served(tar_gz(one)), served(tar_gz(two))
    del first[".manifest"], second[".manifest"]

    assert first == second
    assert parse_bundle(tar_gz(one)).served == parse_bundle(tar_gz(one)).served


def test_data_files_are_merged_where_their_folders_say() -> None:
    """A data.json beside a rule lands under the rule's package."""
    more = {"placet/rules/fee/data.json": b'{"cap": "18446744073709551617", "big": 18446744073709551617}'}
    data = json.loads(served(bundle(**more))["data.json"])

    assert data["placet"]["rules"]["fee"] == {"cap": "18446744073709551617", "big": 18446744073709551617}
    assert data["placet"]["registry"] == DATA["registry"]


def test_a_datum_may_be_a_list() -> None:
    """A data.json in a folder is the value at that path, as OPA reads it."""
    assert json.loads(served(bundle(**{"placet/x/data.json": b"[1]"}))["data.json"])["placet"]["x"] == [1]


def test_the_root_datum_is_an_object() -> None:
    """At the root there is no path that could carry another value."""
    assert refuse(bundle(**{"/data.json": b"[]"})) == ("not an object", "data.json")


def test_registry_profiles_and_accepted_codes_are_read() -> None:
    """Python reads the same data that OPA gets."""
    data = {
        "profiles": {
            "request_types": {
                "KEY_SIGN": {"rules": ["a", "b"]},
                "KEY_RESHARE": {"rules": [], "also": {"a": {}}},
            },
            "key_groups": {"cold": {"KEY_SIGN": {"rules": ["c"], "also": {"e": {}, "d": {}}}}},
        },
        "accept_unprovable": {"codes": {"TOKEN_UNKNOWN": {"why": "x"}}},
    }
    active = parse_bundle(bundle(data=data))

    assert active.profiles.rules(kind="KEY_SIGN", group=None) == ("a", "b")
    assert active.profiles.rules(kind="KEY_SIGN", group="hot") == ("a", "b")
    assert active.profiles.rules(kind="KEY_SIGN", group="cold") == ("c", "d", "e")
    assert active.profiles.rules(kind="KEY_GEN", group="cold") == ()
    assert active.profiles.rules(kind="KEY_RESHARE", group=None) == ()
    assert active.accept_unprovable == {"TOKEN_UNKNOWN"}
    assert active.registry.keys == {}


@pytest.mark.parametrize(
    ("rules", "denying"),
    [
        ({"contradictions": {"effects": {"A": "deny", "B": "hold", "C": True, "D": "deny"}}}, {"A", "D"}),
        ({"contradictions": {"effects": {}}}, set()),
        ({"contradictions": {"effects": ["A"]}}, set()),
        ({"contradictions": {"effects": None}}, set()),
        ({"contradictions": ["deny"]}, set()),
        ({"contradictions": {}}, set()),
        ("rules", set()),
        ({}, set()),
    ],
)
def test_what_denies_is_read_for_the_order_of_reasons(rules: Any, denying: set[str]) -> None:
    """The codes that deny are read from the rule's data; data of another shape orders nothing and refuses nothing."""
    assert parse_bundle(bundle(data={"rules": rules})).denying == denying


def refuse(content: bytes) -> tuple[str, str]:
    """Reason and path of the refusal."""
    with pytest.raises(BundleRefused) as refused:
        parse_bundle(content)
    return refused.value.reason, refused.value.path


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ({}, 'roots must be exactly ["placet"]'),
        ({"roots": []}, 'roots must be exactly ["placet"]'),
        ({"roots": [""]}, 'roots must be exactly ["placet"]'),
        ({"roots": ["placet", "system"]}, 'roots must be exactly ["placet"]'),
        ({"roots": ["placet", "placet"]}, 'roots must be exactly ["placet"]'),
        ({"roots": ["placet/main"]}, 'roots must be exactly ["placet"]'),
        ({"roots": "placet"}, 'roots must be exactly ["placet"]'),
        ({"roots": ["placet"], "rego_version": 0}, "rego_version must be 1"),
        ({"roots": ["placet"], "rego_version": True}, "rego_version must be 1"),
        ({"roots": ["placet"], "rego_version": "1"}, "rego_version must be 1"),
        ({"roots": ["placet"], "wasm": []}, "unknown member wasm"),
        ({"roots": ["placet"], "metadata": {}}, "unknown member metadata"),
        ({"roots": ["placet"], "file_rego_versions": {}}, "unknown member file_rego_versions"),
        ([], "not an object"),
    ],
)
def test_manifests_of_another_shape_are_refused(manifest: Any, reason: str) -> None:
    """Without exactly our roots a bundle could erase or replace what OPA loaded from disk."""
    replaced = {"/.manifest": json.dumps(manifest).encode()}

    assert refuse(bundle(**replaced)) == (reason, ".manifest")


def test_a_bundle_without_manifest_is_refused() -> None:
    """No manifest means roots of everything."""
    without = members()
    del without["/.manifest"]

    assert refuse(tar_gz(without))[1] == ".manifest"


@pytest.mark.parametrize(
    "name",
    ["patch.json", "policy.wasm", "plan.json", ".signatures.json", "README.md", "data.yaml", "placet/.manifest", "x"],
)
def test_other_members_are_refused(name: str) -> None:
    """Patches, compiled policies, plans and unknown files are not passed on."""
    assert refuse(bundle(**{name: b"{}"})) == ("only modules, data.json and the manifest may be in a bundle", name)


def test_a_module_outside_placet_is_refused() -> None:
    """The trap: `package system.authz` in a bundle replaces the authorization loaded from disk."""
    evil = {"authz.rego": b"package system.authz\n\ndefault allow := true\n"}

    assert refuse(bundle(**evil)) == ("the first statement is not a package under placet", "authz.rego")


def test_a_bundle_without_modules_is_refused() -> None:
    """Data alone decides nothing."""
    without = members()
    del without["/bundle/placet/main/main.rego"]

    assert refuse(tar_gz(without)) == ("the bundle holds no module", "")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("system/data.json", b"{}", "a datum outside placet"),
        ("system/authz/data.json", b'{"allow": true}', "a datum outside placet"),
        ("data.json", b'{"placet": {}, "other": 1}', "two members have this name"),
        ("placet/profiles/data.json", b'{"request_types": {}}', ""),
        ("placet/profiles/data.json", b'{"request_types": 1}', "two files give a value for request_types"),
        ("placet/profiles/request_types/KEY_GEN/rules/data.json", b"{}", "two files give a value for rules"),
        ("placet/x/data.json", b"[1.5]", "a number that is not an integer; write it as a string"),
        ("placet/x/data.json", b'{"a": 1.5}', "a number that is not an integer; write it as a string"),
        ("placet/x/data.json", b'{"a": [{"b": 1e3}]}', "a number that is not an integer; write it as a string"),
        ("placet/x/data.json", b'{"a": 1, "a": 2}', "not strict JSON: DUPLICATE_NAME at $.a"),
        ("placet/x/data.json", b'{"a": NaN}', "not strict JSON: NOT_JSON at $"),
        ("placet/x/data.json", b'{"a": "\\ud800"}', "not strict JSON: LONE_SURROGATE at $.a"),
        ("placet/x/data.json", b"", "not strict JSON: NOT_JSON at $"),
        ("placet/x/data.json", b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "not strict JSON: TOO_DEEP at $"),
    ],
)
def test_data_that_two_readers_could_read_in_two_ways_is_refused(name: str, content: bytes, reason: str) -> None:
    """Every datum is under placet, strict, integer, and given once."""
    changed = bundle(**{name: content})
    if reason:
        assert refuse(changed)[0] == reason
    else:
        assert parse_bundle(changed).profiles.rules(kind="KEY_GEN", group=None) == ("contradictions",)


@pytest.mark.parametrize("placet", [[], "x", None, 1])
def test_placet_itself_is_an_object(placet: Any) -> None:
    """Anything else holds no registry and no profiles."""
    assert refuse(bundle(**{"/data.json": json.dumps({"placet": placet}).encode()}))[0] == "not an object"


def test_a_registry_that_is_not_valid_is_refused() -> None:
    """The gate names what the registry's own reader found."""
    reason, _ = refuse(bundle(data={"registry": {"chains": {"ETH": {}}, "tokens": {}, "keys": {}, "abis": {}}}))

    assert reason.startswith("the registry is not valid: ")


@pytest.mark.parametrize(
    ("profiles", "path"),
    [
        ([], "placet.profiles"),
        ({"by_node": {}}, "placet.profiles.by_node"),
        ({"request_types": []}, "placet.profiles.request_types"),
        ({"request_types": {"KEY_SIGN": ["a"]}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"request_types": {"KEY_SIGN": {}}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"request_types": {"KEY_SIGN": {"rules": ["a"], "x": 1}}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"request_types": {"KEY_SIGN": {"also": {"a": {}}}}}, "placet.profiles.request_types.KEY_SIGN"),
        (
            {"request_types": {"KEY_SIGN": {"rules": ["a"], "also": ["b"]}}},
            "placet.profiles.request_types.KEY_SIGN.also",
        ),
        (
            {"request_types": {"KEY_SIGN": {"rules": ["a"], "also": {"a": {}}}}},
            "placet.profiles.request_types.KEY_SIGN",
        ),
        (
            {"request_types": {"KEY_SIGN": {"rules": ["a"], "also": {"B": {}}}}},
            "placet.profiles.request_types.KEY_SIGN",
        ),
        ({"request_types": {"KEY_SIGN": {"rules": "a"}}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"request_types": {"KEY_SIGN": {"rules": [1]}}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"request_types": {"KEY_SIGN": {"rules": ["A"]}}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"request_types": {"KEY_SIGN": {"rules": ["a", "a"]}}}, "placet.profiles.request_types.KEY_SIGN"),
        ({"key_groups": {"cold": []}}, "placet.profiles.key_groups.cold"),
        ({"key_groups": {"cold": {"KEY_SIGN": 1}}}, "placet.profiles.key_groups.cold.KEY_SIGN"),
        ({"key_groups": {"cold": {"KEY_RESHARE": {"rules": ["a"]}}}}, "placet.profiles.key_groups.cold.KEY_RESHARE"),
    ],
)
def test_profiles_of_another_shape_are_refused(profiles: Any, path: str) -> None:
    """A profile that is misread could let a rule be passed over."""
    with pytest.raises(BundleRefused) as refused:
        parse_profiles({"profiles": profiles})

    assert refused.value.path == path


def test_absent_profiles_allow_nothing() -> None:
    """Empty means no."""
    assert parse_profiles({}).rules(kind="KEY_SIGN", group=None) == ()
    assert parse_accept_unprovable({}) == frozenset()


@pytest.mark.parametrize("accept", [[], {"codes": []}, {"codes": {"lower": 1}}, {"codes": {}, "more": 1}])
def test_accepted_codes_of_another_shape_are_refused(accept: Any) -> None:
    """Only an object keyed by codes says which missing codes are accepted."""
    with pytest.raises(BundleRefused):
        parse_accept_unprovable({"accept_unprovable": accept})


def _missing(path: Path) -> Path:
    return path / "nothing"


def _folder(path: Path) -> Path:
    return path


@pytest.mark.parametrize(
    "code", ["BLIND_SIGNATURE", "DECODER_FAILED", "RAW_TX_MISSING", "KEY_NOT_PINNED", "DETAIL_FIELD_MISSING"]
)
def test_no_release_may_accept_what_leaves_hash_or_key_unknown(code: str) -> None:
    """Accepting these by name would be signing blind, so the gate refuses the whole release."""
    with pytest.raises(BundleRefused, match="a code that no release may accept"):
        parse_accept_unprovable({"accept_unprovable": {"codes": {code: {}}}})


@pytest.mark.parametrize("where", [_missing, _folder])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, where: Callable[[Path], Path]) -> None:
    """A missing file and a folder are refusals, not crashes."""
    with pytest.raises(BundleRefused) as refused:
        load_bundle(where(tmp_path))

    assert refused.value.reason.startswith("cannot be read: ")
