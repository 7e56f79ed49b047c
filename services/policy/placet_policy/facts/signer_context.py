"""What extra_info says around the signing key, on every chain alike: groups, vault, wallet and task (protocol d.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from placet_policy.codes import Code
from placet_policy.facts.key_groups import (
    compare_curve,
    compare_root_key,
    compare_text,
    compare_users,
    compare_vault_keys,
    key_share_group,
)

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.declared import Declared

_SOURCE_TYPES: Final = frozenset({"Org-Controlled", "User-Controlled"})
"""The sources a TSS Node signs for (protocol d.3)."""


def compare_group(
    *, detail: dict[str, JSONValue], extra: Declared, transaction: Declared, curve: str, root_key: str | None
) -> None:
    """The key share group that signs, its nodes and its root key are the declared ones.

    Args:
        detail: request_detail of a KeySign, well-formed fields only.
        extra: extra_info.
        transaction: extra_info.transaction.
        curve: The curve of the chain.
        root_key: The request's root key; None if it could not be read.
    """
    vault = extra.child("vault")
    if vault is not None and root_key is not None:
        compare_vault_keys(vault, root_key, curve)
    group = extra.child("signer_key_share_holder_group")
    if group is None:
        return
    group_id, used = text(detail, "group_id"), texts(detail, "used_node_ids")
    entry = None if group_id is None else key_share_group(group, group_id)
    if entry is not None:
        compare_curve(entry, curve)
        if root_key is not None:
            compare_root_key(entry, root_key)
    if used is not None:
        compare_users(group, used, "request_detail.used_node_ids")
    holder_group, source = group.text("key_share_holder_group_id"), transaction.child("source")
    if holder_group is not None and source is not None:
        compare_text(source, "signer_key_share_holder_group_id", holder_group, Code.GROUP_MISMATCH)


def compare_ids(detail: dict[str, JSONValue], extra: Declared, transaction: Declared) -> None:
    """One wallet, one vault, one task: the ids that must be equal (protocol d.2)."""
    wallet, vault, source = extra.child("wallet"), extra.child("vault"), transaction.child("source")
    wallet_id = transaction.text("wallet_id")
    for record in (wallet, source):
        if record is not None and wallet_id is not None:
            compare_text(record, "wallet_id", wallet_id, Code.WALLET_MISMATCH)
    vault_id = None if vault is None else vault.text("vault_id")
    if wallet is not None and vault_id is not None:
        compare_text(wallet, "vault_id", vault_id, Code.VAULT_MISMATCH)
    task = text(detail, "biz_task_id")
    if task is not None:
        compare_text(transaction, "transaction_id", task, Code.TASK_MISMATCH)
    source_type = None if source is None else source.text("source_type")
    if source is not None and source_type is not None and source_type not in _SOURCE_TYPES:
        source.findings.miss(Code.DECLARATION_UNKNOWN, source.at("source_type"))


# The table of detail_fields has checked these types; what is absent was noted there.
def text(detail: dict[str, JSONValue], name: str) -> str | None:
    """A text of request_detail, or None."""
    return cast("str | None", detail.get(name))


def texts(detail: dict[str, JSONValue], name: str) -> list[str] | None:
    """A list of texts of request_detail, or None."""
    return cast("list[str] | None", detail.get(name))
