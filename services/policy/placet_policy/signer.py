"""The signing key of a KeySign: derived from root key and path, compared with every declaration of it, and pinned.

`root_pub_key` is the requester's word until the registry pins it (design section 5). Numbered as the comments below:
1 lists and signature type, 2 root key and path, 3 group, nodes and ids, 4 derivation, 5 registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from placet_policy.chains.derivation import DerivationError, ExtendedKey, is_cpub, parse_path, parse_xpub, path_text
from placet_policy.chains.strict_hex import decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.detail_fields import ECDSA, GG18, LINDELL
from placet_policy.key_groups import (
    compare_curve,
    compare_root_key,
    compare_text,
    compare_users,
    compare_vault_keys,
    key_share_group,
)
from placet_policy.source_addresses import compare_source

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.declared import Declared
    from placet_policy.findings import Findings
    from placet_policy.registry import PinnedKey, Registry

_CURVE: Final = "secp256k1"
_SOURCE_TYPES: Final = frozenset({"Org-Controlled", "User-Controlled"})
"""The sources a TSS Node signs for (protocol d.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The key that signs; vault and group are the registry's names, never the request's.

    Attributes:
        root_key: `xpub…` text.
        vault: The pinned key's vault.
        group: The pinned key's group.
        path: `m/…` text.
        address: 20 bytes.
    """

    root_key: str
    vault: str
    group: str
    path: str
    address: bytes

    def to_json(self) -> dict[str, JSONValue]:
        """The object `facts.signer`."""
        return {
            "root_key": self.root_key,
            "vault": self.vault,
            "group": self.group,
            "path": self.path,
            "address": encode_hex(self.address),
            "curve": _CURVE,
            "source": "derived",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedKey:
    """What could be found out about the key that signs.

    Attributes:
        address: The derived key's 20-byte address, whoever owns the root key; None if it could not be derived.
        signer: The same with the registry's word for it; None while the root key is not pinned.
    """

    address: bytes | None = None
    signer: Signer | None = None


def prove_signer(
    *, detail: dict[str, JSONValue], extra: Declared, transaction: Declared, registry: Registry
) -> DerivedKey:
    """Derive the signing key and compare it with everything that is declared about it.

    Args:
        detail: request_detail of a KeySign, well-formed fields only.
        extra: extra_info.
        transaction: extra_info.transaction.
        registry: The active registry.

    Returns:
        The derived key; where a part of it is None, the findings say why.
    """
    findings = extra.findings
    # 1 One path and at most one tweak for each hash; the signature type of an EVM chain.
    _compare_lists(detail, findings)
    _compare_signature_type(detail, findings)
    # 2 What signs.
    root_text = _text(detail, "root_pub_key")
    root = None if root_text is None else _root_key(root_text, findings)
    path = _path(detail, findings)
    # 3 The declared context agrees with request_detail and with itself.
    _compare_group(detail, extra, transaction, None if root is None else root_text)
    _compare_ids(detail, extra, transaction)
    if root is None or root_text is None or path is None:
        return DerivedKey()
    # 4 The derived key is the declared source.
    try:
        child = root.derive(path)
    except DerivationError:
        findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.bip32_path_list[0]")
        return DerivedKey()
    address = child.evm_address()
    compare_source(extra=extra, transaction=transaction, root_key=root_text, path=path, child=child)
    # 5 The root key is ours, and may sign for this path, group and wallet.
    pinned = registry.keys.get(root_text)
    if pinned is None:
        findings.miss(Code.KEY_NOT_PINNED, "request_detail.root_pub_key")
        return DerivedKey(address=address)
    _check_pinned(pinned, path, detail, transaction)
    signer = Signer(root_key=root_text, vault=pinned.vault, group=pinned.group, path=path_text(path), address=address)
    return DerivedKey(address=address, signer=signer)


def _compare_lists(detail: dict[str, JSONValue], findings: Findings) -> None:
    hashes, paths, tweaks = (_texts(detail, name) for name in ("msg_hash_list", "bip32_path_list", "tweak_list"))
    if hashes is not None and paths is not None and len(paths) != len(hashes):
        findings.contradict(
            Code.PATH_COUNT_MISMATCH,
            "request_detail.bip32_path_list",
            declared=len(paths),
            proven=f"{len(hashes)} hashes",
        )
    if not tweaks:
        return
    if hashes is not None and len(tweaks) != len(hashes):
        findings.contradict(
            Code.TWEAK_COUNT_MISMATCH, "request_detail.tweak_list", declared=len(tweaks), proven=f"{len(hashes)} hashes"
        )
    for index, tweak in enumerate(tweaks):
        # 0x00 is the provider's way to write no tweak (protocol d.5).
        if any(decode_hex(tweak)):
            findings.contradict(
                Code.TWEAK_PRESENT,
                f"request_detail.tweak_list[{index}]",
                declared=tweak.lower(),
                proven="ECDSA signs with the plain key",
            )


def _compare_signature_type(detail: dict[str, JSONValue], findings: Findings) -> None:
    signature_type, protocol = detail.get("signature_type"), detail.get("tss_protocol")
    if signature_type is not None and signature_type != ECDSA:
        findings.contradict(
            Code.SIGNATURE_TYPE_MISMATCH,
            "request_detail.signature_type",
            declared=signature_type,
            proven=f"{ECDSA} (ECDSA)",
        )
    if protocol is not None and protocol not in (GG18, LINDELL):
        findings.contradict(
            Code.TSS_PROTOCOL_MISMATCH,
            "request_detail.tss_protocol",
            declared=protocol,
            proven=f"{GG18} or {LINDELL} (ECDSA)",
        )


def _root_key(text: str, findings: Findings) -> ExtendedKey | None:
    try:
        return parse_xpub(text)
    except DerivationError:
        if is_cpub(text):
            findings.contradict(Code.CURVE_MISMATCH, "request_detail.root_pub_key", declared=text, proven=_CURVE)
        else:
            findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.root_pub_key")
        return None


def _path(detail: dict[str, JSONValue], findings: Findings) -> tuple[int, ...] | None:
    """The first path; a second one is already a contradiction, because there is one hash."""
    paths = _texts(detail, "bip32_path_list")
    if not paths:
        if paths is not None:
            findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.bip32_path_list")
        return None
    try:
        return parse_path(paths[0])
    except DerivationError:
        findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.bip32_path_list[0]")
        return None


def _compare_group(detail: dict[str, JSONValue], extra: Declared, transaction: Declared, root_key: str | None) -> None:
    vault = extra.child("vault")
    if vault is not None and root_key is not None:
        compare_vault_keys(vault, root_key, _CURVE)
    group = extra.child("signer_key_share_holder_group")
    if group is None:
        return
    group_id, used = _text(detail, "group_id"), _texts(detail, "used_node_ids")
    entry = None if group_id is None else key_share_group(group, group_id)
    if entry is not None:
        compare_curve(entry, _CURVE)
        if root_key is not None:
            compare_root_key(entry, root_key)
    if used is not None:
        compare_users(group, used, "request_detail.used_node_ids")
    holder_group, source = group.text("key_share_holder_group_id"), transaction.child("source")
    if holder_group is not None and source is not None:
        compare_text(source, "signer_key_share_holder_group_id", holder_group, Code.GROUP_MISMATCH)


def _compare_ids(detail: dict[str, JSONValue], extra: Declared, transaction: Declared) -> None:
    """One wallet, one vault, one task: the ids that must be equal (protocol d.2)."""
    wallet, vault, source = extra.child("wallet"), extra.child("vault"), transaction.child("source")
    wallet_id = transaction.text("wallet_id")
    for record in (wallet, source):
        if record is not None and wallet_id is not None:
            compare_text(record, "wallet_id", wallet_id, Code.WALLET_MISMATCH)
    vault_id = None if vault is None else vault.text("vault_id")
    if wallet is not None and vault_id is not None:
        compare_text(wallet, "vault_id", vault_id, Code.VAULT_MISMATCH)
    task = _text(detail, "biz_task_id")
    if task is not None:
        compare_text(transaction, "transaction_id", task, Code.TASK_MISMATCH)
    source_type = None if source is None else source.text("source_type")
    if source is not None and source_type is not None and source_type not in _SOURCE_TYPES:
        source.findings.miss(Code.DECLARATION_UNKNOWN, source.at("source_type"))


def _check_pinned(
    pinned: PinnedKey, path: tuple[int, ...], detail: dict[str, JSONValue], transaction: Declared
) -> None:
    """Empty means no: a pinned key without paths, groups or wallets signs nothing."""
    findings = transaction.findings
    if not pinned.allows_path(path):
        findings.miss(Code.PATH_NOT_PINNED, "request_detail.bip32_path_list[0]")
    group_id, wallet_id = _text(detail, "group_id"), transaction.text("wallet_id")
    if group_id is not None and group_id not in pinned.group_ids:
        findings.miss(Code.GROUP_NOT_PINNED, "request_detail.group_id")
    if wallet_id is not None and not pinned.allows_wallet(wallet_id):
        findings.miss(Code.WALLET_NOT_PINNED, transaction.at("wallet_id"))


# The table of detail_fields has checked these types; what is absent was noted there.
def _text(detail: dict[str, JSONValue], name: str) -> str | None:
    return cast("str | None", detail.get(name))


def _texts(detail: dict[str, JSONValue], name: str) -> list[str] | None:
    return cast("list[str] | None", detail.get(name))
