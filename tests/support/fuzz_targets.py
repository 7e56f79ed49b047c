"""Every function that reads what a requester sends, as a fuzz target: bytes in, and the errors that may come out.

One list for both fuzzers: hypothesis (tests/unit/fuzz) and atheris (tests/fuzz). A function of the decoders that is
neither here nor in `NOT_READING` fails tests/unit/fuzz, so that a new decoder cannot be forgotten.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import fuzz_readers as read
import fuzz_seeds as seeds
from placet_callback import canonical_base64, envelope, strict_json, token
from placet_callback.canonical_base64 import NotCanonicalError
from placet_policy.chains import (
    abi,
    addresses,
    amounts,
    bech32,
    bitcoin,
    bitcoin_addresses,
    bitcoin_digest,
    bitcoin_keys,
    bitcoin_messages,
    bitcoin_rebuild,
    derivation,
    ed25519,
    eip712,
    evm,
    evm_calls,
    evm_rlp,
    hash160,
    messages,
    protobuf,
    solana,
    solana_fee,
    solana_programs,
    strict_hex,
    tron,
)
from placet_policy.facts import detail, prove

Errors = tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One way from bytes into the decoders.

    Attributes:
        run: Reads the bytes; returns, or raises one of `errors`. An `AssertionError` says that a promise is broken.
        errors: The decoder's own errors.
        reads: The functions that the bytes reach.
        seeds: Bytes that are read, or nearly; what the fuzzers start from.
    """

    run: Callable[[bytes], object]
    errors: Errors
    reads: tuple[Any, ...]
    seeds: Callable[[], tuple[bytes, ...]]


def _target(run: Callable[[bytes], object], errors: Errors, reads: tuple[Any, ...], start: Any) -> Target:
    return Target(run=run, errors=errors, reads=reads, seeds=start)


_BASE64 = (NotCanonicalError,)
_ADDRESS = (addresses.AddressError,)
_EVM = (evm_rlp.EvmError,)
_KEY = (derivation.DerivationError,)
_RLP_ITEMS = (evm_rlp.fields, evm_rlp.integer, evm_rlp.items, evm_rlp.octets)
_TYPED = (
    messages.transfer_of,
    messages.safe_message,
    messages.kind_of,
    messages.approvals_of,
    messages.safe_call,
    messages.safe_refunds,
)
_BITCOIN_MESSAGE = (
    bitcoin_messages.bip137_digest,
    bitcoin_messages.bip322_to_spend,
    bitcoin_messages.bip322_to_sign,
    bitcoin_messages.bip322_digests,
    bitcoin_messages.challenge_of,
)
_SOLANA_STEPS = (solana_programs.decode_instruction, solana_fee.fee_bound)
_CALLS = (abi.decode_arguments, abi.shown, evm_calls.unpack, evm_calls.approval_of)

