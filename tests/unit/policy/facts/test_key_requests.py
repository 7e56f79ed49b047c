"""KeyGen, KeyReshare and KeyShareSign: request_detail against extra_info."""

from typing import Any

import pytest
from facts_cases import ABSENT, CPUB, FOREIGN_KEY, changed, codes

_EVIL = "coboEVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1"
_COBO = "coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb"
_API = "cobo73VA6C6WvofPg8tWYmqvdUF1cPYhd7EmGUxTexz5HCzYe"
_TARGET = "extra.target_key_share_holder_group"
_SOURCE = "extra.source_key_share_holder_group"
_GROUPS = "extra.validity_key_share_holder_groups"

_KEY_GEN: list[tuple[str, Any, list[str]]] = [
    ("detail.threshold", 1, ["THRESHOLD_MISMATCH"]),
    ("detail.threshold", 4, ["THRESHOLD_MISMATCH"]),
    ("detail.node_ids.2", _EVIL, ["NODE_IDS_MISMATCH"]),
    ("detail.node_ids", [_COBO, _API], ["NODE_IDS_MISMATCH", "PARTICIPANTS_MISMATCH"]),
    ("detail.node_ids.2", _COBO, ["NODE_IDS_MISMATCH"]),
    (f"{_TARGET}.threshold", 1, ["THRESHOLD_MISMATCH"]),
    (f"{_TARGET}.participants", 2, ["PARTICIPANTS_MISMATCH"]),
    (f"{_TARGET}.key_share_holders.0.tss_node_id", _EVIL, ["NODE_IDS_MISMATCH"]),
    (f"{_TARGET}.tss_key_share_groups", [{"curve": "ED25519"}], ["CURVE_MISMATCH"]),
    (f"{_TARGET}.key_share_holder_group_id", "another", ["GROUP_MISMATCH"]),
    ("extra.project.threshold", 1, ["THRESHOLD_MISMATCH"]),
    ("extra.vault.project_id", "another", ["PROJECT_MISMATCH"]),
    ("extra.tss_request.type", "Recovery", ["TASK_TYPE_MISMATCH"]),
    ("detail.curve", 1, ["DETAIL_VALUE_UNKNOWN"]),
    ("detail.threshold", 0, ["DETAIL_FIELD_INVALID"]),
    ("detail.threshold", ABSENT, ["DETAIL_FIELD_MISSING"]),
    ("detail.extra_field", 1, ["DETAIL_FIELD_UNKNOWN"]),
    (_TARGET, ABSENT, ["DECLARATION_MISSING"]),
    (f"{_TARGET}.threshold", None, ["DECLARATION_MISSING"]),
    (f"{_TARGET}.threshold", "2", ["DECLARATION_NOT_CANONICAL"]),
    (f"{_TARGET}.participants", ABSENT, ["DECLARATION_MISSING"]),
    (f"{_TARGET}.key_share_holders", [], ["DECLARATION_MISSING"]),
    (f"{_TARGET}.tss_key_share_groups", [{"curve": "P256"}], ["DECLARATION_UNKNOWN"]),
    ("extra.tss_request", ABSENT, ["DECLARATION_MISSING"]),
    ("extra.tss_request.type", "KeyBurn", ["DECLARATION_UNKNOWN"]),
]
_KEY_RESHARE: list[tuple[str, Any, list[str]]] = [
    ("detail.old_threshold", 1, ["THRESHOLD_MISMATCH"]),
    ("detail.new_threshold", 1, ["THRESHOLD_MISMATCH"]),
    ("detail.used_node_ids.0", _EVIL, ["NODE_IDS_MISMATCH"]),
    ("detail.used_node_ids", [_COBO], ["THRESHOLD_MISMATCH", "NODE_IDS_MISMATCH"]),
    ("detail.new_node_ids.2", _EVIL, ["NODE_IDS_MISMATCH"]),
    ("detail.root_pub_key", FOREIGN_KEY, ["ROOT_KEY_MISMATCH"]),
    ("detail.root_pub_key", CPUB, ["CURVE_MISMATCH", "ROOT_KEY_MISMATCH"]),
    ("detail.curve", 2, ["CURVE_MISMATCH", "ROOT_KEY_MISMATCH"]),
    ("detail.old_group_id", "OoQGkknsPdPjLCmSuuSf", ["CURVE_MISMATCH", "ROOT_KEY_MISMATCH"]),
    ("detail.old_group_id", "another", ["GROUP_MISMATCH"]),
    ("detail.root_pub_key", "xpub", ["DETAIL_FIELD_INVALID"]),
    ("extra.tss_request.type", "KeyGen", ["TASK_TYPE_MISMATCH"]),
    ("extra.vault.project_id", "another", ["PROJECT_MISMATCH"]),
    ("extra.tss_request.source_key_share_holder_group.tss_node_ids", [_COBO, _EVIL], ["NODE_IDS_MISMATCH"]),
    ("extra.tss_request.source_key_share_holder_group.tss_node_ids", [1], ["DECLARATION_NOT_CANONICAL"]),
    ("extra.tss_request.source_key_share_holder_group.key_share_holder_group_id", "another", ["GROUP_MISMATCH"]),
    ("extra.tss_request.target_key_share_holder_group_id", "another", ["GROUP_MISMATCH"]),
    ("detail.new_node_ids", ABSENT, ["DETAIL_FIELD_MISSING"]),
    (f"{_SOURCE}.key_share_holder_group_id", ABSENT, ["DECLARATION_MISSING"]),
    (_SOURCE, ABSENT, ["DECLARATION_MISSING"]),
    (_TARGET, ABSENT, ["DECLARATION_MISSING"]),
    ("extra.vault", ABSENT, ["DECLARATION_MISSING"]),
    ("extra.tss_request", ABSENT, ["DECLARATION_MISSING"]),
]
_KEY_SHARE_SIGN: list[tuple[str, Any, list[str]]] = [
    ("detail.node_id", _EVIL, ["NODE_IDS_MISMATCH"]),
    ("detail.details.0.group_id", "another", ["GROUP_MISMATCH"]),
    ("detail.details", [], ["DETAIL_FIELD_INVALID"]),
    ("detail.details.1.message", "0x", ["DETAIL_FIELD_INVALID"]),
    ("detail.details.1.message", ABSENT, ["DETAIL_FIELD_MISSING"]),
    ("detail.details.1.path", "m/0", ["DETAIL_FIELD_UNKNOWN"]),
    ("detail.details.1", "all", ["DETAIL_FIELD_INVALID"]),
    ("detail.details.1.group_id", 5, ["DETAIL_FIELD_INVALID"]),
    ("detail.node_id", ABSENT, ["DETAIL_FIELD_MISSING"]),
    ("extra.wallet.vault_id", "another", ["VAULT_MISMATCH"]),
    (_GROUPS, ABSENT, ["DECLARATION_MISSING"]),
    (f"{_GROUPS}.0.key_share_holders", [], ["DECLARATION_MISSING"]),
    (f"{_GROUPS}.0.tss_key_share_groups.0.tss_key_share_group_id", ABSENT, ["GROUP_MISMATCH", "DECLARATION_MISSING"]),
    (f"{_GROUPS}.0.tss_key_share_groups", [], ["DECLARATION_MISSING"]),
]


