"""Canonical addresses for policy data: `python -m placet_policy canonical` (design section 5 and 8).

Reads one JSON object a line from standard input, {"kind": "evm", "address": "0x…"}, and writes one a line,
{"canonical": "0x…"} or {"error": "…"}. With "testnet": true or false a Bitcoin address of the other network is an
error; without, the text itself says which network it is for. The tools refuse policy data that is not in this form.
"""

from __future__ import annotations

import json
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_callback import strict_json

from placet_policy.chains.addresses import EVM_FORM, SOLANA_FORM, TRON_FORM, AddressError, AddressForm
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS
from placet_policy.chains.evm import keccak256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAX_LINE_BYTES: Final = 4096
_EIP55_UPPER: Final = 8


_FORMS: Final[Mapping[str, tuple[AddressForm, ...]]] = MappingProxyType(
    {
        "tron": (TRON_FORM,),
        "solana": (SOLANA_FORM,),
        "bitcoin": tuple(BITCOIN_FORMS.values()),
    }
)


def canonical_address(kind: str, address: str, *, testnet: bool | None = None) -> str:
    """The one form in which an address may stand in policy data.

    Args:
        kind: A chain kind: `evm`, `tron`, `solana` or `bitcoin`.
        address: The address as a person wrote it.
        testnet: Of which of Bitcoin's networks; None for either. The other chains write addresses alike everywhere.

    Returns:
        `0x` and lower case for `evm`, base58 for `tron` and `solana`, base58 or lower-case bech32 for `bitcoin`.

    Raises:
        AddressError: Not an address, a wrong checksum, or an unknown kind.
    """
    if kind == "evm":
        return _canonical_evm(address)
    problem = AddressError("addresses of this kind are not known")
    either = kind != "bitcoin" or testnet is None
    for form in _FORMS.get(kind, ()) if either else (BITCOIN_FORMS[testnet is True],):
        try:
            return form.canonical(address)
        except AddressError as error:
            problem = error
    raise problem


def main(_argv: Sequence[str]) -> int:
    """Translate standard input line by line; a wrong line is answered with its error and does not stop the rest."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(line)) + "\n")
        sys.stdout.flush()
    return 0


def _answer(line: str) -> dict[str, str]:
    try:
        value = strict_json.loads(line, max_bytes=_MAX_LINE_BYTES, max_values=None)
    except strict_json.StrictJsonError as error:
        return {"error": f"not strict JSON: {error.reason}"}
    members = value if isinstance(value, dict) else {}
    kind, address, testnet = members.get("kind"), members.get("address"), members.get("testnet")
    if not isinstance(kind, str) or not isinstance(address, str):
        return {"error": "kind and address must be texts"}
    if testnet is not None and not isinstance(testnet, bool):
        return {"error": "testnet must be true or false"}
    try:
        return {"canonical": canonical_address(kind, address, testnet=testnet)}
    except AddressError as error:
        return {"error": str(error)}


def _canonical_evm(address: str) -> str:
    if not address.startswith("0x"):
        raise AddressError("an EVM address starts with 0x")
    decoded = EVM_FORM.decode(address)
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper(), _eip55(decoded)):
        raise AddressError("the EIP-55 checksum is wrong: a digit was mistyped")
    return EVM_FORM.encode(decoded)


def _eip55(address: bytes) -> str:
    """EIP-55: a letter is upper case where the same digit of keccak256 of the lower-case text is 8 or more."""
    digits = address.hex()
    digest = keccak256(digits.encode("ascii")).hex()
    return "".join(d.upper() if int(n, 16) >= _EIP55_UPPER else d for d, n in zip(digits, digest, strict=False))
