"""What a Bitcoin input's signature is over: the digests of BIP-143, BIP-341 (key path) and the old one.

embit has them too and is the tests' second opinion; these hash the parts that all inputs share once for a transaction,
so that many inputs do not cost quadratic time, and name every sighash type that the rules of the network accept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from placet_policy.chains.bitcoin import OutPoint, Transaction, TxOutput, compact_size

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGHASH_DEFAULT: Final = 0x00
"""BIP-341 only; covers what ALL covers."""
SIGHASH_ALL: Final = 0x01
_NONE: Final = 0x02
_SINGLE: Final = 0x03
_ANYONECANPAY: Final = 0x80
_BASE: Final = 0x1F
_PARTIAL: Final = (_NONE, _SINGLE, *(_ANYONECANPAY | base for base in (SIGHASH_ALL, _NONE, _SINGLE)))
_NAMES: Final = {SIGHASH_DEFAULT: "DEFAULT", SIGHASH_ALL: "ALL", _NONE: "NONE", _SINGLE: "SINGLE"}
_ZERO: Final = bytes(32)
_BLANK_BYTES: Final = 41


class Spend(StrEnum):
    """How an input is spent; by the key alone, where it is known."""

    P2PKH = "p2pkh"
    P2WPKH = "p2wpkh"
    P2SH_P2WPKH = "p2sh_p2wpkh"
    P2TR = "p2tr"
    OTHER = "other"
    """Something else, whose digest is not made here; taproot digests of other inputs still hash its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentOutput:
    """The output that an input spends.

    Attributes:
        output: Its value and scriptPubKey, as declared.
        spend: How it is spent.
        key_hash: The 20 bytes of the key in P2PKH and segwit v0; empty for taproot.
    """

    output: TxOutput
    spend: Spend
    key_hash: bytes


def sighash_name(sighash: int) -> str:
    """E.g. `SINGLE|ANYONECANPAY`."""
    name = _NAMES[sighash & ~_ANYONECANPAY]
    return f"{name}|ANYONECANPAY" if sighash & _ANYONECANPAY else name


