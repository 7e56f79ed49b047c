import base64
import contextlib
from typing import Any

import keys
import pytest
import tokens
from hypothesis import given
from hypothesis import strategies as st
from placet_callback.envelope import (
    CallbackRequest,
    EnvelopeError,
    Ping,
    RequestType,
    encode_request,
    parse_request,
)
from placet_callback.strict_json import StrictJsonError
from placet_callback.token import VerifiedToken, verify_token

NOW = 1_800_000_000
USUAL = {"request_id": "r", "request_type": 2, "request_detail": "{}", "extra_info": "{}"}


def _verified(package: dict[str, Any] | bytes, **claims: Any) -> VerifiedToken:
    token = tokens.make_token(package, **{"exp": NOW + 60, **claims})
    return verify_token(token, nodes=(keys.checker_node(),), now=NOW)


def _parse(package: dict[str, Any] | bytes) -> Ping | CallbackRequest:
    return parse_request(_verified(package))


def _refusal(package: dict[str, Any] | bytes) -> tuple[str, str]:
    with pytest.raises(EnvelopeError) as refused:
        _parse(package)
    return refused.value.code, refused.value.path


def test_the_request_types_are_the_protocols() -> None:
    """Types 0, 1, 2, 3 and 5 have names; 4 has none."""
    assert {member.name: member.value for member in RequestType} == {
        "PING": 0,
        "KEY_GEN": 1,
        "KEY_SIGN": 2,
        "KEY_RESHARE": 3,
        "KEY_SHARE_SIGN": 5,
    }


@pytest.mark.parametrize("request_type", [1, 2, 3, 4, 5, 6, -1, 2**63 - 1, -(2**63)])
def test_every_integer_type_but_ping_is_a_request(request_type: int) -> None:
    """Known and unknown types are read alike: which of them can be decided is for the policy tier to say."""
    request = _parse({**USUAL, "request_type": request_type, "request_detail": '{"a":1}', "extra_info": "x"})
    assert request == CallbackRequest(
        request_id="r", request_type=request_type, request_detail='{"a":1}', extra_info="x", unknown_fields=()
    )


def test_content_does_not_show_in_a_repr() -> None:
    """A request that ends up in a log line shows neither its detail nor its extra info."""
    request = _parse({**USUAL, "request_detail": "secret detail", "extra_info": "secret info"})
    assert repr(request) == "CallbackRequest(request_id='r', request_type=2, unknown_fields=())"


@pytest.mark.parametrize("value", ["2", True, False, 2.0, [2], {}, "", None])
def test_a_type_that_is_not_an_integer_is_refused(value: object) -> None:
    """A string, a bool or a float is no type; nor is null when there is content."""
    expected = "REQUEST_TYPE_MISSING" if value is None else "REQUEST_TYPE_NOT_AN_INTEGER"
    content = {**USUAL, "request_type": value, "request_detail": '{"task_id":"t"}'}
    assert _refusal(content) == (expected, "$.request_type")


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**90])
def test_a_type_beyond_64_bits_is_refused(value: int) -> None:
    """A type that no ledger column can hold is refused, not cut."""
    assert _refusal({**USUAL, "request_type": value}) == ("REQUEST_TYPE_OUT_OF_RANGE", "$.request_type")


@pytest.mark.parametrize("value", ["a", "x" * 256, "task-1:2", "{}", "a b", "\u00e9"])
def test_a_printable_id_is_taken(value: str) -> None:
    """1 to 256 printable characters are an id."""
    request = _parse({**USUAL, "request_id": value})
    assert request.request_id == value


@pytest.mark.parametrize("value", ["", "x" * 257, "a\nb", "a\x00", "\u202egnip", "\u2028", 7, True, [], {}, ["a"]])
def test_another_id_is_refused(value: object) -> None:
    """Empty, long or unprintable ids, and ids that are not strings, are refused."""
    assert _refusal({**USUAL, "request_id": value}) == ("REQUEST_ID_INVALID", "$.request_id")


def test_a_request_without_id_is_refused() -> None:
    """An absent or null id is refused."""
    assert _refusal({**USUAL, "request_id": None}) == ("REQUEST_ID_MISSING", "$.request_id")
    assert _refusal({"request_type": 1}) == ("REQUEST_ID_MISSING", "$.request_id")


@pytest.mark.parametrize("name", ["request_detail", "extra_info"])
@pytest.mark.parametrize("value", [{}, {"a": 1}, [], 0, False, 1.5])
def test_content_that_is_not_a_string_is_refused(name: str, value: object) -> None:
    """Detail and extra info are JSON texts inside strings, never JSON themselves."""
    assert _refusal({**USUAL, name: value}) == (f"{name.upper()}_NOT_A_STRING", f"$.{name}")


