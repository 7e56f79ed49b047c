"""What is proven of TRON withdrawals: honest variants pass, and every deviation has its own code."""

import hashlib
from typing import Any

import pytest
import tron_oracle as oracle
from facts_cases import ABSENT, FOREIGN_KEY, ROOT_KEY, changed, codes, facts, registry_data, sample, sample_facts
from hypothesis import given, settings
from hypothesis import strategies as st

_TX = "extra.transaction"
_OUTPUT = f"{_TX}.destination.account_output"
_FOREIGN = bytes.fromhex("41e876a143caa635d1505155871fc3d88e1fb33f64")
"""TXAMt7hwiqEe99NA7Aoy8tJYnKjroa9DML, as in the attacks."""
_SLOW = settings(max_examples=120, deadline=None)


def test_facts_of_a_token_transfer() -> None:
    """Bytes say who pays whom how much until when; the network is only declared."""
    found = sample_facts("keysign_trc20_transfer").to_json()

    assert found["status"] == "PROVEN"
    assert found["chain"] == {
        "kind": "tron",
        "id": "TRON",
        "network": None,
        "network_proven": False,
        "source": "declared",
        "valid_until": "1785546000",
        "expiration": "1785546000000",
        "timestamp": "1785542400000",
        "ref_block": {"bytes": "0x4e6e", "hash": "0x25a91be86ea2bb1e"},
    }
    assert found["transfers"] == [
        {
            "asset": {
                "kind": "trc20",
                "contract": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "token": "TRON_USDT",
                "chain": "TRON",
            },
            "from": "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93",
            "to": "THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa",
            "from_declared": "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93",
            "to_declared": "THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa",
            "amount": "99500000",
            "source": "bytes",
        }
    ]
    # 40 TRX of fee_limit, and 345 bytes at 1,000 sun.
    assert found["fee"] == {
        "max": "40345000",
        "asset": {"kind": "native", "contract": None, "token": "TRON", "chain": "TRON"},
        "source": "bytes",
    }
    assert found["hashes"] == [
        {
            "hash": "0x84c8bbd48327b45e794f58772e36d318d2843b8cccf4713ee82f1b319015615e",
            "path": "m/44/195/1/0/0",
            "source": "bytes",
        }
    ]
    assert found["summary"] == [
        "Send 99.5 USDT to THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa on TRON.",
        "Fee at most 40.345 TRX.",
        "Approves nothing.",
    ]


def test_the_encoder_of_these_tests_writes_the_samples() -> None:
    """What the tests below change is the sample, byte for byte."""
    for name, raw in (
        ("keysign_tron_transfer", oracle.raw(oracle.transfer())),
        ("keysign_trc20_transfer", oracle.raw(oracle.trigger(), fee_limit=40_000_000)),
    ):
        _, _, extra = sample(name)
        assert extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] == "0x" + raw.hex()


