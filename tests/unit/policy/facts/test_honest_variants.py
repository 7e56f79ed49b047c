"""What honest requests look like and the protocol's samples do not show; a false contradiction would be final."""

from typing import Any

import pytest
from compared_cases import honest_request
from facts_cases import codes, facts, put
from placet_policy.facts.comparison import RowKey
from placet_policy.facts.prove import Facts

_TX = "extra.transaction"
_DESTINATION = f"{_TX}.destination"
_EVM = RowKey("evm", "Withdrawal", "Address", None)
_TRON = RowKey("tron", "Withdrawal", "Address", None)
_SOLANA = RowKey("solana", "Withdrawal", "Address", None)
_BITCOIN = RowKey("bitcoin", "Withdrawal", "Address", None)
_STAKE = RowKey("bitcoin", "Stake", "Address", None)
_CHAINS = [_EVM, _TRON, _SOLANA, _BITCOIN]


def _found(key: RowKey, changes: dict[str, Any]) -> Facts:
    request_type, detail, extra = honest_request(key)
    parts = {"detail": detail, "extra": extra}
    for path, value in changes.items():
        put(parts, path, value)
    return facts(request_type, parts["detail"], parts["extra"])


@pytest.mark.parametrize(
    ("key", "path", "amount"),
    [
        (_EVM, "account_output.amount", "50.000000000000000"),
        (_TRON, "account_output.amount", "99.50000000"),
        (_SOLANA, "account_output.amount", "150.000"),
        (_BITCOIN, "utxo_outputs.0.amount", "0.000600"),
        (_STAKE, "account_output.amount", "0"),
        (_STAKE, "account_output.amount", "0.00000000"),
    ],
)
def test_zeros_at_the_end_say_nothing(key: RowKey, path: str, amount: str) -> None:
    """`10.000` is `10`, with more zeros than the token has decimals, too; a stake declares 0."""
    found = _found(key, {f"{_DESTINATION}.{path}": amount})

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(
    ("key", "fee"),
    [
        (_EVM, {"fee_type": "EVM_Legacy", "token_id": "ETH", "gas_price": "1", "gas_limit": "21000"}),
        (_EVM, {"fee_type": "EVM_EIP_1559", "token_id": "ETH", "max_fee_per_gas": "1", "gas_limit": "1"}),
        (_TRON, {"fee_type": "Fixed", "token_id": "TRON", "max_fee_amount": "13.5", "estimated_fee_used": "0"}),
        (_SOLANA, {"fee_type": "SOL", "token_id": "SOL", "base_fee": "0.000001", "compute_unit_price": "1"}),
        (_BITCOIN, {"fee_type": "UTXO", "token_id": "BTC", "fee_rate": "0.1", "max_fee_amount": "0.00000001"}),
        (_BITCOIN, None),
    ],
)
def test_a_declared_fee_lower_than_the_bound_is_no_contradiction(key: RowKey, fee: dict[str, str] | None) -> None:
    """What is declared is an estimate; the proven bound is what policy judges, and it does not move."""
    honest, found = _found(key, {}), _found(key, {f"{_TX}.fee": fee})

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.fee == honest.fee


@pytest.mark.parametrize("key", _CHAINS)
def test_an_auto_sweep_is_a_payment(key: RowKey) -> None:
    """The provider starts it; whether it may go there is decided by the same lists as for any payment."""
    honest = _found(key, {})
    found = _found(
        key,
        {
            f"{_TX}.cobo_category": ["AutoSweep"],
            f"{_TX}.initiator": "Cobo",
            f"{_TX}.initiator_type": "App",
            f"{_DESTINATION}.force_internal": True,
        },
    )

    assert found == honest


@pytest.mark.parametrize("replaced", ["SpeedUp", "Resend", "Drop"])
@pytest.mark.parametrize(
    "more",
    [
        {"replaced_transaction_id": None},
        {"replaced_transaction_id": "00000000-0000-4000-8000-000000000000", "replaced_tran_hash": "0x" + "11" * 32},
        {"replaced_by_type": "SpeedUp", "replaced_by_transaction_id": "", "a_field_of_tomorrow": None},
    ],
)
@pytest.mark.parametrize("kind", ["evm", "bitcoin"])
def test_a_replacement_may_say_what_it_replaces(kind: str, more: dict[str, Any], replaced: str) -> None:
    """Replacement by fee on both kinds of chains; the other transaction is not in the request, so it is not judged."""
    found = _found(
        RowKey(kind, "Withdrawal", "Address", replaced),
        {f"{_TX}.replacement": {"replaced_type": replaced, **more}},
    )

    assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize("spelling", [str.upper, str.lower, lambda text: text[:2] + text[2:].upper()])
def test_the_case_of_hexadecimal_says_nothing(spelling: Any) -> None:
    """Addresses, hashes and bytes are compared as bytes."""
    request_type, detail, extra = honest_request(_EVM)
    transaction = extra["transaction"]
    output = transaction["destination"]["account_output"]
    output["address"] = "0x" + spelling(output["address"])[2:]
    transaction["source"]["address"] = "0x" + spelling(transaction["source"]["address"])[2:]
    transaction["raw_tx_info"]["unsigned_raw_tx"] = "0x" + spelling(transaction["raw_tx_info"]["unsigned_raw_tx"])[2:]
    detail["msg_hash_list"] = ["0x" + spelling(text)[2:] for text in detail["msg_hash_list"]]
    found = facts(request_type, detail, extra)

    assert (found.status, codes(found)) == ("PROVEN", [])
