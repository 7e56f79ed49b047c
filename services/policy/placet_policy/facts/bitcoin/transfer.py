"""What a Bitcoin transaction pays: compared with the declaration, and described (design section 5).

Three things an output can be: a declared payment, our own change, or neither. All are transfers in the facts, and what
stays with us has the own key's path. Change is proven by derivation only; what may be change, because nobody declared
it as a payment or because it is declared as change, is marked, so that limits and lists see it. It contradicts nothing:
own keys are searched for in a window.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from placet_policy.chains.addresses import AddressError, AddressForm
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS
from placet_policy.chains.bitcoin_keys import OwnKeys, key_alone_spends
from placet_policy.chains.derivation import path_text
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import native_asset
from placet_policy.facts.bitcoin.declared import (
    Payment,
    change_script,
    declared_change,
    declared_payments,
    payments_are_whole,
)
from placet_policy.facts.comparison import ComparedField, Shape
from placet_policy.facts.key_sign_case import RAW_PATH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_policy.chains.bitcoin import Transaction, TxOutput
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Chain

_NO_OUTPUT: Final = "no such output"
_PROVEN: Final = "proven"
_NOT_PROVEN: Final = "not_proven"
"""Words of `transfers[].change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The outputs by what they are.

    Attributes:
        payments: Paid to somebody, or to ourselves by declaration; then with the own key's path.
        unproven: Paid to somebody, or change to an own key that was not found.
        change: Paid back to an own key, with its path.
    """

    payments: tuple[tuple[TxOutput, tuple[int, ...] | None], ...]
    unproven: tuple[TxOutput, ...]
    change: tuple[tuple[TxOutput, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payments:
    """The outputs beside the declared payments.

    Attributes:
        paid: Outputs that are declared payments.
        rest: All others.
        payees: Scripts that are declared to be paid.
        whole: Whether every declared payment could be read, so that an output beside them is surely not declared.
    """

    paid: list[TxOutput]
    rest: list[TxOutput]
    payees: frozenset[bytes | None] = frozenset()
    whole: bool = True


def compare_outputs(case: KeySignCase, transaction: Transaction) -> Outputs:
    """Account for every output.

    Returns:
        What each output is; the findings name what is not as declared.
    """
    change = declared_change(case)
    _compare_change_values(change, transaction.outputs)
    declared = _compare_payments(case, transaction.outputs)
    own = own_keys(case)
    paid, unproven = declared.paid, []
    kept: list[tuple[TxOutput, tuple[int, ...]]] = []
    as_change = {payment.script for payment in change} | {change_script(case)}
    for output in declared.rest:
        path = own.path_of(output.script) if own is not None else None
        if path is not None:
            kept.append((output, path))
        elif output.script in as_change:
            case.findings.miss(Code.CHANGE_NOT_PROVEN, RAW_PATH)
            unproven.append(output)
        elif key_alone_spends(output.script) and output.script not in declared.payees:
            _note_unproven(case, output)
            unproven.append(output)
        else:
            _refuse_output(case, output, whole=declared.whole)
            paid.append(output)
    payments = tuple((output, None if own is None else own.path_of(output.script)) for output in paid)
    return Outputs(payments=payments, unproven=tuple(unproven), change=tuple(kept))


def describe(case: KeySignCase, outputs: Outputs, sources: Sequence[bytes], chain: Chain | None, proof: Proof) -> None:
    """Say what the bytes do, whatever was declared.

    Args:
        case: The request.
        outputs: Every output.
        sources: scriptPubKeys of the signed inputs.
        chain: The chain whose rules apply; its addresses are written.
        proof: Takes the transfers.
    """
    form = BITCOIN_FORMS[(chain or case.chain).testnet]
    source = None
    if len(frozenset(sources)) == 1 and case.key.signer is not None:
        source = _address(form, sources[0])
    unproven = [(output, None, _NOT_PROVEN) for output in outputs.unproven]
    payments = [(*payment, None) for payment in outputs.payments]
    for output, path, change in [*payments, *unproven, *((*kept, _PROVEN) for kept in outputs.change)]:
        address = _address(form, output.script)
        proof.transfers.append(
            {
                "asset": native_asset(case, chain),
                "from": source,
                "to": address,
                # People and rules see a script that is nobody's address, too.
                **({} if address is not None else {"to_script": encode_hex(output.script)}),
                # Said of every output: what is absent is not proven, and no rule may take it for a payment.
                "to_path": None if path is None else path_text(path),
                "change": change,
                "amount": str(output.value),
                "source": "bytes",
            }
        )


def _address(form: AddressForm, script: bytes) -> str | None:
    """The canonical address of an output; None for a script that has none."""
    try:
        return form.encode(script)
    except AddressError:
        return None


def own_keys(case: KeySignCase) -> OwnKeys | None:
    """The keys that change may be paid to; None while the root key is not pinned. No declaration has a part in it."""
    signer = case.key.signer
    pinned = None if signer is None else case.registry.keys.get(signer.root_key)
    if pinned is None:
        return None
    signing = (key.path for key in case.keys if key.path is not None and pinned.allows_path(key.path))
    return OwnKeys(root_key=pinned.root_key, patterns=pinned.paths, signing=signing)


def _compare_payments(case: KeySignCase, outputs: Sequence[TxOutput]) -> _Payments:
    """Take each declared payment's output away: the outputs that are payments, and the rest."""
    paid: list[TxOutput] = []
    if ComparedField.DESTINATION not in case.row.fields:
        return _Payments(paid=paid, rest=list(outputs))
    left = Counter(outputs)
    amounts = ComparedField.AMOUNT in case.row.fields
    payments = declared_payments(case)
    unmatched: list[Payment] = []
    for payment in payments:
        output = payment.output()
        if amounts and output is not None and left[output]:
            left[output] -= 1
            paid.append(output)
        else:
            unmatched.append(payment)
    others = _by_script(_without(outputs, paid))
    for payment in unmatched:
        alike = others.get(payment.script)
        found = alike.popleft() if alike else None
        if found is not None:
            paid.append(found)
        _compare_payment(payment, found, case, amounts=amounts)
    payees = frozenset(payment.script for payment in payments)
    rest = _without(outputs, paid)
    return _Payments(paid=paid, rest=rest, payees=payees, whole=payments_are_whole(case, payments))


def _by_script(outputs: Sequence[TxOutput]) -> dict[bytes | None, deque[TxOutput]]:
    """The outputs in order under what they pay; looked up, as a thousand may be declared and a thousand be there."""
    found: dict[bytes | None, deque[TxOutput]] = {}
    for output in outputs:
        found.setdefault(output.script, deque()).append(output)
    return found


def _without(outputs: Sequence[TxOutput], taken: Sequence[TxOutput]) -> list[TxOutput]:
    """The outputs in order, without as many of each as were taken."""
    left, rest = Counter(taken), []
    for output in outputs:
        if left[output]:
            left[output] -= 1
        else:
            rest.append(output)
    return rest


def _compare_payment(payment: Payment, found: TxOutput | None, case: KeySignCase, *, amounts: bool) -> None:
    record = payment.record
    if found is None:
        if payment.script is not None and amounts:
            record.findings.contradict(
                Code.DESTINATION_MISMATCH,
                record.at("address"),
                declared=case.scheme.form.encode(payment.script),
                proven=_NO_OUTPUT,
            )
        elif payment.script is not None:
            record.findings.miss(Code.OUTPUT_NOT_DECLARED, record.at("address"))
    elif amounts and payment.value is not None:
        record.findings.contradict(
            Code.AMOUNT_MISMATCH, record.at(payment.amount_name), declared=payment.value, proven=found.value
        )


def _compare_change_values(change: Sequence[Payment], outputs: Sequence[TxOutput]) -> None:
    """Declared change is an output of the transaction."""
    known, alike = frozenset(outputs), _by_script(outputs)
    for payment in change:
        output = payment.output()
        if output is None or output in known:
            continue
        values = [str(one.value) for one in alike.get(output.script, ())]
        payment.record.findings.contradict(
            Code.AMOUNT_MISMATCH,
            payment.record.at(payment.amount_name),
            declared=output.value,
            proven=", ".join(values) or _NO_OUTPUT,
        )


def _note_unproven(case: KeySignCase, output: TxOutput) -> None:
    """An output that nobody declared, whose key may be ours outside the window that is searched."""
    if case.row.shape in (Shape.SELF_SEND, Shape.STAKE, Shape.UNSTAKE):
        _refuse_output(case, output, whole=True)
    else:
        case.findings.miss(Code.CHANGE_NOT_PROVEN, RAW_PATH)


def _refuse_output(case: KeySignCase, output: TxOutput, *, whole: bool) -> None:
    """An output that is neither declared nor ours."""
    proven = f"{output.value} to {_address(case.scheme.form, output.script) or encode_hex(output.script)}"
    if case.row.shape is Shape.SELF_SEND:
        case.findings.contradict(
            Code.DROP_NOT_SELF_SEND, case.transaction.at("replacement"), declared="a drop", proven=proven
        )
    elif case.row.shape in (Shape.STAKE, Shape.UNSTAKE) or not whole:
        # A stake declares no amounts and not all of its outputs, so an unknown one contradicts nothing; neither does
        # one that a declaration may name which could not be read.
        case.findings.miss(Code.OUTPUT_NOT_DECLARED, RAW_PATH)
    else:
        case.findings.contradict(
            Code.DESTINATION_MISMATCH, case.destination.at("utxo_outputs"), declared=_NO_OUTPUT, proven=proven
        )