def test_the_official_bytes_with_a_consistent_key_are_proven() -> None:
    """The official transaction pays the same from the samples' own address: everything about it agrees."""
    raw = oracle.raw(
        oracle.transfer(amount=10_000_000), expiration=1741716630000, timestamp=1741673486937, fee_limit=1_200_000
    )
    found = oracle.sample_with(raw, amount="10")

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(
    ("raw", "token", "output"),
    [
        (oracle.raw(oracle.transfer(), fee_limit=1_000), False, {}),
        (oracle.raw(oracle.transfer()), False, {"amount": "25.000000000"}),
        (oracle.raw(oracle.transfer()), False, {"memo": ""}),
        (oracle.raw(oracle.transfer()), False, {"memo": None}),
        (oracle.raw(oracle.transfer(), ref_block_num=7), False, {}),
        (oracle.raw(oracle.transfer(), data=b"order 7"), False, {"memo": "order 7"}),
        (oracle.raw(oracle.transfer(), expiration=0, timestamp=0), False, {}),
        (oracle.raw(oracle.trigger(oracle.calldata(padding=bytes(11) + b"\x41")), fee_limit=1), True, {}),
        (oracle.raw(oracle.trigger()), True, {}),
    ],
)
def test_honest_variants_are_proven(raw: bytes, token: bool, output: dict[str, Any]) -> None:  # noqa: FBT001
    """Trailing zeros, memos, absent fields and the prefix in an address word are how wallets differ."""
    found = oracle.sample_with(raw, token=token, **output)

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{_TX}.chain_id", ABSENT),
        (f"{_TX}.fee", {"fee_type": "Fixed", "max_fee_amount": "0.1"}),
        (f"{_TX}.replacement", {"replaced_type": "Resend"}),
        (f"{_TX}.raw_tx_info.used_nonce", 7),
        ("extra.unknown_field", [None]),
        ("detail.tweak_list", ["0x00"]),
        ("detail.tss_protocol", 2),
    ],
)
def test_another_way_to_say_the_same_stays_proven(path: str, value: Any) -> None:
    """Optional statements may be absent or say what nothing is compared with."""
    found = changed("keysign_trc20_transfer", {path: value})

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(
    ("raw", "token", "expected"),
    [
        (oracle.raw(), False, ["CONTRACT_COUNT_MISMATCH"]),
        (oracle.raw(oracle.transfer(), oracle.transfer()), False, ["CONTRACT_COUNT_MISMATCH"]),
        (oracle.raw(oracle.transfer(owner=_FOREIGN)), False, ["OWNER_MISMATCH"]),
        (oracle.raw(oracle.transfer(permission_id=2)), False, ["PERMISSION_PRESENT"]),
        (oracle.raw(oracle.transfer(_FOREIGN)), False, ["DESTINATION_MISMATCH"]),
        (oracle.raw(oracle.transfer(amount=25_000_001)), False, ["AMOUNT_MISMATCH"]),
        (oracle.raw(oracle.transfer(), data=b"other"), False, ["MEMO_MISMATCH"]),
        (oracle.raw(oracle.transfer(), scripts=b"x"), False, ["BYTES_NOT_CANONICAL"]),
        (oracle.raw(oracle.trigger(), fee_limit=1), False, ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.contract(46, "AccountPermissionUpdateContract", b"")), False, ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.contract(99, "New", b"x")), False, ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.transfer()), True, ["CONTRACT_TYPE_MISMATCH"]),
        (oracle.raw(oracle.trigger(to=_FOREIGN)), True, ["TOKEN_CONTRACT_MISMATCH"]),
        (oracle.raw(oracle.trigger(call_value=1)), True, ["NATIVE_VALUE_IN_TOKEN_TRANSFER"]),
        (oracle.raw(oracle.trigger(call_token_value=1)), True, ["TRC10_VALUE_PRESENT"]),
        (oracle.raw(oracle.trigger(token_id=1002000)), True, ["TRC10_VALUE_PRESENT"]),
        (oracle.raw(oracle.trigger(oracle.calldata() + b"\x00")), True, ["CALLDATA_NOT_EXACT"]),
        (oracle.raw(oracle.trigger(oracle.calldata(_FOREIGN))), True, ["DESTINATION_MISMATCH"]),
        (oracle.raw(oracle.trigger(oracle.calldata(amount=1))), True, ["AMOUNT_MISMATCH"]),
        (oracle.raw(oracle.trigger(owner_address=_FOREIGN)), True, ["OWNER_MISMATCH"]),
    ],
)
def test_a_deviation_of_the_bytes_has_its_own_code(raw: bytes, token: bool, expected: list[str]) -> None:  # noqa: FBT001
    """The requester hashed the bytes again, so nothing but their content tells."""
    found = oracle.sample_with(raw, token=token)

    assert (found.status, codes(found)) == ("CONTRADICTED", expected)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("detail.msg_hash_list.0", "0x" + "11" * 32, "HASH_MISMATCH"),
        ("detail.signature_type", 2, "SIGNATURE_TYPE_MISMATCH"),
        ("detail.tss_protocol", 3, "TSS_PROTOCOL_MISMATCH"),
        ("detail.tweak_list", ["0x01"], "TWEAK_PRESENT"),
        ("detail.bip32_path_list.0", "m/44/195/1/0/1", "DERIVATION_MISMATCH"),
        ("detail.root_pub_key", FOREIGN_KEY, "ROOT_KEY_MISMATCH"),
        (f"{_OUTPUT}.address", "TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer", "DESTINATION_MISMATCH"),
        (f"{_OUTPUT}.amount", "99.500001", "AMOUNT_MISMATCH"),
        (f"{_OUTPUT}.memo", "order 7", "MEMO_MISMATCH"),
        (f"{_TX}.source.address", "TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer", "SOURCE_ADDRESS_MISMATCH"),
        (f"{_TX}.chain_id", "ETH", "TOKEN_CHAIN_MISMATCH"),
        (f"{_TX}.token_id", "TRON", "CONTRACT_TYPE_MISMATCH"),
    ],
)
def test_a_changed_statement_contradicts(path: str, value: Any, code: str) -> None:
    """A statement that differs from the bytes or the derivation has its own contradiction."""
    found = changed("keysign_trc20_transfer", {path: value})

    assert found.status == "CONTRADICTED"
    assert code in codes(found)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (f"{_OUTPUT}.address", "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", "DECLARATION_NOT_CANONICAL"),
        (f"{_OUTPUT}.address", "THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqb", "DECLARATION_NOT_CANONICAL"),
        (f"{_OUTPUT}.address", None, "DECLARATION_MISSING"),
        (f"{_OUTPUT}.amount", "1e2", "DECLARATION_NOT_CANONICAL"),
        (f"{_OUTPUT}.amount", None, "DECLARATION_MISSING"),
        (f"{_OUTPUT}.memo", 7, "DECLARATION_NOT_CANONICAL"),
        (_OUTPUT, None, "DECLARATION_MISSING"),
        (f"{_TX}.destination.utxo_outputs", [{"address": "x"}], "DECLARATION_NOT_CANONICAL"),
        (f"{_TX}.token_id", "TRON_MOON", "TOKEN_UNKNOWN"),
        (f"{_TX}.token_id", ABSENT, "DECLARATION_MISSING"),
        (f"{_TX}.replacement", {"replaced_type": "Drop"}, "KIND_NOT_SUPPORTED"),
        (f"{_TX}.destination.destination_type", "TRON_Contract", "KIND_NOT_SUPPORTED"),
        (f"{_TX}.raw_tx_info.unsigned_raw_tx", None, "RAW_TX_MISSING"),
        (f"{_TX}.raw_tx_info.unsigned_raw_tx", "00" * (64 * 1024 + 2), "RAW_TX_TOO_LARGE"),
        (f"{_TX}.raw_tx_info.unsigned_raw_tx", "0a0", "DECLARATION_NOT_CANONICAL"),
    ],
)
def test_what_cannot_be_read_is_not_proven(path: str, value: Any, code: str) -> None:
    """A statement that is absent, of another form or unknown is missing by its own code."""
    found = changed("keysign_trc20_transfer", {path: value})

    assert found.status == "UNPROVABLE"
    assert codes(found) == [code]


