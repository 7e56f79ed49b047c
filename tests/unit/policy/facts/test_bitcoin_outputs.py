"""Outputs of a Bitcoin payment that are no declared payment, and declared payments that cannot be read."""

from typing import Any

import pytest
from bitcoin_cases import (
    CHANGE_PATH,
    MAINNET,
    STRANGER,
    SUPPLIER,
    Spending,
    bitcoin_facts,
    coins,
    key_of,
)
from facts_cases import ROOT_KEY, codes, put, registry_data
from placet_policy.chains import bech32
from placet_policy.chains.bitcoin import TxOutput
from placet_policy.chains.bitcoin_addresses import (
    ecdsa_scripts,
    taproot_output_key,
)
from placet_policy.chains.bitcoin_digest import Spend
from placet_policy.chains.derivation import path_text

_RAW = "extra.transaction.raw_tx_info"
_DESTINATION = "extra.transaction.destination"
_CHANGE = "bc1ql6sf6apcljprp46t6e7vcg0n0fw52syfyuhkzq"
"""The address of CHANGE_PATH."""


def test_an_output_that_nobody_declared() -> None:
    """It may be change outside the window, or a hidden payment: unproven, and a marked transfer in the facts."""
    facts = bitcoin_facts(Spending(extra_outputs=[TxOutput(5_000, MAINNET.decode(STRANGER))]).parts())

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["CHANGE_NOT_PROVEN"])
    assert [(transfer["to"], transfer["amount"], transfer["change"]) for transfer in facts.transfers] == [
        (SUPPLIER, "60000", None),
        (STRANGER, "5000", "not_proven"),
        (_CHANGE, "30000", "proven"),
    ]


def test_undeclared_change_outside_the_window_is_not_proven() -> None:
    """Key 300 of the change branch is ours, but is not searched."""
    script = ecdsa_scripts(key_of((44, 0, 1, 1, 300)))[0]
    facts = bitcoin_facts(Spending(change=0, extra_outputs=[TxOutput(30_000, script)]).parts())

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["CHANGE_NOT_PROVEN"])


def test_undeclared_change_on_a_branch_that_is_not_pinned() -> None:
    """A pattern that is missing from the registry makes no honest change a lie."""
    data, parts = registry_data(), Spending().parts()
    data["keys"][ROOT_KEY]["paths"] = ["m/44/0/1/0/*"]
    put(parts, f"{_DESTINATION}.change_address", None)
    put(parts, f"{_RAW}.utxo_changes", None)

    assert codes(bitcoin_facts(parts, data)) == ["CHANGE_NOT_PROVEN"]


_SHOWN = {"address": SUPPLIER, "amount": "0.0006"}


@pytest.mark.parametrize(
    ("outputs", "code"),
    [
        ([{"address": None, "amount": "0.0006"}], "DECLARATION_MISSING"),
        ([{"address": SUPPLIER + " ", "amount": "0.0006"}], "DECLARATION_NOT_CANONICAL"),
        ([{"address": SUPPLIER[:-1] + SUPPLIER[-1].upper(), "amount": "0.0006"}], "DECLARATION_NOT_CANONICAL"),
        ([{"address": _SHOWN["address"], "amount": "1"}, *[_SHOWN] * 1024], "DECLARATION_NOT_CANONICAL"),
        ([_SHOWN["address"]], "DECLARATION_NOT_CANONICAL"),
        ("all of it", "DECLARATION_NOT_CANONICAL"),
        ([], "DECLARATION_MISSING"),
        (None, "DECLARATION_MISSING"),
    ],
)
@pytest.mark.parametrize("script", [MAINNET.decode(SUPPLIER), b"\x00\x20" + bytes(32), b"\x52\x20" + b"\x07" * 32])
def test_payments_that_cannot_be_read_contradict_nothing(outputs: Any, code: str, script: bytes) -> None:
    """What is paid may be what the unreadable statement says, to an address of whatever kind."""
    parts = Spending(payments=[], extra_outputs=[TxOutput(60_000, script)]).parts()
    put(parts, f"{_DESTINATION}.utxo_outputs", outputs)
    facts = bitcoin_facts(parts)

    assert (str(facts.status), facts.contradictions) == ("UNPROVABLE", ())
    assert code in codes(facts)