TARGETS: Mapping[str, Target] = {
    "base64url": _target(read.base64url, _BASE64, (canonical_base64.decode_url,), seeds.texts),
    "base64": _target(read.base64, _BASE64, (canonical_base64.decode_padded,), seeds.texts),
    "strict JSON": _target(
        read.json_text, (strict_json.StrictJsonError,), (strict_json.loads, strict_json.shown_name), seeds.packages
    ),
    "token": _target(read.token_text, (token.TokenError,), (token.verify_token,), seeds.signed_tokens),
    "token, signed claims": _target(read.signed_claims, (token.TokenError,), (token.verify_token,), seeds.claims),
    "envelope": _target(read.package, (envelope.EnvelopeError,), (envelope.parse_request,), seeds.packages),
    "hexadecimal": _target(read.hexadecimal, (strict_hex.HexError,), (strict_hex.decode_hex,), seeds.texts),
    "amount": _target(read.amount, (amounts.AmountError,), (amounts.to_base_units,), seeds.texts),
    "address": _target(read.address, _ADDRESS, (addresses.base58check, bech32.decode), seeds.texts),
    "address bytes": _target(read.address_bytes, _ADDRESS, (bitcoin_addresses.is_taproot,), seeds.scripts),
    "path": _target(read.path, _KEY, (derivation.parse_path, derivation.path_text), seeds.texts),
    "root key": _target(
        read.root_key,
        _KEY,
        (derivation.parse_xpub, derivation.extended_payload, derivation.is_cpub, ed25519.parse_cpub),
        seeds.texts,
    ),
    "root key, right checksum": _target(read.root_payload, _KEY, (derivation.parse_xpub,), seeds.root_payloads),
    "EVM transaction": _target(
        read.evm_raw, _EVM, (evm.decode_unsigned, evm.decode_token_transfer, *_RLP_ITEMS), seeds.raw("evm")
    ),
    "EVM calldata": _target(read.calldata, (), _CALLS, seeds.calldata),
    "method signature": _target(read.signature, (abi.AbiError,), (abi.parse_method,), seeds.signatures),
    "EIP-191": _target(read.personal, (), (messages.personal_digest, messages.may_be_hash), seeds.texts),
    "Bitcoin message": _target(read.bitcoin_message, (), _BITCOIN_MESSAGE, seeds.texts),
    "EIP-712": _target(
        read.typed_data,
        (eip712.TypedDataError, strict_json.StrictJsonError),
        (eip712.read_typed_data, *_TYPED),
        seeds.typed_data,
    ),
    "Protocol Buffers": _target(
        read.protobuf_message,
        (protobuf.WireError,),
        (protobuf.read_message, protobuf.write_message),
        seeds.protobuf_messages,
    ),
    "TRON transaction": _target(read.tron_raw, (tron.NotCanonicalError,), (tron.decode_unsigned,), seeds.raw("tron")),
    "TRON calldata": _target(read.tron_call, (), (tron.decode_token_transfer,), seeds.calldata),
    "Solana wrapper": _target(read.solana_wrapper, (solana.SolanaError,), (solana.unwrap,), seeds.raw("solana")),
    "Solana message": _target(
        read.solana_message, (solana.SolanaError,), (solana.decode_message, *_SOLANA_STEPS), seeds.solana_messages
    ),
    "Bitcoin transaction": _target(
        read.bitcoin_raw, (bitcoin.BitcoinError,), (bitcoin.decode_unsigned,), seeds.raw("bitcoin")
    ),
    "request": _target(read.request, (), (detail.parse_details, prove.prove), seeds.request_texts),
    "changed sample": _target(read.changed_sample, (), (detail.parse_details, prove.prove), seeds.changes),
}
"""By name. The last two are whole requests: nothing at all may be raised, and no decoder may be said to have failed."""

NOT_READING: frozenset[Any] = frozenset(
    {
        # Writers, hashes and sums: they take what a reader gave, of every length it can have.
        canonical_base64.encode_url,
        canonical_base64.encode_padded,
        token.sign_token,
        envelope.encode_request,
        strict_hex.encode_hex,
        amounts.from_base_units,
        evm.keccak256,
        evm.signing_hash,
        tron.signing_hash,
        bitcoin_keys.key_alone_spends,
        bitcoin.compact_size,
        bitcoin.total,
        bitcoin_digest.double_sha256,
        bitcoin_digest.sighash_name,
        bitcoin_digest.tagged_hash,
        bitcoin_addresses.key_hash_script,
        bitcoin_addresses.script_hash_script,
        bitcoin_addresses.witness_script,
        hash160.hash160,
        bech32.encode,
        # Keys and addresses that a reader has proven to be some; the target "changed sample" reaches them.
        bitcoin_addresses.ecdsa_scripts,
        bitcoin_addresses.schnorr_scripts,
        bitcoin_addresses.taproot_output_key,
        bitcoin_addresses.taproot_tweak,
        derivation.evm_address,
        derivation.fingerprint,
        derivation.extended_text,
        solana.associated_account,
        bitcoin_rebuild.rebuild,
    }
)
"""Functions of the same modules that get nothing from a requester but what a reader has read."""


def name_of(function: FunctionType) -> str:
    """E.g. `placet_policy.chains.evm.decode_unsigned`."""
    return f"{function.__module__}.{function.__qualname__}"
