"""What is proven of Bitcoin transactions: honest ones of every kind, and one deviation at a time."""

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
    own_script,
)
from facts_cases import ABSENT, FOREIGN_KEY, ROOT_KEY, codes, put, registry_data
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.bitcoin import TxOutput
from placet_policy.chains.bitcoin_addresses import (
    BITCOIN_FORMS,
    ecdsa_scripts,
    hash160,
    taproot_output_key,
    taproot_tweak,
)
from placet_policy.chains.bitcoin_digest import Digests, Spend

_RAW = "extra.transaction.raw_tx_info"
_DESTINATION = "extra.transaction.destination"


def _found(spending: Spending, changes: dict[str, Any] | None = None) -> tuple[str, list[str]]:
    """Status and codes of a request after changes by path."""
    parts = spending.parts()
    for path, value in (changes or {}).items():
        put(parts, path, value)
    facts = bitcoin_facts(parts)
    return str(facts.status), codes(facts)


_HONEST = {
    "p2wpkh": Spending(),
    "nested": Spending(inputs=[(Spend.P2SH_P2WPKH, 100_000)]),
    "legacy": Spending(inputs=[(Spend.P2PKH, 100_000)] * 3, change=230_000),
    "taproot": Spending(inputs=[(Spend.P2TR, 100_000)] * 2, change=130_000),
    "taproot of the kit": Spending(inputs=[(Spend.P2TR, 100_000)], tweaked=False),
    "taproot ALL": Spending(inputs=[(Spend.P2TR, 100_000)], sighash=1),
    "mixed key hashes": Spending(inputs=[(Spend.P2WPKH, 100_000), (Spend.P2SH_P2WPKH, 1_000), (Spend.P2PKH, 1_000)]),
    "without change": Spending(change=0),
    "many payments": Spending(payments=[(SUPPLIER, 1_000), (STRANGER, 2_000), (SUPPLIER, 1_000)]),
    "lock time": Spending(lock_time=840_000, version=1),
}


@pytest.mark.parametrize("spending", _HONEST.values(), ids=_HONEST.keys())
def test_honest_payments_are_proven(spending: Spending) -> None:
    """Every kind of key-path input, alone and mixed, with its own digest rule."""
    assert _found(spending) == ("PROVEN", [])


@pytest.mark.parametrize("spending", [_HONEST["p2wpkh"], _HONEST["taproot"], _HONEST["legacy"]])
def test_a_transaction_that_is_not_in_the_request_is_rebuilt(spending: Spending) -> None:
    """Its parts and its digest are enough, where nothing unusual is in it (protocol d.4)."""
    assert _found(spending, {f"{_RAW}.unsigned_raw_tx": None}) == ("PROVEN", [])


def test_each_nested_input_is_known_by_the_key_that_it_pays() -> None:
    """Without a redeem script a signing key explains the output, whatever its place; no other key does."""
    spending = Spending(inputs=[(Spend.P2SH_P2WPKH, 40_000)] * 3, change=50_000)
    utxos = spending.parts()["extra"]["transaction"]["raw_tx_info"]["selected_utxos"]
    stranger = MAINNET.encode(own_script((44, 0, 1, 0, 9), Spend.P2SH_P2WPKH))

    assert _found(spending, {f"{_RAW}.selected_utxos": utxos[::-1]}) == ("PROVEN", [])
    assert "KIND_NOT_SUPPORTED" in _found(spending, {f"{_RAW}.selected_utxos.1.address": stranger})[1]


def test_equal_payments_are_counted() -> None:
    """Any order is honest; each declared payment needs an output of its own, and each output a declaration."""
    once, twice = {"address": SUPPLIER, "amount": "0.00001"}, {"address": STRANGER, "amount": "0.00002"}
    spending = Spending(payments=[(SUPPLIER, 1_000), (STRANGER, 2_000), (STRANGER, 2_000)])
    outputs = f"{_DESTINATION}.utxo_outputs"

    assert _found(spending, {outputs: [twice, once, twice]}) == ("PROVEN", [])
    assert _found(spending, {outputs: [twice, once]}) == ("CONTRADICTED", ["DESTINATION_MISMATCH"])
    assert _found(spending, {outputs: [twice, once, twice, twice]}) == ("CONTRADICTED", ["DESTINATION_MISMATCH"])
    assert _found(spending, {outputs: [twice, once, once, twice]}) == ("CONTRADICTED", ["DESTINATION_MISMATCH"])