class Digests:
    """The digests of one transaction; what all inputs share is hashed once."""

    def __init__(self, transaction: Transaction, spent: Sequence[SpentOutput | None]) -> None:
        """Prepare the digests of a transaction.

        Args:
            transaction: What is signed.
            spent: For each input the output it spends, or None where it is not known.
        """
        self._transaction = transaction
        self._spent = tuple(spent)
        self._all_known = all(entry is not None for entry in self._spent)

    def whole(self, index: int) -> dict[bytes, int]:
        """The digests that bind every input and every output.

        Args:
            index: Number of the input.

        Returns:
            Sighash type by 32-byte digest; empty when what the digest needs is not known. A taproot digest needs every
            spent output (BIP-341).
        """
        spent = self._spent[index]
        if spent is None or spent.spend is Spend.OTHER or (spent.spend is Spend.P2TR and not self._all_known):
            return {}
        types = (SIGHASH_DEFAULT, SIGHASH_ALL) if spent.spend is Spend.P2TR else (SIGHASH_ALL,)
        return {self._digest(index, spent, sighash): sighash for sighash in types}

    def partial(self, index: int) -> dict[bytes, int]:
        """The digests after which somebody else may still change inputs or outputs; otherwise as `whole`."""
        spent = self._spent[index]
        if spent is None or spent.spend is Spend.OTHER:
            return {}
        types = _PARTIAL
        if spent.spend is Spend.P2TR:
            if not self._all_known:
                types = tuple(sighash for sighash in types if sighash & _ANYONECANPAY)
            if index >= len(self._transaction.outputs):  # BIP-341 calls a SINGLE without its output invalid.
                types = tuple(sighash for sighash in types if sighash & _BASE != _SINGLE)
        return {self._digest(index, spent, sighash): sighash for sighash in types}

    def _digest(self, index: int, spent: SpentOutput, sighash: int) -> bytes:
        if spent.spend is Spend.P2TR:
            return self._taproot(index, spent, sighash)
        if spent.spend is Spend.P2PKH:
            return self._legacy(index, spent, sighash)
        return self._segwit(index, spent, sighash)

    def _segwit(self, index: int, spent: SpentOutput, sighash: int) -> bytes:
        """BIP-143, "Specification"."""
        transaction, entry = self._transaction, self._transaction.inputs[index]
        base, anyone = sighash & _BASE, bool(sighash & _ANYONECANPAY)
        outputs = _ZERO
        if base == SIGHASH_ALL:
            outputs = _sha256(self._outputs)
        elif base == _SINGLE and index < len(transaction.outputs):
            outputs = double_sha256(transaction.outputs[index].serialize())
        return double_sha256(
            b"".join(
                [
                    transaction.version.to_bytes(4, "little"),
                    _ZERO if anyone else _sha256(self._prevouts),
                    _sha256(self._sequences) if base == SIGHASH_ALL and not anyone else _ZERO,
                    entry.outpoint.serialize(),
                    b"\x19" + _script_code(spent.key_hash),
                    spent.output.value.to_bytes(8, "little"),
                    entry.sequence.to_bytes(4, "little"),
                    outputs,
                    transaction.lock_time.to_bytes(4, "little"),
                    sighash.to_bytes(4, "little"),
                ]
            )
        )

    def _taproot(self, index: int, spent: SpentOutput, sighash: int) -> bytes:
        """BIP-341, "Common signature message", with extension flag 0 (key path) and no annex."""
        transaction, entry = self._transaction, self._transaction.inputs[index]
        base, anyone = sighash & _BASE, bool(sighash & _ANYONECANPAY)
        parts = [
            b"\x00",  # epoch
            bytes([sighash]),
            transaction.version.to_bytes(4, "little"),
            transaction.lock_time.to_bytes(4, "little"),
        ]
        if not anyone:
            parts += [self._prevouts, self._amounts, self._scripts, self._sequences]
        if base not in (_NONE, _SINGLE):
            parts.append(self._outputs)
        parts.append(b"\x00")  # spend type
        if anyone:
            script = spent.output.script
            parts += [entry.outpoint.serialize(), spent.output.value.to_bytes(8, "little")]
            parts += [compact_size(len(script)), script, entry.sequence.to_bytes(4, "little")]
        else:
            parts.append(index.to_bytes(4, "little"))
        if base == _SINGLE:
            parts.append(_sha256(transaction.outputs[index].serialize()))
        return tagged_hash("TapSighash", b"".join(parts))

    def _legacy(self, index: int, spent: SpentOutput, sighash: int) -> bytes:
        """The digest before segwit (Bitcoin Core, SignatureHash): it binds no amount at all."""
        transaction = self._transaction
        base, anyone = sighash & _BASE, bool(sighash & _ANYONECANPAY)
        if base == _SINGLE and index >= len(transaction.outputs):
            return (1).to_bytes(32, "little")  # the well-known defect: a signature of the number one
        blank = self._blank if base == SIGHASH_ALL else self._blank_others
        script, entry = _script_code(spent.key_hash), transaction.inputs[index]
        own = entry.outpoint.serialize() + compact_size(len(script)) + script + entry.sequence.to_bytes(4, "little")
        before, after = blank[: index * _BLANK_BYTES], blank[(index + 1) * _BLANK_BYTES :]
        inputs = compact_size(1) + own if anyone else compact_size(len(transaction.inputs)) + before + own + after
        if base == _NONE:
            outputs = compact_size(0)
        elif base == _SINGLE:
            own_output = transaction.outputs[index].serialize()
            outputs = compact_size(index + 1) + (b"\xff" * 8 + b"\x00") * index + own_output
        else:
            outputs = compact_size(len(transaction.outputs)) + self._written_outputs
        return double_sha256(
            b"".join(
                [
                    transaction.version.to_bytes(4, "little"),
                    inputs,
                    outputs,
                    transaction.lock_time.to_bytes(4, "little"),
                    sighash.to_bytes(4, "little"),
                ]
            )
        )

    @cached_property
    def _blank(self) -> bytes:
        """Every input with an empty script, of `_BLANK_BYTES` each."""
        return b"".join(_blank(entry.outpoint, entry.sequence) for entry in self._transaction.inputs)

    @cached_property
    def _blank_others(self) -> bytes:
        """The same without sequences, for NONE and SINGLE."""
        return b"".join(_blank(entry.outpoint, 0) for entry in self._transaction.inputs)

    @cached_property
    def _written_outputs(self) -> bytes:
        """Every output, one after another."""
        return b"".join(output.serialize() for output in self._transaction.outputs)

    # The single hashes of BIP-341; BIP-143 hashes each of them once more.
    @cached_property
    def _prevouts(self) -> bytes:
        return _sha256(b"".join(entry.outpoint.serialize() for entry in self._transaction.inputs))

    @cached_property
    def _sequences(self) -> bytes:
        return _sha256(b"".join(entry.sequence.to_bytes(4, "little") for entry in self._transaction.inputs))

    @cached_property
    def _outputs(self) -> bytes:
        return _sha256(self._written_outputs)

    @cached_property
    def _amounts(self) -> bytes:
        return _sha256(b"".join(output.value.to_bytes(8, "little") for output in self._known))

    @cached_property
    def _scripts(self) -> bytes:
        return _sha256(b"".join(compact_size(len(output.script)) + output.script for output in self._known))

    @cached_property
    def _known(self) -> tuple[TxOutput, ...]:
        return tuple(spent.output for spent in self._spent if spent is not None)


def double_sha256(data: bytes) -> bytes:
    """What Bitcoin hashes transactions and signed messages with."""
    return _sha256(_sha256(data))


def tagged_hash(tag: str, message: bytes) -> bytes:
    """BIP-340, "Tagged hashes"."""
    prefix = hashlib.sha256(tag.encode("ascii")).digest()
    return _sha256(prefix + prefix + message)


def _blank(outpoint: OutPoint, sequence: int) -> bytes:
    return outpoint.serialize() + b"\x00" + sequence.to_bytes(4, "little")


def _script_code(key_hash: bytes) -> bytes:
    """DUP HASH160 <hash> EQUALVERIFY CHECKSIG: what P2PKH and segwit v0 key hashes sign."""
    return b"\x76\xa9\x14" + key_hash + b"\x88\xac"


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
