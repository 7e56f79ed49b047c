"""What is proven of Bitcoin transactions: honest ones of every kind, and one deviation at a time."""

from typing import Any

import pytest
from bitcoin_cases import (
    HONEST,
    MAINNET,
    STRANGER,
    SUPPLIER,
    TWO_INPUTS,
    Spending,
    bitcoin_facts,
    found,
    own_script,
)
from facts_cases import ABSENT, codes
from placet_policy.chains.bitcoin_digest import Spend

_RAW = "extra.transaction.raw_tx_info"
_DESTINATION = "extra.transaction.destination"


@pytest.mark.parametrize("spending", HONEST.values(), ids=HONEST.keys())
def test_honest_payments_are_proven(spending: Spending) -> None:
    """Every kind of key-path input, alone and mixed, with its own digest rule."""
    assert found(spending) == ("PROVEN", [])


@pytest.mark.parametrize("spending", [HONEST["p2wpkh"], HONEST["taproot"], HONEST["legacy"]])
def test_a_transaction_that_is_not_in_the_request_is_rebuilt(spending: Spending) -> None:
    """Its parts and its digest are enough, where nothing unusual is in it (protocol d.4)."""
    assert found(spending, {f"{_RAW}.unsigned_raw_tx": None}) == ("PROVEN", [])


def test_each_nested_input_is_known_by_the_key_that_it_pays() -> None:
    """Without a redeem script a signing key explains the output, whatever its place; no other key does."""
    spending = Spending(inputs=[(Spend.P2SH_P2WPKH, 40_000)] * 3, change=50_000)
    utxos = spending.parts()["extra"]["transaction"]["raw_tx_info"]["selected_utxos"]
    stranger = MAINNET.encode(own_script((44, 0, 1, 0, 9), Spend.P2SH_P2WPKH))

    assert found(spending, {f"{_RAW}.selected_utxos": utxos[::-1]}) == ("PROVEN", [])
    assert "KIND_NOT_SUPPORTED" in found(spending, {f"{_RAW}.selected_utxos.1.address": stranger})[1]


def test_equal_payments_are_counted() -> None:
    """Any order is honest; each declared payment needs an output of its own, and each output a declaration."""
    once, twice = {"address": SUPPLIER, "amount": "0.00001"}, {"address": STRANGER, "amount": "0.00002"}
    spending = Spending(payments=[(SUPPLIER, 1_000), (STRANGER, 2_000), (STRANGER, 2_000)])
    outputs = f"{_DESTINATION}.utxo_outputs"

    assert found(spending, {outputs: [twice, once, twice]}) == ("PROVEN", [])
    assert found(spending, {outputs: [twice, once]}) == ("CONTRADICTED", ["DESTINATION_MISMATCH"])
    assert found(spending, {outputs: [twice, once, twice, twice]}) == ("CONTRADICTED", ["DESTINATION_MISMATCH"])
    assert found(spending, {outputs: [twice, once, once, twice]}) == ("CONTRADICTED", ["DESTINATION_MISMATCH"])


def test_what_cannot_be_rebuilt_is_unprovable() -> None:
    """A lock time cannot be guessed; the code is its own, and no release may accept it."""
    assert found(HONEST["lock time"], {f"{_RAW}.unsigned_raw_tx": None}) == (
        "UNPROVABLE",
        ["TRANSACTION_NOT_REBUILT"],
    )


