"""A sample with some statements changed, as a string of bytes says: valid enough to reach what lies deep.

The first byte chooses the sample. Each further change takes four bytes: two choose a place, one what is done there, and
one how. Whatever the bytes are they mean something, so that a fuzzer wastes none of them.
"""

import functools
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from placet_callback.envelope import CallbackRequest
from placet_cli.samples import samples
from placet_policy.chains.evm import keccak256

CHANGE_BYTES = 4
MAX_CHANGES = 8
_ODD: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2**63, 2**64, 2**256, "", "0", "0x", "0x00", "-1", "1e9", "1.5", " ", "é", "\u202e"),
    *("1" * 78, "9" * 161, "0x" + "ff" * 32, "0x" + "00" * 66_000, "m/0", "m/" + "0/" * 17 + "0", "A" * 5_000),
    *([], {}, [[]], [{}], {"": ""}, {"address": []}, ["0x"] * 513, [None], "bc1p" + "q" * 58, "1" * 40),
)


@functools.cache
def _samples() -> tuple[tuple[int, str, str], ...]:
    found = [one.request for one in samples()]
    return tuple(
        (one["request_type"], one["request_detail"], one["extra_info"]) for one in found if one.get("extra_info")
    )


def change_sample(data: bytes) -> CallbackRequest:
    """The request that the bytes describe."""
    choice = data[0] if data else 0
    request_type, detail, extra = _samples()[choice % len(_samples())]
    parts: dict[str, Any] = {"detail": json.loads(detail), "extra": json.loads(extra)}
    for start in range(1, min(len(data), CHANGE_BYTES * MAX_CHANGES), CHANGE_BYTES):
        _change(parts, data[start : start + CHANGE_BYTES].ljust(CHANGE_BYTES, b"\x00"))
    return CallbackRequest(
        request_id="case-1",
        request_type=request_type,
        request_detail=json.dumps(parts["detail"]),
        extra_info=json.dumps(parts["extra"]),
    )


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place inside a value: what holds it, and its name or number."""
    entries = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, inner in entries:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _change(parts: dict[str, Any], change: bytes) -> None:
    places = [place for part in ("detail", "extra") if parts[part] for place in _places(parts[part])]
    if not places:
        return
    holder, key = places[int.from_bytes(change[:2], "big") % len(places)]
    how, amount = change[2] % 6, change[3]
    value = holder[key]
    if how == 0:
        holder[key] = _ODD[amount % len(_ODD)]
    elif how == 1:
        del holder[key]
    elif how == 2:
        other, name = places[amount % len(places)]
        holder[key] = json.loads(json.dumps(other[name]))
    elif how == 3 and isinstance(value, list):
        holder[key] = value * (amount % 5)
    elif how == 4 and isinstance(value, str) and value:
        position = amount % len(value)
        holder[key] = value[:position] + chr(48 + amount % 64) + value[position + 1 :]
    else:
        _sign_again(parts, amount)


def _sign_again(parts: dict[str, Any], amount: int) -> None:
    """Let the declared hash be that of the bytes, after a bit of them is turned over."""
    info = _inner(parts["extra"], "transaction", "raw_tx_info")
    text = info.get("unsigned_raw_tx") if isinstance(info, dict) else None
    if not isinstance(text, str) or not isinstance(parts["detail"], dict):
        return
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return
    if raw:
        changed = bytearray(raw)
        changed[amount * 7 % len(raw)] ^= 1 << amount % 8
        raw = bytes(changed)
        info["unsigned_raw_tx"] = "0x" + raw.hex()
        signed = (keccak256(raw), hashlib.sha256(raw).digest(), raw)[amount % 3]
        parts["detail"]["msg_hash_list"] = ["0x" + signed.hex()]


def _inner(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
