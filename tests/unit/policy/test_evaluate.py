"""One evaluation: every way it can end, and what is recorded of it."""

import hashlib
import threading

import pytest
from evaluation import ACTIVE, ALLOW, DENY, NOW, OTHER, Parts, changed_detail, key_gen, token
from placet_callback.envelope import CallbackRequest
from placet_policy import evaluate, judge
from placet_policy.decision import Decision, Effect
from placet_policy.errors import (
    EnvelopeRefused,
    Indeterminate,
    LedgerUnavailable,
    NoActiveBundle,
    OpaAnswerInvalid,
    OpaUnavailable,
    RevisionMismatch,
    TokenRefused,
    VersionMoved,
)
from placet_policy.facts.detail import ParsedRequest
from placet_policy.facts.prove import Facts
from placet_policy.ledger import RequestKey
from placet_policy.ledger.outpoints import OtherAmount, Remembered
from placet_policy.registry import Registry


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """Parts that allow; between two attempts nobody waits."""
    monkeypatch.setattr(evaluate, "_REVISION_PAUSE_SECONDS", 0)
    return Parts()


async def run(parts: Parts, compact: str | None = None) -> Decision:
    """Evaluate one token."""
    return await parts.evaluator.evaluate(token=token() if compact is None else compact, received_at=NOW - 1)


def codes(decision: Decision) -> list[str]:
    """The codes of a decision's reasons."""
    return [reason.code for reason in decision.reasons]


async def test_an_allow_is_recorded_before_it_is_returned(parts: Parts) -> None:
    """Proven facts, OPA's allow and the active revision give ALLOW, with everything on record."""
    compact = token()
    decision = await run(parts, compact)

    [record] = parts.ledger.records
    assert (decision.effect, decision.reasons) == (Effect.ALLOW, ())
    assert (decision.decision_id, decision.request_id) == ("id-1", "request-1")
    assert decision.token_sha256 == hashlib.sha256(compact.encode()).digest()
    assert (decision.revision, decision.version, decision.expires_at) == (ACTIVE.revision, 0, None)
    assert decision.receipt.position == 1
    assert (record.token, record.token_sha256) == (compact, decision.token_sha256)
    assert (record.decision_id, record.node, record.request_id, record.request_type) == (
        "id-1",
        "node-a",
        "request-1",
        1,
    )
    assert (record.effect, record.reasons, record.revision, record.opa_version) == (
        "ALLOW",
        [],
        ACTIVE.revision,
        "1.22.2",
    )
    assert (record.received_at, record.decided_at, record.earlier) == (NOW - 1, NOW, ())
    assert record.detail_sha256 == hashlib.sha256(key_gen()["request_detail"].encode()).digest()
    assert record.extra_sha256 == hashlib.sha256(key_gen()["extra_info"].encode()).digest()
    assert record.input == parts.asked[0]
    assert isinstance(record.facts, dict)
    assert record.facts["status"] == "PROVEN"
    assert sorted(record.timings) == ["facts", "opa", "snapshot"]


async def test_opa_sees_what_the_token_says(parts: Parts) -> None:
    """Node, key, request and decision in the input come from the token and from us."""
    await run(parts)

    [document] = parts.asked
    assert document["schema"] == "placet.input/v1"
    assert document["decision"] == {"id": "id-1", "time": "2026-09-21T14:13:20Z", "unix": 1_790_000_000}
    assert document["node"] == {"name": "node-a", "key_id": parts.ledger.records[0].key_id}


async def test_a_deny_of_opa_is_recorded_and_returned(parts: Parts) -> None:
    """A deny is an answer with OPA's reasons."""
    parts.answer = DENY
    decision = await run(parts)

    assert (decision.effect, codes(decision)) == (Effect.DENY, ["TOO_MUCH"])
    assert [record.effect for record in parts.ledger.records] == ["DENY"]
    assert parts.ledger.records[0].reasons == [
        {"code": "TOO_MUCH", "rule": "amount_limit", "message": "5 is more than 4", "remediation": ""}
    ]