def test_what_cannot_be_rebuilt_is_unprovable() -> None:
    """A lock time cannot be guessed; the code is its own, and no release may accept it."""
    assert _found(_HONEST["lock time"], {f"{_RAW}.unsigned_raw_tx": None}) == (
        "UNPROVABLE",
        ["TRANSACTION_NOT_REBUILT"],
    )


_CHANGED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "amount": ({f"{_DESTINATION}.utxo_outputs.0.amount": "0.0006001"}, ["AMOUNT_MISMATCH"]),
    "amount text": ({f"{_DESTINATION}.utxo_outputs.0.amount": "60000sat"}, ["DECLARATION_NOT_CANONICAL"]),
    "destination": (
        {f"{_DESTINATION}.utxo_outputs.0.address": STRANGER},
        ["DESTINATION_MISMATCH"],
    ),
    "testnet destination": (
        {f"{_DESTINATION}.utxo_outputs.0.address": "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"},
        ["DESTINATION_MISMATCH", "DECLARATION_NOT_CANONICAL"],
    ),
    "no payment": (
        {f"{_DESTINATION}.utxo_outputs": None},
        ["DESTINATION_MISMATCH", "DECLARATION_MISSING"],
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
        ["KIND_NOT_SUPPORTED", "PREVOUT_NOT_PROVEN"],
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
    "unstake": ({"extra.transaction.type": "Unstake"}, ["KIND_NOT_SUPPORTED"]),
}


@pytest.mark.parametrize(("changes", "expected"), _CHANGED.values(), ids=_CHANGED.keys())
def test_one_changed_statement(changes: dict[str, Any], expected: list[str]) -> None:
    """Each deviation has its own code, and what says the same in other words has none."""
    assert _found(Spending(), changes)[1] == expected


_TWO = Spending(inputs=[(Spend.P2WPKH, 100_000), (Spend.P2WPKH, 50_000)])


def test_the_order_of_the_hashes_is_free() -> None:
    """Each digest says which input it signs, as long as its path goes with it."""
    hashes = ["0x" + digest.hex() for digest in _TWO.digests()]
    turned = {"detail.msg_hash_list": hashes[::-1], "detail.bip32_path_list": ["m/44/0/1/0/1", "m/44/0/1/0/0"]}

    assert _found(_TWO, turned) == ("PROVEN", [])
    assert _found(_TWO, {"detail.msg_hash_list": hashes[::-1]})[1] == ["DERIVATION_MISMATCH"]


def test_a_hash_signs_only_one_input() -> None:
    """The same hash twice leaves an input unsigned."""
    digest = "0x" + _TWO.digests()[0].hex()

    assert _found(_TWO, {"detail.msg_hash_list": [digest, digest]})[1] == ["HASH_MISMATCH"]


def test_a_hash_beyond_the_inputs() -> None:
    """More hashes than inputs: something else is signed with it."""
    hashes = ["0x" + digest.hex() for digest in [*Spending().digests(), bytes(32)]]
    changes = {
        "detail.msg_hash_list": hashes,
        "detail.bip32_path_list": ["m/44/0/1/0/0"] * 2,
        "detail.tweak_list": [],
    }

    assert _found(Spending(), changes)[1] == ["HASH_MISMATCH", "HASH_COUNT_MISMATCH"]


def test_no_hash_at_all() -> None:
    """An empty list proves nothing and contradicts."""
    assert "HASH_COUNT_MISMATCH" in _found(Spending(), {"detail.msg_hash_list": []})[1]


def test_a_part_of_the_inputs_is_unprovable_and_bounds_no_fee() -> None:
    """The provider might ask input by input; then the amounts of the others are only declared."""
    parts = _TWO.parts()
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
    assert _found(Spending(inputs=[(Spend.P2WPKH, 89_999)]))[1] == ["INPUT_MISMATCH"]


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

    assert _found(default) == ("PROVEN", [])


# Outputs.