@pytest.mark.parametrize(
    "package",
    [{"request_id": "r", "request_type": 1}, {**USUAL, "request_type": 1, "request_detail": None, "extra_info": None}],
)
def test_absent_and_null_content_is_empty(package: dict[str, Any]) -> None:
    """An absent or null text is the empty text."""
    assert _parse(package) == CallbackRequest(request_id="r", request_type=1, request_detail="", extra_info="")


@pytest.mark.parametrize(
    ("package", "path"),
    [
        (b"", "$"),
        (b"not json", "$"),
        (b"\xff", "$"),
        (b"\xef\xbb\xbf{}", "$"),
        (b'{"request_type":0,"request_type":2}', "$.request_type"),
        (b'{"request_type":0,"REQUEST_TYPE":2}', "$.REQUEST_TYPE"),
        (b'{"request_type":NaN}', "$"),
        (b'{"a":{"b":[1,{"c":1,"c":1}]}}', "$.a.b[1].c"),
        (b"[" * 33 + b"]" * 33, "$"),
    ],
)
def test_an_envelope_that_is_not_strict_json_is_refused(package: bytes, path: str) -> None:
    """Ambiguous JSON is refused with the place, and its cause says why."""
    with pytest.raises(EnvelopeError) as refused:
        _parse(package)
    assert (refused.value.code, refused.value.path) == ("ENVELOPE_NOT_STRICT_JSON", path)
    assert isinstance(refused.value.__cause__, StrictJsonError)


@pytest.mark.parametrize("package", [b"[]", b"null", b'"{}"', b"0", b"true"])
def test_an_envelope_that_is_not_an_object_is_refused(package: bytes) -> None:
    """Any other JSON value is refused, an empty array among them."""
    assert _refusal(package) == ("ENVELOPE_NOT_AN_OBJECT", "$")


@pytest.mark.parametrize("data", ["e30", "e31=", "e30=\n", " e30=", "e30=e30=", "e30==", "-_8=", "!!!!"])
def test_package_data_that_is_not_canonical_is_refused(data: str) -> None:
    """Unpadded, unclean, spaced and foreign base64 is refused before anything inside is read."""
    with pytest.raises(EnvelopeError) as refused:
        parse_request(_verified(b"", package_data=data))
    assert (refused.value.code, refused.value.path) == ("PACKAGE_DATA_NOT_CANONICAL_BASE64", "$")


def test_unknown_fields_are_named() -> None:
    """Fields that the protocol does not know are recorded by name, sorted, without their content."""
    request = _parse({**USUAL, "zebra": 1, "meta": {"x": [1.5]}, "gone": None})
    assert request.unknown_fields == ("meta", "zebra")


def test_unknown_names_are_safe_to_record() -> None:
    """Names that are not plain are recorded as one question mark, and never more than sixteen at all."""
    assert _parse({**USUAL, "a\nb": 1, "\u00e4": 2, "x" * 100: 3}).unknown_fields == ("?",)
    many = {f"field_{number:02}": 0 for number in range(20)}
    assert _parse({**USUAL, **many}).unknown_fields == tuple(sorted(many))[:16]
    sixteen = {name: many[name] for name in sorted(many)[:16]}
    assert _parse({**USUAL, **sixteen}).unknown_fields == tuple(sorted(sixteen))
    seventeen = {name: many[name] for name in sorted(many)[:17]}
    assert _parse({**USUAL, **seventeen}).unknown_fields == tuple(sorted(sixteen))


@pytest.mark.parametrize("name", ["Request_Type", "REQUEST_DETAIL", "extra_Info", "reque\u017ft_id"])
def test_a_known_field_in_another_case_is_refused(name: str) -> None:
    """A name that Go would take for one of the four is neither unknown nor known."""
    package = {key: value for key, value in USUAL.items() if key != name.casefold()}
    assert _refusal({**package, name: "x"}) == ("FIELD_NAME_NOT_EXACT", f"$.{name.casefold()}")


