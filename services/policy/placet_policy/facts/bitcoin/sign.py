"""Proof of a Bitcoin transaction: the bytes against the hashes, the declaration and the signing keys.

Numbered as the comments below: 1 what is spent, 2 the bytes, 3 the network, 4 hashes and keys, 5 outputs, 6 fee. The
signing keys were compared with the declared addresses before (signer.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.chains.bitcoin import (
    MAX_RAW_BYTES,
    FormatNotSupportedError,
    NotCanonicalError,
    TooLargeError,
    Transaction,
    decode_unsigned,
    total,
)
from placet_policy.chains.bitcoin_digest import Spend
from placet_policy.chains.bitcoin_rebuild import rebuild
from placet_policy.codes import Code
from placet_policy.facts.account_transfer import native_asset
from placet_policy.facts.bitcoin.declared import declared_change, declared_payments, declared_spends
from placet_policy.facts.bitcoin.hashes import compare_hashes, hashes_of
from placet_policy.facts.bitcoin.transfer import compare_outputs, describe
from placet_policy.facts.comparison import Shape
from placet_policy.facts.key_sign_case import RAW_PATH, KeySignCase, raw_bytes
from placet_policy.facts.network import applicable_chain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from placet_callback.strict_json import JSONValue

    from placet_policy.chains.bitcoin import OutPoint
    from placet_policy.chains.bitcoin_digest import SpentOutput
    from placet_policy.facts.proof import Proof

_UTXOS_PATH: Final = "extra_info.transaction.raw_tx_info.selected_utxos"


def prove_bitcoin(case: KeySignCase, proof: Proof) -> None:
    """Prove a payment, a stake, an unstake by key alone, or a drop."""
    # 1 What the inputs spend, by declaration: the digests confirm it or do not match.
    spends = declared_spends(case)
    # 2 The bytes, or the only transaction that the parts can be.
    transaction = _transaction(case, spends)
    if transaction is None:
        return
    _compare_inputs(case, transaction, spends)
    spent = [spends.get(entry.outpoint) for entry in transaction.inputs]
    # 3 The network, which the bytes do not name.
    chain = applicable_chain(case)
    proof.chain = {
        "kind": "bitcoin",
        "id": None if chain is None else chain.id,
        "network": None,
        "network_proven": False,
        "valid_until": None,
        "outpoints": [str(entry.outpoint) for entry in transaction.inputs],
        "inputs": [_input(entry.outpoint, spends) for entry in transaction.inputs],
        "source": "declared",
    }
    # 4 Exactly the digests of these inputs are signed, each by the key of its output.
    entries, signed = compare_hashes(case, transaction, spent)
    proof.hashes.extend(entries)
    # 5 Who is paid, and nobody else.
    _compare_token(case)
    outputs = compare_outputs(case, transaction)
    known = [entry for entry in spent if entry is not None]
    describe(case, outputs, [entry.output.script for entry in known], chain, proof)
    # 6 The fee, where the signatures bind every amount; caps are policy, so a declared fee is not compared.
    proof.fee = {
        "max": _fee(case, transaction, spent, signed),
        "asset": native_asset(case, chain),
        "source": "bytes",
    }
    proof.complete = case.key.signer is not None and bool(proof.transfers)


def _transaction(case: KeySignCase, spends: Mapping[OutPoint, SpentOutput]) -> Transaction | None:
    info = case.transaction.child("raw_tx_info", required=False)
    if info is None or info.text("unsigned_raw_tx", required=False) is None:
        return _rebuilt(case, spends)
    raw = raw_bytes(case, MAX_RAW_BYTES)
    if raw is None:
        return None
    try:
        return decode_unsigned(raw)
    except TooLargeError:
        case.findings.miss(Code.RAW_TX_TOO_LARGE, RAW_PATH)
    except FormatNotSupportedError:
        case.findings.miss(Code.KIND_NOT_SUPPORTED, RAW_PATH)
    except NotCanonicalError as error:
        case.findings.contradict(
            Code.BYTES_NOT_CANONICAL, RAW_PATH, declared="an unsigned transaction", proven=f"not canonical: {error}"
        )
    return None


def _rebuilt(case: KeySignCase, spends: Mapping[OutPoint, SpentOutput]) -> Transaction | None:
    """The transaction whose digest is signed, from its declared parts (protocol d.4: the bytes may be absent)."""
    payments = [payment.output() for payment in declared_payments(case)]
    change = [payment.output() for payment in declared_change(case)]
    found = rebuild(
        spent=spends,
        outputs=[output for output in payments if output is not None and output.value],
        change=[output for output in change if output is not None],
        digests=hashes_of(case) or [],
    )
    if found is None:
        case.findings.miss(Code.TRANSACTION_NOT_REBUILT, RAW_PATH)
        if case.row.shape is Shape.UNSTAKE:
            # The provider's example names the staker's address and not the script's that is spent (protocol d.4).
            case.findings.miss(Code.SCRIPT_SPEND_NOT_PROVEN, _UTXOS_PATH)
    return found


def _input(outpoint: OutPoint, spends: Mapping[OutPoint, SpentOutput]) -> dict[str, JSONValue]:
    """What is declared about an input; a signature of BIP-143 confirms it for its own input only."""
    spent = spends.get(outpoint)
    amount = None if spent is None else str(spent.output.value)
    return {"outpoint": str(outpoint), "amount": amount, "source": "declared"}


def _compare_inputs(case: KeySignCase, transaction: Transaction, spends: Mapping[OutPoint, SpentOutput]) -> None:
    """Every declared input is one of the bytes; one that is not declared has no digest, which is noted there."""
    inputs = frozenset(entry.outpoint for entry in transaction.inputs)
    for outpoint in spends:
        if outpoint not in inputs:
            case.findings.contradict(
                Code.INPUT_MISMATCH, _UTXOS_PATH, declared=outpoint, proven="not an input of the transaction"
            )


def _compare_token(case: KeySignCase) -> None:
    token_id = case.transaction.text("token_id")
    if token_id is not None and token_id != case.chain.native_token:
        case.findings.miss(Code.TOKEN_UNKNOWN, case.transaction.at("token_id"))


def _fee(
    case: KeySignCase, transaction: Transaction, spent: Sequence[SpentOutput | None], signed: frozenset[int]
) -> str | None:
    """Inputs minus outputs, where a false amount of any input would make a signature invalid.

    A signature of BIP-341 binds the amounts of all inputs, one of BIP-143 only its own input's, and an old one none.
    One request alone cannot be turned into a higher fee. The signatures of two requests for one transaction, each with
    another false amount, could be put together; that is why BIP-341 binds all of them, and why the ledger remembers the
    amounts of `chain.inputs` with each ALLOW and holds what gives one of these outpoints another (ledger/outpoints.py).
    """
    kinds = [None if entry is None else entry.spend for entry in spent]
    each = len(signed) == len(spent) and Spend.P2PKH not in kinds
    bound = each or any(kinds[index] is Spend.P2TR for index in signed)
    fee = sum(entry.output.value for entry in spent if entry is not None) - total(transaction.outputs)
    if bound and fee < 0:
        case.findings.contradict(
            Code.INPUT_MISMATCH, _UTXOS_PATH, declared=total(transaction.outputs) + fee, proven="less than is paid"
        )
        bound = False
    return str(fee) if bound else None
