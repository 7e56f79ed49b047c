"""Callback tokens for tests: signed afresh, or re-signed with nothing changed but times."""

import base64
import itertools
import json
import re
import time
from collections.abc import Collection, Mapping
from typing import Any

import keys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

HEADER = b'{"alg":"RS256","typ":"JWT"}'

_numbers = itertools.count(1)


def encode_segment(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_segment(segment: str) -> bytes:
    """The bytes of a base64url segment."""
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def sign_raw(header: bytes, claims: bytes, *, key: RSAPrivateKey | None = None) -> str:
    """A compact token over exactly these bytes, signed RS256; by the checker key unless another is given."""
    signing_input = f"{encode_segment(header)}.{encode_segment(claims)}"
    signer = key or keys.checker_private()
    signature = signer.sign(signing_input.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    return f"{signing_input}.{encode_segment(signature)}"


def resign(token: str, *, exp: int, iat: int | None = None, key: RSAPrivateKey | None = None) -> str:
    """The same token, bytes of header and claims kept, with another `exp` (and another `iat` when given).

    Spaces around the token are kept too. Every claim of that name is changed, so that duplicates stay duplicates.
    """
    before, compact, after = re.fullmatch(r"( *)([^ ]*)( *)", token).groups()  # type: ignore[union-attr]  # always matches
    header, claims, _signature = compact.split(".")
    raw = re.sub(rb'"exp":\d+', b'"exp":%d' % exp, decode_segment(claims))
    if iat is not None:
        raw = re.sub(rb'"iat":\d+', b'"iat":%d' % iat, raw)
    return f"{before}{sign_raw(decode_segment(header), raw, key=key)}{after}"


def make_request(
    *,
    request_type: int = 2,
    request_id: str | None = None,
    detail: Mapping[str, Any] | str = "{}",
    extra: Mapping[str, Any] | str = "{}",
) -> dict[str, Any]:
    """A callback request as the node has it: detail and extra are JSON texts; the id is fresh unless given."""
    return {
        "request_id": request_id if request_id is not None else f"request-{next(_numbers)}-{time.time_ns()}",
        "request_type": request_type,
        "request_detail": detail if isinstance(detail, str) else json.dumps(detail, separators=(",", ":")),
        "extra_info": extra if isinstance(extra, str) else json.dumps(extra, separators=(",", ":")),
    }


def make_token(
    package: Mapping[str, Any] | bytes,
    *,
    key: RSAPrivateKey | None = None,
    header: bytes = HEADER,
    without: Collection[str] = (),
    **claims: Any,
) -> str:
    """A token around `package` with `exp` two minutes from now; `claims` replace or add, `without` leaves out."""
    raw = package if isinstance(package, bytes) else json.dumps(package, separators=(",", ":")).encode("utf-8")
    usual = {
        "package_data": base64.b64encode(raw).decode("ascii"),
        "iss": "TSS-NODE-TEST",
        "exp": int(time.time()) + 120,
    }
    chosen = {name: value for name, value in {**usual, **claims}.items() if name not in without}
    return sign_raw(header, json.dumps(chosen, separators=(",", ":")).encode("utf-8"), key=key)