def test_an_output_that_nobody_declared() -> None:
    """A payment hidden beside the declared one contradicts, and it is a transfer in the facts."""
    facts = bitcoin_facts(Spending(extra_outputs=[TxOutput(5_000, MAINNET.decode(STRANGER))]).parts())

    assert codes(facts) == ["DESTINATION_MISMATCH"]
    assert [(transfer["to"], transfer["amount"]) for transfer in facts.transfers] == [
        (SUPPLIER, "60000"),
        (STRANGER, "5000"),
    ]


def test_a_second_payment_to_the_declared_address() -> None:
    """One declaration stands for one output; the same again is not declared."""
    facts = bitcoin_facts(Spending(extra_outputs=[TxOutput(60_000, MAINNET.decode(SUPPLIER))], change=0).parts())

    assert "DESTINATION_MISMATCH" in codes(facts)
    assert [transfer["amount"] for transfer in facts.transfers] == ["60000", "60000"]


def test_an_output_without_an_address() -> None:
    """Data beside a payment is an output that nobody declared, too."""
    facts = bitcoin_facts(Spending(extra_outputs=[TxOutput(0, b"\x6a\x01\x07")]).parts())

    assert codes(facts) == ["DESTINATION_MISMATCH"]
    assert [transfer["to"] for transfer in facts.transfers] == [SUPPLIER, None]
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


def test_change_far_from_the_window_is_found_by_a_named_path() -> None:
    """A source address entry names the path; the derivation proves it."""
    script = ecdsa_scripts(key_of((44, 0, 1, 1, 70_000)))[0]
    parts = Spending(change=0, extra_outputs=[TxOutput(30_000, script)]).parts()
    put(parts, f"{_DESTINATION}.change_address", MAINNET.encode(script))
    assert codes(bitcoin_facts(parts)) == ["CHANGE_NOT_PROVEN"]

    entry = {"address": MAINNET.encode(script), "chain_id": "BTC", "path": "m/44/0/1/1/70000"}
    parts["extra"]["source_addresses"].append(entry)
    assert codes(bitcoin_facts(parts)) == []


def test_a_named_path_must_be_pinned() -> None:
    """A key of ours on a path that the registry does not allow is no change of this wallet."""
    script = ecdsa_scripts(key_of((44, 0, 2, 0, 0)))[0]
    parts = Spending(change=0, extra_outputs=[TxOutput(30_000, script)]).parts()
    put(parts, f"{_DESTINATION}.change_address", MAINNET.encode(script))
    parts["extra"]["source_addresses"].append({"address": MAINNET.encode(script), "path": "m/44/0/2/0/0"})

    assert codes(bitcoin_facts(parts)) == ["CHANGE_NOT_PROVEN"]


# Keys and tweaks.


def test_an_input_of_another_key_contradicts() -> None:
    """A correct digest under the path of another own key would be signed by the wrong key."""
    parts = _TWO.parts()
    put(parts, "detail.bip32_path_list.1", "m/44/0/1/0/0")

    assert codes(bitcoin_facts(parts)) == ["DERIVATION_MISMATCH"]


def test_an_input_that_is_not_ours() -> None:
    """A signature for a stranger's output is no honest request."""
    spending = Spending()
    script = ecdsa_scripts(key_of(Spending.path(0), FOREIGN_KEY))[0]
    parts = spending.parts()
    spent = [type(spending.spent[0])(output=TxOutput(100_000, script), spend=Spend.P2WPKH, key_hash=script[2:])]
    (digest,) = Digests(spending.transaction, spent).whole(0)
    put(parts, f"{_RAW}.selected_utxos.0.address", MAINNET.encode(script))
    put(parts, "detail.msg_hash_list.0", digest.hex())

    assert codes(bitcoin_facts(parts)) == ["DERIVATION_MISMATCH"]


_TAPROOT = Spending(inputs=[(Spend.P2TR, 100_000)])


def test_the_tweak_of_an_empty_tree_may_be_stated() -> None:
    """BIP-341's tweak of the key is what makes the address, so it changes nothing."""
    tweak = "0x" + taproot_tweak(key_of(Spending.path(0))).hex()

    assert _found(_TAPROOT, {"detail.tweak_list.0": tweak}) == ("PROVEN", [])


