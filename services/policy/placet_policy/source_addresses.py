"""The derived child key against the declared source addresses (protocol d.2, d.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.chains.derivation import DerivationError, ExtendedKey, parse_path, parse_xpub, path_text
from placet_policy.chains.evm import ADDRESS_BYTES
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.key_groups import compare_root_key

if TYPE_CHECKING:
    from placet_policy.declared import Declared

_COMPRESSED_BYTES: Final = 33


def compare_source(
    *, extra: Declared, transaction: Declared, root_key: str, path: tuple[int, ...], child: ExtendedKey
) -> None:
    """The entry of the same path, and the transaction's source, are the derived key's."""
    entries = extra.children("source_addresses")
    matching = [entry for entry in entries if _path_of(entry) == path]
    if entries and not matching:
        extra.findings.contradict(
            Code.DERIVATION_MISMATCH,
            extra.at("source_addresses"),
            declared="no source address with this path",
            proven=path_text(path),
        )
    for entry in matching:
        _compare_address(entry, child.evm_address(), Code.DERIVATION_MISMATCH)
        _compare_key(entry, child)
        compare_root_key(entry, root_key, required=False)
    source = transaction.child("source")
    if source is not None:
        _compare_address(source, child.evm_address(), Code.SOURCE_ADDRESS_MISMATCH)


def _path_of(entry: Declared) -> tuple[int, ...] | None:
    text = entry.text("path", required=False)
    if text is None:
        return None
    try:
        return parse_path(text)
    except DerivationError:
        entry.findings.miss(Code.DECLARATION_NOT_CANONICAL, entry.at("path"))
        return None


def _compare_address(record: Declared, proven: bytes, code: Code) -> None:
    text = record.text("address")
    if text is None:
        return
    try:
        declared = decode_hex(text)
    except HexError:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("address"))
        return
    if len(declared) != ADDRESS_BYTES:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("address"))
    elif declared != proven:
        record.findings.contradict(code, record.at("address"), declared=encode_hex(declared), proven=encode_hex(proven))


def _compare_key(entry: Declared, child: ExtendedKey) -> None:
    """`pubkey` is the child's extended key in the provider's examples; a bare compressed point is understood too."""
    text = entry.text("pubkey", required=False)
    if text is None:
        return
    declared, proven = _key_bytes(text), child.payload()
    if declared is not None and len(declared) == _COMPRESSED_BYTES:
        proven = child.public_key
    if declared is None:
        entry.findings.miss(Code.DECLARATION_NOT_CANONICAL, entry.at("pubkey"))
    elif declared != proven:
        entry.findings.contradict(Code.DERIVATION_MISMATCH, entry.at("pubkey"), declared=text, proven=child.to_text())


def _key_bytes(text: str) -> bytes | None:
    try:
        return parse_xpub(text).payload()
    except DerivationError:
        pass
    try:
        point = decode_hex(text)
    except HexError:
        return None
    return point if len(point) == _COMPRESSED_BYTES else None
