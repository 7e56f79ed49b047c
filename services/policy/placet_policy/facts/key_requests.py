"""Proof of the requests that sign no transaction: KeyGen, KeyReshare and KeyShareSign (protocol d.2, d.7, d.9, d.10).

They are proven when request_detail, which the nodes will act upon, agrees with what extra_info tells people. Of a
KeyShareSign's biz_task_id nothing is compared, because its extra_info has no id of that request (protocol d.10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from placet_policy.chains.derivation import is_cpub
from placet_policy.codes import Code
from placet_policy.facts.declared import Declared
from placet_policy.facts.detail_fields import CURVES
from placet_policy.facts.key_groups import (
    CURVE_NAMES,
    compare_curve,
    compare_participants,
    compare_root_key,
    compare_text,
    compare_threshold,
    compare_users,
    compare_vault_keys,
    is_extended_key,
    key_share_group,
    node_ids_of,
)
from placet_policy.facts.printable import word
from placet_policy.facts.proof import Proof

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.detail import ParsedRequest
    from placet_policy.facts.findings import Findings
    from placet_policy.registry import Registry

_KEY_GEN_TYPES: Final = frozenset({"KeyGen"})
_KEY_RESHARE_TYPES: Final = frozenset({"KeyGenFromKeyGroup", "Recovery"})
_TSS_REQUEST_TYPES: Final = _KEY_GEN_TYPES | _KEY_RESHARE_TYPES
"""TSSRequestType (protocol d.19)."""


def prove_key_gen(request: ParsedRequest, _registry: Registry, findings: Findings) -> Proof:
    """Threshold, nodes and curve of a new key are the target group's."""
    if not request.readable:
        return Proof()
    detail = request.detail
    threshold, node_ids, curve = _whole(detail, "threshold"), _texts(detail, "node_ids"), _curve(detail)
    extra = Declared(members=request.extra, path="extra_info", findings=findings)
    target = extra.child("target_key_share_holder_group")
    if target is not None:
        _compare_new_group(target, threshold, node_ids, "request_detail.node_ids")
        _compare_curves(target, curve)
    _compare_project(extra, threshold)
    _compare_task(extra, target, _KEY_GEN_TYPES, detail)
    sentence = f"Make a {threshold}-of-{len(node_ids)} {curve} key among {_words(node_ids)}."
    return Proof(complete=target is not None, summary=[sentence])


def prove_key_reshare(request: ParsedRequest, _registry: Registry, findings: Findings) -> Proof:
    """Old and new threshold and nodes are those of source and target group; the key is the source group's."""
    if not request.readable:
        return Proof()
    detail = request.detail
    extra = Declared(members=request.extra, path="extra_info", findings=findings)
    source = extra.child("source_key_share_holder_group")
    target = extra.child("target_key_share_holder_group")
    if source is not None:
        _compare_source(extra, source, detail)
    threshold, node_ids = _whole(detail, "new_threshold"), _texts(detail, "new_node_ids")
    if target is not None:
        _compare_new_group(target, threshold, node_ids, "request_detail.new_node_ids")
    _compare_project(extra, None)
    _compare_task(extra, target, _KEY_RESHARE_TYPES, detail)
    sentence = (
        f"Share the {_curve(detail)} key {word(_text(detail, 'root_pub_key'))} of group "
        f"{word(_text(detail, 'old_group_id'))} {threshold}-of-{len(node_ids)} among {_words(node_ids)}."
    )
    return Proof(complete=source is not None and target is not None, summary=[sentence])


def prove_key_share_sign(request: ParsedRequest, _registry: Registry, findings: Findings) -> Proof:
    """Every key share that signs belongs to one of the declared groups, and to the node that is asked."""
    if not request.readable:
        return Proof()
    node_id = _text(request.detail, "node_id")
    details = cast("list[dict[str, str]]", request.detail["details"])
    if not details:
        findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.details")
    extra = Declared(members=request.extra, path="extra_info", findings=findings)
    holders = _holders_by_share_group(extra.children("validity_key_share_holder_groups"))
    for index, entry in enumerate(details):
        _compare_share(extra, holders, entry["group_id"], node_id, f"request_detail.details[{index}].group_id")
    _compare_wallet(extra)
    ids = _words([entry["group_id"] for entry in details])
    sentence = f"Sign with the key shares of node {word(node_id)} in the groups {ids}."
    return Proof(complete=bool(holders), summary=[sentence])


def _compare_new_group(target: Declared, threshold: int, node_ids: list[str], path: str) -> None:
    compare_threshold(target, threshold)
    compare_participants(target, node_ids, path)
    if threshold > len(node_ids):
        target.findings.contradict(
            Code.THRESHOLD_MISMATCH, path, declared=f"{len(node_ids)} nodes", proven=f"threshold {threshold}"
        )


def _compare_curves(target: Declared, curve: str) -> None:
    """A group that names keys must name one of this curve; a new group names none yet."""
    entries = target.children("tss_key_share_groups", required=False)
    names = [entry.text("curve") for entry in entries]
    if any(name is not None and name not in CURVE_NAMES for name in names):
        target.findings.miss(Code.DECLARATION_UNKNOWN, target.at("tss_key_share_groups"))
    elif entries and curve not in [CURVE_NAMES.get(name or "") for name in names]:
        target.findings.contradict(
            Code.CURVE_MISMATCH, target.at("tss_key_share_groups"), declared=", ".join(map(str, names)), proven=curve
        )