@pytest.mark.parametrize("tweaked", [True, False])
def test_another_tweak_is_not_proven(*, tweaked: bool) -> None:
    """What the node does with a tweak is not documented; only one is known to fit the address."""
    spending = Spending(inputs=[(Spend.P2TR, 100_000)], tweaked=tweaked)
    tweak = taproot_tweak(key_of(Spending.path(0)), b"" if not tweaked else bytes(32))

    assert _found(spending, {"detail.tweak_list.0": tweak.hex()}) == ("UNPROVABLE", ["TWEAK_NOT_PROVEN"])


def test_the_redeem_script_must_be_the_addresses() -> None:
    """A declared redeem script is confirmed by its hash."""
    nested = Spending(inputs=[(Spend.P2SH_P2WPKH, 100_000)])
    redeem = "0x0014" + hash160(key_of(Spending.path(0))).hex()

    assert _found(nested, {f"{_RAW}.selected_utxos.0.redeem_script": redeem}) == ("PROVEN", [])
    assert _found(nested, {f"{_RAW}.selected_utxos.0.redeem_script": "0x0014" + "11" * 20})[1] == [
        "INPUT_MISMATCH",
        "KIND_NOT_SUPPORTED",
        "PREVOUT_NOT_PROVEN",
    ]
    assert "DECLARATION_NOT_CANONICAL" in _found(nested, {f"{_RAW}.selected_utxos.0.redeem_script": "0x0"})[1]


def test_an_input_declared_twice() -> None:
    """Two entries for one output would let people see another amount than is compared."""
    parts = Spending().parts()
    utxos = parts["extra"]["transaction"]["raw_tx_info"]["selected_utxos"]
    utxos.append({**utxos[0], "value": "0.002"})

    assert codes(bitcoin_facts(parts)) == ["INPUT_MISMATCH"]


# Other rows of the table.


def test_a_drop_pays_only_ourselves() -> None:
    """The replaced payment is still declared and is not compared; everything goes back to an own key."""
    drop = {"extra.transaction.replacement": {"replaced_type": "Drop"}}
    back = Spending(payments=[])

    assert _found(back, drop | {f"{_DESTINATION}.utxo_outputs": [{"address": SUPPLIER, "amount": "1"}]}) == (
        "PROVEN",
        [],
    )
    assert _found(Spending(), drop)[1] == ["DROP_NOT_SELF_SEND"]


@pytest.mark.parametrize("replaced", ["SpeedUp", "Resend"])
def test_a_replacement_with_a_higher_fee(replaced: str) -> None:
    """The payment stays what it was."""
    assert _found(Spending(change=20_000), {"extra.transaction.replacement": {"replaced_type": replaced}}) == (
        "PROVEN",
        [],
    )


_STAKE = {
    "extra.transaction.type": "Stake",
    f"{_DESTINATION}.utxo_outputs": None,
    f"{_DESTINATION}.account_output": {"address": SUPPLIER, "amount": "0"},
}


def test_a_stake_declares_no_amount() -> None:
    """As in the provider's example: the amount is 0, and the transfer says what the bytes pay."""
    parts = Spending().parts()
    for path, value in _STAKE.items():
        put(parts, path, value)
    facts = bitcoin_facts(parts)

    assert (str(facts.status), codes(facts)) == ("PROVEN", [])
    assert [(transfer["to"], transfer["amount"]) for transfer in facts.transfers] == [(SUPPLIER, "60000")]


def test_a_stake_that_pays_somebody_else_is_unprovable() -> None:
    """A staking script is not declared, so it cannot be told from a theft."""
    spending = Spending(payments=[(STRANGER, 60_000)])

    assert _found(spending, _STAKE) == ("UNPROVABLE", ["OUTPUT_NOT_DECLARED"])


def test_a_consolidation_is_a_transfer_to_ourselves() -> None:
    """Where nobody else is paid, the payment to the own key is what the request does."""
    own = MAINNET.encode(own_script(CHANGE_PATH, Spend.P2WPKH))
    facts = bitcoin_facts(Spending(payments=[(own, 90_000)], change=0).parts())

    assert (str(facts.status), [transfer["to"] for transfer in facts.transfers]) == ("PROVEN", [own])


def test_one_source_is_named_and_several_are_not() -> None:
    """A transfer has one sender only where all inputs have one script."""
    one = bitcoin_facts(Spending().parts())
    two = bitcoin_facts(_TWO.parts())

    assert [transfer["from"] for transfer in one.transfers] == ["bc1q9fyzlgxlu82gdash006sxsk4jnh60eynl627sa"]
    assert [transfer["from"] for transfer in two.transfers] == [None]


