"""The samples and what is expected of them."""

import json
import re
from pathlib import Path

import keys
import pytest
from placet_callback.token import fingerprint
from placet_cli import samples as samples_module
from placet_cli.samples import Expected, Sample, sample, samples

SHARED_IDS = {
    "keygen_ed25519",
    "keygen_secp256k1",
    "keyreshare_new_signing_group",
    "keysharesign_type5",
    "keysign_eth_eip1559_transfer",
    "keysign_eth_erc20_eip1559_autosweep",
    "keysign_eth_erc20_transfer",
    "keysign_eth_legacy_transfer",
    "keysign_trc20_transfer",
    "keysign_tron_transfer",
}


def test_there_are_22_benign_samples_and_23_attacks() -> None:
    """All of the study's samples are shipped, each with an expectation."""
    assert [sum(one.attack is kind for one in samples()) for kind in (False, True)] == [22, 23]


def test_no_attack_is_expected_to_be_approved() -> None:
    """DENY or HOLD, with a reason."""
    wrong = [one.id for one in samples() if one.attack and one.expected.effect not in {"DENY", "HOLD"}]
    assert wrong == []


def test_a_sample_whose_derivation_is_inconsistent_is_not_expected_to_pass() -> None:
    """Its key does not give its source address."""
    inconsistent = [one for one in samples() if not one.derivation_consistent]
    assert len(inconsistent) == 4
    assert [one.id for one in inconsistent if one.expected.effect == "ALLOW"] == []


def test_exactly_these_are_expected_to_be_approved() -> None:
    """EVM and TRON transfers and the three kinds of key management."""
    assert {one.id for one in samples() if one.expected.effect == "ALLOW"} == SHARED_IDS


def test_a_package_has_a_fresh_request_id_and_the_samples_content() -> None:
    """Two packages of one sample differ in nothing but the id."""
    chosen = sample("keysign_eth_legacy_transfer")
    assert chosen is not None
    (first, first_id), (second, second_id) = chosen.package(), chosen.package()
    assert first_id is not None
    assert re.fullmatch(r"keysign_eth_legacy_transfer-[0-9a-f]{8}", first_id)
    assert first_id != second_id
    assert json.loads(first) == {**chosen.request, "request_id": first_id}
    assert json.loads(second) == {**chosen.request, "request_id": second_id}


def test_an_earlier_id_can_be_used_again() -> None:
    """Where reuse is what is tried."""
    chosen = sample("keygen_ed25519")
    assert chosen is not None
    package, used = chosen.package("used-before")
    assert (used, json.loads(package)["request_id"]) == ("used-before", "used-before")


@pytest.mark.parametrize(("name", "package"), [("ping_empty_object", b"{}"), ("ping_type_only", b'{"request_type":0}')])
def test_a_ping_keeps_its_form(name: str, package: bytes) -> None:
    """No id is added to it."""
    chosen = sample(name)
    assert chosen is not None
    assert chosen.package() == (package, None)


def test_an_unknown_sample_is_none() -> None:
    """The caller decides what else the name may be."""
    assert sample("nonesuch") is None


def test_the_test_key_is_the_published_one() -> None:
    """Its public half is the checker key of the vectors."""
    assert fingerprint(samples_module.test_node_key()) == keys.checker_public().key_id


def _folder(root: Path, *, effect: str = "HOLD", codes: str = "[X]", surplus: str = "") -> Path:
    content = {"_meta": {"description": "d", "derivation_consistent": True}, "callback_request": {"request_type": 2}}
    (root / "attacks").mkdir()
    (root / "one.json").write_text(json.dumps(content))
    (root / "expected.yaml").write_text(f"one: {{effect: {effect}, codes: {codes}, note: n}}\n{surplus}")
    return root


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of samples in place of the shipped one."""
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    monkeypatch.setattr(samples_module, "samples", samples.__wrapped__)
    return tmp_path


def _read() -> tuple[Sample, ...]:
    return samples_module.samples()


def test_a_folder_is_read_with_its_expectations(folder: Path) -> None:
    """One sample, as written."""
    _folder(folder)
    (one,) = _read()
    assert (one.id, one.title, one.expected) == ("one", "d", Expected(effect="HOLD", codes=("X",), note="n"))


@pytest.mark.parametrize(
    ("effect", "codes"), [("ALLOW", "[X]"), ("HOLD", "[]"), ("DENY", "[]"), ("PING", "[X]"), ("YES", "[]")]
)
def test_an_effect_must_fit_its_codes(folder: Path, effect: str, codes: str) -> None:
    """A refusal has a reason, and nothing else has one."""
    _folder(folder, effect=effect, codes=codes)
    with pytest.raises(ValueError, match="one has no effect that fits its codes"):
        _read()


def test_an_expectation_for_no_sample_is_refused(folder: Path) -> None:
    """A misspelt name would otherwise expect nothing."""
    _folder(folder, surplus="two: {effect: HOLD, codes: [X], note: n}\n")
    with pytest.raises(ValueError, match="names samples that are not there: two"):
        _read()


def test_a_sample_without_an_expectation_is_refused(folder: Path) -> None:
    """Every sample has one."""
    _folder(folder)
    (folder / "three.json").write_text("{}")
    with pytest.raises(ValueError, match="does not name three"):
        _read()
