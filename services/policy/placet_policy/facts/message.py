"""Proof of an EVM message: the message against the digest that is signed, and what the message does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_callback import canonical_base64, strict_json

from placet_policy.chains.eip712 import TypedData, TypedDataError, read_typed_data
from placet_policy.chains.evm import HASH_BYTES
from placet_policy.chains.messages import (
    MessageKind,
    approvals_of,
    kind_of,
    may_be_hash,
    personal_digest,
    safe_call,
    safe_refunds,
)
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code
from placet_policy.facts.comparison import Shape
from placet_policy.facts.evm.effects import approval_json, describe_call
from placet_policy.facts.evm.machine import evm_machine
from placet_policy.facts.key_sign_case import RAW_PATH, KeySignCase, compare_one_hash

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.proof import Proof

_MAX_BYTES: Final = 1024 * 1024


def prove_evm_message(case: KeySignCase, proof: Proof) -> None:
    """Prove a message of EIP-191 or EIP-712; say of a bare hash that nothing can be proven."""
    info = case.transaction.child("raw_tx_info", required=False)
    if info is not None and info.text("unsigned_raw_tx", required=False) is not None:
        # A message has no transaction; whoever is shown one is shown something else than is signed.
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, RAW_PATH)
    if case.row.shape is Shape.PERSONAL_MESSAGE:
        _prove_personal(case, proof)
    elif case.row.shape is Shape.TYPED_MESSAGE:
        _prove_typed(case, proof)
    else:
        _show_raw(case, proof)
    proof.complete = case.key.signer is not None and bool(proof.messages)


def _prove_personal(case: KeySignCase, proof: Proof) -> None:
    """EIP-191: the message is base64 (protocol d.14)."""
    text = case.destination.text("message")
    if text is None:
        return
    try:
        message = canonical_base64.decode_padded(text)
    except canonical_base64.NotCanonicalError:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, case.destination.at("message"))
        return
    digest = personal_digest(message)
    proof.hashes.append(compare_one_hash(case, digest))
    proof.chain = _chain(case, None)
    proof.messages.append(
        {
            **_NOTHING,
            "scheme": "eip191",
            "kind": str(MessageKind.PERSONAL),
            "text": _text(message),
            "data": encode_hex(message),
            "may_be_hash": may_be_hash(message),
            "digest": encode_hex(digest),
        }
    )


def _prove_typed(case: KeySignCase, proof: Proof) -> None:
    """EIP-712: both declarations of the data mean the same, and its digest is signed."""
    data = _structured_data(case)
    if data is None:
        return
    proof.hashes.append(compare_one_hash(case, data.digest))
    proof.chain = _chain(case, data.network)
    approvals = approvals_of(data)
    proof.messages.append(
        {
            **_NOTHING,
            "scheme": "eip712",
            "kind": str(kind_of(data)),
            "domain": data.domain,
            "types": {
                name: [{"name": member, "type": kind} for member, kind in members]
                for name, members in data.types.items()
            },
            "primary_type": data.primary_type,
            "values": data.values,
            "network": None if data.network is None else str(data.network),
            "contract": data.contract,
            "hazards": ["SAFE_REFUND"] if safe_refunds(data) else [],
            "approvals": [approval_json(given.approval, given.token) for given in approvals],
            "digest": encode_hex(data.digest),
        }
    )
    _describe_safe(case, proof, data)


def _describe_safe(case: KeySignCase, proof: Proof, data: TypedData) -> None:
    """What a Safe will do with the signature is what the signature does."""
    if kind_of(data) is not MessageKind.SAFE_TRANSACTION:
        return
    call = safe_call(data)
    if call is None:
        case.findings.miss(Code.KIND_NOT_SUPPORTED, case.destination.at("structured_data.message.operation"))
        return
    described = describe_call(call, evm_machine(case.registry, data.network))
    proof.transfers, proof.calls = described.transfers, described.calls
    proof.summary.extend(described.summary)
    if not described.whole:
        case.findings.miss(Code.CALLS_TOO_MANY, case.destination.at("structured_data.message.data"))


def _structured_data(case: KeySignCase) -> TypedData | None:
    destination = case.destination
    if destination.child("structured_data") is None:
        return None
    data = _read(case, "structured_data", destination.members["structured_data"])
    text = destination.text("raw_structured_data", required=False)
    if text is None:
        return data
    raw = _read(case, "raw_structured_data", _parsed(text))
    if data is not None and raw is not None and raw != data:
        case.findings.contradict(
            Code.STRUCTURED_DATA_MISMATCH,
            destination.at("raw_structured_data"),
            declared=encode_hex(raw.digest),
            proven=encode_hex(data.digest),
        )
    return None if raw is None else data


def _parsed(text: str) -> JSONValue:
    """The text's JSON, or None; wrapped, because names inside typed data are free (strict_json.loads)."""
    try:
        wrapped = strict_json.loads(f'{{"raw":{text}}}', max_bytes=_MAX_BYTES, free_form=("raw",))
    except strict_json.StrictJsonError:
        return None
    return wrapped["raw"] if isinstance(wrapped, dict) and set(wrapped) == {"raw"} else None


def _read(case: KeySignCase, name: str, value: JSONValue) -> TypedData | None:
    try:
        return read_typed_data(value)
    except TypedDataError:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, case.destination.at(name))
        return None


def _show_raw(case: KeySignCase, proof: Proof) -> None:
    """A bare hash may be that of any transaction: it is shown, and never proven."""
    case.findings.miss(Code.BLIND_SIGNATURE, case.destination.at("msg_hash"))
    text = case.destination.text("msg_hash")
    try:
        digest = b"" if text is None else decode_hex(text)
    except HexError:
        digest = b""
    if len(digest) != HASH_BYTES:
        case.findings.miss(Code.DECLARATION_NOT_CANONICAL, case.destination.at("msg_hash"))
        return
    proof.hashes.append({**compare_one_hash(case, digest), "source": "declared"})
    proof.chain = _chain(case, None)
    proof.messages.append(
        {
            **_NOTHING,
            "scheme": "raw",
            "kind": str(MessageKind.RAW),
            "may_be_hash": True,
            "digest": encode_hex(digest),
            "source": "declared",
        }
    )


def _chain(case: KeySignCase, network: int | None) -> dict[str, JSONValue]:
    """EIP-712 domains may name a network; other messages are valid on every one."""
    known = None if network is None else case.registry.networks.get(network)
    declared = case.chain.id if network is None else None
    return {
        "kind": "evm",
        "id": declared if known is None else known.id,
        "network": None if network is None else str(network),
        "network_proven": network is not None,
        "valid_until": None,
        "blob_hashes": [],
        "authorizations": [],
        "source": "declared" if network is None else "bytes",
    }


_NOTHING: Final[dict[str, JSONValue]] = {
    "text": None,
    "data": None,
    "may_be_hash": False,
    "domain": None,
    "types": None,
    "primary_type": None,
    "values": None,
    "network": None,
    "contract": None,
    "approvals": [],
    "hazards": [],
    "source": "bytes",
}
"""Members of `facts.messages[]` that not every message has."""


def _text(message: bytes) -> str | None:
    try:
        return message.decode("utf-8")
    except UnicodeDecodeError:
        return None
