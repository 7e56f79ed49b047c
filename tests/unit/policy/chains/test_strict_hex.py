"""Strict hexadecimal text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex


@pytest.mark.parametrize(
    ("text", "data"), [("", b""), ("0x", b""), ("0xAbcD", b"\xab\xcd"), ("abcd", b"\xab\xcd"), ("00", b"\x00")]
)
def test_both_notations_are_read(text: str, data: bytes) -> None:
    """Case and prefix do not matter."""
    assert decode_hex(text) == data


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0x0",
        "0X00",
        "0x 00",
        "00 ",
        "00\n",
        "0g",
        "0x0x00",
        "\N{FULLWIDTH DIGIT ZERO}0",
        "\N{LATIN SMALL LETTER E WITH ACUTE}0",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """Odd lengths, blanks, a capital X and other digits are refused, where the official server cuts them."""
    with pytest.raises(HexError):
        decode_hex(text)


@given(st.binary(max_size=100))
def test_bytes_go_round(data: bytes) -> None:
    """The form Placet writes is read back."""
    assert decode_hex(encode_hex(data)) == data
