"""approval.py: what an answer of the policy tier can become, and that APPROVE has one source."""

import ast
from hashlib import sha256
from pathlib import Path

import keys
import placet_edge
import pytest
import tokens
from placet.policy.v1 import policy_pb2
from placet_callback.envelope import CallbackRequest, Ping, parse_request
from placet_callback.token import VerifiedToken, verify_token
from placet_edge.approval import (
    Approval,
    NoDecision,
    Refusal,
    approve_if_allowed,
    approving_response,
    error_text,
    ping_response,
    rejecting_response,
)
from placet_edge.errors import Cause

NOW = 1_700_000_000
COMPACT = tokens.make_token(tokens.make_request(request_id="task:1"), exp=NOW + 120)
DECISION_ID = "3f2c8a52-7a38-4d9f-8f0b-2f1d5a5b9c11"


def verified() -> tuple[VerifiedToken, CallbackRequest]:
    """A verified token about request `task:1`."""
    token = verify_token(COMPACT, nodes=(keys.checker_node(),), now=NOW)
    request = parse_request(token)
    assert isinstance(request, CallbackRequest)
    return token, request


def answer(effect: policy_pb2.Effect.ValueType = policy_pb2.EFFECT_ALLOW) -> policy_pb2.EvaluateResponse:
    """A whole answer to `COMPACT`."""
    return policy_pb2.EvaluateResponse(
        decision_id=DECISION_ID,
        request_id="task:1",
        token_sha256=sha256(COMPACT.encode()).digest(),
        effect=effect,
        reasons=[policy_pb2.Reason(code="LIMIT", rule="amount_limit", message="Too much.")],
        receipt=policy_pb2.Receipt(ledger="l", writer="w", position=1, record_hash=b"h" * 32),
    )


def judge(response: policy_pb2.EvaluateResponse) -> Approval | Refusal | NoDecision:
    """Step 11 for `COMPACT`."""
    token, request = verified()
    return approve_if_allowed(response, token=token, request=request)


def test_allow_is_an_approval() -> None:
    """A whole ALLOW for our request becomes status 0, APPROVE, the request's id and no error."""
    approval = judge(answer())
    assert isinstance(approval, Approval)
    response = approving_response(approval)
    assert (response.status, response.request_id, response.action, response.error) == (0, "task:1", "APPROVE", None)


def test_deny_is_a_refusal() -> None:
    """A whole DENY for our request becomes status 0, REJECT and the reasons."""
    refusal = judge(answer(policy_pb2.EFFECT_DENY))
    assert isinstance(refusal, Refusal)
    response = rejecting_response(refusal)
    assert (response.status, response.request_id, response.action) == (0, "task:1", "REJECT")
    assert response.error == "LIMIT: Too much."


@pytest.mark.parametrize(
    ("effect", "cause"),
    [
        (policy_pb2.EFFECT_UNSPECIFIED, Cause.EFFECT_UNKNOWN),
        (policy_pb2.EFFECT_HOLD, Cause.HELD),
        (4, Cause.EFFECT_UNKNOWN),
        (-1, Cause.EFFECT_UNKNOWN),
    ],
)
def test_every_other_effect_is_no_decision(effect: policy_pb2.Effect.ValueType, cause: Cause) -> None:
    """Only ALLOW approves and only DENY refuses; HOLD, zero and numbers from the future do neither."""
    assert judge(answer(effect)) == NoDecision(cause=cause)


@pytest.mark.parametrize("effect", [policy_pb2.EFFECT_ALLOW, policy_pb2.EFFECT_DENY])
@pytest.mark.parametrize(
    ("path", "value", "cause"),
    [
        ("request_id", "task:10", Cause.ANSWER_FOREIGN),
        ("request_id", "", Cause.ANSWER_FOREIGN),
        ("token_sha256", sha256(b"x").digest(), Cause.ANSWER_FOREIGN),
        ("token_sha256", b"", Cause.ANSWER_FOREIGN),
        ("decision_id", "", Cause.ANSWER_INCOMPLETE),
        ("receipt.ledger", "", Cause.ANSWER_INCOMPLETE),
        ("receipt.writer", "", Cause.ANSWER_INCOMPLETE),
        ("receipt.position", 0, Cause.ANSWER_INCOMPLETE),
        ("receipt.record_hash", b"h" * 31, Cause.ANSWER_INCOMPLETE),
        ("receipt.record_hash", b"h" * 33, Cause.ANSWER_INCOMPLETE),
    ],
)
def test_one_wrong_field_is_no_decision(
    effect: policy_pb2.Effect.ValueType, path: str, value: object, cause: Cause
) -> None:
    """Every field that is compared or required decides alone, for ALLOW and DENY alike."""
    response = answer(effect)
    *parents, name = path.split(".")
    setattr(response.receipt if parents else response, name, value)
    assert judge(response) == NoDecision(cause=cause)


def test_a_deny_without_reasons_is_no_decision() -> None:
    """The policy tier always says why."""
    response = answer(policy_pb2.EFFECT_DENY)
    del response.reasons[:]
    assert judge(response) == NoDecision(cause=Cause.ANSWER_INCOMPLETE)


def test_nobody_else_can_make_an_approval() -> None:
    """The constructor refuses everybody outside of approval.py."""
    with pytest.raises(TypeError, match="approve_if_allowed only"):
        Approval(request_id="task:1", decision_id=DECISION_ID, made=object())


@pytest.mark.parametrize(("setting", "action"), [("none", None), ("approve", "APPROVE")])
def test_a_ping_answer_has_an_action_only_by_setting(setting: str, action: str | None) -> None:
    """Status 0 and the echoed id; APPROVE only when the setting says so."""
    response = ping_response(Ping(request_id="p"), "approve" if setting == "approve" else "none")
    assert (response.status, response.request_id, response.action, response.error) == (0, "p", action, None)


def test_error_text_has_three_reasons_and_512_bytes() -> None:
    """The fourth reason is left out, and a character is never cut in two."""
    reasons = [policy_pb2.Reason(code=f"C{number}", message="m") for number in range(5)]
    assert error_text(reasons) == "C0: m; C1: m; C2: m"
    long = error_text([policy_pb2.Reason(code="LONG", message="é" * 400)])
    assert len(long.encode()) == 512
    assert long == "LONG: " + "é" * 253
    odd = error_text([policy_pb2.Reason(code="LONG1", message="é" * 400)])
    assert len(odd.encode()) == 511


def _sources() -> dict[str, ast.Module]:
    folder = Path(placet_edge.__file__).parent
    return {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")}


def test_approve_is_written_in_one_module() -> None:
    """No other module of the edge has the string APPROVE or builds an Approval or a response with an action."""
    for name, tree in _sources().items():
        if name == "approval.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                assert node.value != "APPROVE", name
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "Approval", name
            if isinstance(node, ast.keyword) and node.arg == "action":
                assert isinstance(node.value, ast.Constant), name
                assert node.value.value is None, name


def test_an_approval_is_made_in_one_line() -> None:
    """approval.py calls the constructor once, and compares with ALLOW once, by equality."""
    tree = _sources()["approval.py"]
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Approval"]
    compared = [
        ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare) and "ALLOW" in ast.unparse(node)
    ]
    assert len(made) == 1
    assert compared == ["response.effect == policy_pb2.EFFECT_ALLOW"]


def test_everything_is_caught_in_two_places() -> None:
    """`except Exception` stands in the route's outermost handler and around the loaders of files, and nowhere else."""
    found = [
        name
        for name, tree in _sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
    ]
    assert sorted(found) == ["files.py", "routes.py"]