def _compare_source(extra: Declared, source: Declared, detail: dict[str, JSONValue]) -> None:
    compare_threshold(source, _whole(detail, "old_threshold"))
    used = _texts(detail, "used_node_ids")
    compare_users(source, used, "request_detail.used_node_ids")
    _compare_chosen_nodes(extra, source, used)
    root_key, curve = _text(detail, "root_pub_key"), _curve(detail)
    if not is_extended_key(root_key):
        source.findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.root_pub_key")
        return
    if is_cpub(root_key) != (curve == "ed25519"):
        source.findings.contradict(Code.CURVE_MISMATCH, "request_detail.curve", declared=curve, proven=root_key)
    group = key_share_group(source, _text(detail, "old_group_id"))
    if group is not None:
        compare_curve(group, curve)
        compare_root_key(group, root_key)
    vault = extra.child("vault")
    if vault is not None:
        compare_vault_keys(vault, root_key, curve)


def _compare_chosen_nodes(extra: Declared, source: Declared, used: list[str]) -> None:
    """The nodes chosen in the TSS request, where they are given."""
    task = extra.child("tss_request")
    chosen = None if task is None else task.child("source_key_share_holder_group", required=False)
    if chosen is None:
        return
    group_id = source.text("key_share_holder_group_id")
    if group_id is not None:
        compare_text(chosen, "key_share_holder_group_id", group_id, Code.GROUP_MISMATCH)
    ids = chosen.texts("tss_node_ids", required=False)
    if ids and frozenset(ids) != frozenset(used):
        chosen.findings.contradict(
            Code.NODE_IDS_MISMATCH,
            chosen.at("tss_node_ids"),
            declared=", ".join(sorted(ids)),
            proven=", ".join(sorted(used)),
        )


def _compare_project(extra: Declared, threshold: int | None) -> None:
    """The vault belongs to the project, and a new main key has the project's threshold."""
    project, vault = extra.child("project", required=False), extra.child("vault", required=False)
    if project is None:
        return
    if threshold is not None:
        compare_threshold(project, threshold, required=False)
    project_id = project.text("project_id", required=False)
    if project_id is not None and vault is not None:
        compare_text(vault, "project_id", project_id, Code.PROJECT_MISMATCH, required=False)


def _compare_task(
    extra: Declared, target: Declared | None, types: frozenset[str], detail: dict[str, JSONValue]
) -> None:
    task = extra.child("tss_request")
    if task is None:
        return
    declared = task.text("type")
    if declared is not None and declared not in _TSS_REQUEST_TYPES:
        task.findings.miss(Code.DECLARATION_UNKNOWN, task.at("type"))
    elif declared is not None and declared not in types:
        task.findings.contradict(
            Code.TASK_TYPE_MISMATCH, task.at("type"), declared=declared, proven=", ".join(sorted(types))
        )
    group_id = None if target is None else target.text("key_share_holder_group_id")
    if group_id is not None:
        compare_text(task, "target_key_share_holder_group_id", group_id, Code.GROUP_MISMATCH)
    task_id = cast("str | None", detail.get("biz_task_id"))
    # The provider's own example has a number there, which is no TSS request's id (protocol d.2).
    if task_id is not None and not task_id.isdecimal():
        compare_text(task, "tss_request_id", task_id, Code.TASK_MISMATCH)


def _holders_by_share_group(groups: tuple[Declared, ...]) -> dict[str, frozenset[str]]:
    """The node ids that hold a share of each key share group, over all declared groups."""
    holders: dict[str, frozenset[str]] = {}
    for group in groups:
        node_ids = node_ids_of(group)
        if node_ids is None:
            continue  # Noted there; a group without known nodes is neither agreed with nor contradicted.
        for entry in group.children("tss_key_share_groups"):
            group_id = entry.text("tss_key_share_group_id")
            if group_id is not None:
                holders[group_id] = holders.get(group_id, frozenset()) | node_ids
    return holders


def _compare_share(extra: Declared, holders: dict[str, frozenset[str]], group_id: str, node_id: str, path: str) -> None:
    if not holders:
        return  # Noted when the groups were read.
    if group_id not in holders:
        declared = ", ".join(sorted(holders))
        extra.findings.contradict(Code.GROUP_MISMATCH, path, declared=declared, proven=group_id)
    elif node_id not in holders[group_id]:
        declared = ", ".join(sorted(holders[group_id]))
        extra.findings.contradict(Code.NODE_IDS_MISMATCH, "request_detail.node_id", declared=declared, proven=node_id)


def _compare_wallet(extra: Declared) -> None:
    wallet, vault = extra.child("wallet", required=False), extra.child("vault", required=False)
    vault_id = None if vault is None else vault.text("vault_id", required=False)
    if wallet is not None and vault_id is not None:
        compare_text(wallet, "vault_id", vault_id, Code.VAULT_MISMATCH, required=False)


# The table of detail_fields has checked these types, and a request that lacks a required field is not readable.
def _text(detail: dict[str, JSONValue], name: str) -> str:
    return cast("str", detail[name])


def _texts(detail: dict[str, JSONValue], name: str) -> list[str]:
    return cast("list[str]", detail[name])


def _words(texts: list[str]) -> str:
    return ", ".join(map(word, texts))


def _whole(detail: dict[str, JSONValue], name: str) -> int:
    return cast("int", detail[name])


def _curve(detail: dict[str, JSONValue]) -> str:
    return CURVES[_whole(detail, "curve")]
