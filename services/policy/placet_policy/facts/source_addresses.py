"""The derived child keys against the declared source addresses (protocol d.2, d.11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placet_policy.chains.addresses import AddressError
from placet_policy.chains.bitcoin_addresses import is_taproot
from placet_policy.chains.derivation import DerivationError, parse_path, path_text
from placet_policy.chains.strict_hex import HexError, decode_hex
from placet_policy.codes import Code
from placet_policy.facts.key_groups import compare_root_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_policy.facts.declared import Declared
    from placet_policy.facts.signing_scheme import ExtendedPublicKey, SigningScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildKey:
    """A derived key.

    Attributes:
        path: The steps from the root key.
        key: The extended public key.
        addresses: The bytes of every address that it controls; at least one.
    """

    path: tuple[int, ...]
    key: ExtendedPublicKey
    addresses: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAddresses:
    """What the declared source addresses are.

    Attributes:
        confirmed: By path, the declared address where it is one of the key's.
        under_tree: By path, declared taproot addresses whose script tree is not known; the findings name them.
    """

    confirmed: dict[tuple[int, ...], bytes] = field(default_factory=dict)
    under_tree: dict[tuple[int, ...], tuple[bytes, ...]] = field(default_factory=dict)


def compare_source(
    *, extra: Declared, transaction: Declared, root_key: str, children: Sequence[ChildKey], scheme: SigningScheme
) -> SourceAddresses:
    """The entries of the same paths, and the transaction's source, are the derived keys'."""
    entries = extra.children("source_addresses")
    by_path: dict[tuple[int, ...] | None, list[Declared]] = {}
    for entry in entries:
        by_path.setdefault(_path_of(entry), []).append(entry)
    found = SourceAddresses()
    # Many inputs may be spent by one key, and each of its entries is compared once.
    for child in {child.path: child for child in children}.values():
        matching = by_path.get(child.path, [])
        if not matching and None in by_path:
            # An entry that does not say its path may be this key's; one that is written wrongly was noted.
            by_path[None][0].text("path")
        elif entries and not matching:
            extra.findings.contradict(
                Code.DERIVATION_MISMATCH,
                extra.at("source_addresses"),
                declared="no source address with this path",
                proven=path_text(child.path),
            )
        for entry in matching:
            _compare_entry(entry, child, scheme, found)
            _compare_key(entry, child.key, scheme)
            compare_root_key(entry, root_key, required=False)
    source = transaction.child("source")
    if source is not None and children:
        addresses = [address for child in children for address in child.addresses]
        addresses += [address for unknown in found.under_tree.values() for address in unknown]
        _compare_address(source, tuple(addresses), scheme, Code.SOURCE_ADDRESS_MISMATCH, required=scheme.one_signature)
    return found


def _compare_entry(entry: Declared, child: ChildKey, scheme: SigningScheme, found: SourceAddresses) -> None:
    """Under a script tree the same key has another address, so that a difference contradicts nothing (BIP-341)."""
    address = _under_tree(entry, scheme)
    if address is not None and address not in child.addresses:
        entry.findings.miss(Code.SCRIPT_TREE_NOT_PROVEN, entry.at("taproot_script_tree_hash"))
        found.under_tree[child.path] = (*found.under_tree.get(child.path, ()), address)
        return
    address = _compare_address(entry, child.addresses, scheme, Code.DERIVATION_MISMATCH)
    if address is not None:
        found.confirmed[child.path] = address


def _under_tree(entry: Declared, scheme: SigningScheme) -> bytes | None:
    """The taproot address of an entry that declares a script tree."""
    text = entry.text("address", required=False)
    if text is None or entry.text("taproot_script_tree_hash", required=False) is None:
        return None
    try:
        address = scheme.form.decode(text)
    except AddressError:
        return None  # Noted where the address is compared.
    return address if is_taproot(address) else None


def _path_of(entry: Declared) -> tuple[int, ...] | None:
    text = entry.text("path", required=False)
    if text is None:
        return None
    try:
        return parse_path(text)
    except DerivationError:
        entry.findings.miss(Code.DECLARATION_NOT_CANONICAL, entry.at("path"))
        return None


def _compare_address(
    record: Declared, proven: tuple[bytes, ...], scheme: SigningScheme, code: Code, *, required: bool = True
) -> bytes | None:
    text = record.text("address", required=required)
    if text is None:
        return None
    try:
        declared = scheme.form.decode(text)
    except AddressError:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("address"))
        return None
    if declared in proven:
        return declared
    record.findings.contradict(
        code,
        record.at("address"),
        declared=scheme.form.encode(declared),
        proven=scheme.form.encode(proven[0]),
    )
    return None


def _compare_key(entry: Declared, child: ExtendedPublicKey, scheme: SigningScheme) -> None:
    """`pubkey` is the child's extended key in the provider's examples; a bare point is understood too."""
    text = entry.text("pubkey", required=False)
    if text is None:
        return
    declared, proven = _key_bytes(text, len(child.public_key), scheme), child.payload()
    if declared is not None and len(declared) == len(child.public_key):
        proven = child.public_key
    if declared is None:
        entry.findings.miss(Code.DECLARATION_NOT_CANONICAL, entry.at("pubkey"))
    elif declared != proven:
        entry.findings.contradict(Code.DERIVATION_MISMATCH, entry.at("pubkey"), declared=text, proven=child.to_text())


def _key_bytes(text: str, point_bytes: int, scheme: SigningScheme) -> bytes | None:
    try:
        return scheme.parse_root(text).payload()
    except DerivationError:
        pass
    try:
        point = decode_hex(text)
    except HexError:
        return None
    return point if len(point) == point_bytes else None