def test_every_movement_of_bytes_with_two_contracts_is_a_fact() -> None:
    """The second payment meets limits and lists like the first."""
    found = sample_facts("a32_tron_two_contracts")

    assert [(transfer["to"], transfer["amount"]) for transfer in found.transfers] == [
        ("TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer", "1000000"),
        ("TXAMt7hwiqEe99NA7Aoy8tJYnKjroa9DML", "1000000000000"),
    ]


def test_coins_beside_a_token_transfer_are_a_transfer_of_their_own() -> None:
    """Coins that go along with a call are paid to the called contract."""
    found = oracle.sample_with(oracle.raw(oracle.trigger(call_value=5)), token=True)

    assert [(transfer["asset"]["kind"], transfer["to"], transfer["amount"]) for transfer in found.transfers] == [  # type: ignore[index,call-overload]  # JSON
        ("trc20", "THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa", "99500000"),
        ("native", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "5"),
    ]


@pytest.mark.parametrize(
    ("raw", "call"),
    [
        (
            oracle.raw(oracle.contract(46, "AccountPermissionUpdateContract", b"\x0a\x00")),
            (None, None, "AccountPermissionUpdateContract", "0x0a00", "0"),
        ),
        (
            oracle.raw(oracle.trigger(b"\x01\x02\x03\x04\x05")),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "0x01020304", None, "0x0102030405", "0"),
        ),
    ],
)
def test_what_is_no_payment_is_a_call(raw: bytes, call: tuple[str | None, ...]) -> None:
    """Contracts of other types and unknown calldata are facts with their bytes, and have no bounded meaning."""
    found = oracle.sample_with(raw)

    (fact,) = found.calls
    assert tuple(fact[name] for name in ("to", "selector", "method", "data", "value")) == call
    assert found.transfers == ()


