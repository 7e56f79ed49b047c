"""Bech32 and bech32m: the valid and invalid addresses of BIP-350, and embit as a second opinion."""

import contextlib

import pytest
from embit import bech32 as oracle  # type: ignore[import-untyped]  # the library has no annotations
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.chains.bech32 import Bech32Error, decode, encode

_ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
_SYMBOLS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@pytest.mark.parametrize(
    ("prefix", "text", "version", "program"),
    [
        ("bc", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", 0, "751e76e8199196d454941c45d1b3a323f1433bd6"),
        (
            "tb",
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            0,
            "1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
        ),
        (
            "bc",
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            1,
            "751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
        ),
        ("bc", "BC1SW50QGDZ25J", 16, "751e"),
        ("bc", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", 2, "751e76e8199196d454941c45d1b3a323"),
    ],
)
def test_the_valid_addresses_of_bip_350(prefix: str, text: str, version: int, program: str) -> None:
    """Version and program are those of the standard, and writing them gives the text in lower case."""
    assert decode(prefix, text) == (version, bytes.fromhex(program))
    assert encode(prefix, version, bytes.fromhex(program)) == text.lower()


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("other prefix", "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut"),
        ("bech32 instead of bech32m", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"),
        ("bech32 instead of bech32m, version 16", "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL"),
        ("bech32m instead of bech32", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh"),
        ("character", "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"),
        ("version 17", "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R"),
        ("mixed case", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jJ0"),
        ("more than four bits of padding", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf"),
        ("empty", "bc1gmk9yu"),
        ("no data", "bc1"),
        ("a letter whose lower case is k", _ADDRESS.upper().replace("K", "\N{KELVIN SIGN}")),
        ("blank", f"{_ADDRESS} "),
        ("91 characters", "bc1" + "q" * 88),
    ],
)
def test_the_invalid_addresses_of_bip_350(why: str, text: str) -> None:
    """Every other text is refused."""
    assert why
    with pytest.raises(Bech32Error):
        decode("bc", text)


@given(version=st.integers(0, 16), program=st.binary(min_size=2, max_size=40))
def test_what_is_written_is_what_embit_writes(version: int, program: bytes) -> None:
    """Every witness program has the text that an independent implementation gives it, and is read from it."""
    text = encode("bc", version, program)
    symbols = [version, *oracle.convertbits(program, 8, 5)]
    kind = oracle.Encoding.BECH32 if version == 0 else oracle.Encoding.BECH32M

    assert text == oracle.bech32_encode(kind, "bc", symbols)
    assert decode("bc", text) == (version, program)


@given(
    version=st.integers(0, 31),
    symbols=st.lists(st.integers(0, 31), max_size=70),
    kind=st.sampled_from([oracle.Encoding.BECH32, oracle.Encoding.BECH32M]),
)
def test_what_is_read_is_what_embit_reads(version: int, symbols: list[int], kind: int) -> None:
    """Of texts with a right checksum, whatever is in them, the same ones are read, and as the same."""
    text = oracle.bech32_encode(kind, "bc", [version, *symbols])
    found: tuple[int | None, bytes | None] = (None, None)
    with contextlib.suppress(Bech32Error):
        found = decode("bc", text)
    expected = oracle.decode("bc", text)

    # embit also knows which lengths a program may have; that is decided one step later here (bitcoin_addresses).
    if found[1] is not None and (not 2 <= len(found[1]) <= 40 or (found[0] == 0 and len(found[1]) not in (20, 32))):
        assert expected == (None, None)
    else:
        assert found == (expected[0], None if expected[1] is None else bytes(expected[1]))


@given(st.integers(3, len(_ADDRESS) - 1), st.sampled_from(_SYMBOLS))
def test_one_wrong_character_is_noticed(position: int, symbol: str) -> None:
    """The checksum finds every single error."""
    changed = _ADDRESS[:position] + symbol + _ADDRESS[position + 1 :]
    if changed != _ADDRESS:
        with pytest.raises(Bech32Error):
            decode("bc", changed)
