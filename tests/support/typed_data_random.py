"""Random typed data of EIP-712, and changes of it."""

import copy
import random
from dataclasses import dataclass
from typing import Any

_NAMES = ("Order", "Person", "Asset", "Leg", "zone", "_Tip", "Mail2")
_MEMBERS = ("from", "to", "amount", "items", "note", "x", "X", "salt", "details", "$ref", "_id")
_TEXTS = ("", "Hello, Bob!", "Rechnung nº 7", "0x00", "日本語", 'a "quoted" one', "\U0001f600", "line\nbreak")
_DOMAIN = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Typed data in two spellings.

    Attributes:
        asked: As ethers is asked: every whole number as decimal text.
        declared: As a request declares it: whole numbers as JSON numbers, decimal or hexadecimal text.
        shown: The message's values as facts show them.
    """

    asked: dict[str, Any]
    declared: dict[str, Any]
    shown: dict[str, Any]


def typed_data(numbers: random.Random) -> Typed:
    """A primary type that uses all others, with nested structs and arrays, and a domain of any of the five members."""
    names = numbers.sample(_NAMES, numbers.randrange(1, 5))
    types: dict[str, list[dict[str, str]]] = {}
    for index, name in enumerate(names):
        members = numbers.sample(_MEMBERS, numbers.randrange(1, 6))
        types[name] = [{"name": one, "type": _kind(numbers, names[index + 1 :])} for one in members]
        if index:
            # Each is used by the one before, so that all are part of what is signed.
            types[names[index - 1]].append({"name": "inner", "type": name + _array(numbers)})
    domain = [{"name": name, "type": kind} for name, kind in _DOMAIN if numbers.random() < 0.6]
    types["EIP712Domain"] = domain
    spelled = [_value(numbers, types, name) for name in ("EIP712Domain", names[0])]
    shuffled = dict(numbers.sample(sorted(types.items()), len(types)))
    asked, declared, shown = (
        {"types": shuffled, "primaryType": names[0], "domain": spelled[0][form], "message": spelled[1][form]}
        for form in range(3)
    )
    return Typed(asked=asked, declared=declared, shown={"domain": shown["domain"], "values": shown["message"]})


def _kind(numbers: random.Random, structs: list[str]) -> str:
    size = 8 * numbers.randrange(1, 33)
    bases = ["address", "bool", "string", "bytes", f"uint{size}", f"int{size}", f"bytes{numbers.randrange(1, 33)}"]
    return numbers.choice(bases + structs) + (_array(numbers) if numbers.random() < 0.3 else "")


def _array(numbers: random.Random) -> str:
    return numbers.choice(["", "[]", "[2]", "[][2]", "[3][]", "[1]"])


def _value(numbers: random.Random, types: dict[str, Any], kind: str) -> tuple[Any, Any, Any]:
    """A value of a type: as asked, as declared and as shown."""
    if kind.endswith("]"):
        base, _, size = kind[:-1].rpartition("[")
        entries = [_value(numbers, types, base) for _ in range(int(size) if size else numbers.randrange(3))]
        return tuple([entry[form] for entry in entries] for form in range(3))  # type: ignore[return-value]  # three forms
    if kind in types:
        members = [(one["name"], _value(numbers, types, one["type"])) for one in types[kind]]
        return tuple({name: forms[form] for name, forms in members} for form in range(3))  # type: ignore[return-value]  # three forms
    if kind == "bool":
        flag = numbers.random() < 0.5
        return flag, flag, flag
    if kind == "string":
        text = numbers.choice(_TEXTS)
        return text, text, text
    if "int" in kind:
        return _whole(numbers, kind)
    sizes = {"address": 20, "bytes": numbers.choice([0, 1, 31, 32, 33])}
    octets = numbers.randbytes(sizes[kind] if kind in sizes else int(kind.removeprefix("bytes"))).hex()
    return "0x" + octets, "0x" + numbers.choice([octets, octets.upper()]), "0x" + octets


def _whole(numbers: random.Random, kind: str) -> tuple[Any, Any, Any]:
    bits = int(kind.removeprefix("u").removeprefix("int"))
    lowest, highest = (0, 2**bits - 1) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    number = numbers.choice([lowest, highest, 0, 1, numbers.randint(lowest, highest)])
    spellings = [number, str(number)] + ([hex(number)] if number >= 0 else [])
    return str(number), numbers.choice(spellings), str(number)


def changed(data: dict[str, Any], numbers: random.Random) -> dict[str, Any]:
    """One place of typed data changed: a value, a name, a type, an order or a member more or less."""
    after: dict[str, Any] = copy.deepcopy(data)
    places = list(_places(after))
    record, key = numbers.choice(places)
    value = record[key]
    if isinstance(value, bool):
        record[key] = numbers.choice([not value, int(value), str(value)])
    elif isinstance(value, int):
        record[key] = value + numbers.choice([1, -1, 2**256])
    elif isinstance(value, str):
        record[key] = _text(value, numbers)
    elif isinstance(value, list):
        record[key] = numbers.choice([value[::-1], value[1:], value + value[-1:], value[:-1]])
    elif isinstance(value, dict):
        value[numbers.choice(["later", *value])] = numbers.choice(["", "0x", 0, [], None])
    return after


def _text(text: str, numbers: random.Random) -> str:
    forms = [text + "0", text[:-1], text.upper(), text.lower(), " " + text, text.removeprefix("0x"), "0" + text]
    forms += [f"{text}[]", "uint256", "bytes", "-1", "0x" + "00" * 20]
    return numbers.choice(forms)


def _places(value: Any) -> Any:
    """Every member of every object and list, as container and key."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
