"""The declared spelling stands beside the canonical address, and is never more than a spelling of it."""

from typing import Any

import pytest
from bitcoin_cases import SUPPLIER, Spending, bitcoin_facts
from evm_requests import calldata, contract_call
from facts_cases import ABSENT, changed, put, sample_facts

_TX = "extra.transaction"
_ADDRESS = f"{_TX}.destination.account_output.address"
_PAID = "0x8b45b84e2cf29e5f826797df7e1aa93fc71a2bfd"
_MIXED = "0x8B45b84e2cF29E5F826797dF7e1Aa93FC71a2bfd"
_OTHER = "0x66f820a414680b5bcda5eeca5dea238543f42054"


@pytest.mark.parametrize("spelling", [_PAID, _MIXED, _PAID[2:], _MIXED[2:].upper()])
def test_the_spelling_is_the_requests_own(spelling: str) -> None:
    """Case and prefix are kept as they were shown to people, while the fact has the one canonical form."""
    (transfer,) = changed("keysign_eth_erc20_transfer", {_ADDRESS: spelling}).transfers

    assert (transfer["to"], transfer["to_declared"]) == (_PAID, spelling)


@pytest.mark.parametrize(
    "value", [_OTHER, _PAID + "00", f" {_PAID}", "vitalik.eth", "\x1b[2J", "0x" * 5_000, 7, None, [_PAID], {"a": 1}]
)
def test_what_is_no_spelling_of_the_address_is_not_shown(value: Any) -> None:
    """Another address, a name or anything else is a finding of its own and never stands beside the fact."""
    found = changed("keysign_eth_erc20_transfer", {_ADDRESS: value})

    assert [(one["to"], one["to_declared"]) for one in found.transfers] == [(_PAID, None)]
    assert found.status != "PROVEN"


def test_the_payer_has_its_spelling_from_the_source() -> None:
    """The source of the transaction comes first, then the source addresses; without both there is none."""
    lower = "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5"
    spelled = [
        changed("keysign_eth_erc20_transfer", changes).transfers[0]["from_declared"]
        for changes in (
            {f"{_TX}.source.address": lower},
            {f"{_TX}.source.address": ABSENT, "extra.source_addresses.0.address": lower[2:]},
            {f"{_TX}.source": "x", "extra.source_addresses": None},
        )
    ]

    assert spelled == [lower, lower[2:], None]


def test_a_called_contract_has_its_spelling() -> None:
    """A contract call declares which contract it calls; calls inside it to others were declared by nobody."""
    call = calldata("multicall(bytes[])", [calldata("transfer(address,uint256)", _OTHER, 5)])
    contract = "0x52dab98686d461bb6dac14f27640f3b6555d483f"
    found = contract_call(call, to=contract)

    assert {(one["to"], one["to_declared"]) for one in found.calls} == {(contract, contract)}
    assert [one["to_declared"] for one in sample_facts("keysign_evm_contract_creation").calls] == [None]


def test_bitcoin_outputs_have_theirs_each() -> None:
    """Bech32 may be written in capitals; an output that is nobody's address has a script and no spelling."""
    parts = Spending(payments=[(SUPPLIER, 60_000)], change=0).parts()
    put(parts, f"{_TX}.destination.utxo_outputs.0.address", SUPPLIER.upper())
    (transfer,) = bitcoin_facts(parts).transfers

    assert (transfer["to"], transfer["to_declared"]) == (SUPPLIER, SUPPLIER.upper())
    assert "to_script" not in transfer


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("keysign_trc20_transfer", ("TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93", "THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa")),
        (
            "keysign_spl_transfer",
            ("6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiiiB", "8bJaa7p816rKnPSGTsZdWBDkAmsuKDnoEYzLRwrsuFV6"),
        ),
    ],
)
def test_every_chain_has_the_same_words(name: str, ends: tuple[str, str]) -> None:
    """TRON and Solana addresses have one spelling, which stands in both places."""
    (transfer,) = sample_facts(name).transfers

    assert (transfer["from"], transfer["to"]) == ends
    assert (transfer["from_declared"], transfer["to_declared"]) == ends
