"""Base64 with exactly one text for each byte string (RFC 4648 sections 3.5, 4 and 5).

Python's decoders drop foreign characters and ignore unused bits, so that many texts give the same bytes. Here a text is
accepted only when encoding its bytes gives the same text again.
"""

import base64


class NotCanonicalError(ValueError):
    """The text is not the one canonical encoding of any byte string."""


def decode_url(text: str) -> bytes:
    """Decode base64url without padding, as in a compact JWS (RFC 7515 section 2).

    Raises:
        NotCanonicalError: For padding, foreign characters, an impossible length or unused bits that are not zero.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise NotCanonicalError from error
    if encode_url(data) != text:
        raise NotCanonicalError
    return data


def encode_url(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_padded(text: str) -> bytes:
    """Decode standard base64 with padding, the form of `package_data` (protocol (b)).

    Raises:
        NotCanonicalError: For missing or wrong padding, the base64url alphabet, line ends, or unused bits that are not
            zero.
    """
    try:
        data = base64.b64decode(text)
    except ValueError as error:
        raise NotCanonicalError from error
    if encode_padded(data) != text:
        raise NotCanonicalError
    return data


def encode_padded(data: bytes) -> str:
    """Encode as standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")
