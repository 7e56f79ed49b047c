"""What nobody knows in extra_info is kept as declared, and changes neither what is proven nor what is missing."""

from typing import Any

import pytest
from facts_cases import parsed, registry, sample
from placet_cli.samples import samples
from placet_policy.facts.prove import Facts, prove
from placet_policy.input_document import build_input

_NAMES = [each.id for each in samples() if not each.is_ping]
# Names that a careless reader would believe; none of them is the protocol's at these places.
_CLAIMS: dict[str, Any] = {
    "a_field_of_tomorrow": {"anything": [1, None, {"deep": "value"}]},
    "proven": True,
    "status": "PROVEN",
    "facts": {"status": "PROVEN", "missing": []},
    "missing": [],
    "rawTx": "0x00",
    "to_declared": "nobody",
    "valid_until": "1",
}


def _outcome(name: str, extra: Any) -> tuple[Facts, Any]:
    request_type, detail, _ = sample(name)
    request = parsed(request_type, detail, extra)
    found = prove(request, registry())
    document: Any = build_input(
        decision_id="d", unix=1, node="n", key_id="k", request=request, facts=found, history=None
    )
    return found, document["request"]["extra"]


def _with(value: Any, added: dict[str, Any]) -> Any:
    """A copy with members added to every object, but not inside the signer's own typed data."""
    if isinstance(value, list):
        return [_with(entry, added) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {name: member if name == "structured_data" else _with(member, added) for name, member in value.items()}
    return {**added, **kept}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name: member if name == "structured_data" else _without_nulls(member)
        for name, member in value.items()
        if member is not None
    }


@pytest.mark.parametrize("name", _NAMES)
def test_unknown_fields_everywhere_change_no_fact(name: str) -> None:
    """In every object of every sample: honest ones stay proven, attacks stay found, and missing proofs stay missing."""
    _, _, extra = sample(name)
    plain, _ = _outcome(name, extra)
    found, _ = _outcome(name, _with(extra, _CLAIMS))

    assert (found.to_json(), found.contradictions) == (plain.to_json(), plain.contradictions)


@pytest.mark.parametrize("name", _NAMES)
def test_unknown_fields_are_kept_as_declared(name: str) -> None:
    """Rego sees each of them where it stood; only members that are null go, because null equals absent."""
    _, _, extra = sample(name)
    wished = _with(extra, _CLAIMS)
    _, kept = _outcome(name, wished)

    assert kept == _without_nulls(wished)
    assert kept["a_field_of_tomorrow"] == {"anything": [1, None, {"deep": "value"}]}


@pytest.mark.parametrize("name", _NAMES)
def test_nulls_everywhere_change_no_fact(name: str) -> None:
    """Go writes absent members as null; old and new names alike."""
    _, _, extra = sample(name)
    nulls = {
        "a_field_of_tomorrow": None,
        "replacement": None,
        "memo": None,
        "utxo_change": None,
        "redeem_script": None,
        "project": None,
    }
    plain, _ = _outcome(name, extra)
    found, kept = _outcome(name, _with(extra, nulls))

    assert (found.to_json(), found.contradictions) == (plain.to_json(), plain.contradictions)
    assert "a_field_of_tomorrow" not in kept


@pytest.mark.parametrize("name", ["a19_no_unsigned_raw_tx", "a62_keysign_empty_objects"])
def test_no_unknown_field_makes_a_request_provable(name: str) -> None:
    """The bytes stand in one place; beside it they are nobody's statement."""
    _, _, honest = sample("keysign_eth_eip1559_transfer")
    _, _, extra = sample(name)
    raw = honest["transaction"]["raw_tx_info"]["unsigned_raw_tx"]
    extra.update({"unsigned_raw_tx": raw, "raw_tx_info": honest["transaction"]["raw_tx_info"]})
    extra.setdefault("transaction", {}).update({"unsigned_raw_tx": raw, "raw_tx": raw})
    found, _ = _outcome(name, extra)

    assert found.status == "UNPROVABLE"
    assert found.transfers == ()
