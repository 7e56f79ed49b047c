import base64
import contextlib
import json
from typing import Any

import keys
import pytest
import tokens
from hypothesis import assume, given
from hypothesis import strategies as st
from placet_callback.token import TokenError, VerifiedToken, sign_token, verify_token

NOW = 1_800_000_000
TOKEN = sign_token(b'{"request_type":0}', key=keys.checker_private(), issuer="TSS", expires_at=NOW + 60)
TOKEN_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

_positions = st.integers(min_value=0, max_value=len(TOKEN) - 1)
_characters = st.sampled_from(TOKEN_ALPHABET) | st.characters()


def _verify(token: str) -> VerifiedToken:
    return verify_token(token, nodes=(keys.checker_node(),), now=NOW)


def _is_refused(token: str) -> None:
    assume(token.strip(" ") != TOKEN)
    with pytest.raises(TokenError) as refused:
        _verify(token)
    assert refused.value.check in {1, 2, 3}


@given(
    package=st.binary(max_size=2000),
    issuer=st.text(),
    expires_at=st.integers(min_value=NOW - 29, max_value=NOW + 930),
    before=st.text(alphabet=" ", max_size=5),
    after=st.text(alphabet=" ", max_size=5),
)
def test_what_sign_makes_verify_accepts(package: bytes, issuer: str, expires_at: int, before: str, after: str) -> None:
    """Any package, any issuer and any allowed expiry is accepted, spaces around it or not, and comes back unchanged."""
    token = sign_token(package, key=keys.checker_private(), issuer=issuer, expires_at=expires_at)
    verified = _verify(f"{before}{token}{after}")
    assert base64.b64decode(verified.package_data, validate=True) == package
    assert (verified.compact, verified.issuer, verified.expires_at) == (token, issuer, expires_at)


@given(at=_positions, character=_characters)
def test_no_token_with_one_character_replaced_is_accepted(at: int, character: str) -> None:
    """Every character of a token counts."""
    _is_refused(TOKEN[:at] + character + TOKEN[at + 1 :])


@given(
    at=st.integers(min_value=0, max_value=len(TOKEN)), text=st.text(min_size=1) | st.text(TOKEN_ALPHABET, min_size=1)
)
def test_no_token_with_something_inserted_is_accepted(at: int, text: str) -> None:
    """Nothing can be added to a token but U+0020 around it."""
    _is_refused(TOKEN[:at] + text + TOKEN[at:])


@given(start=_positions, length=st.integers(min_value=1, max_value=len(TOKEN)))
def test_no_token_with_something_missing_is_accepted(start: int, length: int) -> None:
    """Nothing can be taken from a token."""
    _is_refused(TOKEN[:start] + TOKEN[start + length :])


@given(order=st.lists(st.integers(min_value=0, max_value=2), max_size=5))
def test_no_other_order_of_the_segments_is_accepted(order: list[int]) -> None:
    """The segments count in their order, each once."""
    parts = TOKEN.split(".")
    _is_refused(".".join(parts[index] for index in order))


@given(token=st.text() | st.text(alphabet=TOKEN_ALPHABET) | st.text(alphabet="A. ="))
def test_garbage_raises_nothing_but_token_errors(token: str) -> None:
    """Whatever arrives in the form field, the only exception is a numbered one."""
    with pytest.raises(TokenError):
        _verify(token)


@given(raw=st.binary() | st.text().map(str.encode))
def test_signed_garbage_raises_nothing_but_token_errors(raw: bytes) -> None:
    """Garbage that a node signed, as its claims or as its header, is refused with a number, or is no garbage."""
    with contextlib.suppress(TokenError):
        assert _verify(tokens.sign_raw(tokens.HEADER, raw)).package_data == json.loads(raw)["package_data"]
    with contextlib.suppress(TokenError):
        _verify(tokens.sign_raw(raw, b'{"exp":1800000060,"package_data":"e30="}'))
        assert json.loads(raw)["alg"] == "RS256"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


@given(
    claims=st.fixed_dictionaries(
        {},
        optional={
            "exp": _json | st.integers(NOW - 60, NOW + 1000),
            "nbf": _json | st.integers(NOW - 60, NOW + 60),
            "iat": _json | st.integers(NOW - 60, NOW + 60),
            "aud": _json,
            "iss": _json,
            "package_data": _json,
        },
    )
)
def test_accepted_claims_are_always_within_the_rules(claims: dict[str, Any]) -> None:
    """Of all claims that a node could sign, only those that the seven checks describe are accepted."""
    with contextlib.suppress(TokenError):
        verified = _verify(tokens.sign_raw(tokens.HEADER, json.dumps(claims).encode()))
        assert type(claims["exp"]) is int
        assert NOW - 30 < claims["exp"] <= NOW + 930
        assert claims.get("nbf") is None or claims["nbf"] <= NOW + 30
        assert claims.get("iat") is None or claims["iat"] <= NOW + 30
        assert claims.get("aud") is None
        assert verified.package_data == claims["package_data"]
