"""What an ALLOW reserves, from facts that are proven by real bytes."""

from typing import Any

import pytest
from bitcoin_cases import CHANGE_PATH, MAINNET, SUPPLIER, Spending, bitcoin_facts, own_script
from evm_requests import (
    CONTRACT,
    SAFE,
    SPENDER,
    USDT,
    calldata,
    contract_call,
    multi_send,
    safe_transaction,
    typed_message,
)
from facts_cases import ADDRESS, CPUB, ROOT_KEY, changed, facts, registry_data, sample, sample_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.bitcoin_digest import Spend
from placet_policy.facts.detail import RequestKind
from placet_policy.facts.prove import Facts
from placet_policy.ledger.reservations import MAX_DESTINATIONS, reservation_of
from placet_policy.ledger.series import WHOLE_KEY, Reservation, Series, SigningKey

_OWN = MAINNET.encode(own_script(CHANGE_PATH, Spend.P2WPKH))


def reserved(found: Facts) -> Reservation:
    """What an ALLOW of a KeySign with these facts reserves."""
    reservation = reservation_of(RequestKind.KEY_SIGN, found)
    assert reservation is not None
    return reservation


def amounts(found: Facts) -> dict[tuple[str, str | None], int]:
    """Amounts by the text of the asset and the destination, without the key's own series."""
    return {
        (series.asset.text(), series.destination): amount
        for series, amount in reserved(found).amounts.items()
        if series.asset is not None
    }


def test_a_payment_adds_to_the_key_the_asset_and_the_destination() -> None:
    """One payment, three series, of the derived key; the nonce is what it uses up."""
    reservation = reserved(sample_facts("keysign_eth_erc20_transfer"))
    usdt = f"evm:1/erc20:{USDT}"

    assert reservation.key == SigningKey(ROOT_KEY, "m/44/60/1/0/0")
    assert reservation.hashes == ("0xf8d61123554ede2f342c56b4da018ec640c7ded1574a7417f0a0396aba664007",)
    assert reservation.spends == {"nonce:1:4"}
    assert [
        (None if series.asset is None else series.asset.text(), series.destination, amount)
        for series, amount in reservation.amounts.items()
    ] == [
        (None, None, 0),
        (usdt, None, 50_000_000),
        (usdt, "0x8b45b84e2cf29e5f826797df7e1aa93fc71a2bfd", 50_000_000),
    ]


@pytest.mark.parametrize(
    ("name", "key", "asset", "amount"),
    [
        ("keysign_tron_transfer", SigningKey(ROOT_KEY, "m/44/195/1/0/0"), "tron:TRON/native", 25_000_000),
        (
            "keysign_spl_transfer",
            SigningKey(CPUB, "m/44/501/1/0/0"),
            "solana:SOL/spl:EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
            150_000_000,
        ),
    ],
)
def test_the_same_bytes_are_the_same_payment_where_nothing_else_is(
    name: str, key: SigningKey, asset: str, amount: int
) -> None:
    """TRON and Solana have neither nonce nor outpoint: what is built again counts again."""
    found = sample_facts(name)
    reservation = reserved(found)

    assert reservation.key == key
    assert reservation.spends == {f"hash:{found.hashes[0]['hash']}"}
    assert amounts(found)[asset, None] == amount


@pytest.mark.parametrize(
    "change",
    [
        {"extra.transaction.initiator": "somebody else", "extra.transaction.note": "other"},
        {"extra.transaction.wallet_id": "00000000-0000-4000-8000-000000000000"},
        {"detail.biz_task_id": "00000000-0000-4000-8000-000000000000"},
        {"extra.transaction.transaction_id": "00000000-0000-4000-8000-000000000000"},
        {"extra.transaction.org_id": "00000000-0000-4000-8000-000000000000"},
    ],
    ids=["initiator", "wallet", "business task", "transaction", "organisation"],
)
def test_nothing_that_is_declared_starts_another_series(change: dict[str, Any]) -> None:
    """Another wallet, initiator or id reserves in the very same series, and for the same nonce."""
    honest = reserved(sample_facts("keysign_eth_legacy_transfer"))

    assert reserved(changed("keysign_eth_legacy_transfer", change)) == honest


