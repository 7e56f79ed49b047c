"""Facts and OPA's answer combined: the one place that can make an ALLOW."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_policy.answer import OpaDecision
from placet_policy.codes import CODES, Code, CodeKind
from placet_policy.combine import combine, pipeline_reason
from placet_policy.decision import Effect, Reason
from placet_policy.errors import Inconsistent
from placet_policy.facts.findings import Contradiction, Missing
from placet_policy.facts.prove import Facts, FactStatus

OPA_REASON = Reason(code="FEE_ABOVE_LIMIT", rule="fee_limit", message="too much", remediation="")
MISSING_CODES = sorted(Code(name) for name, info in CODES.items() if info.kind == CodeKind.MISSING)
CONTRADICTION_CODES = sorted(Code(name) for name, info in CODES.items() if info.kind == CodeKind.CONTRADICTION)

missing_lists = st.lists(st.builds(Missing, st.sampled_from(MISSING_CODES), st.just("x")), max_size=4)
contradiction_lists = st.lists(
    st.builds(
        Contradiction,
        code=st.sampled_from(CONTRADICTION_CODES),
        path=st.just("y"),
        declared=st.just("1"),
        proven=st.just("2"),
    ),
    max_size=3,
)


def facts_with(missing: list[Missing], contradictions: list[Contradiction]) -> Facts:
    """Facts whose status is what their findings say."""
    status = FactStatus.PROVEN
    if missing:
        status = FactStatus.UNPROVABLE
    if contradictions:
        status = FactStatus.CONTRADICTED
    return Facts(status=status, missing=tuple(missing), contradictions=tuple(contradictions))


def answer(effect: Effect) -> OpaDecision:
    """OPA's answer with that effect."""
    reasons = () if effect == Effect.ALLOW else (OPA_REASON,)
    return OpaDecision(effect=effect, reasons=reasons, rules_evaluated=("fee_limit",))


@given(
    missing=missing_lists,
    contradictions=contradiction_lists,
    effect=st.sampled_from(Effect),
    accepted=st.sets(st.sampled_from(MISSING_CODES)),
)
def test_allow_exactly_when_everything_agrees(
    missing: list[Missing], contradictions: list[Contradiction], effect: Effect, accepted: set[Code]
) -> None:
    """ALLOW if and only if OPA allows, nothing contradicts, and all that is missing is accepted by name."""
    got, reasons = combine(facts_with(missing, contradictions), answer(effect), accept_unprovable=accepted)

    agreed = effect == Effect.ALLOW and not contradictions and {each.code for each in missing} <= accepted
    assert (got == Effect.ALLOW) == agreed
    assert (reasons == ()) == agreed


@given(missing=missing_lists, contradictions=contradiction_lists, effect=st.sampled_from([Effect.DENY, Effect.HOLD]))
def test_facts_never_soften_what_opa_says(
    missing: list[Missing], contradictions: list[Contradiction], effect: Effect
) -> None:
    """A deny stays a deny and a hold stays a hold, with OPA's reasons among the reasons once."""
    got, reasons = combine(facts_with(missing, contradictions), answer(effect), accept_unprovable=MISSING_CODES)

    assert got == effect
    assert reasons.count(OPA_REASON) == 1


@given(
    missing=missing_lists,
    contradictions=contradiction_lists,
    effect=st.sampled_from(Effect),
    denying=st.sets(st.sampled_from(CONTRADICTION_CODES)),
)
def test_what_denies_is_for_the_order_only(
    missing: list[Missing], contradictions: list[Contradiction], effect: Effect, denying: set[Code]
) -> None:
    """Effect and set of reasons are the same, whatever the release says about which contradictions deny."""
    facts = facts_with(missing, contradictions)
    plain_effect, plain = combine(facts, answer(effect), accept_unprovable=())
    got, ordered = combine(facts, answer(effect), accept_unprovable=(), denying=denying)

    assert got == plain_effect
    assert sorted(ordered, key=repr) == sorted(plain, key=repr)


