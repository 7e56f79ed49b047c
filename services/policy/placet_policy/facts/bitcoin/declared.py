"""What a request declares of a Bitcoin transaction: what it spends, its payments and its change (protocol d.12)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from placet_policy.chains.addresses import AddressError
from placet_policy.chains.amounts import AmountError, to_base_units
from placet_policy.chains.bitcoin import MAX_MONEY, MAX_OUTPUTS, TXID_BYTES, OutPoint, TxOutput
from placet_policy.chains.bitcoin_addresses import ecdsa_scripts, script_hash_script
from placet_policy.chains.bitcoin_digest import Spend, SpentOutput
from placet_policy.chains.hash160 import hash160
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex
from placet_policy.codes import Code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from placet_policy.facts.declared import Declared
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.facts.signer import DerivedKey

_SPENDS: Final = {
    (b"\x00\x14", 22): (Spend.P2WPKH, 2),
    (b"\x76\xa9", 25): (Spend.P2PKH, 3),
}
_TAPROOT_PREFIX: Final = b"\x51\x20"
_KEY_HASH_BYTES: Final = 20
_MAX_INDEX: Final = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A declared output.

    Attributes:
        record: Where it is declared.
        script: Its scriptPubKey; None for an address that cannot be read, which was noted.
        value: Satoshi; None for an amount that cannot be read, which was noted.
        amount_name: The member of `record` with the amount.
    """

    record: Declared
    script: bytes | None
    value: int | None
    amount_name: str

    def output(self) -> TxOutput | None:
        """The output, if both parts are known."""
        return None if self.script is None or self.value is None else TxOutput(self.value, self.script)


def declared_spends(case: KeySignCase) -> Mapping[OutPoint, SpentOutput]:
    """The outputs of `selected_utxos`, in order; an entry that cannot be read is left out and was noted."""
    info = case.transaction.child("raw_tx_info", required=False)
    spends: dict[OutPoint, SpentOutput] = {}
    nested = _NestedKeys(case.keys)
    for record in () if info is None else info.children("selected_utxos", required=False):
        outpoint, spent = _outpoint(record), _spent(case, record, nested)
        if outpoint is None or spent is None:
            continue
        if outpoint in spends:
            case.findings.contradict(
                Code.INPUT_MISMATCH, record.at("tx_hash"), declared=outpoint, proven="an output is spent only once"
            )
        spends.setdefault(outpoint, spent)
    return spends


def declared_payments(case: KeySignCase) -> tuple[Payment, ...]:
    """`utxo_outputs`, or `account_output` where there is but one payment (protocol d.3)."""
    destination = case.destination
    outputs = destination.children("utxo_outputs", required=False, most=MAX_OUTPUTS)
    single = destination.child("account_output", required=not outputs)
    if outputs and single is not None:
        # Two lists of payments would let people see the one that is not compared.
        destination.findings.miss(Code.DECLARATION_NOT_CANONICAL, destination.at("account_output"))
    records = outputs or (() if single is None else (single,))
    return tuple(_payment(case, record, "amount") for record in records)


def payments_are_whole(case: KeySignCase, payments: Sequence[Payment]) -> bool:
    """Whether these are all that is declared, each with an address that could be read."""
    listed = case.destination.members.get("utxo_outputs") or []
    whole = isinstance(listed, list) and len(payments) == (len(listed) or 1)
    return whole and all(payment.script is not None for payment in payments)


def declared_change(case: KeySignCase) -> tuple[Payment, ...]:
    """`utxo_changes`, and the older `utxo_change` where it says something else; no address or zero means none."""
    info = case.transaction.child("raw_tx_info", required=False)
    if info is None:
        return ()
    records = list(info.children("utxo_changes", required=False))
    older = info.child("utxo_change", required=False)
    if older is not None:
        records.append(older)
    change: dict[tuple[bytes | None, int | None], Payment] = {}
    for record in records:
        if record.text("address", required=False) is None:
            continue
        compare_coin(case, record)
        payment = _payment(case, record, "value")
        if payment.value != 0:
            change.setdefault((payment.script, payment.value), payment)
    return tuple(change.values())


def change_script(case: KeySignCase) -> bytes | None:
    """The script of `change_address`, if it is declared."""
    text = case.destination.text("change_address", required=False)
    return None if text is None else _script(case, case.destination, "change_address", text)