_CHANGED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "amount": ({f"{_DESTINATION}.utxo_outputs.0.amount": "0.0006001"}, ["AMOUNT_MISMATCH"]),
    "amount text": ({f"{_DESTINATION}.utxo_outputs.0.amount": "60000sat"}, ["DECLARATION_NOT_CANONICAL"]),
    "destination": (
        {f"{_DESTINATION}.utxo_outputs.0.address": STRANGER},
        ["DESTINATION_MISMATCH", "CHANGE_NOT_PROVEN"],
    ),
    "testnet destination": (
        {f"{_DESTINATION}.utxo_outputs.0.address": "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"},
        ["DECLARATION_NOT_CANONICAL", "CHANGE_NOT_PROVEN"],
    ),
    "no payment": (
        {f"{_DESTINATION}.utxo_outputs": None},
        ["DECLARATION_MISSING", "CHANGE_NOT_PROVEN"],
    ),
    "two kinds of payment": (
        {f"{_DESTINATION}.account_output": {"address": SUPPLIER, "amount": "0.0006"}},
        ["DECLARATION_NOT_CANONICAL"],
    ),
    "account output": (
        {
            f"{_DESTINATION}.utxo_outputs": None,
            f"{_DESTINATION}.account_output": {"address": SUPPLIER.upper(), "amount": "0.00060"},
        },
        [],
    ),
    "change value": ({f"{_RAW}.utxo_changes.0.value": "0.0003001"}, ["AMOUNT_MISMATCH"]),
    "no change declared": ({f"{_RAW}.utxo_changes": [], f"{_DESTINATION}.change_address": None}, []),
    "older change": (
        {f"{_RAW}.utxo_changes": None, f"{_RAW}.utxo_change": {"address": STRANGER, "value": "0.0003"}},
        ["AMOUNT_MISMATCH"],
    ),
    "no change address": (
        {f"{_RAW}.utxo_changes": [{"address": "", "value": "0"}], f"{_DESTINATION}.change_address": ""},
        [],
    ),
    "no hash list": ({"detail.msg_hash_list": ABSENT}, ["DETAIL_FIELD_MISSING"]),
    "no older change": ({f"{_RAW}.utxo_change": {"address": "", "value": "0"}}, []),
    "change of nothing": (
        {f"{_RAW}.utxo_changes": [], f"{_RAW}.utxo_change": {"address": STRANGER, "value": "0"}},
        [],
    ),
    "change of a rune": ({f"{_RAW}.utxo_changes.0.token_id": "BTC_RUNE"}, ["KIND_NOT_SUPPORTED"]),
    "foreign change address": ({f"{_DESTINATION}.change_address": "x"}, ["DECLARATION_NOT_CANONICAL"]),
    "input value": ({f"{_RAW}.selected_utxos.0.value": "0.0010001"}, ["HASH_MISMATCH"]),
    "input address": ({f"{_RAW}.selected_utxos.0.address": STRANGER}, ["HASH_MISMATCH"]),
    "input script hash": (
        {f"{_RAW}.selected_utxos.0.address": "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"},
        ["KIND_NOT_SUPPORTED", "PREVOUT_NOT_PROVEN"],
    ),
    "input script path": (
        {f"{_RAW}.selected_utxos.0.revealed_script": "0x51"},
        ["SCRIPT_SPEND_NOT_PROVEN", "PREVOUT_NOT_PROVEN"],
    ),
    "input of a rune": ({f"{_RAW}.selected_utxos.0.token_id": "BTC_RUNE"}, ["KIND_NOT_SUPPORTED"]),
    "another input": (
        {f"{_RAW}.selected_utxos.0.vout_n": 5},
        ["INPUT_MISMATCH", "PREVOUT_NOT_PROVEN"],
    ),
    "input number": ({f"{_RAW}.selected_utxos.0.vout_n": -1}, ["DECLARATION_NOT_CANONICAL", "PREVOUT_NOT_PROVEN"]),
    "input id": ({f"{_RAW}.selected_utxos.0.tx_hash": "zz"}, ["DECLARATION_NOT_CANONICAL", "PREVOUT_NOT_PROVEN"]),
    "input without id": ({f"{_RAW}.selected_utxos.0.tx_hash": None}, ["DECLARATION_MISSING", "PREVOUT_NOT_PROVEN"]),
    "no inputs": ({f"{_RAW}.selected_utxos": None}, ["PREVOUT_NOT_PROVEN"]),
    "hash": ({"detail.msg_hash_list.0": "0x" + "11" * 32}, ["HASH_MISMATCH"]),
    "no raw info": ({_RAW: None}, ["TRANSACTION_NOT_REBUILT"]),
    "raw text": ({f"{_RAW}.unsigned_raw_tx": "0"}, ["DECLARATION_NOT_CANONICAL"]),
    "raw too long": ({f"{_RAW}.unsigned_raw_tx": "00" * 100_002}, ["RAW_TX_TOO_LARGE"]),
    "raw with many outputs": (
        {f"{_RAW}.unsigned_raw_tx": "02000000" + "01" + "11" * 36 + "00" + "ffffffff" + "fd0104"},
        ["RAW_TX_TOO_LARGE"],
    ),
    "raw tail": ({f"{_RAW}.unsigned_raw_tx": Spending().transaction.serialize().hex() + "00"}, ["BYTES_NOT_CANONICAL"]),
    "psbt": ({f"{_RAW}.unsigned_raw_tx": b"psbt\xff\x01\x00".hex()}, ["KIND_NOT_SUPPORTED"]),
    "token": ({"extra.transaction.token_id": "BTC_RUNE"}, ["TOKEN_UNKNOWN"]),
    "signature type": ({"detail.signature_type": 3}, ["DERIVATION_MISMATCH", "SIGNATURE_TYPE_MISMATCH"]),
    "tweak": ({"detail.tweak_list.0": "0x01"}, ["TWEAK_PRESENT"]),
    "unstake by key alone": ({"extra.transaction.type": "Unstake"}, []),
    "unstake of a script": (
        {"extra.transaction.type": "Unstake", "detail.msg_hash_list.0": "0x" + "11" * 32},
        ["SCRIPT_SPEND_NOT_PROVEN"],
    ),
    "unstake without bytes": ({"extra.transaction.type": "Unstake", f"{_RAW}.unsigned_raw_tx": None}, []),
    "unstake of a script without bytes": (
        {
            "extra.transaction.type": "Unstake",
            f"{_RAW}.unsigned_raw_tx": None,
            "detail.msg_hash_list.0": "0x" + "11" * 32,
        },
        ["TRANSACTION_NOT_REBUILT", "SCRIPT_SPEND_NOT_PROVEN"],
    ),
    "unstake by another key": (
        {"extra.transaction.type": "Unstake", "detail.bip32_path_list.0": "m/44/0/1/0/1"},
        ["DERIVATION_MISMATCH"],
    ),
    "unstake to another": (
        {"extra.transaction.type": "Unstake", f"{_DESTINATION}.utxo_outputs.0.address": STRANGER},
        ["OUTPUT_NOT_DECLARED"],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), _CHANGED.values(), ids=_CHANGED.keys())
