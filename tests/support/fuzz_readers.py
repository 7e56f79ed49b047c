"""How each fuzz target turns bytes into what its decoder takes, and what must hold of what was read."""

import contextlib
import json

import base58
import tokens
from facts_cases import registry
from fuzz_changes import change_sample
from keys import checker_node
from placet_callback import canonical_base64, strict_json
from placet_callback.envelope import CallbackRequest, EnvelopeError, parse_request
from placet_callback.token import VerifiedToken, verify_token
from placet_policy.chains import (
    abi,
    abi_methods,
    amounts,
    bitcoin,
    bitcoin_messages,
    derivation,
    ed25519,
    evm,
    evm_calls,
    messages,
    protobuf,
    solana,
    strict_hex,
    tron,
)
from placet_policy.chains.addresses import EVM_FORM, SOLANA_FORM, TRON_FORM, AddressError, base58check
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS, ecdsa_scripts, is_taproot, schnorr_scripts
from placet_policy.chains.bitcoin_digest import Digests, Spend, SpentOutput
from placet_policy.chains.eip712 import read_typed_data
from placet_policy.chains.solana_fee import fee_bound
from placet_policy.chains.solana_programs import decode_instruction
from placet_policy.facts.detail import FREE_FORM, kind_of, parse_details
from placet_policy.facts.prove import Facts, prove

NOW = 1_800_000_000
_MAX_BYTES = 1_000_000
_FORMS = (EVM_FORM, TRON_FORM, SOLANA_FORM, BITCOIN_FORMS[False], BITCOIN_FORMS[True])
_REGISTRY = registry()
_METHODS = tuple(abi_methods.STANDARD.values())
_FIRST = b"\x11" * 20
_PUBLIC_KEY = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
"""The point by which secp256k1 multiplies."""


def text(data: bytes) -> str:
    """Bytes as a text; what is not UTF-8 becomes lone surrogates, which no JSON text lets through to a decoder."""
    return data.decode("utf-8", "surrogateescape")


def base64url(data: bytes) -> None:
    """Whatever is read has one text."""
    assert canonical_base64.encode_url(canonical_base64.decode_url(text(data))) == text(data)


def base64(data: bytes) -> None:
    """Whatever is read has one text."""
    assert canonical_base64.encode_padded(canonical_base64.decode_padded(text(data))) == text(data)


def json_text(data: bytes) -> object:
    """What is read can be written again."""
    value = strict_json.loads(data, max_bytes=_MAX_BYTES, free_form=FREE_FORM)
    return json.dumps(value, default=str).encode("utf-8")


def token_text(data: bytes) -> object:
    """A form field that nobody signed, or somebody did."""
    return verify_token(text(data), nodes=(checker_node(),), now=NOW)


def signed_claims(data: bytes) -> object:
    """Claims that a node did sign."""
    return verify_token(tokens.sign_raw(tokens.HEADER, data), nodes=(checker_node(),), now=NOW)


def package(data: bytes) -> object:
    """The content of a token that was verified."""
    return parse_request(_verified(data))


def _verified(data: bytes) -> VerifiedToken:
    packed = canonical_base64.encode_padded(data)
    return VerifiedToken(
        compact="", sha256=bytes(32), node="node-1", key_id="", package_data=packed, issuer=None, expires_at=NOW
    )


def hexadecimal(data: bytes) -> None:
    """What is read is what the digits say."""
    assert strict_hex.encode_hex(strict_hex.decode_hex(text(data)))[2:] == text(data).lower().removeprefix("0x")


def amount(data: bytes) -> None:
    """The first byte gives the decimals; what is read is no less than nothing."""
    assert 0 <= amounts.to_base_units(text(data[1:]), (data[0] if data else 0) % (amounts.MAX_DECIMALS + 1)) < 2**256


def address(data: bytes) -> None:
    """Every form of address; the canonical text of what is read is read to the same."""
    written = text(data)
    for form in _FORMS:
        with contextlib.suppress(AddressError):
            assert form.decode(form.canonical(written)) == form.decode(written)
    base58check(written)


def address_bytes(data: bytes) -> None:
    """Whatever is written as an address is read as the same bytes."""
    assert is_taproot(data) == (len(data) == 34 and data[:2] == b"\x51\x20")
    for form in _FORMS:
        with contextlib.suppress(AddressError):
            assert form.decode(form.encode(data)) == data


def path(data: bytes) -> None:
    """The one form of what is read is read to the same."""
    steps = derivation.parse_path(text(data))
    assert derivation.parse_path(derivation.path_text(steps)) == steps


def root_key(data: bytes) -> None:
    """Both curves; what is read has one text."""
    written = text(data)
    if derivation.is_cpub(written):
        assert ed25519.parse_cpub(written).to_text() == written
    else:
        assert derivation.parse_xpub(written).to_text() == written


def root_payload(data: bytes) -> None:
    """An extended key whose checksum fits, so that the checks behind it are reached."""
    root_key(base58.b58encode_check(data))


def evm_transaction(data: bytes) -> evm.EvmTransaction:
    """Canonical, so the bytes are what is signed."""
    transaction = evm.decode_unsigned(data)
    assert transaction.signing_hash == evm.keccak256(data)
    return transaction


