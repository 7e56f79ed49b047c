"""Proof of an EVM message: the message against the digest that is signed, and what the message does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_callback import canonical_base64, strict_json

from placet_policy.chains.eip712 import TypedData, TypedDataError, read_typed_data
from placet_policy.chains.messages import (
    MessageKind,
    approvals_of,
    kind_of,
    may_be_hash,
    personal_digest,
    safe_call,
    safe_message,
    safe_refunds,
    transfer_of,
)
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.codes import Code
from placet_policy.facts.comparison import Shape
from placet_policy.facts.evm.effects import approval_json, describe_authorized, describe_call
from placet_policy.facts.evm.machine import evm_machine
from placet_policy.facts.key_sign_case import KeySignCase, compare_one_hash
from placet_policy.facts.messages.bare_hash import show_bare_hash
from placet_policy.facts.messages.message_facts import NOTHING, refuse_transaction, text_message

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.proof import Proof

_MAX_BYTES: Final = 1024 * 1024


def prove_evm_message(case: KeySignCase, proof: Proof) -> None:
    """Prove a message of EIP-191 or EIP-712; say of a bare hash that nothing can be proven."""
    refuse_transaction(case)
    if case.row.shape is Shape.PERSONAL_MESSAGE:
        _prove_personal(case, proof)
    elif case.row.shape is Shape.TYPED_MESSAGE:
        _prove_typed(case, proof)
    else:
        show_bare_hash(case, proof, _chain(case, None))
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
    proof.messages.append(text_message(scheme="eip191", message=message, digest=digest))


def _prove_typed(case: KeySignCase, proof: Proof) -> None:
    """EIP-712: both declarations of the data mean the same, and its digest is signed."""
    data = _structured_data(case)
    if data is None:
        return
    proof.hashes.append(compare_one_hash(case, data.digest))
    proof.chain = _chain(case, data.network)
    approvals, approved = approvals_of(data), safe_message(data)
    proof.messages.append(
        {
            **NOTHING,
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
            "may_be_hash": approved is not None and may_be_hash(approved),
            "hazards": _hazards(data),
            "approvals": [approval_json(given.approval, given.token) for given in approvals],
            "digest": encode_hex(data.digest),
        }
    )
    _describe_safe(case, proof, data)
    authorized = transfer_of(data)
    if authorized is not None:
        machine = evm_machine(case.registry, data.network)
        proof.transfers.append(describe_authorized(authorized, data.contract, machine))


def _hazards(data: TypedData) -> list[JSONValue]:
    found = (("SAFE_REFUND", safe_refunds(data)), ("CONTRACT_SIGNATURE", safe_message(data) is not None))
    return [hazard for hazard, present in found if present]


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
