import base64
import hashlib
import json
from typing import Any

import jwt
import keys
import pytest
import tokens
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding
from placet_callback.token import Node, TokenError, VerifiedToken, sign_token, verify_token

NOW = 1_800_000_000
PACKAGE = base64.b64encode(b"{}").decode()


def _verify(token: str, **options: Any) -> VerifiedToken:
    return verify_token(token, **{"nodes": (keys.checker_node(),), "now": NOW, **options})


def _refusal(token: str, **options: Any) -> tuple[int, str]:
    with pytest.raises(TokenError) as refused:
        _verify(token, **options)
    return refused.value.check, refused.value.code


def _with_header(header: bytes) -> str:
    return tokens.make_token(b"{}", header=header, exp=NOW + 120)


def _with_claims(**claims: Any) -> str:
    return tokens.make_token(b"{}", **{"exp": NOW + 120, **claims})


def _good() -> str:
    return _with_claims()


def test_a_verified_token_says_whose_it_is_and_what_it_holds() -> None:
    """Everything that later steps need is in the result, taken from the trimmed token."""
    token = sign_token(b'{"a":1}', key=keys.checker_private(), issuer="TSS", expires_at=NOW + 60)
    assert _verify(f"  {token}   ") == VerifiedToken(
        compact=token,
        sha256=hashlib.sha256(token.encode()).digest(),
        node="node-1",
        key_id="3dd07fe029c879103ce93b64f58e5614a9d0eeb3a1200ca3ea616be841f67246",
        package_data="eyJhIjoxfQ==",
        issuer="TSS",
        expires_at=NOW + 60,
    )


def test_neither_token_nor_content_shows_in_a_repr() -> None:
    """A verified token that ends up in a log line shows nothing that could be used again."""
    token = _good()
    shown = repr(_verify(token))
    assert token not in shown
    assert PACKAGE not in shown


def test_what_we_sign_is_what_the_node_writes() -> None:
    """Header and claims have the node's order, without blanks, with padded standard base64 inside."""
    token = sign_token(b"{}?>", key=keys.server_private(), issuer="callback-server", expires_at=NOW)
    header, claims, _signature = token.split(".")
    assert tokens.decode_segment(header) == b'{"alg":"RS256","typ":"JWT"}'
    assert tokens.decode_segment(claims) == b'{"package_data":"e30/Pg==","iss":"callback-server","exp":1800000000}'


def test_what_we_sign_is_a_token_to_others() -> None:
    """PyJWT's own decoder, which the official Python servers use, accepts what we sign."""
    token = sign_token(b"{}", key=keys.server_private(), issuer="callback-server", expires_at=4_102_444_800)
    decoded = jwt.decode(token, keys.server_public_pem(), algorithms=["RS256"])
    assert decoded == {"package_data": "e30=", "iss": "callback-server", "exp": 4_102_444_800}


# Check 1: form.


@pytest.mark.parametrize("around", ["\t{}", "{}\n", "{}\r", "\u00a0{}", "{} \n", '"{}"', "{}\u2003"])
def test_1_nothing_but_the_space_is_trimmed(around: str) -> None:
    """Any white space but U+0020 belongs to the token and spoils it."""
    assert _refusal(around.format(_good())) == (1, "TOKEN_NOT_CANONICAL_BASE64URL")


@pytest.mark.parametrize("token", ["", "   ", "a", "a.b", "a.b.c.d", "....."])
def test_1_a_token_has_three_segments(token: str) -> None:
    """Fewer or more segments are refused."""
    assert _refusal(token) == (1, "TOKEN_NOT_THREE_SEGMENTS")


@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize(
    "change", ["{}=", "{}==", "{}+", "{}/", "+{}", "{}\n", "\t{}", "{}\u00a0", "{}\u00e4", "{}\ud800"]
)
def test_1_each_segment_is_canonical(segment: int, change: str) -> None:
    """Padding, the other alphabet and foreign characters are refused in every segment."""
    parts = _good().split(".")
    parts[segment] = change.format(parts[segment])
    assert _refusal(".".join(parts)) == (1, "TOKEN_NOT_CANONICAL_BASE64URL")


@pytest.mark.parametrize("form", ["{} .{}.{}", "{}. {}.{}", "{}.{} .{}", "{}.{}. {}"])
def test_1_a_space_inside_is_not_trimmed(form: str) -> None:
    """Spaces are trimmed around the token, not around its segments."""
    assert _refusal(form.format(*_good().split("."))) == (1, "TOKEN_NOT_CANONICAL_BASE64URL")


