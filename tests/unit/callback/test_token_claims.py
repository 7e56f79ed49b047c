from typing import Any

import keys
import pytest
import tokens
from placet_callback.token import TokenError, VerifiedToken, verify_token

NOW = 1_800_000_000


def _verify(token: str, **options: Any) -> VerifiedToken:
    return verify_token(token, **{"nodes": (keys.checker_node(),), "now": NOW, **options})


def _refusal(token: str, **options: Any) -> tuple[int, str]:
    with pytest.raises(TokenError) as refused:
        _verify(token, **options)
    return refused.value.check, refused.value.code


def _with_claims(**claims: Any) -> str:
    return tokens.make_token(b"{}", **{"exp": NOW + 120, **claims})


# Check 4: claims.

CLAIMS = {
    b"": "CLAIMS_NOT_STRICT_JSON",
    b"\xff\xfe{}": "CLAIMS_NOT_STRICT_JSON",
    b'{"exp":1800000100,"exp":1800000100,"package_data":"e30="}': "CLAIMS_NOT_STRICT_JSON",
    b'{"exp":1800000100,"package_data":"e30=","Package_Data":"e30="}': "CLAIMS_NOT_STRICT_JSON",
    b'{"exp":NaN,"package_data":"e30="}': "CLAIMS_NOT_STRICT_JSON",
    b'{"exp":1800000100,"package_data":"e30=","x":' + b"[" * 8 + b"]" * 8 + b"}": "CLAIMS_NOT_STRICT_JSON",
    b'{"x":' + b"[" * 100_000: "CLAIMS_NOT_STRICT_JSON",
    b'["exp",1800000100]': "CLAIMS_NOT_AN_OBJECT",
    b"1800000100": "CLAIMS_NOT_AN_OBJECT",
    b'{"exp":1800000100,"package_data":"e30=","iss":7}': "ISSUER_NOT_A_STRING",
}


@pytest.mark.parametrize("claims", CLAIMS)
def test_4_claims_that_are_not_a_strict_object_are_refused(claims: bytes) -> None:
    """Whatever two parsers may read differently is refused although it is signed."""
    assert _refusal(tokens.sign_raw(tokens.HEADER, claims)) == (4, CLAIMS[claims])


def test_4_unknown_claims_and_nulls_are_allowed() -> None:
    """Other claims mean nothing, and a null is as good as absent, as the v1 Python server writes it."""
    verified = _verify(_with_claims(iss=None, aud=None, jti=None, iat=None, nbf=None, sub=None, more={"a": [1]}))
    assert verified.issuer is None


def test_4_claims_are_eight_deep_at_most() -> None:
    """Seven lists in the claims' object are read, an eighth one is not."""
    assert _verify(_with_claims(more=[[[[[[[]]]]]]])).node == "node-1"
    assert _refusal(_with_claims(more=[[[[[[[[]]]]]]]])) == (4, "CLAIMS_NOT_STRICT_JSON")


# Check 5: expiry.


@pytest.mark.parametrize("exp", [NOW - 29, NOW, NOW + 1, NOW + 900, NOW + 930])
def test_5_an_expiry_within_bounds_is_accepted(exp: int) -> None:
    """From just less than 30 s ago until 15 min and 30 s ahead."""
    assert _verify(_with_claims(exp=exp)).expires_at == exp


@pytest.mark.parametrize(
    ("exp", "code"),
    [(NOW - 30, "TOKEN_EXPIRED"), (0, "TOKEN_EXPIRED"), (-1, "TOKEN_EXPIRED"), (NOW + 931, "EXPIRY_TOO_FAR")],
)
def test_5_an_expiry_out_of_bounds_is_refused_with_both_times(exp: int, code: str) -> None:
    """Past the leeway on either side the token is refused, and the error has both clocks for the log."""
    with pytest.raises(TokenError) as refused:
        _verify(_with_claims(exp=exp))
    assert (refused.value.check, refused.value.code) == (5, code)
    assert refused.value.clock == (NOW, exp)


def test_5_the_longest_lifetime_is_a_setting() -> None:
    """Another maximum moves the upper bound, and only that."""
    assert _verify(_with_claims(exp=NOW + 90), max_lifetime_seconds=60).expires_at == NOW + 90
    assert _refusal(_with_claims(exp=NOW + 91), max_lifetime_seconds=60) == (5, "EXPIRY_TOO_FAR")