def test_the_bytes_name_no_network() -> None:
    """The chain is declared, and nothing says that it is proven."""
    assert bitcoin_facts(Spending().parts()).chain == {
        "kind": "bitcoin",
        "id": "BTC",
        "network": None,
        "network_proven": False,
        "source": "declared",
    }


def test_a_test_network_is_not_believed_for_a_key_of_value() -> None:
    """The same signature would be valid with coins of value, so the facts are those of that network."""
    script = own_script(Spending.path(0), Spend.P2WPKH)
    test_form = BITCOIN_FORMS[True]
    parts = Spending(change=0).parts()
    for path, value in {
        "extra.transaction.chain_id": "SIGNET_BTC",
        "extra.transaction.token_id": "SIGNET_BTC",
        "extra.source_addresses.0.address": test_form.encode(script),
        f"{_RAW}.selected_utxos.0.address": test_form.encode(script),
        f"{_DESTINATION}.utxo_outputs.0.address": test_form.encode(MAINNET.decode(SUPPLIER)),
    }.items():
        put(parts, path, value)
    data = registry_data()
    facts = bitcoin_facts(parts, data)
    data["keys"][ROOT_KEY]["test_network"] = True
    believed = bitcoin_facts(parts, data)

    assert [codes(facts), codes(believed)] == [[], []]
    assert (facts.chain or {})["id"] == "BTC"
    assert [transfer["to"] for transfer in facts.transfers] == [SUPPLIER]
    assert (facts.fee or {})["asset"] == {"kind": "native", "contract": None, "token": "BTC", "chain": "BTC"}
    assert (believed.chain or {})["id"] == "SIGNET_BTC"
    assert [transfer["to"] for transfer in believed.transfers] == [test_form.encode(MAINNET.decode(SUPPLIER))]


# Properties.


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([_TWO, _TAPROOT, _HONEST["legacy"]]), st.data())
def test_no_flipped_byte_of_the_transaction_stays_proven(spending: Spending, data: st.DataObject) -> None:
    """Every byte of the transaction is bound by the digests."""
    parts = spending.parts()
    raw = bytearray(spending.transaction.serialize())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    put(parts, f"{_RAW}.unsigned_raw_tx", raw.hex())

    assert str(bitcoin_facts(parts).status) != "PROVEN"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([_TWO, _TAPROOT, _HONEST["nested"]]), st.data())
def test_no_flipped_byte_of_a_hash_stays_proven(spending: Spending, data: st.DataObject) -> None:
    """Every byte of every hash is compared."""
    parts = spending.parts()
    number = data.draw(st.integers(0, len(spending.inputs) - 1))
    digest = bytearray(spending.digests()[number])
    digest[data.draw(st.integers(0, 31))] ^= data.draw(st.integers(1, 255))
    put(parts, f"detail.msg_hash_list.{number}", digest.hex())

    assert "HASH_MISMATCH" in codes(bitcoin_facts(parts))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([Spend.P2WPKH, Spend.P2SH_P2WPKH]), st.integers(10_000, 10**9)),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.tuples(st.sampled_from([SUPPLIER, STRANGER]), st.integers(1, 2_000)), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_random_honest_payments_are_proven(
    inputs: list[tuple[Spend, int]], payments: list[tuple[str, int]], lock_time: int
) -> None:
    """The fee is what is left, and nothing is found."""
    facts = bitcoin_facts(Spending(inputs=inputs, payments=payments, change=1_000, lock_time=lock_time).parts())

    assert (str(facts.status), codes(facts)) == ("PROVEN", [])
    left = sum(value for _, value in inputs) - sum(value for _, value in payments) - 1_000
    assert facts.fee is not None
    assert facts.fee["max"] == str(left)


def test_a_removed_statement_is_never_proven_in_silence() -> None:
    """Whatever of selected_utxos is absent, the request is not proven."""
    for name in ("tx_hash", "vout_n", "address", "value"):
        assert _found(Spending(), {f"{_RAW}.selected_utxos.0.{name}": ABSENT})[0] != "PROVEN"
