"""Canonical addresses for policy data."""

import io
import sys

import pytest
from placet_policy.canonical import AddressError, canonical_address, main

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


def test_other_kinds_are_not_known_yet() -> None:
    """An address of another chain is refused, not passed through."""
    with pytest.raises(AddressError):
        canonical_address("tron", "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93")


def test_the_command_answers_each_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong line is answered with its error and the next one is still read."""
    lines = [
        '{"kind": "evm", "address": "0x52908400098527886E0F7030069857D2E4169EE7"}',
        '{"kind": "evm", "address": "0x1"}',
        '{"kind": "evm"}',
        "[]",
        "{",
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))

    assert main([]) == 0
    assert capsys.readouterr().out.splitlines() == [
        '{"canonical": "0x52908400098527886e0f7030069857d2e4169ee7"}',
        '{"error": "not hexadecimal"}',
        '{"error": "kind and address must be texts"}',
        '{"error": "kind and address must be texts"}',
        '{"error": "not strict JSON: NOT_JSON"}',
    ]