@pytest.mark.parametrize("count", [513, 1023])
def test_a_batch_of_as_many_payments_as_a_transaction_has_outputs(count: int) -> None:
    """Payouts to many are honest; each is compared and named, and change is found beside them."""
    addresses = [MAINNET.encode(b"\x00\x14" + number.to_bytes(20, "big")) for number in range(count)]
    payments = [(address, 1_000) for address in addresses]
    parts = Spending(inputs=[(Spend.P2WPKH, count * 1_000 + 40_000)], payments=payments).parts()
    parts["extra"]["transaction"]["destination"]["utxo_outputs"].reverse()
    facts = bitcoin_facts(parts)

    assert (str(facts.status), codes(facts)) == ("PROVEN", [])
    assert sorted(str(transfer["to_declared"]) for transfer in facts.transfers) == sorted([*addresses, _CHANGE])


def test_one_of_many_payments_is_compared() -> None:
    """The last of a long list, too."""
    payments = [(SUPPLIER, 1_000)] * 1023
    parts = Spending(inputs=[(Spend.P2WPKH, 2_000_000)], payments=payments).parts()
    put(parts, f"{_DESTINATION}.utxo_outputs.1022.amount", "0.00001001")

    assert [str(one.code) for one in bitcoin_facts(parts).contradictions] == ["AMOUNT_MISMATCH"]


def test_a_future_witness_version_is_not_read() -> None:
    """Nobody knows its rules, so the declared address and the paid script say nothing about each other."""
    program = b"\x07" * 32
    parts = Spending(payments=[], extra_outputs=[TxOutput(60_000, b"\x52\x20" + program)]).parts()
    put(parts, f"{_DESTINATION}.utxo_outputs", [{"address": bech32.encode("bc", 2, program), "amount": "0.0006"}])

    assert codes(bitcoin_facts(parts)) == ["DECLARATION_NOT_CANONICAL", "OUTPUT_NOT_DECLARED"]


def test_one_payment_that_cannot_be_read_hides_no_contradiction_of_another() -> None:
    """A declared payment that is surely absent stays a contradiction."""
    unread = {"address": SUPPLIER + " ", "amount": "0.0006"}
    parts = Spending().parts()
    put(parts, f"{_DESTINATION}.utxo_outputs", [unread, {"address": STRANGER, "amount": "0.5"}])

    assert [str(one.code) for one in bitcoin_facts(parts).contradictions] == ["DESTINATION_MISMATCH"]


def test_a_second_payment_to_the_declared_address() -> None:
    """One declaration stands for one output; the same again is not declared."""
    facts = bitcoin_facts(Spending(extra_outputs=[TxOutput(60_000, MAINNET.decode(SUPPLIER))], change=0).parts())

    assert "DESTINATION_MISMATCH" in codes(facts)
    assert [transfer["amount"] for transfer in facts.transfers] == ["60000", "60000"]


def test_an_output_without_an_address() -> None:
    """Data beside a payment is an output that nobody declared, too."""
    facts = bitcoin_facts(Spending(extra_outputs=[TxOutput(0, b"\x6a\x01\x07")]).parts())

    assert codes(facts) == ["DESTINATION_MISMATCH"]
    assert [transfer["to"] for transfer in facts.transfers] == [SUPPLIER, None, _CHANGE]
    assert "Send 0 BTC to the script 0x6a0107 on BTC." in facts.summary


def test_change_that_is_only_declared_is_unprovable() -> None:
    """What people are told is change, but no own key is paid, stays a transfer that lists and limits see."""
    parts = Spending(change=0, extra_outputs=[TxOutput(30_000, MAINNET.decode(STRANGER))]).parts()
    put(parts, f"{_RAW}.utxo_changes", [{"address": STRANGER, "value": coins(30_000)}])
    facts = bitcoin_facts(parts)

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["CHANGE_NOT_PROVEN"])
    assert [transfer["to"] for transfer in facts.transfers] == [SUPPLIER, STRANGER]


@pytest.mark.parametrize("where", [f"{_DESTINATION}.change_address"])
def test_a_declared_change_address_is_not_believed(where: str) -> None:
    """The address alone makes an output unprovable change, and no payment to us."""
    parts = Spending(change=0, extra_outputs=[TxOutput(30_000, MAINNET.decode(STRANGER))]).parts()
    put(parts, where, STRANGER)

    assert codes(bitcoin_facts(parts)) == ["CHANGE_NOT_PROVEN"]