@pytest.mark.parametrize("segment", [0, 1, 2])
def test_1_unused_bits_are_zero(segment: int) -> None:
    """Another last character that decodes to the same bytes is refused in every segment."""
    good = tokens.sign_raw(b'{"alg":"RS256","typ":"JWT" }', b'{"exp":1800000120,"package_data":"e30="}')
    assert _verify(good).node == "node-1"
    parts = good.split(".")
    same_bytes = parts[segment][:-1] + chr(ord(parts[segment][-1]) + 1)
    assert tokens.decode_segment(same_bytes) == tokens.decode_segment(parts[segment])
    parts[segment] = same_bytes
    assert _refusal(".".join(parts)) == (1, "TOKEN_NOT_CANONICAL_BASE64URL")


def test_1_a_token_has_at_most_a_mebibyte() -> None:
    """The limit counts what is left after trimming; a token just below it is verified."""
    room = 1024 * 1024 - len(_with_claims(pad=""))
    fits = _with_claims(pad="x" * (room * 3 // 4 - 3))
    assert 1024 * 1024 - 8 <= len(fits) <= 1024 * 1024
    assert _verify(fits + " " * 100).node == "node-1"
    assert _refusal(_with_claims(pad="x" * (room * 3 // 4 + 3))) == (1, "TOKEN_TOO_LARGE")


def test_1_a_header_has_at_most_a_kibibyte() -> None:
    """A header of 1024 bytes passes, one of 1025 does not, however well it is signed."""
    frame = len(b'{"alg":"RS256","kid":""}')
    assert _verify(_with_header(b'{"alg":"RS256","kid":"%s"}' % (b"k" * (1024 - frame)))).node == "node-1"
    too_large = _with_header(b'{"alg":"RS256","kid":"%s"}' % (b"k" * (1025 - frame)))
    assert _refusal(too_large) == (1, "TOKEN_HEADER_TOO_LARGE")


# Check 2: header.

HEADERS = {
    b"": "HEADER_NOT_STRICT_JSON",
    b"not json": "HEADER_NOT_STRICT_JSON",
    b'{"alg":"RS256","alg":"RS256"}': "HEADER_NOT_STRICT_JSON",
    b'{"alg":"RS256","ALG":"none"}': "HEADER_NOT_STRICT_JSON",
    b'{"alg":"RS256","x":[[[[]]]]}': "HEADER_NOT_STRICT_JSON",
    b'["RS256"]': "HEADER_NOT_AN_OBJECT",
    b"null": "HEADER_NOT_AN_OBJECT",
    b"{}": "ALGORITHM_NOT_RS256",
    b'{"alg":null}': "ALGORITHM_NOT_RS256",
    b'{"alg":["RS256"]}': "ALGORITHM_NOT_RS256",
    b'{"ALG":"RS256"}': "ALGORITHM_NOT_RS256",
    b'{"alg":"RS256 "}': "ALGORITHM_NOT_RS256",
    b'{"alg":"RS512"}': "ALGORITHM_NOT_RS256",
    b'{"alg":"none"}': "ALGORITHM_NOT_RS256",
    b'{"alg":"RS256","typ":"jwt"}': "TYPE_NOT_JWT",
    b'{"alg":"RS256","typ":"JOSE"}': "TYPE_NOT_JWT",
    b'{"alg":"RS256","typ":null}': "TYPE_NOT_JWT",
    b'{"alg":"RS256","crit":["exp"],"exp":1}': "HEADER_HAS_EXTENSIONS",
    b'{"alg":"RS256","crit":[]}': "HEADER_HAS_EXTENSIONS",
    b'{"alg":"RS256","crit":null}': "HEADER_HAS_EXTENSIONS",
    b'{"alg":"RS256","b64":false,"crit":["b64"]}': "HEADER_HAS_EXTENSIONS",
    b'{"alg":"RS256","b64":true}': "HEADER_HAS_EXTENSIONS",
}


@pytest.mark.parametrize("header", HEADERS)
def test_2_another_header_is_refused(header: bytes) -> None:
    """A header that is not plainly RS256 and JWT is refused although the signature over it is good."""
    assert _refusal(_with_header(header)) == (2, HEADERS[header])


def test_2_a_header_is_four_deep_at_most() -> None:
    """Three lists in the header's object are read, a fourth one is not."""
    assert _verify(_with_header(b'{"alg":"RS256","x":[[[]]]}')).node == "node-1"
    assert _refusal(_with_header(b'{"alg":"RS256","x":[[[[]]]]}')) == (2, "HEADER_NOT_STRICT_JSON")


def _signed_otherwise(algorithm: str) -> str:
    """A token of another algorithm, made by hand so that the refusal owes nothing to a library."""
    claims = {"package_data": PACKAGE, "iss": "TSS", "exp": NOW + 120}
    header = json.dumps({"alg": algorithm, "typ": "JWT"}).encode()
    signing_input = f"{tokens.encode_segment(header)}.{tokens.encode_segment(json.dumps(claims).encode())}"
    data = signing_input.encode()
    if algorithm == "none":
        signature = b""
    elif algorithm == "HS256":
        mac = hmac.HMAC(keys.checker_public_pem(), hashes.SHA256())
        mac.update(data)
        signature = mac.finalize()
    elif algorithm == "RS384":
        signature = keys.checker_private().sign(data, padding.PKCS1v15(), hashes.SHA384())
    else:
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
        signature = keys.checker_private().sign(data, pss, hashes.SHA256())
    return f"{signing_input}.{tokens.encode_segment(signature)}"


@pytest.mark.parametrize("algorithm", ["RS384", "PS256", "HS256", "none"])
def test_2_another_algorithm_is_refused(algorithm: str) -> None:
    """A fresh token of another algorithm, right in itself, is refused for its name."""
    assert _refusal(_signed_otherwise(algorithm)) == (2, "ALGORITHM_NOT_RS256")


@pytest.mark.parametrize("algorithm", ["RS384", "PS256", "HS256", "none"])
def test_3_another_algorithm_under_the_right_name_is_refused(algorithm: str) -> None:
    """The same signatures under a header that says RS256 are no RS256 signatures."""
    _header, claims, signature = _signed_otherwise(algorithm).split(".")
    assert _refusal(f"{tokens.encode_segment(tokens.HEADER)}.{claims}.{signature}")[0] == 3


@pytest.mark.parametrize("header", [b'{"alg":"RS256"}', b'{"typ":"JWT","alg":"RS256"}', b' {"alg":"RS256","kid":7} '])
def test_2_a_plain_header_is_accepted(header: bytes) -> None:
    """`typ` may be absent, the order is free, and a `kid` of any kind means nothing."""
    assert _verify(_with_header(header)).node == "node-1"


# Check 3: signature.


def test_3_a_key_inside_the_token_is_never_used() -> None:
    """A token that brings its own key is judged by the pinned keys only."""
    numbers = keys.stranger_private().public_key().public_numbers()
    n = tokens.encode_segment(numbers.n.to_bytes(256, "big"))
    header = json.dumps({"alg": "RS256", "jwk": {"kty": "RSA", "n": n, "e": "AQAB"}}).encode()
    claims = json.dumps({"package_data": PACKAGE, "exp": NOW + 120}).encode()
    assert _verify(tokens.sign_raw(header, claims)).node == "node-1"
    assert _refusal(tokens.sign_raw(header, claims, key=keys.stranger_private()))[0] == 3


def test_3_without_keys_nothing_is_accepted() -> None:
    """No nodes means that nobody can have signed it."""
    assert _refusal(_good(), nodes=()) == (3, "SIGNATURE_NOT_BY_A_PINNED_KEY")


def test_3_any_key_of_any_node_may_verify() -> None:
    """While a key is rotated a node has two, and the result names the one that verified."""
    first = Node(name="first", keys=(keys.server_public(),))
    second = Node(name="second", keys=(keys.stranger_public(), keys.checker_public()))
    verified = _verify(_good(), nodes=(first, second))
    assert (verified.node, verified.key_id) == ("second", keys.checker_public().key_id)


def test_3_a_signature_has_the_length_of_its_key() -> None:
    """A signature with zero bytes in front, or plus the modulus, is the same number and still refused."""
    head, _, signature = _good().rpartition(".")
    raw = tokens.decode_segment(signature)
    numbers = keys.checker_public().rsa.public_numbers()
    larger = int.from_bytes(raw, "big") + numbers.n
    for other in (b"\x00" + raw, raw + b"\x00", raw[1:], larger.to_bytes(257, "big"), b""):
        assert _refusal(f"{head}.{tokens.encode_segment(other)}")[0] == 3


# Order.


def test_the_first_failing_check_is_the_one_reported() -> None:
    """A token with a defect for every check loses them one by one, from the first to the last."""
    late: dict[str, Any] = {"exp": NOW - 100, "iat": NOW + 100, "package_data": 7}

    def token(header: bytes, *, key: Any, claims: bytes) -> str:
        return tokens.sign_raw(header, claims, key=key)

    broken = json.dumps(late).encode()[:-1]
    whole = json.dumps(late).encode()
    stranger, checker = keys.stranger_private(), keys.checker_private()
    bad, good = b'{"alg":"none"}', tokens.HEADER
    assert _refusal(token(bad, key=stranger, claims=broken) + "=")[0] == 1
    assert _refusal(token(bad, key=stranger, claims=broken))[0] == 2
    assert _refusal(token(good, key=stranger, claims=broken))[0] == 3
    assert _refusal(token(good, key=checker, claims=broken))[0] == 4
    assert _refusal(token(good, key=checker, claims=whole))[0] == 5
    assert _refusal(_with_claims(**{**late, "exp": NOW + 60}))[0] == 6
    assert _refusal(_with_claims(**{**late, "exp": NOW + 60, "iat": NOW}))[0] == 7
