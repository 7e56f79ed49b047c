import json
from typing import Any, Literal

import keys
import pytest
import tokens
from hypothesis import given
from hypothesis import strategies as st
from placet_callback.envelope import CallbackResponse, ReadResponse, encode_response, read_response
from placet_callback.token import sign_token

NOW = 1_800_000_000


def _body(response: dict[str, Any] | bytes, *, exp: int = NOW + 120, **claims: Any) -> bytes:
    return tokens.make_token(response, key=keys.server_private(), exp=exp, **claims).encode()


def _read(body: bytes, *, request_id: str | None = "r", ping: bool = False) -> ReadResponse:
    return read_response(body, server_key=keys.server_public(), request_id=request_id, now=NOW, ping=ping)


def _undocumented(why: str) -> ReadResponse:
    return ReadResponse(kind="undocumented", status=None, action=None, error=None, why=why)


@pytest.mark.parametrize(
    ("response", "encoded"),
    [
        (
            CallbackResponse(status=0, request_id="r", action="APPROVE"),
            b'{"action":"APPROVE","request_id":"r","status":0}',
        ),
        (
            CallbackResponse(status=0, request_id="r", action="REJECT", error="A: \u00e4"),
            b'{"action":"REJECT","error":"A: \xc3\xa4","request_id":"r","status":0}',
        ),
        (
            CallbackResponse(status=0, request_id="r", action="REJECT"),
            b'{"action":"REJECT","request_id":"r","status":0}',
        ),
        (CallbackResponse(status=0, request_id=""), b'{"request_id":"","status":0}'),
        (CallbackResponse(status=20), b'{"status":20}'),
    ],
)
def test_a_response_is_encoded_as_the_go_template_does(response: CallbackResponse, encoded: bytes) -> None:
    """Names sorted, no blanks, UTF-8 unescaped, absent fields left out."""
    assert encode_response(response) == encoded


@pytest.mark.parametrize("status", [10, 20, 30, 1])
@pytest.mark.parametrize("action", ["APPROVE", "REJECT"])
def test_a_failure_never_has_an_action(status: int, action: Literal["APPROVE", "REJECT"]) -> None:
    """Status other than 0 together with an action cannot be constructed."""
    with pytest.raises(ValueError, match="an action goes with status 0 only"):
        CallbackResponse(status=status, request_id="r", action=action)


@pytest.mark.parametrize(("status", "action"), [(0, "APPROVE"), (0, None), (20, None)])
def test_an_error_goes_with_reject_only(status: int, action: Literal["APPROVE", "REJECT"] | None) -> None:
    """An error beside anything but a REJECT cannot be constructed."""
    with pytest.raises(ValueError, match="an error goes with REJECT only"):
        CallbackResponse(status=status, request_id="r", action=action, error="x")


@pytest.mark.parametrize("error", ["", "x" * 513, "\u00e4" * 257])
def test_an_error_is_bounded(error: str) -> None:
    """An empty error, or one of more than 512 bytes, cannot be constructed; 512 bytes can."""
    with pytest.raises(ValueError, match="an error has 1 to 512 bytes"):
        CallbackResponse(status=0, action="REJECT", error=error)
    assert CallbackResponse(status=0, action="REJECT", error="\u00e4" * 256).error == "\u00e4" * 256


@pytest.mark.parametrize("action", ["approve", "WAIT", ""])
def test_there_are_two_actions(action: Any) -> None:
    """Any other action cannot be constructed."""
    with pytest.raises(ValueError, match="action is APPROVE, REJECT or absent"):
        CallbackResponse(status=0, action=action)


@pytest.mark.parametrize("status", [-1, True, False])
def test_a_status_is_a_natural_number(status: int) -> None:
    """A negative status or a bool cannot be constructed."""
    with pytest.raises(ValueError, match="status is an integer"):
        CallbackResponse(status=status)


@given(
    status=st.just(0) | st.integers(0, 99),
    request_id=st.none() | st.text(),
    action=st.sampled_from(["APPROVE", "REJECT", None]),
    error=st.none() | st.text(max_size=100),
)
def test_whatever_can_be_built_is_documented(
    status: int, request_id: str | None, action: Any, error: str | None
) -> None:
    """A response is refused when built, or read back by the stand-in under the documented name of what was meant."""
    try:
        response = CallbackResponse(status=status, request_id=request_id, action=action, error=error)
    except ValueError:
        return
    token = sign_token(encode_response(response), key=keys.server_private(), issuer="x", expires_at=NOW + 120)
    read = _read(token.encode(), request_id=request_id, ping=action is None)
    names = {
        (True, "APPROVE"): "approved",
        (True, "REJECT"): "rejected",
        (True, None): "approved",
        (False, None): "error",
    }
    assert read.kind == names[status == 0, action]
    assert (read.status, read.action, read.error) == (status, action, error)