def test_change_under_a_script_tree_is_not_proven() -> None:
    """An own key under a declared tree can be spent by whoever the tree names."""
    script = b"\x51\x20" + taproot_output_key(key_of(CHANGE_PATH), bytes(32))
    parts = Spending(inputs=[(Spend.P2TR, 100_000)], change=0, extra_outputs=[TxOutput(30_000, script)]).parts()
    put(parts, f"{_DESTINATION}.change_address", MAINNET.encode(script))
    put(parts, "extra.source_addresses.0.taproot_script_tree_hash", "0x" + "00" * 32)

    assert codes(bitcoin_facts(parts)) == ["CHANGE_NOT_PROVEN"]


def test_change_on_a_branch_that_is_not_pinned() -> None:
    """The registry says which branches are the wallet's."""
    data = registry_data()
    data["keys"][ROOT_KEY]["paths"] = ["m/44/0/1/0/*"]
    facts = bitcoin_facts(Spending().parts(), data)

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["CHANGE_NOT_PROVEN"])


def test_change_of_an_unpinned_key_is_not_proven() -> None:
    """Whose keys they are is unknown until the root key is pinned."""
    data = registry_data()
    del data["keys"][ROOT_KEY]

    assert codes(bitcoin_facts(Spending().parts(), data)) == ["KEY_NOT_PINNED", "CHANGE_NOT_PROVEN"]


@pytest.mark.parametrize(
    "path",
    [(44, 0, 1, 1, 250), (44, 0, 1, 1, 70_000), (44, 0, 1, 1, 2**31 - 1), (44, 60, 1, 0, 249), (44, 0, 2, 1, 0)],
)
@pytest.mark.parametrize("declared", [True, False])
def test_change_elsewhere_is_not_proven_by_naming_it(path: tuple[int, ...], *, declared: bool) -> None:
    """Beyond the window, on another chain's branch, in another account: ours by derivation, and where nobody looks."""
    data, script = registry_data(), ecdsa_scripts(key_of(path))[0]
    data["keys"][ROOT_KEY]["paths"].append("m/44/0/2/*/*")
    parts = Spending(change=0, extra_outputs=[TxOutput(30_000, script)]).parts()
    entry = {"address": MAINNET.encode(script), "chain_id": "BTC", "path": path_text(path)}
    parts["extra"]["source_addresses"].append(entry)
    if declared:
        put(parts, f"{_DESTINATION}.change_address", MAINNET.encode(script))
    facts = bitcoin_facts(parts, data)

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["CHANGE_NOT_PROVEN"])
    assert [(transfer["to_path"], transfer["change"]) for transfer in facts.transfers] == [
        (None, None),
        (None, "not_proven"),
    ]


def test_change_is_a_transfer_that_stays() -> None:
    """Rules see it as a fact: where it goes, which own key that is, and that it is change."""
    facts = bitcoin_facts(Spending().parts())

    assert [
        (transfer["to"], transfer["amount"], transfer["to_path"], transfer["change"]) for transfer in facts.transfers
    ] == [(SUPPLIER, "60000", None, None), (_CHANGE, "30000", "m/44/0/1/1/0", "proven")]
    assert [transfer["to_declared"] for transfer in facts.transfers] == [SUPPLIER, _CHANGE]
    assert facts.summary[:2] == (
        f"Send 0.0006 BTC to {SUPPLIER} on BTC.",
        f"Keep 0.0003 BTC as change at {_CHANGE}, the wallet's own key m/44/0/1/1/0.",
    )


def test_coins_may_return_to_the_only_key_that_signs() -> None:
    """Where all of them lay under one key, however high its number, nothing moves to it."""
    path = (44, 0, 1, 0, 90_000)

    class Far(Spending):
        """Spends a key beyond the window."""

        @staticmethod
        def path(number: int) -> tuple[int, ...]:
            """The one key."""
            del number
            return path

    script = ecdsa_scripts(key_of(path))[0]
    facts = bitcoin_facts(Far(change=0, extra_outputs=[TxOutput(30_000, script)]).parts())

    assert (str(facts.status), codes(facts)) == ("PROVEN", [])
    assert facts.transfers[1]["to_path"] == "m/44/0/1/0/90000"


def test_a_named_path_must_be_pinned() -> None:
    """A key of ours on a path that the registry does not allow is no change of this wallet."""
    script = ecdsa_scripts(key_of((44, 0, 2, 0, 0)))[0]
    parts = Spending(change=0, extra_outputs=[TxOutput(30_000, script)]).parts()
    put(parts, f"{_DESTINATION}.change_address", MAINNET.encode(script))
    parts["extra"]["source_addresses"].append({"address": MAINNET.encode(script), "path": "m/44/0/2/0/0"})

    assert codes(bitcoin_facts(parts)) == ["CHANGE_NOT_PROVEN"]