@pytest.mark.parametrize(
    ("raw", "token", "highest"),
    [
        # 134 bytes of raw, 3 of tag and length, 67 of signature, 64 of result: 268 bytes; and a new account.
        (oracle.raw(oracle.transfer()), False, 1_368_000),
        (oracle.raw(oracle.transfer(), fee_limit=10**9), False, 1_375_000),
        (oracle.raw(oracle.transfer(), data=b"abc"), False, 2_373_000),
        (oracle.raw(oracle.trigger()), True, 339_000),
        (oracle.raw(oracle.trigger(), fee_limit=2**62), True, 2**62 + 350_000),
        (oracle.raw(oracle.contract(46, "AccountPermissionUpdateContract", b"")), False, None),
    ],
)
def test_the_highest_fee(raw: bytes, token: bool, highest: int | None) -> None:  # noqa: FBT001
    """Size, memo and a new recipient at the registry's prices, and the fee limit of a call."""
    found = oracle.sample_with(raw, token=token)

    assert found.fee is not None
    assert found.fee["max"] == (None if highest is None else str(highest))


def test_without_prices_no_fee_is_bounded() -> None:
    """The bytes alone bound the energy of a call and nothing else, so the fee stays open."""
    data = registry_data()
    del data["chains"]["TRON"]["tron_prices"]
    found = facts(*sample("keysign_trc20_transfer"), data)

    assert found.status == "PROVEN"
    assert found.fee is not None
    assert found.fee["max"] is None


@pytest.mark.parametrize(("test_key", "applies"), [(False, "TRON"), (True, "NILE")])
def test_a_test_network_is_believed_for_a_test_key_only(test_key: bool, applies: str) -> None:  # noqa: FBT001
    """The bytes are valid on every TRON network, so a key of value is judged by the network of value."""
    data = registry_data()
    data["chains"]["NILE"] = {"kind": "tron", "testnet": True, "native_token": "NILE"}
    data["tokens"]["NILE"] = {"chain": "NILE", "kind": "native", "contract": None, "decimals": 6, "symbol": "tTRX"}
    data["keys"][ROOT_KEY]["test_network"] = test_key
    request_type, detail, extra = sample("keysign_tron_transfer")
    extra["transaction"].update(chain_id="NILE", token_id="NILE")
    found = facts(request_type, detail, extra, data)

    assert found.chain is not None
    assert (found.status, found.chain["id"]) == ("PROVEN", applies)
    assert [transfer["asset"]["token"] for transfer in found.transfers] == [applies]  # type: ignore[index,call-overload]  # JSON


def test_without_a_network_of_value_a_test_network_is_not_believed() -> None:
    """A registry without the main network cannot say what the bytes do there."""
    data = registry_data()
    data["chains"]["TRON"]["testnet"] = True
    found = facts(*sample("keysign_tron_transfer"), data)

    assert found.chain is not None
    assert found.chain["id"] is None
    assert found.transfers[0]["asset"] == {"kind": "native", "contract": None, "token": None, "chain": None}
    assert found.summary[0].endswith(" on a network that is not known.")


def test_an_unpinned_key_is_not_proven() -> None:
    """The bytes decode, but nobody vouches for the key that signs them."""
    data = registry_data()
    del data["keys"][ROOT_KEY]
    found = facts(*sample("keysign_tron_transfer"), data)

    assert (found.status, codes(found), found.signer) == ("UNPROVABLE", ["KEY_NOT_PINNED"], None)


_RAW = {True: oracle.raw(oracle.trigger(), fee_limit=40_000_000), False: oracle.raw(oracle.transfer())}


@_SLOW
@given(token=st.booleans(), position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_changed_byte_stays_proven(token: bool, position: int, flip: int) -> None:  # noqa: FBT001
    """A transaction that differs in one byte from the hashed one is never proven."""
    request_type, detail, extra = sample("keysign_trc20_transfer" if token else "keysign_tron_transfer")
    raw = bytearray(_RAW[token])
    raw[position % len(raw)] ^= flip
    extra["transaction"]["raw_tx_info"]["unsigned_raw_tx"] = "0x" + raw.hex()
    found = facts(request_type, detail, extra)

    assert found.status == "CONTRADICTED"
    assert "HASH_MISMATCH" in codes(found)


@_SLOW
@given(token=st.booleans(), position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_with_its_own_hash_moves_nothing_unseen(token: bool, position: int, flip: int) -> None:  # noqa: FBT001
    """Where the requester hashes the changed bytes again, only life time, reference block and fee may differ."""
    raw = bytearray(_RAW[token])
    raw[position % len(raw)] ^= flip
    found = oracle.sample_with(bytes(raw), token=token)
    before = oracle.sample_with(_RAW[token], token=token)

    if found.status == "PROVEN":
        assert found.transfers == before.transfers
        assert found.calls == ()
        assert found.hashes[0]["hash"] == "0x" + hashlib.sha256(raw).hexdigest()
        assert (found.chain, found.fee) != (before.chain, before.fee)
