"""One request changed: at a dotted path, by damaged bytes, by another text."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facts_cases import ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A changed request.

    Attributes:
        name: What was changed.
        request: {"detail": ..., "extra": ...} after it.
        never: Whatever the bytes say, this request may not be proven.
        odd: Written in a way that the oracle understands and we need not.
        rehash: The hash of the bytes is still to be put in.
    """

    name: str
    request: dict[str, Any] = field(repr=False)
    never: bool = False
    odd: bool = False
    rehash: bool = False


def changed(name: str, request: dict[str, Any], changes: Mapping[str, Any], **flags: bool) -> Change:
    """The request with other values at dotted paths; what is not on a path is shared with the request before.

    Args:
        name: What was changed.
        request: Stays as it is.
        changes: Values by path, e.g. {"extra.transaction.token_id": "ETH"}; `ABSENT` removes.
        flags: never, odd, rehash.
    """
    for path, value in changes.items():
        request = _with(request, path.split("."), value)
    return Change(name=name, request=request, **flags)


def _with(root: Any, steps: Sequence[str], value: Any) -> Any:
    """A copy along the path only: a request is changed some thirty times as fast as by a copy of all of it."""
    step, *rest = steps
    after = list(root) if isinstance(root, list) else dict(root or {})
    key: Any = int(step) if isinstance(after, list) else step
    if rest:
        after[key] = _with(after[key] if isinstance(after, list) else after.get(key), rest, value)
    elif value is ABSENT:
        after.pop(key)
    else:
        after[key] = value
    return after


def get(request: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    for step in path.split("."):
        if isinstance(request, list):
            request = request[int(step)] if int(step) < len(request) else None
        else:
            request = None if request is None else request.get(step)
    return request


def damaged(raw: bytes, other: bytes, numbers: random.Random) -> tuple[str, bytes]:
    """One byte flipped, put in or taken out, the tail cut off or extended, or a part of another transaction."""
    position = numbers.randrange(len(raw))
    kind = numbers.choice(["flip", "flip", "flip", "insert", "remove", "cut", "append", "splice"])
    end = {"insert": position, "cut": len(raw), "splice": position + numbers.randrange(1, 40)}.get(kind, position + 1)
    if kind == "append":
        position = end = len(raw)
    middle = {
        "flip": bytes([raw[position] ^ numbers.randrange(1, 256)]) if position < len(raw) else b"",
        "splice": other[position:end],
        "insert": numbers.randbytes(1),
        "append": numbers.randbytes(1),
    }.get(kind, b"")
    return f"bytes: {kind}", raw[:position] + middle + raw[end:]


def mistyped(text: str, numbers: random.Random) -> Any:
    """Another value in place of a text: one character is another one, more, fewer, or no text at all."""
    position = numbers.randrange(len(text)) if text else 0
    letters = [one for one in "123456789abcdefxyz" if one.casefold() != text[position : position + 1].casefold()]
    other = text[:position] + numbers.choice(letters) + text[position + 1 :]
    return numbers.choice([other, other, other, text + "1", " " + text, text[:-1], "", None, 7, [text], {"text": text}])
