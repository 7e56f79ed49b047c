"""Transactions that the request does not carry: found from their parts by the digest, or not at all."""

import itertools

import pytest
from bitcoin_cases import spent
from placet_policy.chains.bitcoin import OutPoint, Transaction, TxInput, TxOutput
from placet_policy.chains.bitcoin_digest import Digests
from placet_policy.chains.bitcoin_rebuild import rebuild

_SPENT = {
    OutPoint(b"\x02" * 32, 1): spent(70_000, "0014" + "11" * 20),
    OutPoint(b"\x01" * 32, 0): spent(30_000, "5120" + "22" * 32),
}
_PAYMENTS = (TxOutput(5_000, b"\x00\x14" + b"\x33" * 20), TxOutput(4_000, b"\x00\x14" + b"\x44" * 20))
_CHANGE = (TxOutput(90_000, b"\x00\x14" + b"\x55" * 20),)


def _transaction(
    *,
    order: tuple[OutPoint, ...] = tuple(_SPENT),
    outputs: tuple[TxOutput, ...] = _PAYMENTS + _CHANGE,
    version: int = 2,
    sequence: int = 0xFFFFFFFD,
    lock_time: int = 0,
) -> Transaction:
    inputs = tuple(TxInput(outpoint, sequence) for outpoint in order)
    return Transaction(version=version, inputs=inputs, outputs=outputs, lock_time=lock_time)


def _digests(transaction: Transaction) -> list[bytes]:
    digests = Digests(transaction, [_SPENT[entry.outpoint] for entry in transaction.inputs])
    return [next(iter(digests.whole(index))) for index in range(len(transaction.inputs))]


def _found(transaction: Transaction) -> Transaction | None:
    return rebuild(spent=_SPENT, outputs=_PAYMENTS, change=_CHANGE, digests=_digests(transaction))


@pytest.mark.parametrize(
    "transaction",
    [
        _transaction(),
        _transaction(version=1),
        *(_transaction(sequence=sequence) for sequence in (0, 0xFFFFFFFE, 0xFFFFFFFF)),
        _transaction(outputs=_CHANGE + _PAYMENTS),
        _transaction(outputs=(_PAYMENTS[0], *_CHANGE, _PAYMENTS[1])),
        _transaction(outputs=(_PAYMENTS[1], _PAYMENTS[0], *_CHANGE)),
        _transaction(order=tuple(reversed(_SPENT))),
    ],
)
def test_what_wallets_build_is_found(transaction: Transaction) -> None:
    """Versions, sequences, the place of the change and the order of BIP-69 are tried until the digest fits."""
    assert _found(transaction) == transaction


@pytest.mark.parametrize(
    "transaction",
    [
        _transaction(lock_time=840_000),
        _transaction(sequence=7),
        _transaction(outputs=_PAYMENTS),
        _transaction(outputs=(*_PAYMENTS, TxOutput(90_001, _CHANGE[0].script))),
        _transaction(outputs=(*_PAYMENTS, *_CHANGE, TxOutput(0, b"\x6a"))),
    ],
)
def test_another_transaction_is_not_found(transaction: Transaction) -> None:
    """A lock time, an undeclared output or another value gives another digest, and nothing is guessed."""
    assert _found(transaction) is None


def test_a_large_transaction_is_not_searched_for() -> None:
    """Beyond `MAX_PARTS` the search would cost too much."""
    payments = tuple(itertools.repeat(_PAYMENTS[0], 30))
    transaction = _transaction(outputs=payments)

    assert rebuild(spent=_SPENT, outputs=payments, change=(), digests=_digests(transaction)) == transaction
    assert rebuild(spent=_SPENT, outputs=payments, change=_CHANGE, digests=_digests(transaction)) is None


def test_nothing_is_no_transaction() -> None:
    """Without inputs or without outputs there is nothing to search for."""
    assert rebuild(spent={}, outputs=_PAYMENTS, change=(), digests=[bytes(32)]) is None
    assert rebuild(spent=_SPENT, outputs=(), change=(), digests=[bytes(32)]) is None