def test_several_bitcoin_keys_count_once_for_their_root_key() -> None:
    """An amount is neither lost nor counted twice, whichever inputs are chosen; change is not spent."""
    two = [(Spend.P2WPKH, 70_000), (Spend.P2WPKH, 30_000)]
    found = bitcoin_facts(Spending(inputs=two).parts())

    assert reserved(found).key == SigningKey(ROOT_KEY, "*")
    assert reserved(found).spends == {
        "outpoint:0100010001000100010001000100010001000100010001000100010001000100:0",
        "outpoint:0200020002000200020002000200020002000200020002000200020002000200:1",
    }
    assert amounts(found) == {("bitcoin:BTC/native", None): 60_000, ("bitcoin:BTC/native", SUPPLIER): 60_000}


def test_a_bitcoin_approval_states_what_its_inputs_hold() -> None:
    """Each outpoint with the declared amount; an input that is not declared states nothing, and is never signed."""
    two = Spending(inputs=[(Spend.P2WPKH, 70_000), (Spend.P2WPKH, 30_000)])
    partly = two.parts()
    del partly["extra"]["transaction"]["raw_tx_info"]["selected_utxos"][0]

    assert reserved(bitcoin_facts(two.parts())).inputs == {
        "0100010001000100010001000100010001000100010001000100010001000100:0": 70_000,
        "0200020002000200020002000200020002000200020002000200020002000200:1": 30_000,
    }
    assert reserved(bitcoin_facts(partly)).inputs == {
        "0200020002000200020002000200020002000200020002000200020002000200:1": 30_000
    }


@pytest.mark.parametrize("name", ["keysign_eth_legacy_transfer", "keysign_tron_transfer", "keysign_spl_transfer"])
def test_other_chains_have_no_outpoints(name: str) -> None:
    """Nothing is remembered for them."""
    assert reserved(sample_facts(name)).inputs == {}


def test_what_returns_to_an_own_bitcoin_key_is_not_spent() -> None:
    """A consolidation is an approval without an amount; beside a payment only the payment counts."""
    alone = bitcoin_facts(Spending(payments=[(_OWN, 90_000)], change=0).parts())
    beside = bitcoin_facts(Spending(payments=[(_OWN, 50_000), (SUPPLIER, 40_000)], change=0).parts())

    assert reserved(alone).amounts == {WHOLE_KEY: 0}
    assert amounts(beside)["bitcoin:BTC/native", None] == 40_000


def test_what_a_payer_sends_to_itself_is_not_spent() -> None:
    """A drop uses up a nonce and moves nothing."""
    found = contract_call(b"\x01", to=ADDRESS, value=5)

    assert reserved(found).amounts == {WHOLE_KEY: 0}
    assert reserved(found).spends == {"nonce:1:7"}


def test_what_an_allowance_draws_from_others_counts() -> None:
    """The key moves it, whoever owned it; also where it is drawn to the key's own account."""
    drawn = contract_call(calldata("transferFrom(address,address,uint256)", SPENDER, CONTRACT, 5), to=USDT)
    to_itself = contract_call(calldata("transferFrom(address,address,uint256)", SPENDER, ADDRESS, 5), to=USDT)

    assert amounts(drawn)[f"evm:1/erc20:{USDT}", CONTRACT] == 5
    assert amounts(to_itself)[f"evm:1/erc20:{USDT}", ADDRESS] == 5


def test_payments_of_one_request_are_added_up() -> None:
    """Each destination has its own, the asset has all."""
    batch = multi_send((0, SPENDER, 4, b""), (0, CONTRACT, 5, b""), (0, SPENDER, 6, b""))
    found = changed("keysign_message_eip191", typed_message(safe_transaction(CONTRACT, batch, operation=1)))

    assert amounts(found) == {
        ("evm:1/native", None): 15,
        ("evm:1/native", SPENDER): 10,
        ("evm:1/native", CONTRACT): 5,
    }


def test_a_message_that_moves_counts_for_the_key_that_signs_it() -> None:
    """What a Safe will pay counts for the owner who signs, once for each message."""
    transfer = calldata("transfer(address,uint256)", SPENDER, 5)
    found = changed("keysign_message_eip191", typed_message(safe_transaction(USDT, transfer)))

    assert found.transfers[0]["from"] == SAFE
    assert amounts(found)[f"evm:1/erc20:{USDT}", SPENDER] == 5
    assert reserved(found).spends == {f"hash:{found.hashes[0]['hash']}"}


