"""The decoder of TRON transactions: official vectors, Google's encoder, and what is refused."""

import contextlib

import pytest
import tron_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import vectors
from placet_policy.chains.addresses import TRON_FORM
from placet_policy.chains.tron import (
    NotCanonicalError,
    Transfer,
    Trigger,
    decode_token_transfer,
    decode_unsigned,
    signing_hash,
)

_ROWS = [row for row in vectors()["raw_transactions"] if str(row.get("token_id")).startswith("TRON")]
_INT64 = st.integers(1, 2**63 - 1)
_ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda tail: b"\x41" + tail)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: str(row["id"]))
def test_vectors(row: dict[str, dict[str, object]]) -> None:
    """Hash, parties, amount and life time of every vector of the protocol."""
    raw = bytes.fromhex(str(row["unsigned_raw_tx"]).removeprefix("0x"))
    expected = row["expected"].get("decoded") or row["expected"]["decoded_tx"]
    assert isinstance(expected, dict)

    transaction = decode_unsigned(raw)

    assert ["0x" + signing_hash(raw).hex()] == row["expected"]["msg_hash_list"]
    (contract,), (wanted,) = transaction.contracts, expected["contracts"]
    content = contract.content
    assert content is not None
    assert (contract.name, TRON_FORM.encode(content.owner)) == (wanted["type"], wanted["owner"])
    if isinstance(content, Transfer):
        assert (TRON_FORM.encode(content.to), content.amount) == (wanted["to"], wanted["amount_sun"])
    else:
        found = decode_token_transfer(content.data)
        assert found is not None
        wanted_transfer = wanted["trc20_transfer"]
        assert TRON_FORM.encode(content.contract) == wanted["contract"]
        assert TRON_FORM.encode(found.recipient) == wanted_transfer["to"]
        assert found.amount == wanted_transfer["amount_base_units"]
    assert transaction.ref_block_bytes.hex() == expected["ref_block_bytes"]
    assert transaction.ref_block_hash.hex() == expected["ref_block_hash"]
    assert (transaction.expiration, transaction.timestamp) == (expected["expiration"], expected["timestamp"])
    assert transaction.fee_limit == expected.get("fee_limit", 0)


def test_there_are_vectors() -> None:
    """The parametrized test above has something to run on."""
    assert [row["id"] for row in _ROWS] == ["tx-tron", "tx-tron_transfer", "tx-trc20_transfer"]


def test_the_size_that_bandwidth_is_charged_for() -> None:
    """A transfer of USDT, as explorers show it, uses 345 of bandwidth."""
    raw = oracle.raw(oracle.trigger(), fee_limit=40_000_000)

    assert decode_unsigned(raw).signed_bytes == 345


@settings(max_examples=150, deadline=None)
@given(
    owner=_ADDRESSES,
    to=_ADDRESSES,
    numbers=st.tuples(_INT64, _INT64, _INT64, _INT64),
    memo=st.binary(max_size=40),
    block=st.tuples(st.binary(min_size=2, max_size=2), st.binary(min_size=8, max_size=8)),
)
def test_what_googles_encoder_writes_decodes_to_the_same(
    owner: bytes, to: bytes, numbers: tuple[int, int, int, int], memo: bytes, block: tuple[bytes, bytes]
) -> None:
    """Fields of random transfers are those that an independent encoder was given."""
    amount, expiration, timestamp, fee_limit = numbers
    raw = oracle.raw(
        oracle.transfer(to, amount, owner),
        ref_block_bytes=block[0],
        ref_block_hash=block[1],
        expiration=expiration,
        timestamp=timestamp,
        fee_limit=fee_limit,
        data=memo,
    )

    found = decode_unsigned(raw)

    assert found.contracts[0].content == Transfer(owner=owner, to=to, amount=amount)
    assert (found.expiration, found.timestamp, found.fee_limit, found.memo) == (expiration, timestamp, fee_limit, memo)
    assert (found.ref_block_bytes, found.ref_block_hash) == block


