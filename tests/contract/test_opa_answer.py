"""OPA's answer: exactly one shape is a decision, and no mutation of it is another one."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.answer import OpaDecision, parse_answer
from placet_policy.decision import Effect, Reason
from placet_policy.errors import OpaAnswerInvalid

PROFILE = ("contradictions", "fee_limit")
REASON = {"code": "FEE_ABOVE_LIMIT", "rule": "fee_limit", "message": "the fee is 5", "remediation": "ask"}
DENY: dict[str, Any] = {
    "schema": "placet.decision/v1",
    "effect": "deny",
    "reasons": [REASON],
    "rules_evaluated": ["contradictions", "fee_limit"],
}
ALLOW: dict[str, Any] = {**DENY, "effect": "allow", "reasons": []}

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["allow", "deny", "hold"])
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
FIELDS = sorted(DENY)


def test_an_allow_is_read() -> None:
    """An allow has no reasons and names every rule of the profile."""
    assert parse_answer(ALLOW, profile=PROFILE) == OpaDecision(
        effect=Effect.ALLOW, reasons=(), rules_evaluated=("contradictions", "fee_limit")
    )


def test_a_deny_is_read_with_its_reasons() -> None:
    """A deny keeps its reasons in OPA's order."""
    answer = parse_answer(DENY, profile=PROFILE)

    assert answer.effect == Effect.DENY
    assert answer.reasons == (
        Reason(code="FEE_ABOVE_LIMIT", rule="fee_limit", message="the fee is 5", remediation="ask"),
    )


def test_a_hold_needs_no_rule_of_the_profile() -> None:
    """A hold may say that the profile is unknown: it does not depend on what ran."""
    hold = {**DENY, "effect": "hold", "rules_evaluated": []}

    assert parse_answer(hold, profile=()).effect == Effect.HOLD


def test_more_rules_than_the_profile_may_have_run() -> None:
    """An allow after additional rules is still an allow."""
    more = {**ALLOW, "rules_evaluated": ["another", "contradictions", "fee_limit"]}

    assert parse_answer(more, profile=PROFILE).effect == Effect.ALLOW


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        "allow",
        [],
        [ALLOW],
        {},
        {**ALLOW, "effect": True},
        {**ALLOW, "effect": "ALLOW"},
        {**ALLOW, "effect": "allow "},
        {**ALLOW, "effect": "unspecified"},
        {**ALLOW, "effect": ["allow"]},
        {**ALLOW, "schema": "placet.decision/v2"},
        {**ALLOW, "schema": None},
        {**ALLOW, "extra": 1},
        {**ALLOW, "reasons": [REASON]},
        {**ALLOW, "reasons": {}},
        {**ALLOW, "reasons": None},
        {**ALLOW, "rules_evaluated": ["contradictions"]},
        {**ALLOW, "rules_evaluated": []},
        {**ALLOW, "rules_evaluated": {"contradictions": 1, "fee_limit": 1}},
        {**ALLOW, "rules_evaluated": ["contradictions", "fee_limit", "fee_limit"]},
        {**ALLOW, "rules_evaluated": ["contradictions", "fee_limit", 1]},
        {**ALLOW, "rules_evaluated": ["contradictions", "fee_limit", "Fee"]},
        {**DENY, "reasons": []},
        {**DENY, "reasons": [None]},
        {**DENY, "reasons": ["FEE_ABOVE_LIMIT"]},
        {**DENY, "reasons": [{**REASON, "code": "fee"}]},
        {**DENY, "reasons": [{**REASON, "code": "F" * 65}]},
        {**DENY, "reasons": [{**REASON, "code": "FEE\n"}]},
        {**DENY, "reasons": [{**REASON, "code": "\u00c9TAT"}]},
        {**DENY, "reasons": [{**REASON, "message": None}]},
        {**DENY, "reasons": [{**REASON, "remediation": 1}]},
        {**DENY, "reasons": [{**REASON, "severity": "high"}]},
        {**DENY, "reasons": [{"code": "FEE_ABOVE_LIMIT", "rule": "fee_limit", "message": "m"}]},
    ],
)
def test_any_other_shape_is_no_answer(answer: Any) -> None:
    """Missing, extra or mistyped: indeterminate, neither allow nor deny."""
    with pytest.raises(OpaAnswerInvalid):
        parse_answer(answer, profile=PROFILE)


def test_an_empty_profile_allows_nothing() -> None:
    """Where no rule is named, none can have run: an allow is indeterminate."""
    with pytest.raises(OpaAnswerInvalid):
        parse_answer(ALLOW, profile=())


@given(answer=json_values)
def test_no_other_value_is_ever_read(answer: Any) -> None:
    """Whatever JSON OPA answers, only an object of the four fields can be read."""
    with pytest.raises(OpaAnswerInvalid):
        parse_answer(answer, profile=PROFILE)


@given(field=st.sampled_from(FIELDS))
def test_every_field_is_required(field: str) -> None:
    """An answer that lacks one field is no answer."""
    lacking = {name: value for name, value in ALLOW.items() if name != field}

    with pytest.raises(OpaAnswerInvalid):
        parse_answer(lacking, profile=PROFILE)


@given(field=st.sampled_from(FIELDS), value=json_values)
def test_a_replaced_field_never_makes_an_allow_of_a_deny(field: str, value: Any) -> None:
    """One changed field of a deny gives a deny, a hold or nothing."""
    mutated = copy.deepcopy(DENY)
    mutated[field] = value
    try:
        effect = parse_answer(mutated, profile=PROFILE).effect
    except OpaAnswerInvalid:
        return

    assert effect in {Effect.DENY, Effect.HOLD}


@given(field=st.sampled_from(FIELDS), value=json_values)
def test_a_replaced_field_leaves_an_allow_only_as_it_was(field: str, value: Any) -> None:
    """One changed field of an allow: what is still read as allow is the allow it was, or ran more rules."""
    mutated = copy.deepcopy(ALLOW)
    mutated[field] = value
    try:
        answer = parse_answer(mutated, profile=PROFILE)
    except OpaAnswerInvalid:
        return

    assert answer.reasons == ()
    assert set(PROFILE) <= set(answer.rules_evaluated)


@given(
    effect=st.sampled_from(["allow", "deny", "hold"]),
    reasons=st.integers(0, 3),
    rules=st.sets(st.sampled_from(["contradictions", "fee_limit", "another"])),
)
def test_allow_is_read_exactly_when_it_may_be(effect: str, reasons: int, rules: set[str]) -> None:
    """Over all combinations of the three fields, ALLOW comes out exactly for a bare allow of the whole profile."""
    answer = {**DENY, "effect": effect, "reasons": [REASON] * reasons, "rules_evaluated": sorted(rules)}
    try:
        got = parse_answer(answer, profile=PROFILE).effect
    except OpaAnswerInvalid:
        got = None

    assert (got == Effect.ALLOW) == (effect == "allow" and reasons == 0 and {"contradictions", "fee_limit"} <= rules)