def test_the_reasons_that_deny_come_first() -> None:
    """A deny's first reasons are the ones that deny, however many others an attacker adds: people read three."""
    holding = [Code.WALLET_MISMATCH, Code.VAULT_MISMATCH, Code.TASK_MISMATCH, Code.NONCE_MISMATCH]
    found = [
        Contradiction(code=code, path="x", declared="1", proven="2") for code in (*holding, Code.DESTINATION_MISMATCH)
    ]
    facts = facts_with([Missing(Code.KEY_NOT_PINNED, "root_pub_key")], found)

    _, denied = combine(facts, answer(Effect.DENY), accept_unprovable=(), denying={"DESTINATION_MISMATCH"})
    _, held = combine(facts, answer(Effect.HOLD), accept_unprovable=(), denying={"DESTINATION_MISMATCH"})

    behind = ["WALLET_MISMATCH", "VAULT_MISMATCH", "TASK_MISMATCH", "NONCE_MISMATCH"]
    assert [each.code for each in denied] == ["DESTINATION_MISMATCH", "FEE_ABOVE_LIMIT", *behind, "KEY_NOT_PINNED"]
    assert [each.code for each in held] == [*behind, "DESTINATION_MISMATCH", "KEY_NOT_PINNED", "FEE_ABOVE_LIMIT"]


@given(missing=missing_lists, contradictions=contradiction_lists)
def test_an_allow_that_is_not_taken_is_a_hold(missing: list[Missing], contradictions: list[Contradiction]) -> None:
    """Python never denies finally what OPA allowed: it holds, and says which of the two it was."""
    got, reasons = combine(facts_with(missing, contradictions), answer(Effect.ALLOW), accept_unprovable=())

    if contradictions:
        assert (got, reasons[0].code) == (Effect.HOLD, "CONTRADICTION_ALLOWED")
    elif missing:
        assert (got, reasons[0].code) == (Effect.HOLD, "UNPROVABLE_ALLOWED")
    else:
        assert (got, reasons) == (Effect.ALLOW, ())


def test_one_code_that_is_not_accepted_is_enough_to_hold() -> None:
    """Accepting one missing code accepts no other."""
    facts = facts_with([Missing(Code.TOKEN_UNKNOWN, "a"), Missing(Code.KEY_NOT_PINNED, "b")], [])

    assert combine(facts, answer(Effect.ALLOW), accept_unprovable={"TOKEN_UNKNOWN"})[0] == Effect.HOLD
    assert (
        combine(facts, answer(Effect.ALLOW), accept_unprovable={"TOKEN_UNKNOWN", "KEY_NOT_PINNED"})[0] == Effect.ALLOW
    )


def test_reasons_of_facts_are_one_a_code_contradictions_first() -> None:
    """Many findings of a code are one reason that shows the first and counts the rest."""
    wrong = [
        Contradiction(code=Code.HASH_MISMATCH, path=f"hashes[{index}]", declared="0x1", proven="0x2")
        for index in range(3)
    ]
    _, reasons = combine(
        facts_with([Missing(Code.KEY_NOT_PINNED, "root_pub_key")], wrong), answer(Effect.HOLD), accept_unprovable=()
    )

    assert [reason.code for reason in reasons] == ["HASH_MISMATCH", "KEY_NOT_PINNED", "FEE_ABOVE_LIMIT"]
    assert reasons[0].rule == "facts"
    assert reasons[0].message.endswith("(hashes[0]: declared 0x1, proven 0x2; 2 more)")
    assert reasons[1].message.endswith("(root_pub_key)")


@pytest.mark.parametrize(
    ("status", "missing", "contradictions"),
    [
        (status, missing, contradictions)
        for status, missing, contradictions in itertools.product(FactStatus, (0, 1), (0, 1))
        if status != facts_with([Missing(Code.TOKEN_UNKNOWN, "")] * missing, []).status or contradictions
        if not (status == FactStatus.CONTRADICTED and contradictions)
    ],
)
def test_facts_that_disagree_with_themselves_decide_nothing(
    status: FactStatus, missing: int, contradictions: int
) -> None:
    """A status that its own findings do not support is indeterminate, whatever OPA says."""
    wrong = Contradiction(code=Code.HASH_MISMATCH, path="", declared="", proven="")
    facts = Facts(
        status=status,
        missing=(Missing(Code.TOKEN_UNKNOWN, ""),) * missing,
        contradictions=(wrong,) * contradictions,
    )
    for effect in Effect:
        with pytest.raises(Inconsistent):
            combine(facts, answer(effect), accept_unprovable=("TOKEN_UNKNOWN",))


def test_a_reason_of_our_own_is_worded_by_the_closed_list() -> None:
    """Title and remediation come from the list of codes; what it is about stands behind."""
    reason = pipeline_reason(Code.STOPPED, rule="stop")

    assert reason == Reason(
        code="STOPPED",
        rule="stop",
        message="Deciding is stopped by hand.",
        remediation="Remove the stop file when it is safe.",
    )
    assert reason.to_json() == {
        "code": "STOPPED",
        "rule": "stop",
        "message": "Deciding is stopped by hand.",
        "remediation": "Remove the stop file when it is safe.",
    }