def evm_raw(data: bytes) -> object:
    """A transaction and the calls inside it."""
    transaction = evm_transaction(data)
    _calls(transaction.data)
    return evm.decode_token_transfer(transaction.data)


def _calls(data: bytes) -> None:
    root = evm_calls.Call(sender=_FIRST, to=bytes(20), value=0, data=data, operation=evm_calls.Operation.CALL)
    tree = evm_calls.unpack(root, {})
    assert 1 <= len(tree.calls) <= evm_calls.MAX_CALLS or not tree.whole
    for call in tree.calls:
        evm_calls.approval_of(call)
        for value, kind in zip(call.arguments, () if call.method is None else call.method.types, strict=True):
            abi.shown(value, kind, str.upper)


def calldata(data: bytes) -> None:
    """As it is, and behind the selector of each standard method in turn."""
    _calls(data)
    if data:
        method = _METHODS[data[0] % len(_METHODS)]
        _calls(method.selector + data[1:])
        arguments = abi.decode_arguments(method, method.selector + data[1:])
        assert arguments is None or len(arguments) == len(method.types)


def signature(data: bytes) -> None:
    """The signature of a method that somebody registers."""
    written = text(data)
    found = abi.parse_method(written, tuple("abcdefghijklmnop"[: data.count(b",") + (b"()" not in data)]))
    assert found.signature == written


def personal(data: bytes) -> None:
    """Every message has a digest."""
    assert len(messages.personal_digest(data)) == evm.HASH_BYTES
    assert messages.may_be_hash(data) in (True, False)


def bitcoin_message(data: bytes) -> None:
    """Every message has a digest of BIP-137, and of BIP-322 under each address of a key."""
    assert len(bitcoin_messages.bip137_digest(data)) == evm.HASH_BYTES
    for script in (*ecdsa_scripts(_PUBLIC_KEY), *schnorr_scripts(_PUBLIC_KEY)):
        challenge = bitcoin_messages.challenge_of(script, _PUBLIC_KEY)
        assert challenge is not None
        assert {len(digest) for digest in bitcoin_messages.bip322_digests(data, challenge)} == {evm.HASH_BYTES}


def typed_data(data: bytes) -> None:
    """Typed data as it stands in a request, and what is told of it."""
    found = read_typed_data(strict_json.loads(data, max_bytes=_MAX_BYTES, free_form=FREE_FORM))
    assert len(found.digest) == evm.HASH_BYTES
    assert messages.kind_of(found) in messages.MessageKind
    messages.approvals_of(found)
    messages.transfer_of(found)
    messages.safe_message(found)
    messages.safe_call(found)
    messages.safe_refunds(found)
    assert found.network is None or found.network >= 0


def protobuf_message(data: bytes) -> None:
    """What is read is exactly what writing it gives."""
    kind = protobuf.MessageType(integers={2: "number"}, texts={1: "text", 16: "far"}, lists={3: "list"})
    assert protobuf.write_message(protobuf.read_message(data, kind), kind) == data


def tron_raw(data: bytes) -> object:
    """A transaction and the call inside it."""
    transaction = tron.decode_unsigned(data)
    for contract in transaction.contracts:
        assert contract.name
        if isinstance(contract.content, tron.Trigger):
            tron.decode_token_transfer(contract.content.data)
    return transaction


def tron_call(data: bytes) -> None:
    """Exactly a transfer, or nothing."""
    found = tron.decode_token_transfer(data)
    assert found is None or len(found.recipient) == 21


def solana_wrapper(data: bytes) -> None:
    """The text around a message, and the message."""
    solana_message(solana.unwrap(data))


def solana_message(data: bytes) -> None:
    """Every instruction has one effect."""
    message = solana.decode_message(data)
    effects = [decode_instruction(one) for one in message.instructions]
    bound = fee_bound(len(message.signers), effects)
    assert bound is None or bound >= len(message.signers)


def bitcoin_raw(data: bytes) -> None:
    """A transaction and the digests of its inputs, whatever they spend."""
    transaction = bitcoin.decode_unsigned(data)
    spends = [*Spend]
    spent = [
        SpentOutput(output=transaction.outputs[0], spend=spends[number % len(spends)], key_hash=_FIRST)
        for number in range(len(transaction.inputs))
    ]
    digests = Digests(transaction, spent)
    for number in range(len(spent)):
        assert digests.whole(number).keys().isdisjoint(digests.partial(number))


def request(data: bytes) -> object:
    """The JSON of an envelope, proven as far as it goes."""
    with contextlib.suppress(EnvelopeError):
        found = parse_request(_verified(data))
        return _proven(found) if isinstance(found, CallbackRequest) else None
    return None


def changed_sample(data: bytes) -> object:
    """A sample of which single statements are changed."""
    return _proven(change_sample(data))


def _proven(found: CallbackRequest) -> Facts | None:
    if kind_of(found.request_type) is None:
        return None
    facts = prove(parse_details(found), _REGISTRY)
    assert [one.path for one in facts.missing if one.code == "DECODER_FAILED"] == []
    assert json.dumps(facts.to_json()).encode("utf-8")
    return facts
