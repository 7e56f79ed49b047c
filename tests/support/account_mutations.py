"""Changes of what a payment or call on a chain of accounts declares; TRON and Solana alike."""

import random
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from context_mutations import context_changed, note_changed
from mutation import Change, changed, get, mistyped

_TX = "extra.transaction"
RAW = f"{_TX}.raw_tx_info.unsigned_raw_tx"
HASHES = "detail.msg_hash_list"
OUTPUT = f"{_TX}.destination.account_output"
_EXACT = Context(prec=200)
_SWAPS: tuple[tuple[str, ...], ...] = (
    (HASHES,),
    (RAW,),
    (RAW, HASHES),
    (f"{_TX}.destination",),
    (f"{_TX}.token_id",),
    (_TX,),
    ("detail",),
)
_OF_A_PAYMENT: tuple[tuple[str, ...], ...] = (
    (f"{OUTPUT}.address",),
    (f"{OUTPUT}.amount",),
    (f"{OUTPUT}.memo",),
    (OUTPUT, f"{_TX}.token_id"),
)


def swapped(
    one: dict[str, Any],
    other: dict[str, Any],
    numbers: random.Random,
    own: Sequence[tuple[str, ...]] = _OF_A_PAYMENT,
) -> Change:
    """A part of another valid request in its place; `own` are the parts that only its kind has."""
    paths = numbers.choice([*_SWAPS, *own])
    return changed(f"swap: {', '.join(paths)}", one, {path: get(other, path) for path in paths})


def declared_changed(
    request: dict[str, Any], numbers: random.Random, *, tokens: tuple[str, ...], chains: tuple[str, ...]
) -> Change:
    """One statement changed.

    Args:
        request: An honest one.
        numbers: Chance.
        tokens: What may be declared as the token.
        chains: What may be declared as the chain.
    """
    output = get(request, OUTPUT)
    address, amount, memo = output["address"], output["amount"], output.get("memo") or ""
    own: dict[str, tuple[str, Any]] = {
        "address": (f"{OUTPUT}.address", mistyped(address, numbers)),
        "amount": (f"{OUTPUT}.amount", other_amount(amount, numbers)),
        "odd amount": (f"{OUTPUT}.amount", odd_amount(amount, numbers)),
        "memo": (f"{OUTPUT}.memo", numbers.choice([memo + " ", memo[:-1], "x" + memo, "", None])),
    }
    return one_changed(request, numbers, own, often="amount", tokens=tokens, chains=chains)


def one_changed(
    request: dict[str, Any],
    numbers: random.Random,
    own: Mapping[str, tuple[str, Any]],
    *,
    often: str,
    tokens: tuple[str, ...],
    chains: tuple[str, ...],
) -> Change:
    """One statement changed: of the context, of the chain, in another spelling, or what only its kind states.

    Args:
        request: An honest one.
        numbers: Chance.
        own: Path and value by name; a name that begins with "odd" is written as we need not understand it.
        often: Which of them is changed twice as often.
        tokens: What may be declared as the token.
        chains: What may be declared as the chain.
    """
    if numbers.random() < 0.33:
        return numbers.choice([context_changed, context_changed, note_changed])(request, numbers)
    others: dict[str, tuple[str, Any]] = {
        **own,
        "token": (f"{_TX}.token_id", numbers.choice([*tokens, None, ""])),
        "chain": (f"{_TX}.chain_id", numbers.choice([*chains, None, ""])),
        "spelling": _respelled(request, numbers),
    }
    name = numbers.choice([often, *others])
    path, value = others[name]
    return changed(name, request, {path: value}, odd=name.startswith(("odd", "spelling")))


def _respelled(request: dict[str, Any], numbers: random.Random) -> tuple[str, str]:
    """Another spelling of the bytes or of the hash; some of them mean the same."""
    path = numbers.choice([RAW, f"{HASHES}.0"])
    text = get(request, path)
    forms = [text.upper().replace("0X", "0x"), text.removeprefix("0x"), text + "0", text + "00", text[:-2], "0x" + text]
    return path, numbers.choice([*forms, text + " ", "", "0x"])


def other_amount(text: str, numbers: random.Random) -> Any:
    """The same amount in another form, another amount, or none."""
    same = [text + ("0" if "." in text else ".0"), format(Decimal(text).normalize(), "f")]
    more = [format(Decimal(text) * 10, "f"), format(Decimal(text) + 1, "f"), "0." + "0" * 30 + "1"]
    position = numbers.choice([at for at, one in enumerate(text) if one.isdigit()])
    digit = str((int(text[position]) + numbers.randrange(1, 10)) % 10)
    return numbers.choice([*same, *more, text[:position] + digit + text[position + 1 :], "", None, 1, 1.5])


def odd_amount(text: str, numbers: random.Random) -> str:
    """A number to some reader, and none of the protocol's."""
    forms = ["-" + text, "+" + text, "0" + text, " " + text, text + "\n", text + "e0", text + ".", "1e1", "0x10", "٣"]
    return numbers.choice(forms)


def units(output: Mapping[str, Any], decimals: int) -> int | None:
    """A declared amount in base units, by Python's own decimals; None where it is no whole number of them."""
    if "e" in str(output.get("amount")).casefold():
        return None  # 1e9 is a number to Python, and 1e999999999 more than it can count.
    try:
        amount = Decimal(output["amount"]).scaleb(decimals, _EXACT)
        return int(amount) if amount == amount.to_integral_value(context=_EXACT) else None
    except (InvalidOperation, TypeError, KeyError, ValueError):
        return None


def octets(text: Any) -> bytes | None:
    """Hexadecimal text with or without 0x as bytes; None for anything else."""
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except (AttributeError, ValueError):
        return None
