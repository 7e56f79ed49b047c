"""Strict parse of request_detail and extra_info."""

from decimal import Decimal

import pytest
from facts_cases import parsed, request, sample
from placet_policy.codes import Code
from placet_policy.facts.detail import RequestKind, kind_of, parse_details
from placet_policy.facts.findings import Missing


@pytest.mark.parametrize(
    ("request_type", "kind"),
    [
        (1, RequestKind.KEY_GEN),
        (2, RequestKind.KEY_SIGN),
        (3, RequestKind.KEY_RESHARE),
        (5, RequestKind.KEY_SHARE_SIGN),
        (0, None),
        (4, None),
        (-1, None),
        (6, None),
    ],
)
def test_kinds(request_type: int, kind: RequestKind | None) -> None:
    """The four types that are decided have a kind; a ping and unassigned integers have none."""
    assert kind_of(request_type) is kind


def test_unknown_types_have_no_details() -> None:
    """Asking for the details of an unknown type is a defect of the caller, not of the request."""
    with pytest.raises(ValueError, match="no details"):
        parse_details(request(4, {}, {}))


def test_a_sample_parses_whole() -> None:
    """A benign detail is complete and comes back as declared."""
    request_type, detail, extra = sample("keysign_eth_legacy_transfer")
    found = parsed(request_type, detail, extra)

    assert (found.kind, found.request_id, found.missing, found.readable) == (RequestKind.KEY_SIGN, "case-1", (), True)
    assert found.detail == detail


def test_null_equals_absent() -> None:
    """Nulls disappear at every level, but not inside free-form data."""
    found = parsed(1, {}, {"a": None, "b": {"c": None, "d": [{"e": None}]}, "structured_data": {"f": None}})

    assert found.extra == {"b": {"d": [{}]}, "structured_data": {"f": None}}


def test_only_well_formed_fields_reach_the_detail() -> None:
    """An unknown or wrong field is named and left out."""
    found = parsed(1, {"threshold": 2, "curve": 7, "color": "red"}, {})

    assert found.detail == {"threshold": 2}
    assert found.missing == (
        Missing(Code.DETAIL_FIELD_UNKNOWN, "request_detail.color"),
        Missing(Code.DETAIL_FIELD_MISSING, "request_detail.node_ids"),
        Missing(Code.DETAIL_VALUE_UNKNOWN, "request_detail.curve"),
    )
    assert not found.readable


def test_fractions_in_extra_info_are_carried_exactly() -> None:
    """A number nobody reads keeps its digits."""
    assert parsed(1, {}, '{"x": 0.1}').extra == {"x": Decimal("0.1")}


def test_names_that_differ_by_case_are_allowed_in_free_form_data_only() -> None:
    """EIP-712 data may use both `A` and `a`; elsewhere Go and Python would read different members."""
    assert parsed(1, {}, '{"structured_data": {"a": 1, "A": 2}}').extra == {"structured_data": {"a": 1, "A": 2}}
    assert Missing(Code.EXTRA_NOT_JSON, "extra_info") in parsed(1, {}, '{"transaction": {"a": 1, "A": 2}}').missing


def test_deep_json_is_refused() -> None:
    """Nesting beyond the limit is no strict JSON."""
    deep = "[" * 5000 + "]" * 5000

    assert Missing(Code.EXTRA_NOT_JSON, "extra_info") in parsed(1, {}, f'{{"a": {deep}}}').missing