@pytest.mark.parametrize(
    ("compact", "check", "code"),
    [
        ("", 1, "TOKEN_NOT_THREE_SEGMENTS"),
        (token(exp=int(NOW) - 31), 5, "TOKEN_EXPIRED"),
        (token(exp=int(NOW) + 86400), 5, "EXPIRY_TOO_FAR"),
        (token()[:-4] + "AAAA", 3, "SIGNATURE_NOT_BY_A_PINNED_KEY"),
        (token(aud="somebody"), 6, "AUDIENCE_NOT_CONFIGURED"),
    ],
)
async def test_a_bad_token_decides_nothing(parts: Parts, compact: str, check: int, code: str) -> None:
    """The edge is not believed: the token is checked again, and a refusal is an error, not a deny."""
    with pytest.raises(TokenRefused) as refused:
        await run(parts, compact)

    assert (refused.value.check, refused.value.code) == (check, code)
    assert (parts.ledger.records, parts.asked) == ([], [])
    assert next(parts.ids) == "id-2"


async def test_a_clock_refusal_names_both_times(parts: Parts) -> None:
    """Whoever reads the log sees which clock may be wrong."""
    with pytest.raises(TokenRefused) as refused:
        await run(parts, token(exp=int(NOW) - 100))

    assert refused.value.clock == (NOW, int(NOW) - 100)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "PING_NOT_EVALUATED"),
        ({"request_type": 0}, "PING_NOT_EVALUATED"),
        (key_gen(request_type="1"), "REQUEST_TYPE_NOT_AN_INTEGER"),
        (key_gen(request_id=""), "REQUEST_ID_INVALID"),
        (key_gen(request_detail={}), "REQUEST_DETAIL_NOT_A_STRING"),
    ],
)
async def test_what_is_no_request_decides_nothing(parts: Parts, request_: dict[str, object], code: str) -> None:
    """A Ping or a broken envelope never reaches policy or ledger."""
    with pytest.raises(EnvelopeRefused) as refused:
        await run(parts, token(request_))

    assert refused.value.code == code
    assert (parts.ledger.records, parts.asked) == ([], [])


async def test_a_stop_holds_everything_and_is_recorded(parts: Parts) -> None:
    """While the stop is set nothing is asked of OPA and every request is a recorded HOLD."""
    parts.stopped = True
    decision = await run(parts)

    assert (decision.effect, codes(decision), decision.reasons[0].rule) == (Effect.HOLD, ["STOPPED"], "stop")
    assert [record.effect for record in parts.ledger.records] == ["HOLD"]
    assert (parts.ledger.records[0].input, parts.ledger.records[0].facts, parts.asked) == (None, None, [])


async def test_a_stop_holds_without_a_release(parts: Parts) -> None:
    """No release is needed to hold; the record then names none."""
    parts.stopped, parts.bundle = True, None
    decision = await run(parts)

    assert (decision.effect, decision.revision) == (Effect.HOLD, "")


async def test_a_stop_wins_over_an_unknown_type(parts: Parts) -> None:
    """Nothing is refused finally while deciding is stopped."""
    parts.stopped = True

    assert codes(await run(parts, token(key_gen(request_type=9)))) == ["STOPPED"]


async def test_an_unknown_stop_decides_nothing(parts: Parts) -> None:
    """When nobody knows whether it is stopped, there is no decision."""
    parts.stopped = Indeterminate("folder gone")
    with pytest.raises(Indeterminate):
        await run(parts)

    assert parts.ledger.records == []


@pytest.mark.parametrize("request_type", [-1, 4, 6, 2**40])
async def test_an_unknown_type_is_denied_on_record_without_opa(parts: Parts, request_type: int) -> None:
    """The one deny that Python gives by itself."""
    parts.bundle = None
    decision = await run(parts, token(key_gen(request_type=request_type)))

    assert (decision.effect, codes(decision)) == (Effect.DENY, ["REQUEST_TYPE_UNKNOWN"])
    assert str(request_type) in decision.reasons[0].message
    assert (parts.ledger.records[0].request_type, parts.asked) == (request_type, [])


async def test_an_allowed_contradiction_is_held(parts: Parts) -> None:
    """Whatever Rego says, a contradiction is never allowed."""
    decision = await run(parts, token(key_gen(request_detail=changed_detail(threshold=1))))

    assert decision.effect == Effect.HOLD
    assert codes(decision)[:2] == ["CONTRADICTION_ALLOWED", "THRESHOLD_MISMATCH"]


