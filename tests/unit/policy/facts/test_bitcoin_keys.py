"""What is proven of Bitcoin requests: keys, tweaks, the other rows of the table, and properties."""

from typing import Any

import pytest
from bitcoin_cases import (
    CHANGE_PATH,
    HONEST,
    MAINNET,
    STRANGER,
    SUPPLIER,
    TWO_INPUTS,
    Spending,
    bitcoin_facts,
    found,
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
    taproot_output_key,
    taproot_tweak,
)
from placet_policy.chains.bitcoin_digest import Digests, Spend, SpentOutput
from placet_policy.chains.derivation import path_text
from placet_policy.chains.hash160 import hash160

_RAW = "extra.transaction.raw_tx_info"
_DESTINATION = "extra.transaction.destination"


# Keys and tweaks.


def test_an_input_of_another_key_contradicts() -> None:
    """A correct digest under the path of another own key would be signed by the wrong key."""
    parts = TWO_INPUTS.parts()
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
_TREE = bytes(31) + b"\x01"


def _under_tree(script: bytes) -> dict[str, Any]:
    """The coin lies at a taproot address that declares a script tree, and its digest is signed."""
    parts = _TAPROOT.parts()
    spent = [SpentOutput(output=TxOutput(100_000, script), spend=Spend.P2TR, key_hash=b"")]
    digest = next(iter(Digests(_TAPROOT.transaction, spent).whole(0)))
    address = MAINNET.encode(script)
    put(parts, f"{_RAW}.selected_utxos.0.address", address)
    put(parts, "extra.source_addresses.0.address", address)
    put(parts, "extra.source_addresses.0.taproot_script_tree_hash", "0x" + _TREE.hex())
    put(parts, "extra.transaction.source.address", address)
    put(parts, "detail.msg_hash_list.0", "0x" + digest.hex())
    return parts


def test_a_source_address_with_a_script_tree_is_not_proven() -> None:
    """It may be honest, so it contradicts nothing; what its tree lets others do is not in the request."""
    script = b"\x51\x20" + taproot_output_key(key_of(Spending.path(0)), _TREE)
    facts = bitcoin_facts(_under_tree(script))

    assert (str(facts.status), codes(facts)) == ("UNPROVABLE", ["SCRIPT_TREE_NOT_PROVEN"])


def test_a_declared_script_tree_explains_taproot_addresses_only() -> None:
    """No script tree gives a key another address by its hash."""
    parts = Spending().parts()
    put(parts, "extra.source_addresses.0.address", STRANGER)
    put(parts, "extra.source_addresses.0.taproot_script_tree_hash", "0x" + _TREE.hex())

    assert codes(bitcoin_facts(parts)) == ["DERIVATION_MISMATCH"]


def test_a_declared_script_tree_explains_no_unreadable_address() -> None:
    """What is no address is not compared, with a script tree or without."""
    parts = _TAPROOT.parts()
    put(parts, "extra.source_addresses.0.address", "nothing")
    put(parts, "extra.source_addresses.0.taproot_script_tree_hash", "0x" + _TREE.hex())

    assert codes(bitcoin_facts(parts)) == ["DECLARATION_NOT_CANONICAL"]


def test_a_declared_script_tree_explains_its_own_path_only() -> None:
    """A coin of another address than the declared one is not ours to sign for."""
    script = b"\x51\x20" + taproot_output_key(key_of(Spending.path(0)), _TREE)
    parts = _under_tree(script)
    put(parts, "extra.source_addresses.0.address", MAINNET.encode(own_script(Spending.path(0), Spend.P2TR)))

    assert codes(bitcoin_facts(parts)) == ["SOURCE_ADDRESS_MISMATCH", "DERIVATION_MISMATCH"]


def test_the_tweak_of_an_empty_tree_may_be_stated() -> None:
    """BIP-341's tweak of the key is what makes the address, so it changes nothing."""
    tweak = "0x" + taproot_tweak(key_of(Spending.path(0))).hex()

    assert found(_TAPROOT, {"detail.tweak_list.0": tweak}) == ("PROVEN", [])


@pytest.mark.parametrize("tweaked", [True, False])
def test_another_tweak_is_not_proven(*, tweaked: bool) -> None:
    """What the node does with a tweak is not documented; only one is known to fit the address."""
    spending = Spending(inputs=[(Spend.P2TR, 100_000)], tweaked=tweaked)
    tweak = taproot_tweak(key_of(Spending.path(0)), b"" if not tweaked else bytes(32))

    assert found(spending, {"detail.tweak_list.0": tweak.hex()}) == ("UNPROVABLE", ["TWEAK_NOT_PROVEN"])


