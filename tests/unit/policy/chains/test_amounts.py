"""Amounts between coin units and base units."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.chains.amounts import AmountError, from_base_units, to_base_units


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [
        ("0", 18, 0),
        ("1.5", 18, 1_500_000_000_000_000_000),
        ("10", 6, 10_000_000),
        ("10.000", 6, 10_000_000),
        ("10.0000000", 6, 10_000_000),
        ("0.000001", 6, 1),
        ("7", 0, 7),
        ("7.0", 0, 7),
        (
            "115792089237316195423570985008687907853269984665640564039457.584007913129639935",
            18,
            2**256 - 1,
        ),
        ("0.00000000000000000000000000000000000000000000000000000000000000000000000000001", 77, 1),
    ],
)
def test_amounts_are_exact(text: str, decimals: int, units: int) -> None:
    """Every digit counts up to 2**256 - 1, and trailing zeros do not."""
    assert to_base_units(text, decimals) == units


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "1 ", " 1", "+1", "-1", "-0", "1e3", "1E3", "0x1", "01", "00", "1.", ".5", "1.5.0", "1,5", "1_000"],
        *["NaN", "Infinity", "\N{FULLWIDTH DIGIT ONE}", "1\n", "0" * 200, "1" + "0" * 160],
    ],
)
def test_other_texts_are_not_canonical(text: str) -> None:
    """Signs, exponents, leading zeros, separators and other digits are not amounts."""
    with pytest.raises(AmountError):
        to_base_units(text, 18)


@pytest.mark.parametrize(("text", "decimals"), [("0.0000001", 6), ("1.5", 0), ("0." + "0" * 77 + "1", 77)])
def test_more_digits_than_decimals_are_refused(text: str, decimals: int) -> None:
    """There is nothing finer than a base unit, and nothing is rounded."""
    with pytest.raises(AmountError):
        to_base_units(text, decimals)


def test_more_than_a_word_is_refused() -> None:
    """No EVM amount exceeds 2**256 - 1."""
    with pytest.raises(AmountError):
        to_base_units(str(2**256), 0)


@given(st.integers(0, 2**256 - 1), st.integers(0, 77))
def test_amounts_go_round(units: int, decimals: int) -> None:
    """What is written for people is read back as the same number of base units."""
    assert to_base_units(from_base_units(units, decimals), decimals) == units


@given(st.integers(0, 10**40), st.integers(0, 18))
def test_writing_agrees_with_decimal(units: int, decimals: int) -> None:
    """The text has the value that exact decimal arithmetic gives."""
    with localcontext() as context:
        context.prec = 100
        expected = Decimal(units) / (Decimal(10) ** decimals)

    assert Decimal(from_base_units(units, decimals)) == expected
