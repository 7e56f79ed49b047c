"""What the fuzzers start from: the samples and vectors that the project carries, in the form that each target takes."""

import base64
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

import base58
import tokens
from facts_cases import CPUB, ROOT_KEY
from keys import vectors
from placet_callback.envelope import encode_request
from placet_cli.samples import samples
from placet_policy.chains import abi_methods

_KIND_OF = {
    "ETH": "evm",
    "SETH": "evm",
    "TRON": "tron",
    "SOL": "solana",
    "BTC": "bitcoin",
    "SIGNET_BTC": "bitcoin",
}
_EXPIRY = 1_800_000_060


@functools.cache
def _requests() -> tuple[Mapping[str, Any], ...]:
    return tuple(one.request for one in samples())


@functools.cache
def _extras() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(one["extra_info"]) for one in _requests() if one.get("extra_info"))


def packages() -> tuple[bytes, ...]:
    """The JSON of each envelope."""
    names = ("request_id", "request_type", "request_detail", "extra_info")
    return tuple(encode_request(*(one.get(name) for name in names)) for one in _requests())


def request_texts() -> tuple[bytes, ...]:
    """The same: whole requests."""
    return packages()


def signed_tokens() -> tuple[bytes, ...]:
    """Compact tokens of small packages, signed."""
    return tuple(tokens.sign_raw(tokens.HEADER, one).encode("ascii") for one in claims()[:3])


def claims() -> tuple[bytes, ...]:
    """Claims with every member that is read."""
    body = {"package_data": "e30=", "iss": "TSS", "exp": _EXPIRY, "nbf": _EXPIRY - 99, "iat": _EXPIRY - 99}
    return tuple(json.dumps(one).encode("ascii") for one in (body, {"exp": _EXPIRY}, {**body, "aud": ["x"]}))


def texts() -> tuple[bytes, ...]:
    """Every text of the samples that is short enough to be an amount, an address, a path, a key or a hash."""
    found = {text for extra in _extras() for text in _texts(extra)} | {CPUB, ROOT_KEY}
    details = [json.loads(one["request_detail"]) for one in _requests() if one.get("request_detail")]
    found |= {text for detail in details for text in _texts(detail)}
    return tuple(text.encode("utf-8") for text in sorted(found) if len(text) <= 200)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for entry in entries for text in _texts(entry)]


def raw(kind: str) -> Callable[[], tuple[bytes, ...]]:
    """The unsigned transactions of the samples and vectors of a kind of chain."""
    return functools.partial(_raw, kind)


def _raw(kind: str) -> tuple[bytes, ...]:
    found = []
    for extra in _extras():
        transaction = extra.get("transaction") or {}
        info = transaction.get("raw_tx_info") or {}
        if info.get("unsigned_raw_tx") and _KIND_OF.get(str(transaction.get("chain_id"))) == kind:
            found.append(bytes.fromhex(info["unsigned_raw_tx"].removeprefix("0x")))
    return tuple(dict.fromkeys(found))


def protobuf_messages() -> tuple[bytes, ...]:
    """Every kind of field of the message that `fuzz_readers.protobuf_message` reads."""
    return (bytes.fromhex("0a026869109601" + "1a0161" + "1a00" + "820101ff"), b"")


def solana_messages() -> tuple[bytes, ...]:
    """Without the text around them."""
    return tuple(base64.b64decode(one)[1:] for one in _raw("solana"))


def calldata() -> tuple[bytes, ...]:
    """A transfer, and the number of each method with some words behind it."""
    words = bytes(31) + b"\x20" + bytes(31) + b"\x01" + bytes(31) + b"\x20" + bytes(31) + b"\x04" + b"\xac\x96\x50\xd8"
    transfer = bytes.fromhex("a9059cbb") + bytes(12) + b"\x11" * 20 + bytes(31) + b"\x01"
    return (transfer, *(bytes([number]) + words.ljust(320, b"\x00") for number in range(len(abi_methods.STANDARD))))


def signatures() -> tuple[bytes, ...]:
    """The standard methods."""
    return tuple(method.signature.encode("ascii") for method in abi_methods.STANDARD.values())


def scripts() -> tuple[bytes, ...]:
    """One of each length that is an address somewhere."""
    heads = [bytes.fromhex(head) for head in ("0014", "0020", "5120", "a914", "76a914", "41", "")]
    return tuple(head.ljust(length, b"\x07") for head in heads for length in (20, 21, 22, 23, 25, 32, 34))


def root_payloads() -> tuple[bytes, ...]:
    """The 78 bytes of both curves."""
    return tuple(base58.b58decode_check(text) for text in (ROOT_KEY, CPUB))


def typed_data() -> tuple[bytes, ...]:
    """The typed data of samples and vectors."""
    found = [json.dumps(one["typed_data"]) for one in vectors()["messages"] if "typed_data" in one]
    for extra in _extras():
        destination = (extra.get("transaction") or {}).get("destination") or {}
        if destination.get("raw_structured_data"):
            found.append(destination["raw_structured_data"])
    return tuple(one.encode("utf-8") for one in found)


def changes() -> tuple[bytes, ...]:
    """Each sample unchanged, and signed again."""
    count = len(_extras())
    return (*(bytes([number]) for number in range(count)), *(bytes([number, 0, 0, 5, 9]) for number in range(count)))
