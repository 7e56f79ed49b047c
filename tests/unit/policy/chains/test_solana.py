"""Solana messages: the provider's wrapper, canonical decoding and token accounts, with the official vectors."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import solana_cases as sol
from placet_policy.chains import solana
from placet_policy.chains.solana import (
    LookupTableError,
    NotCanonicalError,
    TooLargeError,
    VersionNotSupportedError,
    WrapperError,
    associated_account,
    decode_message,
    unwrap,
)
from placet_policy.chains.strict_hex import decode_hex, encode_hex

_VECTORS: dict[str, dict[str, Any]] = {
    row["id"]: row
    for row in json.loads((Path(__file__).parents[3] / "support" / "vectors.json").read_text())["raw_transactions"]
}


@pytest.mark.parametrize("name", ["tx-sol", "tx-sol_transfer", "tx-spl_transfer"])
def test_official_vectors_decode_to_what_they_say(name: str) -> None:
    """Signed message, accounts and instructions are those of the provider's vectors, with and without 0x."""
    row = _VECTORS[name]

    signed = unwrap(decode_hex(row["unsigned_raw_tx"]))
    message = decode_message(signed)

    expected = row["expected"].get("decoded") or row["expected"]["decoded_tx"]
    assert [encode_hex(signed)] == row["expected"]["msg_hash_list"]
    assert message.version == expected["version"]
    assert message.signers == tuple(expected["account_keys"][:1])
    assert message.recent_blockhash == expected["recent_blockhash"]
    assert [(one.program, list(one.accounts), one.data.hex()) for one in message.instructions] == [
        (one["program"], one["accounts"], one["data"]) for one in expected["instructions"]
    ]


def test_the_official_token_account() -> None:
    """The derived token account is the one of the provider's vector."""
    row = _VECTORS["ata-usdc"]
    parts = row["input"]

    account = associated_account(parts["owner"], parts["mint"], parts["token_program"])

    assert account == row["expected"]["associated_token_account"]


def test_a_token_2022_account_is_another_one() -> None:
    """Owner and mint alone do not make the account: the token program is part of it."""
    assert associated_account(sol.OWNER, sol.USDC, sol.TOKEN_2022) != sol.OWNER_USDC


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"!!!!",
        b"AAEC ",
        b"AAEC\n",
        b"AAE",
        b"AAF=",  # the last four bits are not zero
        b"AQEC",  # one signature
        base64.urlsafe_b64encode(b"\x00\xfb\xff"),
    ],
)
def test_the_wrapper_has_one_form(text: bytes) -> None:
    """Text that is not canonical base64 of zero signatures and a message is refused."""
    with pytest.raises(WrapperError):
        unwrap(text)


def test_the_longest_message_fits_and_one_byte_more_does_not() -> None:
    """The limit is the network's packet, signature included."""
    longest = bytes(solana.MAX_MESSAGE_BYTES)

    assert len(longest) == 1167
    assert unwrap(base64.b64encode(b"\x00" + longest)) == longest
    with pytest.raises(TooLargeError):
        unwrap(base64.b64encode(b"\x00" + longest + b"\x00"))
    with pytest.raises(TooLargeError):
        unwrap(b"A" * 100_000)


def test_version_0_decodes_like_legacy() -> None:
    """The version changes the encoding and nothing that is paid."""
    legacy = decode_message(sol.message(sol.pay(7)))
    versioned = decode_message(sol.message(sol.pay(7), extras=sol.Extras(version=0)))

    assert (legacy.version, versioned.version) == ("legacy", "v0")
    assert versioned.instructions == legacy.instructions
    assert versioned.signers == legacy.signers == (sol.SIGNER,)


def test_lookup_tables_are_named() -> None:
    """Accounts whose addresses are not in the bytes cannot be proven."""
    table = b"\x01" + bytes(32) + b"\x01\x00" + b"\x00"

    with pytest.raises(LookupTableError):
        decode_message(sol.message(sol.pay(7), extras=sol.Extras(version=0, lookups=table)))


@pytest.mark.parametrize("version", [1, 127])
def test_later_versions_are_named(version: int) -> None:
    """A version that did not exist when this was written is not taken for another."""
    with pytest.raises(VersionNotSupportedError):
        decode_message(sol.message(sol.pay(7), extras=sol.Extras(version=version)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x01",
        b"\x80",
        sol.message(sol.pay(7)) + b"\x00",
        sol.message(sol.pay(7))[:-1],
        sol.message(sol.pay(7), extras=sol.Extras(version=0)) + b"\x00",
        # compact-u16 with a superfluous byte: 83 00 says 3 like 03
        b"\x01\x00\x00\x83\x00" + sol.message(sol.pay(7))[4:],
        sol.message(sol.pay(7), extras=sol.Extras(header=(0, 0, 0))),
        sol.message(sol.pay(7), extras=sol.Extras(header=(4, 0, 0))),
        sol.message(sol.pay(7), extras=sol.Extras(header=(1, 1, 0))),
        sol.message(sol.pay(7), extras=sol.Extras(header=(1, 0, 3))),
        sol.message(sol.pay(7))[:-14] + b"\x02\x00\x09" + sol.message(sol.pay(7))[-11:],
    ],
)
def test_other_encodings_are_not_canonical(body: bytes) -> None:
    """Tails, truncations, loose lengths, impossible headers and indexes are refused by name."""
    with pytest.raises(NotCanonicalError):
        decode_message(body)


def test_an_account_stands_once() -> None:
    """The network refuses a message whose accounts repeat, and two names for one account could mislead."""
    once = sol.message(sol.pay(7))
    twice = once[:3] + b"\x04" + once[4:36] + once[4:]

    with pytest.raises(NotCanonicalError, match="twice"):
        decode_message(twice)