async def test_an_allowed_unprovable_is_held(parts: Parts) -> None:
    """What cannot be proven is not allowed unless the release accepts it by name."""
    decision = await run(parts, token(key_gen(request_detail=changed_detail(unheard_of=1))))

    assert decision.effect == Effect.HOLD
    assert codes(decision) == ["UNPROVABLE_ALLOWED", "DETAIL_FIELD_UNKNOWN"]


@pytest.mark.parametrize("error", [OpaUnavailable("x"), OpaAnswerInvalid("x")])
async def test_without_an_answer_of_opa_there_is_no_decision(parts: Parts, error: Indeterminate) -> None:
    """A broken OPA is neither allow nor deny, and leaves no record."""
    parts.answer = error
    with pytest.raises(type(error)):
        await run(parts)

    assert (parts.ledger.records, len(parts.asked)) == ([], 1)


@pytest.mark.parametrize("result", [None, True, "allow", {**ALLOW, "rules_evaluated": []}, {**ALLOW, "effect": True}])
async def test_an_answer_of_another_shape_is_no_decision(parts: Parts, result: object) -> None:
    """Only the exact shape, with the profile's rules evaluated, counts."""
    parts.answer = result  # type: ignore[assignment]  # any JSON may come
    with pytest.raises(OpaAnswerInvalid):
        await run(parts)

    assert parts.ledger.records == []


async def test_without_a_release_there_is_no_decision(parts: Parts) -> None:
    """No active bundle: nothing is proven, asked or recorded."""
    parts.bundle = None
    with pytest.raises(NoActiveBundle):
        await run(parts)

    assert (parts.ledger.records, parts.asked) == ([], [])


async def test_another_revision_is_no_decision(parts: Parts) -> None:
    """OPA that stays on another release is asked three times, and then there is no decision."""
    parts.revisions = [OTHER.revision]
    with pytest.raises(RevisionMismatch):
        await run(parts)

    assert (parts.ledger.records, len(parts.asked)) == ([], 3)


async def test_a_release_that_arrives_late_in_opa_is_waited_for(parts: Parts) -> None:
    """In the milliseconds between gate and OPA a request is judged again instead of failing."""
    parts.revisions = [OTHER.revision, ACTIVE.revision]
    decision = await run(parts)

    assert (decision.effect, decision.revision, len(parts.asked)) == (Effect.ALLOW, ACTIVE.revision, 2)


async def test_a_release_that_changes_meanwhile_is_judged_again(parts: Parts) -> None:
    """A decision is never recorded under a release that is no longer the active one."""
    parts.revisions = [ACTIVE.revision, OTHER.revision]
    parts.meanwhile = lambda: setattr(parts, "bundle", OTHER)
    decision = await run(parts)

    assert (decision.revision, len(parts.asked)) == (OTHER.revision, 2)
    assert [record.revision for record in parts.ledger.records] == [OTHER.revision]


@pytest.mark.parametrize("moves", [1, 2])
async def test_a_moved_version_is_evaluated_again(parts: Parts, moves: int) -> None:
    """A new snapshot, a new answer of OPA, one record."""
    parts.ledger.moves = moves
    decision = await run(parts)

    assert decision.effect == Effect.ALLOW
    assert (parts.ledger.snapshots, len(parts.asked), len(parts.ledger.records)) == (moves + 1, moves + 1, 1)
    assert parts.ledger.records[0].decision_id == "id-1"


async def test_a_version_that_keeps_moving_is_no_decision(parts: Parts) -> None:
    """After three attempts others have to wait; when it moves even then, it is given up."""
    parts.ledger.moves = 4
    with pytest.raises(VersionMoved):
        await run(parts)

    assert (parts.ledger.records, len(parts.asked)) == ([], 4)


async def test_who_always_comes_second_is_alone_in_the_end(parts: Parts) -> None:
    """The fourth attempt keeps others from the request and from the signing key."""
    parts.ledger.moves = 3
    decision = await run(parts)

    assert (decision.effect, len(parts.asked)) == (Effect.ALLOW, 4)
    assert [alone for _, _, alone in parts.ledger.committed] == [True]
    assert parts.ledger.turns == [frozenset({RequestKey("node-a", "request-1")})]


