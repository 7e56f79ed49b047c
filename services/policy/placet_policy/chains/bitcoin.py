"""Unsigned Bitcoin transactions: the legacy serialization and that of BIP-144, read strictly and written again.

Canonical means that writing what was read gives the same bytes: every length has its shortest form, nothing follows the
lock time, and scriptSig and witness are empty, because nothing is signed yet. The reader is Placet's own: embit's takes
lengths that are not the shortest, cut fields and filled scriptSigs, and counts up to 2**64 inputs before it looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_RAW_BYTES: Final = 100_000
"""Nodes do not relay larger transactions (Bitcoin Core, MAX_STANDARD_TX_WEIGHT of 400,000 at four a byte)."""
MAX_INPUTS: Final = 512
"""As many as request_detail may carry hashes for; each costs one digest of a bounded length."""
MAX_OUTPUTS: Final = 1024
MAX_MONEY: Final = 21_000_000 * 100_000_000
"""Satoshi; no output can hold more (Bitcoin Core, MAX_MONEY)."""
MAX_SCRIPT_BYTES: Final = 10_000
"""MAX_SCRIPT_SIZE of Bitcoin Core: longer ones can never be spent."""
TXID_BYTES: Final = 32
PSBT_MAGIC: Final = b"psbt\xff"
"""BIP-174."""

_VERSIONS: Final = frozenset({1, 2})
_UINT16: Final = 0xFD
_UINT32: Final = 0xFE


class BitcoinError(Exception):
    """The bytes cannot be taken as an unsigned transaction."""


class NotCanonicalError(BitcoinError):
    """The bytes are not the canonical encoding of an unsigned transaction."""


class TooLargeError(BitcoinError):
    """More inputs or outputs than are looked at."""


class FormatNotSupportedError(BitcoinError):
    """A container that is not decoded: a partially signed transaction (BIP-174)."""


@dataclass(frozen=True, slots=True)
class OutPoint:
    """The output that an input spends: 32 bytes in the order of the wire, and its number."""

    txid: bytes
    index: int

    @classmethod
    def of_text(cls, txid: bytes, index: int) -> OutPoint:
        """From the transaction id as it is shown to people, which is reversed."""
        return cls(txid[::-1], index)

    def serialize(self) -> bytes:
        """36 bytes."""
        return self.txid + self.index.to_bytes(4, "little")

    def __str__(self) -> str:
        """As people write it: `txid:index`."""
        return f"{self.txid[::-1].hex()}:{self.index}"


@dataclass(frozen=True, slots=True)
class TxInput:
    """What is spent, and the sequence number (BIP-68, BIP-125)."""

    outpoint: OutPoint
    sequence: int


@dataclass(frozen=True, slots=True)
class TxOutput:
    """Value in satoshi and scriptPubKey."""

    value: int
    script: bytes

    def serialize(self) -> bytes:
        """Value, length and script."""
        return self.value.to_bytes(8, "little") + compact_size(len(self.script)) + self.script


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """An unsigned transaction.

    Attributes:
        version: 1 or 2.
        inputs: In order.
        outputs: In order.
        lock_time: Block height or time before which it is not valid.
    """

    version: int
    inputs: tuple[TxInput, ...]
    outputs: tuple[TxOutput, ...]
    lock_time: int

    def serialize(self) -> bytes:
        """The legacy serialization, which is what the transaction id hashes (BIP-141)."""
        return b"".join(
            [
                self.version.to_bytes(4, "little"),
                compact_size(len(self.inputs)),
                *(self._input(entry) for entry in self.inputs),
                compact_size(len(self.outputs)),
                *(entry.serialize() for entry in self.outputs),
                self.lock_time.to_bytes(4, "little"),
            ]
        )

    @staticmethod
    def _input(entry: TxInput) -> bytes:
        return entry.outpoint.serialize() + b"\x00" + entry.sequence.to_bytes(4, "little")


def compact_size(number: int) -> bytes:
    """The shortest form of a length (Bitcoin developer reference, "CompactSize unsigned integers")."""
    if number < _UINT16:
        return bytes([number])
    if number < 2**16:
        return b"\xfd" + number.to_bytes(2, "little")
    return b"\xfe" + number.to_bytes(4, "little")


def decode_unsigned(raw: bytes) -> Transaction:
    """Decode an unsigned transaction.

    Args:
        raw: The bytes, with or without the marker of BIP-144; at most `MAX_RAW_BYTES`, which the caller checks.

    Returns:
        The transaction.

    Raises:
        NotCanonicalError: The bytes are not canonical, or something is already signed.
        TooLargeError: Too many inputs or outputs.
        FormatNotSupportedError: A partially signed transaction.
    """
    if raw.startswith(PSBT_MAGIC):
        raise FormatNotSupportedError("psbt")
    reader = _Reader(raw)
    version = reader.number(4)
    if version not in _VERSIONS:
        raise NotCanonicalError("version")
    segwit = reader.peek() == 0
    if segwit and reader.take(2) != b"\x00\x01":
        raise NotCanonicalError("no input")
    inputs = tuple(_input(reader) for _ in range(reader.count(MAX_INPUTS)))
    outputs = tuple(_output(reader) for _ in range(reader.count(MAX_OUTPUTS)))
    if segwit and any(reader.take(len(inputs))):
        raise NotCanonicalError("a witness in an unsigned transaction")
    transaction = Transaction(version=version, inputs=inputs, outputs=outputs, lock_time=reader.number(4))
    reader.finish()
    _check(transaction)
    _check_written(transaction, raw, segwit=segwit)
    return transaction


def _check(transaction: Transaction) -> None:
    """What makes a transaction invalid whatever it spends (Bitcoin Core, CheckTransaction)."""
    if not transaction.inputs or not transaction.outputs:
        raise NotCanonicalError("no input or no output")
    spent = [entry.outpoint for entry in transaction.inputs]
    if len(frozenset(spent)) != len(spent):
        raise NotCanonicalError("an output spent twice")
    if any(not any(outpoint.txid) for outpoint in spent):
        raise NotCanonicalError("an input that spends nothing")
    if sum(entry.value for entry in transaction.outputs) > MAX_MONEY:
        raise NotCanonicalError("more money than exists")


def _check_written(transaction: Transaction, raw: bytes, *, segwit: bool) -> None:
    """Every reading is confirmed by writing it; the reader above should already have refused anything else."""
    expected = transaction.serialize()
    if segwit:
        body, lock_time = expected[4:-4], expected[-4:]
        expected = expected[:4] + b"\x00\x01" + body + bytes(len(transaction.inputs)) + lock_time
    if expected != raw:
        raise NotCanonicalError("another encoding says the same")


def _input(reader: _Reader) -> TxInput:
    outpoint = OutPoint(reader.take(TXID_BYTES), reader.number(4))
    if reader.count(MAX_SCRIPT_BYTES):
        raise NotCanonicalError("a scriptSig in an unsigned transaction")
    return TxInput(outpoint, reader.number(4))


def _output(reader: _Reader) -> TxOutput:
    value = reader.number(8)
    return TxOutput(value, reader.take(reader.count(MAX_SCRIPT_BYTES)))


class _Reader:
    """Takes fields from the front; whatever is asked for beyond the end is an error."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._position = 0

    def take(self, length: int) -> bytes:
        end = self._position + length
        if end > len(self._raw):
            raise NotCanonicalError("cut off")
        taken = self._raw[self._position : end]
        self._position = end
        return taken

    def peek(self) -> int:
        return self._raw[self._position] if self._position < len(self._raw) else -1

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "little")

    def count(self, limit: int) -> int:
        first = self.number(1)
        if first < _UINT16:
            number = first
        elif first == _UINT16:
            number = self.number(2)
        else:
            number = self.number(4 if first == _UINT32 else 8)
        if number > limit:
            raise TooLargeError(number)
        if first >= _UINT16 and len(compact_size(number)) != 1 + 2 ** (first - 0xFC):
            raise NotCanonicalError("a length that is not the shortest")
        return number

    def finish(self) -> None:
        if self._position != len(self._raw):
            raise NotCanonicalError("bytes after the lock time")


def total(outputs: Sequence[TxOutput]) -> int:
    """Satoshi in all of them."""
    return sum(output.value for output in outputs)
