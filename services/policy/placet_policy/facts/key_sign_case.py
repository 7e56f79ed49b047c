"""What every prover of a KeySign starts from, and the comparisons that are the same on every chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.facts.signer import DerivedKey

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.comparison import Row
    from placet_policy.facts.declared import Declared
    from placet_policy.facts.findings import Findings
    from placet_policy.facts.signing_scheme import SigningScheme
    from placet_policy.registry import Chain, Registry

RAW_PATH: Final = "extra_info.transaction.raw_tx_info.unsigned_raw_tx"
HASHES_PATH: Final = "request_detail.msg_hash_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySignCase:
    """Everything a prover of a KeySign looks at.

    Attributes:
        detail: request_detail, well-formed fields only.
        extra: extra_info.
        transaction: extra_info.transaction.
        destination: extra_info.transaction.destination.
        chain: The registry's chain that is declared.
        row: What the bytes must be and which declared fields are compared.
        scheme: How keys of the chain sign.
        keys: The key that signs each hash, in the order of request_detail; already compared with the declarations.
        registry: The active registry.
        findings: Where problems are noted.
    """

    detail: dict[str, JSONValue]
    extra: Declared
    transaction: Declared
    destination: Declared
    chain: Chain
    row: Row
    scheme: SigningScheme
    keys: tuple[DerivedKey, ...]
    registry: Registry
    findings: Findings

    @property
    def key(self) -> DerivedKey:
        """The one key that signs on chains with one signature; empty if there is none."""
        return self.keys[0] if self.keys else DerivedKey()


def raw_bytes(case: KeySignCase, max_bytes: int) -> bytes | None:
    """The unsigned transaction, decoded from hexadecimal text; None with a finding."""
    info = case.transaction.child("raw_tx_info", required=False)
    text = None if info is None else info.text("unsigned_raw_tx", required=False)
    if text is None:
        case.findings.miss(Code.RAW_TX_MISSING, RAW_PATH)
        return None
    if len(text.removeprefix("0x")) > 2 * max_bytes:
        case.findings.miss(Code.RAW_TX_TOO_LARGE, RAW_PATH)
        return None
    try:
        return decode_hex(text)
    except HexError:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, RAW_PATH)
        return None


def compare_one_hash(case: KeySignCase, expected: bytes) -> dict[str, JSONValue]:
    """A transaction with one signature: exactly one hash, and it is this one (protocol g.2, G16).

    Args:
        case: The request.
        expected: What the bytes' hash is; on Solana, the whole message.

    Returns:
        The entry of `facts.hashes`.
    """
    hashes = cast("list[str] | None", case.detail.get("msg_hash_list"))  # Absence was noted when it was parsed.
    if hashes is not None and len(hashes) != 1:
        case.findings.contradict(Code.HASH_COUNT_MISMATCH, HASHES_PATH, declared=len(hashes), proven=1)
    for index, text in enumerate(hashes or ()):
        if decode_hex(text) != expected:
            case.findings.contradict(
                Code.HASH_MISMATCH, f"{HASHES_PATH}[{index}]", declared=text.lower(), proven=encode_hex(expected)
            )
    return {"hash": encode_hex(expected), "path": case.key.path_text(), "source": "bytes"}