async def test_without_a_ledger_there_is_no_decision(parts: Parts) -> None:
    """No record, no answer; also when the record fails after OPA allowed."""
    parts.ledger.failure = LedgerUnavailable("disk")
    with pytest.raises(LedgerUnavailable):
        await run(parts)
    parts.ledger.failure = None
    parts.meanwhile = lambda: setattr(parts.ledger, "failure", LedgerUnavailable("disk full"))
    with pytest.raises(LedgerUnavailable):
        await run(parts)

    assert parts.ledger.records == []


async def test_a_retry_is_evaluated_again_and_linked(parts: Parts) -> None:
    """An ALLOW is never read from storage: the second answer is OPA's second answer."""
    await run(parts)
    parts.answer = DENY
    decision = await run(parts, token(key_gen(extra_info=key_gen()["extra_info"] + " ")))

    assert (decision.effect, decision.decision_id) == (Effect.DENY, "id-2")
    assert [record.earlier for record in parts.ledger.records] == [(), ("id-1",)]
    assert len(parts.asked) == 2


@pytest.mark.parametrize(
    "second",
    [
        key_gen(request_detail=changed_detail()),
        key_gen(request_detail=changed_detail(threshold=3)),
        key_gen(request_type=3),
        key_gen(request_type=9),
    ],
    ids=["other bytes", "other detail", "other type", "unknown type"],
)
async def test_a_reused_request_id_is_held(parts: Parts, second: dict[str, object]) -> None:
    """The same node and request_id with another type, or a detail that differs in one byte, is held and recorded."""
    await run(parts)
    decision = await run(parts, token(second))

    assert (decision.effect, codes(decision)) == (Effect.HOLD, ["REQUEST_ID_REUSED"])
    assert decision.reasons[0].rule == "ledger"
    assert "id-1" in decision.reasons[0].message
    assert (len(parts.asked), len(parts.ledger.records)) == (1, 2)


@pytest.mark.parametrize("said", [ALLOW, DENY], ids=["allow", "deny"])
async def test_another_amount_of_an_outpoint_is_held(parts: Parts, said: dict[str, object]) -> None:
    """Whatever the policy would say, it is not asked; the facts are recorded, and nothing is reserved by the record."""
    parts.answer = said  # type: ignore[assignment]
    parts.ledger.other_amount = OtherAmount(outpoint="a:0", declared=4, remembered=Remembered(5, "id-0"))
    decision = await run(parts)

    assert (decision.effect, codes(decision)) == (Effect.HOLD, ["OUTPOINT_AMOUNT_DIFFERS"])
    assert "a:0: 4 declared, 5 in decision id-0" in decision.reasons[0].message
    assert parts.asked == []
    assert [(each.effect, each.input, each.facts is None) for each in parts.ledger.records] == [("HOLD", None, False)]


async def test_a_reused_request_id_stays_held(parts: Parts) -> None:
    """Sending the first content again does not wash the reuse away."""
    await run(parts)
    await run(parts, token(key_gen(request_detail=changed_detail(threshold=3))))

    assert codes(await run(parts)) == ["REQUEST_ID_REUSED"]


async def test_the_same_request_id_of_another_request_is_another_request(parts: Parts) -> None:
    """Only the same node and the same id are compared."""
    await run(parts)

    assert (await run(parts, token(key_gen(request_id="request-2")))).effect == Effect.ALLOW


async def test_a_large_request_is_proven_beside_the_event_loop(parts: Parts) -> None:
    """The result is the same; only where the work is done differs."""
    ran_on: list[str] = []
    real = judge._prove

    def prove(request: CallbackRequest, registry: Registry) -> tuple[ParsedRequest, Facts]:
        ran_on.append(threading.current_thread().name)
        return real(request, registry)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(judge, "_prove", prove)
        small = await run(parts)
        large = await run(parts, token(key_gen(request_id="large", extra_info=key_gen()["extra_info"] + " " * 20_000)))

    assert (small.effect, large.effect) == (Effect.ALLOW, Effect.ALLOW)
    assert ran_on[0] == "MainThread"
    assert ran_on[1] != "MainThread"
