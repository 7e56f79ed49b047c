"""Canonical addresses for policy data."""

import io
import sys

import pytest
from placet_policy.canonical import canonical_address, main
from placet_policy.chains.addresses import AddressError

# The examples of EIP-55.
_CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("address", _CHECKSUMMED)
def test_checksummed_addresses_become_lower_case(address: str) -> None:
    """The examples of EIP-55 are accepted in their own case and in one case."""
    assert canonical_address("evm", address) == address.lower()
    assert canonical_address("evm", address.lower()) == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "0x",
        "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed00",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
        "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ],
)
def test_other_texts_are_refused(address: str) -> None:
    """A missing prefix, another length, other characters and a wrong checksum are mistakes of whoever typed it."""
    with pytest.raises(AddressError):
        canonical_address("evm", address)


@pytest.mark.parametrize(
    ("kind", "address", "canonical"),
    [
        ("tron", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"),
        ("solana", "6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiiiB", "6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiiiB"),
        (
            "bitcoin",
            "BC1QGKAL4QH29FKLM7RW07F6RW6MPXR8THJXVUC7HK",
            "bc1qgkal4qh29fklm7rw07f6rw6mpxr8thjxvuc7hk",
        ),
        ("bitcoin", "3Cfymb5qTXu61nVeNYJVtRxqKrEYzy3U34", "3Cfymb5qTXu61nVeNYJVtRxqKrEYzy3U34"),
        ("bitcoin", "2MxgpWvNHAsXPRvZfxmRT2CXWAVzEuS2rtV", "2MxgpWvNHAsXPRvZfxmRT2CXWAVzEuS2rtV"),
    ],
)
def test_each_kind_has_its_form(kind: str, address: str, canonical: str) -> None:
    """TRON and Solana write base58; Bitcoin base58 or lower-case bech32, of either network."""
    assert canonical_address(kind, address) == canonical


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("tron", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV94"),
        ("solana", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"),
        ("bitcoin", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"),
        ("evm", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"),
        ("litecoin", "LVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"),
    ],
)
def test_an_address_of_another_kind_is_refused(kind: str, address: str) -> None:
    """A wrong checksum, another chain's address and an unknown kind are mistakes, and nothing is passed through."""
    with pytest.raises(AddressError):
        canonical_address(kind, address)


@pytest.mark.parametrize(
    ("testnet", "address"),
    [
        (False, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (True, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
    ],
)
def test_a_bitcoin_address_is_of_one_network(testnet: bool, address: str) -> None:  # noqa: FBT001 - the parameter
    """The examples of BIP-173 are addresses of their own network, and of either where none is asked for."""
    assert canonical_address("bitcoin", address) == address
    assert canonical_address("bitcoin", address, testnet=testnet) == address
    with pytest.raises(AddressError):
        canonical_address("bitcoin", address, testnet=not testnet)


def test_the_command_answers_each_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong line is answered with its error and the next one is still read."""
    lines = [
        '{"kind": "evm", "address": "0x52908400098527886E0F7030069857D2E4169EE7"}',
        '{"kind": "evm", "address": "0x1"}',
        '{"kind": "evm"}',
        '{"kind": "evm", "address": "0x1", "testnet": "no"}',
        "[]",
        "{",
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))

    assert main([]) == 0
    assert capsys.readouterr().out.splitlines() == [
        '{"canonical": "0x52908400098527886e0f7030069857d2e4169ee7"}',
        '{"error": "not hexadecimal"}',
        '{"error": "kind and address must be texts"}',
        '{"error": "testnet must be true or false"}',
        '{"error": "kind and address must be texts"}',
        '{"error": "not strict JSON: NOT_JSON"}',
    ]
