"""The signing keys of a KeySign: derived from root key and paths, compared with every declaration of them, and pinned.

`root_pub_key` is the requester's word until the registry pins it (design section 5). All of this is the same on every
chain; what differs is in the chain's `SigningScheme`. Numbered as the comments below: 1 lists and signature type,
2 root key and paths, 3 group, nodes and ids, 4 derivation, 5 registry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from placet_policy.chains.derivation import DerivationError, parse_path, path_text
from placet_policy.chains.strict_hex import decode_hex
from placet_policy.codes import Code
from placet_policy.facts.detail_fields import ECDSA, EDDSA, SCHNORR
from placet_policy.facts.key_groups import is_extended_key
from placet_policy.facts.signer_context import compare_group, compare_ids, text, texts
from placet_policy.facts.source_addresses import ChildKey, compare_source

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.declared import Declared
    from placet_policy.facts.findings import Findings
    from placet_policy.facts.signing_scheme import ExtendedPublicKey, SigningScheme
    from placet_policy.facts.source_addresses import SourceAddresses
    from placet_policy.registry import PinnedKey, Registry

MAX_STEPS: Final = 576
"""Keys derived for one request, each for a point addition. A transaction with 512 inputs of one wallet needs 516, the
four steps above the last being shared, and 60 more branches or accounts are left to it."""
_SIGNATURE_NAMES: Final = {ECDSA: "ECDSA", EDDSA: "EdDSA", SCHNORR: "Schnorr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key that signs; vault and group are the registry's names, never the request's.

    Attributes:
        root_key: `xpub…` or `cpub…` text.
        vault: The pinned key's vault.
        group: The pinned key's group.
        path: `m/…` text.
        address: The canonical text of the key's address.
        curve: `secp256k1` or `ed25519`.
    """

    root_key: str
    vault: str
    group: str
    path: str
    address: str
    curve: str

    def to_json(self) -> dict[str, JSONValue]:
        """The object `facts.signer`."""
        return {
            "root_key": self.root_key,
            "vault": self.vault,
            "group": self.group,
            "path": self.path,
            "address": self.address,
            "curve": self.curve,
            "source": "derived",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedKey:
    """What could be found out about the key that signs one hash; a part that is None has its finding.

    Attributes:
        path: The steps from the root key.
        public_key: 33 bytes compressed on secp256k1, 32 on ed25519.
        address: The bytes of its address, whoever owns the root key; where a key has several, the declared one.
        named: The declared address of its path where it is one of its own; None where none is declared.
        addresses: The bytes of every address that it controls.
        under_tree: Declared addresses of the path whose script tree is not known, which was noted (BIP-341).
        tweak: What Schnorr adds to the key; None for nothing.
        signer: The registry's word for it; None while the root key is not pinned.
    """

    path: tuple[int, ...] | None = None
    public_key: bytes | None = None
    address: bytes | None = None
    named: bytes | None = None
    addresses: tuple[bytes, ...] = ()
    under_tree: tuple[bytes, ...] = ()
    tweak: bytes | None = None
    signer: Signer | None = None

    def path_text(self) -> str | None:
        """The one form Placet writes, `m/44/60/1/0/0`."""
        return None if self.path is None else path_text(self.path)


def prove_signers(
    *,
    detail: dict[str, JSONValue],
    extra: Declared,
    transaction: Declared,
    registry: Registry,
    scheme: SigningScheme,
) -> tuple[DerivedKey, ...]:
    """Derive the signing keys and compare them with everything that is declared about them.

    Args:
        detail: request_detail of a KeySign, well-formed fields only.
        extra: extra_info.
        transaction: extra_info.transaction.
        registry: The active registry.
        scheme: How keys of the declared chain sign.

    Returns:
        One key for each path of request_detail, in its order; where a part of it is None, the findings say why.
    """
    findings = extra.findings
    # 1 One path and at most one tweak for each hash; a signature type of the chain.
    _compare_lists(detail, scheme, findings)
    _compare_signature_type(detail, scheme, findings)
    # 2 What signs.
    root_text = text(detail, "root_pub_key")
    root = None if root_text is None else _root_key(root_text, scheme, findings)
    paths = _paths(detail, findings)
    # 3 The declared context agrees with request_detail and with itself.
    known = None if root is None else root_text
    compare_group(detail=detail, extra=extra, transaction=transaction, curve=scheme.curve, root_key=known)
    compare_ids(detail, extra, transaction)
    if root is None or root_text is None or _steps(paths) > MAX_STEPS:
        if _steps(paths) > MAX_STEPS:
            findings.miss(Code.DETAIL_TOO_LARGE, "request_detail.bip32_path_list")
        return tuple(DerivedKey(path=path) for path in paths)
    # 4 The derived keys are the declared sources.
    keys = _derive(root, paths, detail, scheme, findings)
    children = [key for key in keys if key is not None]
    declared = compare_source(
        extra=extra, transaction=transaction, root_key=root_text, children=children, scheme=scheme
    )
    # 5 The root key is ours, and may sign for these paths, this group and wallet.
    pinned = registry.keys.get(root_text)
    if pinned is None:
        findings.miss(Code.KEY_NOT_PINNED, "request_detail.root_pub_key")
    else:
        _check_pinned(pinned, paths, detail, transaction)
    tweaks = _tweaks(detail, len(keys))
    proven = [
        DerivedKey() if key is None else replace(_proven(key, declared, pinned, scheme), tweak=tweak)
        for key, tweak in zip(keys, tweaks, strict=True)
    ]
    return tuple(proven)


def _proven(child: ChildKey, declared: SourceAddresses, pinned: PinnedKey | None, scheme: SigningScheme) -> DerivedKey:
    address = declared.confirmed.get(child.path, child.addresses[0])
    signer = None
    if pinned is not None:
        signer = Signer(
            root_key=pinned.root_key,
            vault=pinned.vault,
            group=pinned.group,
            path=path_text(child.path),
            address=scheme.form.encode(address),
            curve=scheme.curve,
        )
    return DerivedKey(
        path=child.path,
        public_key=child.key.public_key,
        address=address,
        named=declared.confirmed.get(child.path),
        addresses=child.addresses,
        under_tree=declared.under_tree.get(child.path, ()),
        signer=signer,
    )


def _compare_lists(detail: dict[str, JSONValue], scheme: SigningScheme, findings: Findings) -> None:
    hashes, paths, tweaks = (texts(detail, name) for name in ("msg_hash_list", "bip32_path_list", "tweak_list"))
    if hashes is not None and paths is not None and len(paths) != len(hashes):
        findings.contradict(
            Code.PATH_COUNT_MISMATCH,
            "request_detail.bip32_path_list",
            declared=len(paths),
            proven=f"{len(hashes)} hashes",
        )
    if scheme.one_signature and hashes is not None and len(hashes) != 1:
        findings.contradict(Code.HASH_COUNT_MISMATCH, "request_detail.msg_hash_list", declared=len(hashes), proven=1)
    if not tweaks:
        return
    if hashes is not None and len(tweaks) != len(hashes):
        findings.contradict(
            Code.TWEAK_COUNT_MISMATCH, "request_detail.tweak_list", declared=len(tweaks), proven=f"{len(hashes)} hashes"
        )
    if detail.get("signature_type") == SCHNORR:
        return
    for index, tweak in enumerate(tweaks):
        # 0x00 is the provider's way to write no tweak (protocol d.5).
        if any(decode_hex(tweak)):
            findings.contradict(
                Code.TWEAK_PRESENT,
                f"request_detail.tweak_list[{index}]",
                declared=tweak.lower(),
                proven="only Schnorr signs with a tweaked key",
            )


def _compare_signature_type(detail: dict[str, JSONValue], scheme: SigningScheme, findings: Findings) -> None:
    signature_type, protocol = cast("int | None", detail.get("signature_type")), detail.get("tss_protocol")
    if signature_type is not None and signature_type not in scheme.signature_types:
        findings.contradict(
            Code.SIGNATURE_TYPE_MISMATCH,
            "request_detail.signature_type",
            declared=signature_type,
            proven=" or ".join(f"{known} ({_SIGNATURE_NAMES[known]})" for known in scheme.signature_types),
        )
    fitting = scheme.signature_types.get(
        -1 if signature_type is None else signature_type, frozenset().union(*scheme.signature_types.values())
    )
    if protocol is not None and protocol not in fitting:
        findings.contradict(
            Code.TSS_PROTOCOL_MISMATCH,
            "request_detail.tss_protocol",
            declared=protocol,
            proven=" or ".join(map(str, sorted(fitting))),
        )


def _root_key(root_text: str, scheme: SigningScheme, findings: Findings) -> ExtendedPublicKey | None:
    try:
        return scheme.parse_root(root_text)
    except DerivationError:
        if is_extended_key(root_text):
            findings.contradict(
                Code.CURVE_MISMATCH, "request_detail.root_pub_key", declared=root_text, proven=scheme.curve
            )
        else:
            findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.root_pub_key")
        return None


def _paths(detail: dict[str, JSONValue], findings: Findings) -> tuple[tuple[int, ...] | None, ...]:
    declared = texts(detail, "bip32_path_list")
    if declared == []:
        findings.miss(Code.DETAIL_FIELD_INVALID, "request_detail.bip32_path_list")
    return tuple(_path(path, index, findings) for index, path in enumerate(declared or ()))


def _steps(paths: tuple[tuple[int, ...] | None, ...]) -> int:
    """How many keys have to be derived: paths share those of their common beginnings."""
    return len({path[:length] for path in paths if path is not None for length in range(1, len(path) + 1)})


def _path(declared: str, index: int, findings: Findings) -> tuple[int, ...] | None:
    try:
        return parse_path(declared)
    except DerivationError:
        findings.miss(Code.DETAIL_FIELD_INVALID, f"request_detail.bip32_path_list[{index}]")
        return None


def _derive(
    root: ExtendedPublicKey,
    paths: tuple[tuple[int, ...] | None, ...],
    detail: dict[str, JSONValue],
    scheme: SigningScheme,
    findings: Findings,
) -> list[ChildKey | None]:
    signature_type = cast("int", detail.get("signature_type", 0))
    children: list[ChildKey | None] = []
    for index, path in enumerate(paths):
        child = None
        if path is not None:
            try:
                key = root.derive(path)
                child = ChildKey(path=path, key=key, addresses=scheme.addresses(key.public_key, signature_type))
            except DerivationError:
                findings.miss(Code.DETAIL_FIELD_INVALID, f"request_detail.bip32_path_list[{index}]")
        children.append(child)
    return children


def _tweaks(detail: dict[str, JSONValue], count: int) -> list[bytes | None]:
    """One for each key; absent, empty and zero ones are None (protocol d.5)."""
    declared = [decode_hex(tweak) for tweak in texts(detail, "tweak_list") or ()]
    tweaks: list[bytes | None] = [tweak if any(tweak) else None for tweak in declared[:count]]
    return tweaks + [None] * (count - len(tweaks))


def _check_pinned(
    pinned: PinnedKey,
    paths: tuple[tuple[int, ...] | None, ...],
    detail: dict[str, JSONValue],
    transaction: Declared,
) -> None:
    """Empty means no: a pinned key without paths, groups or wallets signs nothing."""
    findings = transaction.findings
    for index, path in enumerate(paths):
        if path is not None and not pinned.allows_path(path):
            findings.miss(Code.PATH_NOT_PINNED, f"request_detail.bip32_path_list[{index}]")
    group_id, wallet_id = text(detail, "group_id"), transaction.text("wallet_id")
    if group_id is not None and group_id not in pinned.group_ids:
        findings.miss(Code.GROUP_NOT_PINNED, "request_detail.group_id")
    if wallet_id is not None and not pinned.allows_wallet(wallet_id):
        findings.miss(Code.WALLET_NOT_PINNED, transaction.at("wallet_id"))
