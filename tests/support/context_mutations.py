"""Changes of what a KeySign says around the transaction: keys, paths, groups, ids, source addresses (protocol d.2)."""

import random
from typing import Any

from facts_cases import CPUB, FOREIGN_KEY
from mutation import Change, changed, get, mistyped

_TX = "extra.transaction"
_SIGNERS = "extra.signer_key_share_holder_group"
# A `*` is the entry of the list that names the request's root key.
_TEXTS = (
    "detail.group_id",
    "detail.root_pub_key",
    "detail.used_node_ids.0",
    "detail.bip32_path_list.0",
    "detail.biz_task_id",
    "detail.msg_hash_list.0",
    "extra.vault.vault_id",
    "extra.vault.root_pubkeys.*.root_pubkey",
    "extra.vault.root_pubkeys.*.curve",
    "extra.wallet.wallet_id",
    "extra.wallet.vault_id",
    f"{_SIGNERS}.key_share_holder_group_id",
    f"{_SIGNERS}.tss_key_share_groups.*.tss_key_share_group_id",
    f"{_SIGNERS}.tss_key_share_groups.*.curve",
    f"{_SIGNERS}.tss_key_share_groups.*.root_pubkey",
    f"{_SIGNERS}.key_share_holders.0.tss_node_id",
    "extra.source_addresses.0.address",
    "extra.source_addresses.0.path",
    f"{_TX}.transaction_id",
    f"{_TX}.wallet_id",
    f"{_TX}.type",
    f"{_TX}.source.wallet_id",
    f"{_TX}.source.signer_key_share_holder_group_id",
    f"{_TX}.source.source_type",
    f"{_TX}.destination.destination_type",
)
_OTHERS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("detail.root_pub_key", (FOREIGN_KEY,)),
    ("detail.bip32_path_list.0", ("m/44/60/1/0/1", "m/44/501/1/0/1", "m")),
    ("detail.bip32_path_list", ([], None, ["m/44/60/1/0/0"] * 9)),
    ("detail.msg_hash_list", ([], None, ["0x"], ["0x" + "5a" * 32] * 9)),
    ("detail.used_node_ids", ([], None, ["coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb"] * 2)),
    ("detail.signature_type", (0, 4, 7, True, "1", None)),
    ("detail.tss_protocol", (0, 4, 5, "1", None)),
    ("detail.later_addition", (1, "", {})),
    (f"{_SIGNERS}.threshold", (0, -1, 3, "2", None)),
    (f"{_SIGNERS}.key_share_holders", ([], None)),
    (f"{_SIGNERS}.tss_key_share_groups", ([], None)),
    (_SIGNERS, (None, [])),
    ("extra.vault", (None, [])),
    ("extra.wallet", (None, "")),
    ("extra.source_addresses", ([], None, {})),
    ("extra.source_addresses.0.root_pubkey", (FOREIGN_KEY,)),
    ("extra.source_addresses.0.pubkey", (FOREIGN_KEY, CPUB, "0x02" + "11" * 32)),
    (f"{_TX}.source", (None, [])),
    (f"{_TX}.destination", (None, [])),
    (f"{_TX}", (None, [])),
)


def context_changed(request: dict[str, Any], numbers: random.Random) -> Change:
    """One compared statement, of which every other value differs in meaning, or is none."""
    if numbers.random() < 0.35:
        path, values = numbers.choice(_OTHERS)
        return changed(f"context: {path}", request, {path: numbers.choice(values)}, never=True)
    path = numbers.choice(_TEXTS)
    found = _resolved(request, path)
    return changed(f"context: {path}", request, {found: mistyped(get(request, found), numbers)}, never=True)


def note_changed(request: dict[str, Any], numbers: random.Random) -> Change:
    """A statement that says nothing about what is signed, or that nobody knows yet."""
    path = numbers.choice(["extra.org.name", "extra.wallet.name", f"{_TX}.description", f"{_TX}.later", "extra.later"])
    return changed("note", request, {path: numbers.choice(["", "x", None, 1, {"address": "x"}])})


def _resolved(request: dict[str, Any], path: str) -> str:
    before, star, after = path.partition("*")
    if not star:
        return path
    entries = get(request, before.removesuffix("."))
    root = request["detail"]["root_pub_key"]
    return before + str(next(at for at, one in enumerate(entries) if one["root_pubkey"] == root)) + after