@pytest.mark.parametrize("method", ["approve(address,uint256)", "increaseAllowance(address,uint256)"])
def test_an_approval_is_counted_and_has_no_amount(method: str) -> None:
    """Nothing has moved yet; contract_call judges the spender."""
    assert reserved(contract_call(calldata(method, SPENDER, 5), to=USDT)).amounts == {WHOLE_KEY: 0}


def test_a_token_that_nobody_registered_has_its_own_series() -> None:
    """The contract in the bytes is the asset, so that a token may get its name later."""
    data = registry_data()
    del data["tokens"]["ETH_USDT"]
    request_type, detail, extra = sample("keysign_eth_erc20_transfer")
    named, unnamed = reserved(facts(request_type, detail, extra)), reserved(contract_call(b"\x01", value=5))
    assets = [series.asset for series in named.amounts if series.asset is not None]

    assert assets[0] == assets[0].__class__(network="evm:1", kind="erc20", contract=USDT)
    assert (assets[0].token, assets[0].chain) == ("ETH_USDT", "ETH")
    assert amounts(contract_call(b"\x01", value=5))["evm:1/native", None] == 5
    assert unnamed.amounts.keys().isdisjoint(set(named.amounts) - {WHOLE_KEY})


def test_a_token_account_without_a_proven_owner_is_a_destination() -> None:
    """A payment never has no destination, which would be everybody together."""
    assert Series() == WHOLE_KEY
    found = sample_facts("keysign_spl_transfer")
    moved = {**found.transfers[0], "to": None}
    unproven = Facts(
        status=found.status,
        missing=(),
        contradictions=(),
        chain=found.chain,
        signer=found.signer,
        transfers=(
            moved,
            {**moved, "to_account": None},
            {**moved, "to_account": None, "to_script": "0x6a"},
            {**moved, "to_account": None, "to_script": "0x" + "00" * 10_000},
        ),
    )

    assert sorted(str(to) for _, to in amounts(unproven)) == sorted(
        [
            "None",
            str(moved["to_account"]),
            "unknown",
            "0x6a",
            "sha256:2036f3390d018c84657a2ae887e3030fa08bd054d56415ed6229bb10c9a6fdac",
        ]
    )


def test_only_a_key_sign_of_a_pinned_key_reserves() -> None:
    """Other requests move nothing, and for a key that is not ours nothing can be allowed."""
    pinned = sample_facts("keysign_eth_legacy_transfer")
    data = registry_data()
    del data["keys"][ROOT_KEY]

    assert reservation_of(RequestKind.KEY_GEN, pinned) is None
    assert reservation_of(RequestKind.KEY_SIGN, facts(*sample("keysign_eth_legacy_transfer"), data)) is None


def test_what_nothing_is_proven_of_is_counted_as_an_approval_each_time() -> None:
    """Without a hash from the bytes two requests cannot be known to be one."""
    found = changed("keysign_eth_legacy_transfer", {"extra.transaction.raw_tx_info": {}})
    reservation = reserved(found)

    assert (reservation.hashes, reservation.spends, reservation.amounts) == ((), frozenset(), {WHOLE_KEY: 0})


def test_too_many_destinations_are_not_counted_apart() -> None:
    """One more than the bound, and only the asset's series is left; a rule about destinations then finds none."""
    payments = [(MAINNET.encode(b"\x00\x14" + number.to_bytes(20, "big")), 100) for number in range(MAX_DESTINATIONS)]
    within = bitcoin_facts(Spending(payments=payments, change=0).parts())
    beyond = bitcoin_facts(Spending(payments=[*payments, (SUPPLIER, 100)], change=0).parts())

    assert len(amounts(within)) == 257
    assert amounts(beyond) == {("bitcoin:BTC/native", None): 25_700}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([SPENDER, CONTRACT, ADDRESS]), st.integers(1, 2**128)), max_size=6))
def test_destinations_add_up_to_their_asset(payments: list[tuple[str, int]]) -> None:
    """Whatever a Safe pays, no unit is lost between the two kinds of series."""
    batch = multi_send(*((0, to, value, b"") for to, value in payments))
    found = changed("keysign_message_eip191", typed_message(safe_transaction(CONTRACT, batch, operation=1)))
    by_asset = {asset: amount for (asset, to), amount in amounts(found).items() if to is None}
    by_destination = sum(amount for (_, to), amount in amounts(found).items() if to is not None)

    assert sum(by_asset.values()) == by_destination == sum(value for _, value in payments)