@pytest.mark.parametrize("exp", [float(NOW + 60), str(NOW + 60), True, [NOW + 60], {}, NOW + 60.5])
def test_5_an_expiry_that_is_not_an_integer_is_refused(exp: object) -> None:
    """A float, a string or a bool is refused, not converted."""
    assert _refusal(_with_claims(exp=exp)) == (5, "EXPIRY_NOT_AN_INTEGER")


def test_5_an_expiry_with_an_exponent_is_refused() -> None:
    """A number that has the right value but is not written as an integer is refused."""
    assert _refusal(tokens.sign_raw(tokens.HEADER, b'{"exp":18000001e2,"package_data":"e30="}')) == (
        5,
        "EXPIRY_NOT_AN_INTEGER",
    )


@pytest.mark.parametrize("claims", [{"without": ("exp",)}, {"exp": None}])
def test_5_a_token_without_expiry_is_refused(claims: dict[str, Any]) -> None:
    """A token that could be replayed for ever is refused, which no official server does."""
    assert _refusal(tokens.make_token(b"{}", **claims)) == (5, "EXPIRY_MISSING")


def test_5_a_clock_that_is_no_number_refuses() -> None:
    """A broken clock makes no token valid."""
    assert _refusal(_with_claims(), now=float("nan")) == (5, "TOKEN_EXPIRED")
    assert _refusal(_with_claims(), max_lifetime_seconds=float("nan")) == (5, "EXPIRY_TOO_FAR")


# Check 6: nbf, iat, aud.


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize("moment", [0, NOW, NOW + 30])
def test_6_a_moment_that_has_come_is_accepted(name: str, moment: int) -> None:
    """`nbf` and `iat` may be past, or ahead within the leeway."""
    assert _verify(_with_claims(**{name: moment})).node == "node-1"


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_6_a_moment_to_come_is_refused_with_both_times(name: str) -> None:
    """`nbf` and `iat` beyond the leeway are refused, and the error has both clocks."""
    with pytest.raises(TokenError) as refused:
        _verify(_with_claims(**{name: NOW + 31}))
    assert (refused.value.check, refused.value.code) == (6, f"{name.upper()}_IN_THE_FUTURE")
    assert refused.value.clock == (NOW, NOW + 31)


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize("value", ["0", 0.0, False, []])
def test_6_a_moment_that_is_not_an_integer_is_refused(name: str, value: object) -> None:
    """`nbf` and `iat` are integers or absent."""
    assert _refusal(_with_claims(**{name: value})) == (6, f"{name.upper()}_NOT_AN_INTEGER")


@pytest.mark.parametrize("aud", ["x", "", [], ["x"], 0, False, {}])
def test_6_any_audience_is_refused_when_none_is_configured(aud: object) -> None:
    """A token for somebody in particular is not for us, unless a setting says who we are."""
    assert _refusal(_with_claims(aud=aud)) == (6, "AUDIENCE_NOT_CONFIGURED")


@pytest.mark.parametrize("aud", ["placet", ["placet"], ["x", "placet"]])
def test_6_the_configured_audience_is_accepted(aud: object) -> None:
    """Alone or in a list, our name is enough."""
    assert _verify(_with_claims(aud=aud), audience="placet").node == "node-1"


@pytest.mark.parametrize("aud", [None, "x", "Placet", "placet2", [], ["x"], [["placet"]], {"placet": 1}, 7])
def test_6_another_or_no_audience_is_refused_when_one_is_configured(aud: object) -> None:
    """With an audience configured, a token has to name it exactly."""
    assert _refusal(_with_claims(aud=aud), audience="placet") == (6, "AUDIENCE_NOT_OURS")


# Check 7: package_data.


@pytest.mark.parametrize("claims", [{"without": ("package_data",)}, {"package_data": None}])
def test_7_a_token_without_content_is_refused(claims: dict[str, Any]) -> None:
    """A token without `package_data` is refused."""
    assert _refusal(_with_claims(**claims)) == (7, "PACKAGE_DATA_MISSING")


@pytest.mark.parametrize("value", [7, True, ["e30="], {"request_type": 2}])
def test_7_content_that_is_not_a_string_is_refused(value: object) -> None:
    """`package_data` is a string, whatever else a server could make of it."""
    assert _refusal(_with_claims(package_data=value)) == (7, "PACKAGE_DATA_NOT_A_STRING")


def test_7_any_string_passes() -> None:
    """What the string holds is for step 3 to judge."""
    assert _verify(_with_claims(package_data="!!!!")).package_data == "!!!!"