@pytest.mark.parametrize(("path", "value", "expected"), _KEY_GEN)
def test_a_changed_key_gen_is_not_proven(path: str, value: Any, expected: list[str]) -> None:
    """Threshold, nodes, curve and ids of a new key must agree."""
    assert codes(changed("keygen_secp256k1", {path: value})) == expected


@pytest.mark.parametrize(("path", "value", "expected"), _KEY_RESHARE)
def test_a_changed_key_reshare_is_not_proven(path: str, value: Any, expected: list[str]) -> None:
    """Old and new thresholds and nodes, the key and the groups must agree."""
    assert codes(changed("keyreshare_new_signing_group", {path: value})) == expected


@pytest.mark.parametrize(("path", "value", "expected"), _KEY_SHARE_SIGN)
def test_a_changed_key_share_sign_is_not_proven(path: str, value: Any, expected: list[str]) -> None:
    """The node must hold a share in every group that it signs for."""
    assert codes(changed("keysharesign_type5", {path: value})) == expected


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("keygen_secp256k1", "detail.biz_task_id"),
        ("keygen_secp256k1", "detail.task_id"),
        ("keygen_secp256k1", "extra.project"),
        ("keygen_secp256k1", "extra.vault"),
        ("keyreshare_new_signing_group", "detail.biz_task_id"),
        ("keyreshare_new_signing_group", "extra.tss_request.source_key_share_holder_group"),
        ("keysharesign_type5", "extra.wallet"),
    ],
)
def test_context_that_may_be_absent(name: str, path: str) -> None:
    """Statements that are compared only where they are given do not hold up honest requests."""
    assert codes(changed(name, {path: ABSENT})) == []


@pytest.mark.parametrize("name", ["keygen_secp256k1", "keyreshare_new_signing_group"])
def test_the_business_task_is_the_tss_request(name: str) -> None:
    """What people approved is another request than the one that is carried out."""
    another = "00000000-3d18-4cac-8b4f-de25a1d18788"

    assert codes(changed(name, {"detail.biz_task_id": another})) == ["TASK_MISMATCH"]
    assert codes(changed(name, {"extra.tss_request.tss_request_id": another})) == ["TASK_MISMATCH"]
    assert codes(changed(name, {"extra.tss_request.tss_request_id": ABSENT})) == ["DECLARATION_MISSING"]


def test_a_business_task_of_its_own_is_no_contradiction() -> None:
    """The provider's own example has a number as biz_task_id, and no TSS request's id is one (protocol d.2)."""
    assert codes(changed("keygen_secp256k1", {"detail.biz_task_id": "20260801110000000000000000000009"})) == []


def test_a_key_for_a_curve_the_group_already_names() -> None:
    """A group that names a key of the same curve agrees."""
    assert codes(changed("keygen_ed25519", {f"{_TARGET}.tss_key_share_groups": [{"curve": "ED25519"}]})) == []


def test_a_threshold_that_no_signature_can_reach() -> None:
    """Four of three nodes is no agreement, even where every statement says four."""
    four = {"detail.threshold": 4, f"{_TARGET}.threshold": 4, "extra.project.threshold": 4}

    assert codes(changed("keygen_secp256k1", four)) == ["THRESHOLD_MISMATCH"]


def test_many_shares_and_groups_are_bounded() -> None:
    """Lists beyond the limit are refused as a whole."""
    group = {"group_id": "mMedDioOKhTlhGyQRzMv", "message": "0x00"}

    assert codes(changed("keysharesign_type5", {"detail.details": [group] * 513})) == ["DETAIL_TOO_LARGE"]
    assert codes(changed("keysharesign_type5", {_GROUPS: [{}] * 513})) == ["DECLARATION_NOT_CANONICAL"]
