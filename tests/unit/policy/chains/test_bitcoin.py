"""The serialization of unsigned Bitcoin transactions: what is read, and everything that is refused."""

import pytest
from embit.transaction import Transaction as Oracle  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.bitcoin import (
    BitcoinError,
    FormatNotSupportedError,
    NotCanonicalError,
    OutPoint,
    TooLargeError,
    TxInput,
    TxOutput,
    compact_size,
    decode_unsigned,
)

_TXID = "11" * 32
_INPUT = _TXID + "02000000" + "00" + "fdffffff"
_OUTPUT = "e803000000000000" + "16" + "0014" + "22" * 20
_RAW = "02000000" + "01" + _INPUT + "01" + _OUTPUT + "00000000"
_SEGWIT = "02000000" + "0001" + "01" + _INPUT + "01" + _OUTPUT + "00" + "00000000"


@pytest.mark.parametrize("raw", [_RAW, _SEGWIT])
def test_both_serializations_say_the_same(raw: str) -> None:
    """The legacy form and that of BIP-144 with empty witnesses are one transaction."""
    transaction = decode_unsigned(bytes.fromhex(raw))

    assert transaction.version == 2
    assert transaction.inputs == (TxInput(OutPoint(bytes.fromhex(_TXID), 2), 0xFFFFFFFD),)
    assert transaction.outputs == (TxOutput(1000, bytes.fromhex("0014" + "22" * 20)),)
    assert transaction.lock_time == 0
    assert transaction.serialize().hex() == _RAW


_REFUSED = {
    "empty": "",
    "cut": _RAW[:-2],
    "tail": _RAW + "00",
    "version 0": "00000000" + _RAW[8:],
    "version 3": "03000000" + _RAW[8:],
    "no input": "02000000" + "00" + "01" + _OUTPUT + "00000000",
    "no output": "02000000" + "01" + _INPUT + "00" + "00000000",
    "segwit without input": "02000000" + "0001" + "00" + "01" + _OUTPUT + "00000000",
    "unknown flag": _SEGWIT.replace("02000000" + "0001", "02000000" + "0002", 1),
    "scriptSig": _RAW.replace("02000000" + "00" + "fdffffff", "02000000" + "0151" + "fdffffff"),
    "witness": _SEGWIT[:-10] + "0151" + "00000000",
    "witness cut": "02000000" + "0001" + "01" + _INPUT + "01" + _OUTPUT + "00000000",
    "long length of 1": "02000000" + "fd0100" + _INPUT + "01" + _OUTPUT + "00000000",
    "long length of 22": _RAW.replace("16" + "0014", "fd1600" + "0014"),
    "longer length of 22": _RAW.replace("16" + "0014", "fe16000000" + "0014"),
    "longest length of 22": _RAW.replace("16" + "0014", "ff1600000000000000" + "0014"),
    "spent twice": "02000000" + "02" + _INPUT + _INPUT + "01" + _OUTPUT + "00000000",
    "coinbase": _RAW.replace(_TXID, "00" * 32),
    "too much money": _RAW.replace("e803000000000000", "0140075af0750700"),
}


@pytest.mark.parametrize("raw", _REFUSED.values(), ids=_REFUSED.keys())
def test_what_is_not_canonical_is_refused(raw: str) -> None:
    """Nothing is read that could be written in another way, or that is signed, or that no network accepts."""
    with pytest.raises(NotCanonicalError):
        decode_unsigned(bytes.fromhex(raw))


def test_all_the_money_that_exists_may_be_moved() -> None:
    """21 million coins are the most, and not one satoshi less."""
    transaction = decode_unsigned(bytes.fromhex(_RAW.replace("e803000000000000", "0040075af0750700")))

    assert transaction.outputs[0].value == 2_100_000_000_000_000


@pytest.mark.parametrize(
    "raw",
    [
        "02000000" + "fd0102" + _INPUT,
        "02000000" + "01" + _INPUT + "fd0104" + _OUTPUT,
        "02000000" + "01" + _INPUT + "01" + "e803000000000000" + "fd1127" + "00",
        "02000000" + "ffffffffffffffffff" + _INPUT,
    ],
)
def test_counts_are_bounded_before_anything_is_read(raw: str) -> None:
    """More inputs, outputs or script bytes than are looked at end the reading at once."""
    with pytest.raises(TooLargeError):
        decode_unsigned(bytes.fromhex(raw))


def test_a_partially_signed_transaction_is_not_decoded() -> None:
    """BIP-174 is recognised by its magic and named, not taken for broken bytes."""
    with pytest.raises(FormatNotSupportedError):
        decode_unsigned(b"psbt\xff\x01\x00")


@pytest.mark.parametrize(
    ("number", "text"), [(0, "00"), (0xFC, "fc"), (0xFD, "fdfd00"), (0xFFFF, "fdffff"), (0x10000, "fe00000100")]
)
def test_lengths_have_their_shortest_form(number: int, text: str) -> None:
    """CompactSize at each of its borders."""
    assert compact_size(number).hex() == text


def test_an_outpoint_reads_as_people_write_it() -> None:
    """Transaction ids are shown reversed."""
    outpoint = OutPoint.of_text(bytes.fromhex("00" * 31 + "07"), 3)

    assert outpoint.serialize().hex() == "07" + "00" * 31 + "03000000"
    assert str(outpoint) == "00" * 31 + "07:3"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_or_written_back(raw: bytes) -> None:
    """Only our own errors leave the reader, and what is read is the bytes again."""
    try:
        transaction = decode_unsigned(raw)
    except BitcoinError:
        return
    assert raw in (transaction.serialize(), Oracle.parse(raw).serialize())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(bytes.fromhex(_RAW)) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_is_another_transaction(position: int, flip: int) -> None:
    """No byte of the serialization is without meaning."""
    raw = bytearray.fromhex(_RAW)
    raw[position] ^= flip
    try:
        transaction = decode_unsigned(bytes(raw))
    except BitcoinError:
        return
    assert transaction != decode_unsigned(bytes.fromhex(_RAW))
    assert transaction.serialize() == bytes(raw)