def compare_coin(case: KeySignCase, record: Declared) -> None:
    """A token of its own on an output, such as a rune, is nothing that is decoded here."""
    token_id = record.text("token_id", required=False)
    if token_id is not None and token_id != case.chain.native_token:
        case.findings.miss(Code.KIND_NOT_SUPPORTED, record.at("token_id"))


def _outpoint(record: Declared) -> OutPoint | None:
    text, index = record.text("tx_hash"), record.whole("vout_n")
    if text is None or index is None:
        return None
    try:
        txid = decode_hex(text)
    except HexError:
        txid = b""
    if len(txid) != TXID_BYTES:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("tx_hash"))
        return None
    if not 0 <= index < _MAX_INDEX:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("vout_n"))
        return None
    return OutPoint.of_text(txid, index)


def _spent(case: KeySignCase, record: Declared, nested: _NestedKeys) -> SpentOutput | None:
    compare_coin(case, record)
    output = _payment(case, record, "value").output()
    if output is None:
        return None
    revealed = record.text("revealed_script", required=False)
    if revealed is not None:
        case.findings.miss(Code.SCRIPT_SPEND_NOT_PROVEN, record.at("revealed_script"))
        return SpentOutput(output=output, spend=Spend.OTHER, key_hash=b"")
    script = output.script
    if script.startswith(_TAPROOT_PREFIX):
        return SpentOutput(output=output, spend=Spend.P2TR, key_hash=b"")
    known = _SPENDS.get((script[:2], len(script)))
    if known is not None:
        spend, start = known
        return SpentOutput(output=output, spend=spend, key_hash=script[start : start + _KEY_HASH_BYTES])
    key_hash = _nested_key_hash(record, script, nested)
    if key_hash is not None:
        return SpentOutput(output=output, spend=Spend.P2SH_P2WPKH, key_hash=key_hash)
    case.findings.miss(Code.KIND_NOT_SUPPORTED, record.at("address"))
    return SpentOutput(output=output, spend=Spend.OTHER, key_hash=b"")


class _NestedKeys:
    """The signing keys by the P2SH-P2WPKH output that each spends; looked at only where there is such an output."""

    def __init__(self, keys: Sequence[DerivedKey]) -> None:
        self._keys = keys

    @cached_property
    def key_hashes(self) -> Mapping[bytes, bytes]:
        """The key hash by scriptPubKey; made once, as each of 512 inputs may be looked for among 512 keys."""
        keys = {key.public_key for key in self._keys if key.public_key is not None}
        return {ecdsa_scripts(key)[1]: hash160(key) for key in keys}


def _nested_key_hash(record: Declared, script: bytes, nested: _NestedKeys) -> bytes | None:
    """The key hash inside P2SH-P2WPKH (BIP-141): of the declared redeem script, or of a signing key that it pays."""
    text = record.text("redeem_script", required=False)
    if text is None:
        return nested.key_hashes.get(script)
    try:
        redeem = decode_hex(text)
    except HexError:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at("redeem_script"))
        return None
    if script_hash_script(hash160(redeem)) != script:
        record.findings.contradict(
            Code.INPUT_MISMATCH,
            record.at("redeem_script"),
            declared=encode_hex(redeem),
            proven="a script of another address",
        )
        return None
    return redeem[2:] if redeem[:2] == b"\x00\x14" and len(redeem) == 2 + _KEY_HASH_BYTES else None


def _payment(case: KeySignCase, record: Declared, amount_name: str) -> Payment:
    address, amount = record.text("address"), record.text(amount_name)
    value = None
    if amount is not None:
        try:
            value = to_base_units(amount, case.registry.tokens[case.chain.native_token].decimals)
        except AmountError:
            value = None
        if value is None or value > MAX_MONEY:
            record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at(amount_name))
            value = None
    script = None if address is None else _script(case, record, "address", address)
    return Payment(record=record, script=script, value=value, amount_name=amount_name)


def _script(case: KeySignCase, record: Declared, name: str, text: str) -> bytes | None:
    try:
        return case.scheme.form.decode(text)
    except AddressError:
        record.findings.miss(Code.DECLARATION_NOT_CANONICAL, record.at(name))
        return None
