"""Comparisons with a declared key share holder group, shared by the request types (protocol d.2, d.11)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.chains.derivation import DerivationError, is_cpub, parse_xpub
from placet_policy.codes import Code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from placet_policy.facts.declared import Declared

CURVE_NAMES: Final[Mapping[str, str]] = MappingProxyType({"SECP256K1": "secp256k1", "ED25519": "ed25519"})
"""CurveType (protocol d.19) to the names Placet uses."""


def node_ids_of(group: Declared) -> frozenset[str] | None:
    """The node ids of a group's holders, or None when one is absent."""
    holders = group.children("key_share_holders")
    ids = [holder.text("tss_node_id") for holder in holders]
    known = frozenset(node_id for node_id in ids if node_id is not None)
    return known if holders and None not in ids else None


def compare_participants(group: Declared, node_ids: Sequence[str], path: str) -> None:
    """All nodes of a new group: exactly the declared holders, none twice, as many as participants."""
    declared = node_ids_of(group)
    if declared is not None and (frozenset(node_ids) != declared or len(frozenset(node_ids)) != len(node_ids)):
        group.findings.contradict(Code.NODE_IDS_MISMATCH, path, declared=_ids(declared), proven=_ids(node_ids))
    participants = group.whole("participants")
    if participants is not None and participants != len(node_ids):
        group.findings.contradict(
            Code.PARTICIPANTS_MISMATCH, group.at("participants"), declared=participants, proven=len(node_ids)
        )


def compare_users(group: Declared, node_ids: Sequence[str], path: str) -> None:
    """Nodes that take part: holders of the group, none twice, at least as many as the threshold."""
    declared = node_ids_of(group)
    if declared is not None and (not frozenset(node_ids) <= declared or len(frozenset(node_ids)) != len(node_ids)):
        group.findings.contradict(Code.NODE_IDS_MISMATCH, path, declared=_ids(declared), proven=_ids(node_ids))
    threshold = group.whole("threshold")
    if threshold is not None and not 1 <= threshold <= len(node_ids):
        group.findings.contradict(
            Code.THRESHOLD_MISMATCH,
            group.at("threshold"),
            declared=threshold,
            proven=f"{len(node_ids)} nodes take part",
        )


def compare_threshold(declared_in: Declared, threshold: int, *, required: bool = True) -> None:
    """The threshold of a request is the group's or project's."""
    declared = declared_in.whole("threshold", required=required)
    if declared is not None and declared != threshold:
        declared_in.findings.contradict(
            Code.THRESHOLD_MISMATCH, declared_in.at("threshold"), declared=declared, proven=threshold
        )


def key_share_group(group: Declared, group_id: str) -> Declared | None:
    """The entry of tss_key_share_groups with this id; its absence contradicts."""
    entries = group.children("tss_key_share_groups")
    found = [entry for entry in entries if entry.text("tss_key_share_group_id") == group_id]
    if entries and not found:
        group.findings.contradict(
            Code.GROUP_MISMATCH,
            group.at("tss_key_share_groups"),
            declared=_ids([str(entry.members.get("tss_key_share_group_id")) for entry in entries]),
            proven=group_id,
        )
    return found[0] if found else None


def compare_curve(record: Declared, curve: str) -> None:
    """A declared curve is the request's."""
    declared = record.text("curve")
    if declared is None:
        return
    if declared not in CURVE_NAMES:
        record.findings.miss(Code.DECLARATION_UNKNOWN, record.at("curve"))
    elif CURVE_NAMES[declared] != curve:
        record.findings.contradict(Code.CURVE_MISMATCH, record.at("curve"), declared=declared, proven=curve)


def compare_root_key(record: Declared, root_key: str, *, required: bool = True) -> None:
    """A declared root key is the request's.

    Args:
        record: Has a member `root_pubkey`.
        root_key: The request's key; canonical, so that equal texts are equal keys.
        required: Whether an absent statement is a finding.
    """
    declared = record.text("root_pubkey", required=required)
    if declared is None or declared == root_key:
        return
    if not is_extended_key(declared):
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("root_pubkey"))
    else:
        record.findings.contradict(Code.ROOT_KEY_MISMATCH, record.at("root_pubkey"), declared=declared, proven=root_key)


def compare_vault_keys(vault: Declared, root_key: str, curve: str) -> None:
    """The root key is the vault's key of its curve."""
    entries = [entry for entry in vault.children("root_pubkeys") if _is_of_curve(entry, curve)]
    texts = [text for text in (entry.text("root_pubkey") for entry in entries) if text is not None]
    if not texts:
        vault.findings.miss(Code.DECLARATION_MISSING, vault.at("root_pubkeys"))
    elif not all(map(is_extended_key, texts)):
        vault.findings.miss(Code.DECLARATION_NOT_CANONICAL, vault.at("root_pubkeys"))
    elif root_key not in texts:
        vault.findings.contradict(
            Code.ROOT_KEY_MISMATCH, vault.at("root_pubkeys"), declared=_ids(texts), proven=root_key
        )


def compare_text(record: Declared, name: str, value: str, code: Code, *, required: bool = True) -> None:
    """A declared id is the other statement's."""
    declared = record.text(name, required=required)
    if declared is not None and declared != value:
        record.findings.contradict(code, record.at(name), declared=declared, proven=value)


def is_extended_key(text: str) -> bool:
    """Whether the text is a canonical `xpub…` or `cpub…`."""
    try:
        parse_xpub(text)
    except DerivationError:
        return is_cpub(text)
    return True


def _is_of_curve(entry: Declared, curve: str) -> bool:
    declared = entry.text("curve")
    if declared is not None and declared not in CURVE_NAMES:
        entry.findings.miss(Code.DECLARATION_UNKNOWN, entry.at("curve"))
    return declared is not None and CURVE_NAMES.get(declared) == curve


def _ids(ids: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(ids))
