"""The compared-fields table, row by row and field by field; a new row without a case fails here."""

import pytest
from compared_cases import differing, honest_request
from facts_cases import codes, facts
from placet_policy.facts.comparison import COMPARED, REPLACEMENTS, ComparedField, RowKey, Shape
from placet_policy.facts.key_sign import PROVERS

_FIELDS = [(key, field) for key, row in COMPARED.items() for field in sorted(row.fields)]
_NOT_COMPARED = [
    (key, field)
    for key, row in COMPARED.items()
    if row.shape in (Shape.SELF_SEND, Shape.STAKE, Shape.UNSTAKE)
    for field in (ComparedField.DESTINATION, ComparedField.AMOUNT)
    if field not in row.fields
]


def _id(value: RowKey | ComparedField) -> str:
    if isinstance(value, ComparedField):
        return value.name
    return "-".join(filter(None, (value.chain_kind, value.transaction_type, value.destination_type, value.replacement)))


@pytest.mark.parametrize("key", COMPARED, ids=_id)
def test_an_honest_request_of_the_row_is_proven(key: RowKey) -> None:
    """Honest traffic passes; only a bare hash can never be proven, which is its one finding."""
    found = facts(*honest_request(key))

    if COMPARED[key].shape is Shape.RAW_HASH:
        assert (found.status, codes(found)) == ("UNPROVABLE", ["BLIND_SIGNATURE"])
    else:
        assert (found.status, codes(found)) == ("PROVEN", [])


@pytest.mark.parametrize(("key", "field"), _FIELDS, ids=_id)
def test_a_compared_field_that_differs_is_not_proven(key: RowKey, field: ComparedField) -> None:
    """One declared statement that says something else than the bytes has its own code."""
    found, code = differing(key, field)

    assert code in codes(found)
    assert found.status in {"CONTRADICTED", "UNPROVABLE"}


@pytest.mark.parametrize(("key", "field"), _NOT_COMPARED, ids=_id)
def test_what_the_row_does_not_compare_stays_proven(key: RowKey, field: ComparedField) -> None:
    """A drop still declares what it replaces, and a stake an amount of 0: a false REJECT would be final."""
    found, _ = differing(key, field)

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_each_row_has_a_prover_and_a_replacement_of_the_protocol() -> None:
    """Nothing in the table leads nowhere."""
    assert {(key.chain_kind, key.transaction_type) for key in COMPARED} == set(PROVERS)
    assert {key.replacement for key in COMPARED} - {None} == REPLACEMENTS


def test_no_row_compares_less_than_it_did() -> None:
    """The cases above follow the table, so what it holds is written down once more here."""
    payment = {"CHAIN", "TOKEN", "DESTINATION", "AMOUNT"}
    call = {"CHAIN", "CONTRACT", "CALLDATA", "VALUE", "NONCE"}
    least = {
        ("evm", Shape.TRANSFER): payment | {"NONCE"},
        ("evm", Shape.SELF_SEND): {"CHAIN", "NONCE"},
        ("evm", Shape.CALL): call,
        ("evm", Shape.PERSONAL_MESSAGE): {"MESSAGE"},
        ("evm", Shape.TYPED_MESSAGE): {"STRUCTURED_DATA"},
        ("evm", Shape.RAW_HASH): {"MESSAGE_HASH"},
        ("bitcoin", Shape.TRANSFER): payment,
        ("bitcoin", Shape.SELF_SEND): {"CHAIN", "TOKEN"},
        ("bitcoin", Shape.STAKE): payment - {"AMOUNT"},
        ("bitcoin", Shape.UNSTAKE): payment - {"AMOUNT"},
        ("bitcoin", Shape.BIP137_MESSAGE): {"MESSAGE_BIP137"},
        ("bitcoin", Shape.BIP322_MESSAGE): {"MESSAGE_BIP322"},
        ("bitcoin", Shape.RAW_HASH): {"MESSAGE_HASH"},
        ("tron", Shape.RAW_HASH): {"MESSAGE_HASH"},
        ("solana", Shape.RAW_HASH): {"MESSAGE_HASH"},
        ("tron", Shape.TRANSFER): payment | {"MEMO"},
        ("tron", Shape.CALL): call - {"NONCE"} | {"MEMO"},
        ("solana", Shape.TRANSFER): payment | {"MEMO"},
        ("solana", Shape.INSTRUCTIONS): {"CHAIN", "PROGRAM", "ACCOUNTS", "ACCOUNT_FLAGS", "INSTRUCTION_DATA"},
    }

    for key, row in COMPARED.items():
        names = {field.name for field in row.fields}
        assert least.get((key.chain_kind, row.shape), names) <= names, _id(key)
    assert {(key.chain_kind, row.shape) for key, row in COMPARED.items()} >= least.keys()