def test_the_redeem_script_must_be_the_addresses() -> None:
    """A declared redeem script is confirmed by its hash."""
    nested = Spending(inputs=[(Spend.P2SH_P2WPKH, 100_000)])
    redeem = "0x0014" + hash160(key_of(Spending.path(0))).hex()

    assert found(nested, {f"{_RAW}.selected_utxos.0.redeem_script": redeem}) == ("PROVEN", [])
    assert found(nested, {f"{_RAW}.selected_utxos.0.redeem_script": "0x0014" + "11" * 20})[1] == [
        "INPUT_MISMATCH",
        "KIND_NOT_SUPPORTED",
        "PREVOUT_NOT_PROVEN",
    ]
    assert "DECLARATION_NOT_CANONICAL" in found(nested, {f"{_RAW}.selected_utxos.0.redeem_script": "0x0"})[1]


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

    assert found(back, drop | {f"{_DESTINATION}.utxo_outputs": [{"address": SUPPLIER, "amount": "1"}]}) == (
        "PROVEN",
        [],
    )
    assert found(Spending(), drop)[1] == ["DROP_NOT_SELF_SEND"]


@pytest.mark.parametrize("replaced", ["SpeedUp", "Resend"])
def test_a_replacement_with_a_higher_fee(replaced: str) -> None:
    """The payment stays what it was."""
    assert found(Spending(change=20_000), {"extra.transaction.replacement": {"replaced_type": replaced}}) == (
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
    assert [(one["to"], one["amount"]) for one in facts.transfers if one["to_path"] is None] == [(SUPPLIER, "60000")]


def test_a_stake_that_pays_somebody_else_is_unprovable() -> None:
    """A staking script is not declared, so it cannot be told from a theft."""
    spending = Spending(payments=[(STRANGER, 60_000)])

    assert found(spending, _STAKE) == ("UNPROVABLE", ["OUTPUT_NOT_DECLARED"])


def test_a_consolidation_is_a_transfer_to_ourselves() -> None:
    """Where nobody else is paid, the payment to the own key is what the request does."""
    own = MAINNET.encode(own_script(CHANGE_PATH, Spend.P2WPKH))
    facts = bitcoin_facts(Spending(payments=[(own, 90_000)], change=0).parts())

    assert (str(facts.status), [transfer["to"] for transfer in facts.transfers]) == ("PROVEN", [own])
    assert [transfer["to_path"] for transfer in facts.transfers] == [path_text(CHANGE_PATH)]


def test_only_own_keys_have_a_path() -> None:
    """What leaves the wallet can be told from what stays, also where both are declared as payments."""
    own = MAINNET.encode(own_script(CHANGE_PATH, Spend.P2WPKH))
    facts = bitcoin_facts(Spending(payments=[(own, 50_000), (SUPPLIER, 40_000)], change=0).parts())

    assert [(transfer["to"], transfer["to_path"]) for transfer in facts.transfers] == [
        (own, path_text(CHANGE_PATH)),
        (SUPPLIER, None),
    ]


def test_one_source_is_named_and_several_are_not() -> None:
    """A transfer has one sender only where all inputs have one script."""
    one = bitcoin_facts(Spending().parts())
    two = bitcoin_facts(TWO_INPUTS.parts())

    assert [transfer["from"] for transfer in one.transfers] == ["bc1q9fyzlgxlu82gdash006sxsk4jnh60eynl627sa"] * 2
    assert [transfer["from"] for transfer in two.transfers] == [None] * 2


def test_the_bytes_name_no_network() -> None:
    """The chain is declared, and nothing says that it is proven."""
    assert bitcoin_facts(Spending().parts()).chain == {
        "kind": "bitcoin",
        "id": "BTC",
        "network": None,
        "network_proven": False,
        "valid_until": None,
        "outpoints": ["0100010001000100010001000100010001000100010001000100010001000100:0"],
        "inputs": [
            {
                "outpoint": "0100010001000100010001000100010001000100010001000100010001000100:0",
                "amount": "100000",
                "source": "declared",
            }
        ],
        "source": "declared",
    }


def test_an_input_that_is_not_declared_has_no_amount() -> None:
    """The bytes name it, and nobody says what it holds."""
    parts = TWO_INPUTS.parts()
    del parts["extra"]["transaction"]["raw_tx_info"]["selected_utxos"][0]
    facts = bitcoin_facts(parts)

    assert facts.chain is not None
    assert facts.chain["inputs"] == [
        {
            "outpoint": "0100010001000100010001000100010001000100010001000100010001000100:0",
            "amount": None,
            "source": "declared",
        },
        {
            "outpoint": "0200020002000200020002000200020002000200020002000200020002000200:1",
            "amount": "50000",
            "source": "declared",
        },
    ]


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
@given(st.sampled_from([TWO_INPUTS, _TAPROOT, HONEST["legacy"]]), st.data())
def test_no_flipped_byte_of_the_transaction_stays_proven(spending: Spending, data: st.DataObject) -> None:
    """Every byte of the transaction is bound by the digests."""
    parts = spending.parts()
    raw = bytearray(spending.transaction.serialize())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    put(parts, f"{_RAW}.unsigned_raw_tx", raw.hex())

    assert str(bitcoin_facts(parts).status) != "PROVEN"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([TWO_INPUTS, _TAPROOT, HONEST["nested"]]), st.data())
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
        assert found(Spending(), {f"{_RAW}.selected_utxos.0.{name}": ABSENT})[0] != "PROVEN"