@settings(max_examples=100, deadline=None)
@given(contract=_ADDRESSES, data=st.binary(max_size=120), numbers=st.tuples(_INT64, _INT64, _INT64))
def test_calls_decode_to_the_same(contract: bytes, data: bytes, numbers: tuple[int, int, int]) -> None:
    """Every field of a call arrives, coins and TRC-10 tokens included."""
    raw = oracle.raw(
        oracle.trigger(data, contract, call_value=numbers[0], call_token_value=numbers[1], token_id=numbers[2])
    )

    assert decode_unsigned(raw).contracts[0].content == Trigger(
        owner=oracle.OWNER,
        contract=contract,
        data=data,
        call_value=numbers[0],
        call_token_value=numbers[1],
        token_id=numbers[2],
    )


def _contract_of(number: int, name: str) -> bytes:
    value = oracle.encode("TransferContract", owner_address=oracle.OWNER, to_address=oracle.SUPPLIER, amount=1)
    return oracle.contract(number, name, value)


@pytest.mark.parametrize(
    ("why", "raw"),
    [
        ("authorities", oracle.raw(oracle.transfer(), auths=[b"x"])),
        ("scripts", oracle.raw(oracle.transfer(), scripts=b"x")),
        ("provider", oracle.raw(oracle.transfer(provider=b"x"))),
        ("contract name", oracle.raw(oracle.transfer(contract_name=b"x"))),
        ("another type url", oracle.raw(_contract_of(1, "TransferAssetContract"))),
        ("another type", oracle.raw(_contract_of(46, "TransferContract"))),
        ("no recipient", oracle.raw(oracle.transfer(b""))),
        ("short recipient", oracle.raw(oracle.transfer(oracle.SUPPLIER[:20]))),
        ("address of a test network of old", oracle.raw(oracle.transfer(b"\xa0" + oracle.SUPPLIER[1:]))),
        ("negative amount", oracle.raw(oracle.transfer(amount=-1))),
        ("negative permission", oracle.raw(oracle.transfer(permission_id=-1))),
        ("parameter that is no message", oracle.raw(oracle.encode("Contract", type=1, parameter=b"\x08"))),
        ("bytes after it", oracle.raw(oracle.transfer()) + b"\x00"),
        ("a field after it", oracle.raw(oracle.transfer()) + b"\xa0\x01\x01"),
    ],
)
def test_what_no_wallet_writes_is_not_canonical(why: str, raw: bytes) -> None:
    """Unused fields, wrong types, wrong lengths and tails are refused."""
    assert why
    with pytest.raises(NotCanonicalError):
        decode_unsigned(raw)


def test_a_contract_of_another_type_keeps_its_bytes() -> None:
    """Types that pay nobody are named and not decoded."""
    (contract,) = decode_unsigned(oracle.raw(_contract_of(46, "AccountPermissionUpdateContract"))).contracts

    assert (contract.name, contract.content) == ("AccountPermissionUpdateContract", None)
    assert len(contract.value) == 48


def test_a_type_without_a_name_is_shown_by_number() -> None:
    """A type that came after this version is not confused with a known one."""
    (contract,) = decode_unsigned(oracle.raw(_contract_of(99, "SomethingNew"))).contracts

    assert (contract.name, contract.content) == ("contract type 99", None)


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("empty", b""),
        ("another selector", b"\x09\x5e\xa7\xb3" + oracle.calldata()[4:]),
        ("cut off", oracle.calldata()[:-1]),
        ("a tail", oracle.calldata() + b"\x00"),
        ("dirty padding", oracle.calldata(padding=bytes(11) + b"\x01")),
        ("the prefix in the wrong place", oracle.calldata(padding=b"\x41" + bytes(11))),
        ("the prefix and more", oracle.calldata(padding=bytes(10) + b"\x01\x41")),
    ],
)
def test_calldata_that_is_not_exactly_a_transfer(why: str, data: bytes) -> None:
    """One selector, one clean address word, one amount."""
    assert why
    assert decode_token_transfer(data) is None


def test_the_address_prefix_may_stay_in_the_padding() -> None:
    """Some honest encoders copy all 21 bytes of an address into its word."""
    found = decode_token_transfer(oracle.calldata(padding=bytes(11) + b"\x41"))

    assert found is not None
    assert (found.recipient, found.amount) == (oracle.USDT_SUPPLIER, 99_500_000)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(raw: bytes) -> None:
    """Whatever the bytes are, they decode or are refused by name."""
    with contextlib.suppress(NotCanonicalError):
        decode_unsigned(raw)
