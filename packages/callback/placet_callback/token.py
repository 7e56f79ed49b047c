"""The callback token: a compact JWS (RFC 7515), RS256 only, checked in seven numbered steps (protocol (b)).

The numbers are the same in the comments here, in `TokenError.check` and in the tests:

1. form: spaces trimmed once, three segments of canonical base64url, bounded size
2. header: strict JSON, `alg` exactly RS256, nothing that changes how the token is to be read
3. signature, against each pinned key
4. claims: strict JSON
5. `exp`
6. `nbf`, `iat`, `aud`
7. `package_data`
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from placet_callback import strict_json
from placet_callback.canonical_base64 import NotCanonicalError, decode_url, encode_padded, encode_url
from placet_callback.keys import (
    KeyFileError,
    Node,
    PublicKey,
    fingerprint,
    load_private_key,
    load_public_keys,
    node_set,
)
from placet_callback.strict_json import JSONValue, StrictJsonError

__all__ = [
    "DEFAULT_MAX_LIFETIME_SECONDS",
    "LEEWAY_SECONDS",
    "MAX_HEADER_BYTES",
    "MAX_TOKEN_BYTES",
    "KeyFileError",
    "Node",
    "PublicKey",
    "TokenError",
    "VerifiedToken",
    "fingerprint",
    "load_private_key",
    "load_public_keys",
    "node_set",
    "sign_token",
    "verify_token",
]

LEEWAY_SECONDS: Final = 30
"""How far two clocks may differ, in each direction."""

MAX_TOKEN_BYTES: Final = 1024 * 1024
"""Of the compact form, after trimming."""

MAX_HEADER_BYTES: Final = 1024
"""Of the decoded header."""

DEFAULT_MAX_LIFETIME_SECONDS: Final = 15 * 60

_MAX_HEADER_DEPTH: Final = 4
_MAX_CLAIMS_DEPTH: Final = 8

# PyJWT's RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3), and nothing but that: the algorithm is this object, so
# no header can choose another one, and claims are never shown to PyJWT, whose checks read a clock of their own. Its
# `decode` is not used because it takes the token apart again for every key: measured, 55 ms for a token of 1 MiB that
# nobody has verified yet.
_RS256: Final = RSAAlgorithm(RSAAlgorithm.SHA256)
_HEADER: Final = b'{"alg":"RS256","typ":"JWT"}'


class TokenError(Exception):
    """A token was refused.

    Attributes:
        check: The number of the check, 1 to 7.
        code: Why, UPPER_SNAKE, from a closed list; nothing in it comes from the token.
        clock: Our time and the claim's, Unix seconds, when they do not fit; else None. For the log: a clock may be off.
    """

    def __init__(self, check: int, code: str, *, clock: tuple[float, int] | None = None) -> None:
        super().__init__(check, code)
        self.check = check
        self.code = code
        self.clock = clock


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """A token that passed all seven checks. Made in `verify_token` and nowhere else.

    Attributes:
        compact: The token, trimmed.
        sha256: SHA-256 of `compact`, 32 bytes.
        node: The name of the node whose key verified it.
        key_id: That key, as `PublicKey.key_id`.
        package_data: The claim, still base64: its content is not checked yet.
        issuer: The claim `iss`; None when absent.
        expires_at: The claim `exp`, Unix seconds.
    """

    compact: str = field(repr=False)
    sha256: bytes
    node: str
    key_id: str
    package_data: str = field(repr=False)
    issuer: str | None
    expires_at: int


class _Segments(NamedTuple):
    compact: str
    signing_input: bytes
    header: bytes
    claims: bytes
    signature: bytes


def verify_token(
    unverified_token: str,
    *,
    nodes: Sequence[Node],
    now: float,
    max_lifetime_seconds: float = DEFAULT_MAX_LIFETIME_SECONDS,
    audience: str | None = None,
) -> VerifiedToken:
    """Run the seven checks.

    Args:
        unverified_token: The form field as received.
        nodes: A `node_set`; a token that none of their keys verifies is refused.
        now: Unix seconds.
        max_lifetime_seconds: How far `exp` may lie in the future, without the leeway.
        audience: None: a token with `aud` is refused. Else `aud` is required and names it.

    Returns:
        The token, and whose it is.

    Raises:
        TokenError: With the number of the first check that failed.
    """
    segments = _check_form(unverified_token)  # 1
    _check_header(segments.header)  # 2
    node, key = _check_signature(segments, nodes)  # 3
    claims = _check_claims(segments.claims)  # 4
    expires_at = _check_expiry(claims, now, max_lifetime_seconds)  # 5
    _check_not_before(claims, "nbf", now)  # 6
    _check_not_before(claims, "iat", now)
    _check_audience(claims, audience)
    package_data = claims.get("package_data")  # 7
    if not isinstance(package_data, str):
        raise TokenError(7, "PACKAGE_DATA_MISSING" if package_data is None else "PACKAGE_DATA_NOT_A_STRING")
    issuer = claims.get("iss")
    return VerifiedToken(
        compact=segments.compact,
        sha256=hashlib.sha256(segments.compact.encode("ascii")).digest(),
        node=node.name,
        key_id=key.key_id,
        package_data=package_data,
        issuer=issuer if isinstance(issuer, str) else None,
        expires_at=expires_at,
    )


def sign_token(package: bytes, *, key: RSAPrivateKey, issuer: str, expires_at: int) -> str:
    """Sign `package` as the node and the official servers do (protocol (b)).

    Args:
        package: The JSON bytes of a callback request or response.
        key: The signer's private key.
        issuer: The claim `iss`.
        expires_at: The claim `exp`, Unix seconds.

    Returns:
        The compact token.
    """
    claims = {"package_data": encode_padded(package), "iss": issuer, "exp": expires_at}
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    signing_input = f"{encode_url(_HEADER)}.{encode_url(payload)}"
    signature = _RS256.sign(signing_input.encode("ascii"), key)
    return f"{signing_input}.{encode_url(signature)}"


def _check_form(unverified_token: str) -> _Segments:
    """Check 1. Only U+0020 is trimmed: any other white space is a character that a token does not have."""
    compact = unverified_token.strip(" ")
    if len(compact) > MAX_TOKEN_BYTES:
        raise TokenError(1, "TOKEN_TOO_LARGE")
    parts = compact.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims and signature, RFC 7515 section 3.1
        raise TokenError(1, "TOKEN_NOT_THREE_SEGMENTS")
    try:
        header, claims, signature = (decode_url(part) for part in parts)
    except NotCanonicalError as error:
        raise TokenError(1, "TOKEN_NOT_CANONICAL_BASE64URL") from error
    if len(header) > MAX_HEADER_BYTES:
        raise TokenError(1, "TOKEN_HEADER_TOO_LARGE")
    signing_input = f"{parts[0]}.{parts[1]}".encode("ascii")
    return _Segments(compact=compact, signing_input=signing_input, header=header, claims=claims, signature=signature)


def _check_header(raw: bytes) -> None:
    """Check 2. Keys inside the header (`jwk`, `x5c`, `jku`, …) are nowhere read, so they change nothing."""
    try:
        header = strict_json.loads(raw, max_bytes=MAX_HEADER_BYTES, max_depth=_MAX_HEADER_DEPTH)
    except StrictJsonError as error:
        raise TokenError(2, "HEADER_NOT_STRICT_JSON") from error
    if not isinstance(header, dict):
        raise TokenError(2, "HEADER_NOT_AN_OBJECT")
    if header.get("alg") != "RS256":
        raise TokenError(2, "ALGORITHM_NOT_RS256")
    if header.get("typ", "JWT") != "JWT":
        raise TokenError(2, "TYPE_NOT_JWT")
    # `b64` (RFC 7797) is legal only together with `crit`; both would change how the signed bytes are read.
    if "crit" in header or "b64" in header:
        raise TokenError(2, "HEADER_HAS_EXTENSIONS")


def _check_signature(segments: _Segments, nodes: Sequence[Node]) -> tuple[Node, PublicKey]:
    """Check 3. No key, no match."""
    for node, key in _pinned(nodes):
        if _RS256.verify(segments.signing_input, key.rsa, segments.signature):
            return node, key
    raise TokenError(3, "SIGNATURE_NOT_BY_A_PINNED_KEY")


def _pinned(nodes: Sequence[Node]) -> Iterator[tuple[Node, PublicKey]]:
    return ((node, key) for node in nodes for key in node.keys)


def _check_claims(raw: bytes) -> dict[str, JSONValue]:
    """Check 4. A claim that is null counts as absent: v1 servers write `"aud": null` (protocol (b))."""
    try:
        claims = strict_json.loads(raw, max_bytes=MAX_TOKEN_BYTES, max_depth=_MAX_CLAIMS_DEPTH)
    except StrictJsonError as error:
        raise TokenError(4, "CLAIMS_NOT_STRICT_JSON") from error
    if not isinstance(claims, dict):
        raise TokenError(4, "CLAIMS_NOT_AN_OBJECT")
    if not isinstance(claims.get("iss"), (str, type(None))):
        raise TokenError(4, "ISSUER_NOT_A_STRING")
    return {name: value for name, value in claims.items() if value is not None}


def _check_expiry(claims: dict[str, JSONValue], now: float, max_lifetime_seconds: float) -> int:
    """Check 5. The comparisons are written so that a clock that is no number refuses."""
    if "exp" not in claims:
        raise TokenError(5, "EXPIRY_MISSING")
    expires_at = _seconds(claims["exp"], 5, "EXPIRY_NOT_AN_INTEGER")
    in_the_future = now < expires_at + LEEWAY_SECONDS
    if not in_the_future:
        raise TokenError(5, "TOKEN_EXPIRED", clock=(now, expires_at))
    near_enough = expires_at <= now + max_lifetime_seconds + LEEWAY_SECONDS
    if not near_enough:
        raise TokenError(5, "EXPIRY_TOO_FAR", clock=(now, expires_at))
    return expires_at


def _check_not_before(claims: dict[str, JSONValue], name: str, now: float) -> None:
    """Check 6, `nbf` and `iat`."""
    if name not in claims:
        return
    moment = _seconds(claims[name], 6, f"{name.upper()}_NOT_AN_INTEGER")
    reached = moment <= now + LEEWAY_SECONDS
    if not reached:
        raise TokenError(6, f"{name.upper()}_IN_THE_FUTURE", clock=(now, moment))


def _check_audience(claims: dict[str, JSONValue], audience: str | None) -> None:
    """Check 6, `aud`: a string or an array of strings (RFC 7519 section 4.1.3)."""
    declared = claims.get("aud")
    if audience is None:
        if declared is not None:
            raise TokenError(6, "AUDIENCE_NOT_CONFIGURED")
        return
    named = declared if isinstance(declared, list) else [declared]
    if audience not in named:
        raise TokenError(6, "AUDIENCE_NOT_OURS")


def _seconds(value: JSONValue, check: int, code: str) -> int:
    """A NumericDate, taken as an integer only: a float or a bool is refused, never rounded."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TokenError(check, code)
    return value
