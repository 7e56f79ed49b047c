"""Canonical addresses for policy data: `python -m placet_policy canonical` (design section 5 and 8).

Reads one JSON object a line from standard input, {"kind": "evm", "address": "0x…"}, and writes one a line,
{"canonical": "0x…"} or {"error": "…"}. The tools refuse policy data that is not in this form.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from placet_callback import strict_json

from placet_policy.chains.evm import ADDRESS_BYTES, keccak256
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_LINE_BYTES: Final = 4096
_EIP55_UPPER: Final = 8


class AddressError(ValueError):
    """The address is not one of its kind."""


def canonical_address(kind: str, address: str) -> str:
    """The one form in which an address may stand in policy data.

    Args:
        kind: A chain kind; `evm` is known so far.
        address: The address as a person wrote it.

    Returns:
        `0x` and lower case for `evm`.

    Raises:
        AddressError: Not an address, or mixed case whose EIP-55 checksum is wrong.
    """
    if kind != "evm":
        raise AddressError("addresses of this kind are not known yet")
    if not address.startswith("0x"):
        raise AddressError("an EVM address starts with 0x")
    try:
        decoded = decode_hex(address)
    except HexError as error:
        raise AddressError("not hexadecimal") from error
    if len(decoded) != ADDRESS_BYTES:
        raise AddressError("an EVM address has 20 bytes")
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper(), _eip55(decoded)):
        raise AddressError("the EIP-55 checksum is wrong: a digit was mistyped")
    return encode_hex(decoded)


def main(_argv: Sequence[str]) -> int:
    """Translate standard input line by line; a wrong line is answered with its error and does not stop the rest."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(line)) + "\n")
        sys.stdout.flush()
    return 0


def _answer(line: str) -> dict[str, str]:
    try:
        value = strict_json.loads(line, max_bytes=_MAX_LINE_BYTES)
    except strict_json.StrictJsonError as error:
        return {"error": f"not strict JSON: {error.reason}"}
    kind, address = (value.get("kind"), value.get("address")) if isinstance(value, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(address, str):
        return {"error": "kind and address must be texts"}
    try:
        return {"canonical": canonical_address(kind, address)}
    except AddressError as error:
        return {"error": str(error)}


def _eip55(address: bytes) -> str:
    """EIP-55: a letter is upper case where the same digit of keccak256 of the lower-case text is 8 or more."""
    digits = address.hex()
    digest = keccak256(digits.encode("ascii")).hex()
    return "".join(d.upper() if int(n, 16) >= _EIP55_UPPER else d for d, n in zip(digits, digest, strict=False))