def test_one_changed_statement(changes: dict[str, Any], expected: list[str]) -> None:
    """Each deviation has its own code, and what says the same in other words has none."""
    assert found(Spending(), changes)[1] == expected


def test_the_order_of_the_hashes_is_free() -> None:
    """Each digest says which input it signs, as long as its path goes with it."""
    hashes = ["0x" + digest.hex() for digest in TWO_INPUTS.digests()]
    turned = {"detail.msg_hash_list": hashes[::-1], "detail.bip32_path_list": ["m/44/0/1/0/1", "m/44/0/1/0/0"]}

    assert found(TWO_INPUTS, turned) == ("PROVEN", [])
    assert found(TWO_INPUTS, {"detail.msg_hash_list": hashes[::-1]})[1] == ["DERIVATION_MISMATCH"]


def test_a_hash_signs_only_one_input() -> None:
    """The same hash twice leaves an input unsigned."""
    digest = "0x" + TWO_INPUTS.digests()[0].hex()

    assert found(TWO_INPUTS, {"detail.msg_hash_list": [digest, digest]})[1] == ["HASH_MISMATCH"]


def test_a_hash_beyond_the_inputs() -> None:
    """More hashes than inputs: something else is signed with it."""
    hashes = ["0x" + digest.hex() for digest in [*Spending().digests(), bytes(32)]]
    changes = {
        "detail.msg_hash_list": hashes,
        "detail.bip32_path_list": ["m/44/0/1/0/0"] * 2,
        "detail.tweak_list": [],
    }

    assert found(Spending(), changes)[1] == ["HASH_MISMATCH", "HASH_COUNT_MISMATCH"]


def test_no_hash_at_all() -> None:
    """An empty list proves nothing and contradicts."""
    assert "HASH_COUNT_MISMATCH" in found(Spending(), {"detail.msg_hash_list": []})[1]


def test_a_part_of_the_inputs_is_unprovable_and_bounds_no_fee() -> None:
    """The provider might ask input by input; then the amounts of the others are only declared."""
    parts = TWO_INPUTS.parts()
    parts["detail"]["msg_hash_list"].pop()
    parts["detail"]["bip32_path_list"].pop()
    parts["detail"]["tweak_list"].pop()
    facts = bitcoin_facts(parts)

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["INPUT_NOT_SIGNED"])
    assert facts.fee is not None
    assert facts.fee["max"] is None


@pytest.mark.parametrize(
    ("inputs", "fee"),
    [
        ([(Spend.P2WPKH, 100_000)], "10000"),
        ([(Spend.P2WPKH, 90_000), (Spend.P2SH_P2WPKH, 10_500)], "10500"),
        ([(Spend.P2TR, 50_000), (Spend.P2TR, 50_000)], "10000"),
        ([(Spend.P2PKH, 100_000)], None),
        ([(Spend.P2WPKH, 90_000), (Spend.P2PKH, 10_000)], None),
    ],
)
def test_the_fee_is_proven_where_signatures_bind_the_amounts(inputs: list[tuple[Spend, int]], fee: str | None) -> None:
    """BIP-143 binds each input's amount, BIP-341 all of them, and the old digest none."""
    facts = bitcoin_facts(Spending(inputs=inputs).parts())

    assert facts.fee == {
        "max": fee,
        "asset": {"kind": "native", "contract": None, "token": "BTC", "chain": "BTC"},
        "source": "bytes",
    }


def test_inputs_that_hold_less_than_is_paid() -> None:
    """No network accepts it, so a declared amount is false."""
    assert found(Spending(inputs=[(Spend.P2WPKH, 89_999)]))[1] == ["INPUT_MISMATCH"]


_PARTIAL = [
    (0x02, "NONE"),
    (0x03, "SINGLE"),
    (0x81, "ALL|ANYONECANPAY"),
    (0x82, "NONE|ANYONECANPAY"),
    (0x83, "SINGLE|ANYONECANPAY"),
]


@pytest.mark.parametrize("spend", [Spend.P2WPKH, Spend.P2TR, Spend.P2PKH])
@pytest.mark.parametrize(("sighash", "name"), _PARTIAL)
def test_another_sighash_type_contradicts(spend: Spend, sighash: int, name: str) -> None:
    """NONE, SINGLE and ANYONECANPAY leave outputs or inputs open to change; they are recognised and named."""
    facts = bitcoin_facts(Spending(inputs=[(spend, 100_000)], sighash=sighash).parts())

    assert [(str(one.code), one.declared) for one in facts.contradictions] == [("SIGHASH_NOT_ALL", name)]


def test_the_digest_of_another_default_is_no_other_type() -> None:
    """DEFAULT and ALL of BIP-341 bind the same; both are honest."""
    default = Spending(inputs=[(Spend.P2TR, 100_000)], sighash=0)

    assert found(default) == ("PROVEN", [])


# Outputs.