@pytest.mark.parametrize(
    ("response", "kind", "why"),
    [
        ({"status": 0, "request_id": "r", "action": "APPROVE"}, "approved", "Status 0 with APPROVE."),
        ({"request_id": "r", "action": "APPROVE"}, "approved", "Status 0 with APPROVE."),
        ({"status": None, "request_id": "r", "action": "APPROVE", "error": None}, "approved", "Status 0 with APPROVE."),
        ({"status": 0, "request_id": "r", "action": "APPROVE", "more": 1}, "approved", "Status 0 with APPROVE."),
        ({"status": 0, "request_id": "r", "action": "REJECT"}, "rejected", "Status 0 with REJECT."),
        ({"status": 0, "request_id": "r"}, "undocumented", "Status 0 without APPROVE or REJECT."),
        ({"status": 0, "request_id": "r", "action": "WAIT"}, "undocumented", "Status 0 without APPROVE or REJECT."),
        ({"status": 0, "request_id": "r", "action": "approve"}, "undocumented", "Status 0 without APPROVE or REJECT."),
        (
            {"status": 30, "request_id": "r"},
            "error",
            "The server says that it failed: status other than 0, no action.",
        ),
        ({"status": 30}, "error", "The server says that it failed: status other than 0, no action."),
        ({"status": 30, "request_id": "other"}, "undocumented", "The request_id is not the request's."),
        (
            {"status": 30, "request_id": "r", "action": "APPROVE"},
            "undocumented",
            "Status other than 0 together with an action.",
        ),
        ({"status": 0, "request_id": "R", "action": "APPROVE"}, "undocumented", "The request_id is not the request's."),
        ({"status": 0, "action": "APPROVE"}, "undocumented", "The request_id is not the request's."),
        ({"status": 0, "request_id": 7, "action": "REJECT"}, "undocumented", "The request_id is not the request's."),
    ],
)
def test_a_signed_answer_has_one_name(response: dict[str, Any], kind: str, why: str) -> None:
    """What the documents describe has its name, and everything else is undocumented."""
    read = _read(_body(response))
    assert (read.kind, read.why) == (kind, why)


@pytest.mark.parametrize("request_id", [None, "", "ping-1"])
def test_status_0_is_enough_for_a_ping(request_id: str | None) -> None:
    """A ping is answered by status 0, with or without APPROVE, and nothing else."""
    echo = {} if request_id is None else {"request_id": request_id}
    for action in ({}, {"action": "APPROVE"}):
        assert _read(_body({"status": 0, **echo, **action}), request_id=request_id, ping=True).kind == "approved"
    assert _read(_body({"status": 0, **echo, "action": "REJECT"}), request_id=request_id, ping=True).kind == "rejected"
    assert _read(_body({"status": 0, **echo, "action": "X"}), request_id=request_id, ping=True).kind == "undocumented"
    assert _read(_body({"status": 30, **echo}), request_id=request_id, ping=True).kind == "error"


@pytest.mark.parametrize("status", ["0", 0.0, False, True, [], {}])
def test_a_status_that_is_not_an_integer_is_undocumented(status: object) -> None:
    """A status of another type is not taken for a number."""
    body = _body({"status": status, "request_id": "r", "action": "APPROVE"})
    assert _read(body) == _undocumented("The status is not an integer.")


@pytest.mark.parametrize("name", ["action", "error"])
def test_a_text_of_another_type_is_undocumented(name: str) -> None:
    """An action or an error that is not a string makes the answer undocumented."""
    assert _read(_body({"request_id": "r", name: 1})) == _undocumented(f"The {name} is not a string.")


@pytest.mark.parametrize(
    "response", [b"", b"APPROVE", b'{"action":"APPROVE","action":"REJECT"}', b'{"status":0,"STATUS":1}']
)
def test_a_response_that_is_not_strict_json_is_undocumented(response: bytes) -> None:
    """A response with two readings has none."""
    assert _read(_body(response)) == _undocumented("The package_data is not strict JSON in base64.")


def test_a_response_in_loose_base64_is_undocumented() -> None:
    """Unpadded package_data is refused on the way back as on the way in."""
    assert _read(_body(b"", package_data="e30")) == _undocumented("The package_data is not strict JSON in base64.")


def test_a_response_that_is_not_an_object_is_undocumented() -> None:
    """A JSON array is no response."""
    assert _read(_body(b"[]")) == _undocumented("The response is not an object.")


def test_an_answer_by_another_key_is_undocumented() -> None:
    """An approval that the pinned server did not sign is none."""
    body = tokens.make_token({"status": 0, "request_id": "r", "action": "APPROVE"}, exp=NOW + 120).encode()
    assert _read(body) == _undocumented("The token fails check 3: SIGNATURE_NOT_BY_A_PINNED_KEY.")


def test_an_old_answer_is_undocumented() -> None:
    """An approval whose expiry has passed is none; how far ahead it lies does not matter."""
    response = {"status": 0, "request_id": "r", "action": "APPROVE"}
    assert _read(_body(response, exp=NOW - 30)) == _undocumented("The token fails check 5: TOKEN_EXPIRED.")
    assert _read(_body(response, exp=NOW + 10**9)).kind == "approved"


@pytest.mark.parametrize("body", [b'"not closed', b'"a" "b"', b"\xff", b'"\xff"', "t\u00f6ken".encode()])
def test_a_body_in_neither_form_is_undocumented(body: bytes) -> None:
    """A body is a bare token or one JSON string."""
    assert _read(body) == _undocumented("The body is neither a token nor a JSON string.")


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"{}", b'""', b'{"status":0,"action":"APPROVE"}'])
def test_a_body_without_token_is_undocumented(body: bytes) -> None:
    """An empty body, a page, or the response as plain JSON is no answer, whatever it says."""
    assert _read(body) == _undocumented("The token fails check 1: TOKEN_NOT_THREE_SEGMENTS.")


def test_a_quoted_answer_is_read_like_a_bare_one() -> None:
    """Both encodings of the official servers give the same reading."""
    bare = _body({"status": 0, "request_id": "r", "action": "REJECT", "error": "A: b"})
    quoted = json.dumps(bare.decode()).encode()
    assert (
        _read(quoted)
        == _read(bare)
        == ReadResponse(kind="rejected", status=0, action="REJECT", error="A: b", why="Status 0 with REJECT.")
    )


@given(body=st.binary() | st.text().map(str.encode) | st.text().map(lambda text: json.dumps(text).encode()))
def test_garbage_is_undocumented(body: bytes) -> None:
    """Whatever a server sends, reading it raises nothing."""
    assert _read(body).kind == "undocumented"