PINGS: dict[str, tuple[dict[str, Any], str | None]] = {
    "empty object": ({}, None),
    "type only": ({"request_type": 0}, None),
    "empty strings": ({"request_id": "", "request_type": 0, "request_detail": "", "extra_info": ""}, ""),
    "empty strings, no type": ({"request_id": "", "request_detail": "", "extra_info": ""}, ""),
    "texts of empty objects": (
        {"request_id": "{}", "request_type": 0, "request_detail": "{}", "extra_info": "{}"},
        "{}",
    ),
    "texts of empty objects, no type": ({"request_detail": "{}", "extra_info": "{}"}, None),
    "empty objects": ({"request_id": {}, "request_type": 0, "request_detail": {}, "extra_info": {}}, None),
    "nulls": ({"request_id": None, "request_type": None, "request_detail": None, "extra_info": None}, None),
    "with id": ({"request_id": "ping-1", "request_type": 0}, "ping-1"),
    "id and nothing else": ({"request_id": "ping-1"}, "ping-1"),
}


@pytest.mark.parametrize("name", PINGS)
def test_every_form_of_a_ping_is_a_ping(name: str) -> None:
    """All forms that the documents leave possible are read, with the id to echo."""
    package, request_id = PINGS[name]
    assert _parse(package) == Ping(request_id=request_id)


def test_a_ping_with_a_type_may_have_unknown_fields() -> None:
    """A ping of a newer node is still a ping, and what is new is recorded."""
    assert _parse({"request_type": 0, "sent_at": 5}) == Ping(request_id=None, unknown_fields=("sent_at",))


@pytest.mark.parametrize(
    "package",
    [
        {"request_id": "r", "request_detail": '{"task_id":"t"}'},
        {"request_id": "r", "extra_info": "x"},
        {"request_detail": [], "extra_info": ""},
        {"request_detail": 0},
        {"request_detail": False},
        {"requesttype": 2},
        {"request_id": "r", "type": 0},
    ],
)
def test_no_type_with_anything_else_is_not_a_ping(package: dict[str, Any]) -> None:
    """A request that lost its type, with content or fields that we do not know, never stands for a ping."""
    assert _refusal(package) == ("REQUEST_TYPE_MISSING", "$.request_type")


@pytest.mark.parametrize("name", ["request_detail", "extra_info"])
@pytest.mark.parametrize("value", ['{"task_id":"t"}', " ", "{ }", [], 0, False, {"a": 1}])
def test_a_ping_with_content_is_refused(name: str, value: object) -> None:
    """Content under type 0 is refused, because an answer to a ping may be an APPROVE that nobody decided."""
    assert _refusal({"request_type": 0, name: value}) == ("PING_NOT_EMPTY", f"$.{name}")


@pytest.mark.parametrize("value", ["x" * 257, "a\nb", 0, False, [], ["a"], {"a": 1}])
def test_a_ping_with_an_odd_id_is_refused(value: object) -> None:
    """A ping's id is absent, empty or a proper one."""
    assert _refusal({"request_id": value, "request_type": 0}) == ("REQUEST_ID_INVALID", "$.request_id")


def test_a_request_is_encoded_as_the_node_does() -> None:
    """Fields in the protocol's order, without blanks, UTF-8 unescaped, absent ones left out."""
    assert encode_request("r", 2, '{"a":"ä"}', "") == (
        b'{"request_id":"r","request_type":2,"request_detail":"{\\"a\\":\\"\xc3\xa4\\"}","extra_info":""}'
    )
    assert encode_request(None, 0, None, None) == b'{"request_type":0}'
    assert encode_request(None, None, None, None) == b"{}"


@given(
    request_type=st.integers(-(2**63), 2**63 - 1).filter(bool),
    detail=st.text(),
    extra=st.text(),
)
def test_what_is_encoded_is_read_back(request_type: int, detail: str, extra: str) -> None:
    """Any type and any texts survive the way to the server."""
    request = _parse(encode_request("r", request_type, detail, extra))
    assert request == CallbackRequest(
        request_id="r", request_type=request_type, request_detail=detail, extra_info=extra
    )


@given(package=st.binary() | st.text().map(str.encode))
def test_garbage_raises_nothing_but_envelope_errors(package: bytes) -> None:
    """Whatever a node signs, reading it gives a request, a ping or an EnvelopeError."""
    with contextlib.suppress(EnvelopeError):
        _parse(package)


def test_what_was_verified_is_what_is_read() -> None:
    """The request comes from the claim inside the token, byte for byte."""
    token = _verified(encode_request("r", 2, "d", "e"))
    assert base64.b64decode(token.package_data) == (
        b'{"request_id":"r","request_type":2,"request_detail":"d","extra_info":"e"}'
    )
    assert parse_request(token) == CallbackRequest(request_id="r", request_type=2, request_detail="d", extra_info="e")
