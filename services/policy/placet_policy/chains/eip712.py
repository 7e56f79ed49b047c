"""Typed data of EIP-712, read strictly: what is hashed is all there is, and every value has exactly one reading.

Wallets differ where the standard is silent (a missing member, a text where bytes belong, a member that no type names).
Such data is refused here and not guessed at, because another reading would show people something else than is signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from placet_policy.chains.evm import ADDRESS_BYTES, WORD_BYTES, keccak256
from placet_policy.chains.strict_hex import HexError, decode_hex, encode_hex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placet_callback.strict_json import JSONValue

MAX_TYPES: Final = 64
MAX_MEMBERS: Final = 64
MAX_ALL_MEMBERS: Final = 512
MAX_DEPTH: Final = 16
MAX_VALUES: Final = 2_048
"""Bounds of one typed data: struct types, members of one and of all, nesting of values, values."""

DOMAIN_TYPE: Final = "EIP712Domain"
_DOMAIN_MEMBERS: Final = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}
_PARTS: Final = {"types", "domain", "primaryType", "message"}
_NAME: Final = re.compile(r"\A[A-Za-z_$][A-Za-z0-9_$]{0,63}\Z")
_ARRAY: Final = re.compile(r"\A(.+)\[([1-9][0-9]{0,3})?\]\Z", re.DOTALL)
_WHOLE: Final = re.compile(r"\A(u?)int(8|16|24|32|40|48|56|64|72|80|88|96|1[0-9]{2}|2[0-4][0-9]|25[0-6])\Z")
_FIXED: Final = re.compile(r"\Abytes([1-9]|[12][0-9]|3[0-2])\Z")
# A struct of such a name would be a struct here and a number in a wallet.
_RESERVED: Final = re.compile(r"\A(?:u?int|bytes|u?fixed)[0-9x]*\Z|\A(?:address|bool|string|function)\Z")
_DECIMAL: Final = re.compile(r"\A-?(?:0|[1-9][0-9]{0,77})\Z")
_HEX_NUMBER: Final = re.compile(r"\A0x[0-9a-fA-F]{1,64}\Z")

Types: TypeAlias = "dict[str, tuple[tuple[str, str], ...]]"
"""Struct types: name of each, and for each member its name and its type."""


class TypedDataError(ValueError):
    """The typed data is not of the one form that is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedData:
    """Typed data and its digest.

    Attributes:
        types: The struct types that the message uses.
        primary_type: The message's type.
        domain: The domain's values; integers as decimal text, bytes as `0x` and lower case.
        values: The message's values, in the same form.
        domain_separator: 32 bytes.
        struct_hash: 32 bytes.
    """

    types: Types
    primary_type: str
    domain: dict[str, JSONValue]
    values: dict[str, JSONValue]
    domain_separator: bytes
    struct_hash: bytes

    @property
    def digest(self) -> bytes:
        """What is signed: keccak256(0x1901, domain separator, hash of the message)."""
        return keccak256(b"\x19\x01" + self.domain_separator + self.struct_hash)

    @property
    def network(self) -> int | None:
        """The domain's chain id, or None."""
        return int(str(self.domain["chainId"])) if "chainId" in self.domain else None

    @property
    def contract(self) -> str | None:
        """The domain's verifying contract, `0x` and lower case, or None."""
        return str(self.domain["verifyingContract"]) if "verifyingContract" in self.domain else None


def read_typed_data(value: JSONValue) -> TypedData:
    """Read typed data as `eth_signTypedData_v4` takes it.

    Args:
        value: An object with `types`, `domain`, `primaryType`, `message` and nothing else.

    Raises:
        TypedDataError: It is not of this form, or larger than the bounds.
    """
    if not isinstance(value, dict) or set(value) != _PARTS:
        raise TypedDataError("parts")
    types, primary = _types(value["types"]), value["primaryType"]
    if not isinstance(primary, str) or primary not in types or primary == DOMAIN_TYPE:
        raise TypedDataError("primary type")
    if any(_DOMAIN_MEMBERS.get(name) != kind for name, kind in types[DOMAIN_TYPE]):
        raise TypedDataError("domain type")
    reader = _Reader(types=types)
    separator, domain = reader.struct(DOMAIN_TYPE, value["domain"], 0)
    struct_hash, values = reader.struct(primary, value["message"], 0)
    return TypedData(
        types={name: types[name] for name in reader.used(primary)},
        primary_type=primary,
        domain=domain,
        values=values,
        domain_separator=separator,
        struct_hash=struct_hash,
    )


def _types(value: JSONValue) -> Types:
    if not isinstance(value, dict) or DOMAIN_TYPE not in value or len(value) > MAX_TYPES:
        raise TypedDataError("types")
    types = {name: tuple(_members(members)) for name, members in value.items()}
    # The hash of each type is over all types that it uses, so that many large types would be hashed many times.
    if sum(map(len, types.values())) > MAX_ALL_MEMBERS:
        raise TypedDataError("members")
    for name, members in types.items():
        names = [member for member, _ in members]
        if _NAME.match(name) is None or _RESERVED.match(name) is not None or len(set(names)) != len(names):
            raise TypedDataError("type")
        if any(_base(kind) not in types and not _is_elementary(_base(kind)) for _, kind in members):
            raise TypedDataError("member type")
    return types


def _members(value: JSONValue) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list) or len(value) > MAX_MEMBERS:
        raise TypedDataError("members")
    for entry in value:
        if not isinstance(entry, dict) or set(entry) != {"name", "type"}:
            raise TypedDataError("member")
        name, kind = entry["name"], entry["type"]
        if not isinstance(name, str) or not isinstance(kind, str) or _NAME.match(name) is None:
            raise TypedDataError("member")
        yield name, kind


def _base(kind: str) -> str:
    """The element type of an array of arrays."""
    for _ in range(MAX_DEPTH):
        array = _ARRAY.match(kind)
        if array is None:
            return kind
        kind = array.group(1)
    raise TypedDataError("nested too deeply")


def _is_elementary(kind: str) -> bool:
    if kind in ("address", "bool", "string", "bytes") or _FIXED.match(kind) is not None:
        return True
    whole = _WHOLE.match(kind)
    return whole is not None and int(whole.group(2)) % 8 == 0


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Hashes values and writes them in their one form, counting them."""

    types: Types
    _count: int = 0
    _type_hashes: dict[str, bytes] = field(default_factory=dict)
    _type_texts: dict[str, str] = field(default_factory=dict)
    _references: dict[str, frozenset[str]] = field(default_factory=dict)

    def used(self, name: str) -> list[str]:
        """The struct types that a type refers to, itself first, the others in the order of their names."""
        found, waiting = {name}, [name]
        while waiting:
            new = self._direct(waiting.pop()) - found
            found |= new
            waiting.extend(new)
        return [name, *sorted(found - {name})]

    def _direct(self, name: str) -> frozenset[str]:
        """The struct types of a type's own members, read once: each type may refer to all others."""
        if name not in self._references:
            bases = frozenset(_base(kind) for _, kind in self.types[name])
            self._references[name] = bases & self.types.keys()
        return self._references[name]

    def struct(self, name: str, value: JSONValue, depth: int) -> tuple[bytes, dict[str, JSONValue]]:
        """`hashStruct`, and the values; every member is there and nothing else."""
        members = self.types[name]
        if not isinstance(value, dict) or set(value) != {member for member, _ in members}:
            raise TypedDataError("values of a struct")
        encoded, shown = [self._type_hash(name)], {}
        for member, kind in members:
            word, shown[member] = self._value(kind, value[member], depth + 1)
            encoded.append(word)
        return keccak256(b"".join(encoded)), shown

    def _type_hash(self, name: str) -> bytes:
        if name not in self._type_hashes:
            text = "".join(map(self._type_text, self.used(name)))
            self._type_hashes[name] = keccak256(text.encode("utf-8"))
        return self._type_hashes[name]

    def _type_text(self, name: str) -> str:
        if name not in self._type_texts:
            members = ",".join(f"{kind} {member}" for member, kind in self.types[name])
            self._type_texts[name] = f"{name}({members})"
        return self._type_texts[name]

    def _value(self, kind: str, value: JSONValue, depth: int) -> tuple[bytes, JSONValue]:
        """The 32 bytes that stand for a value, and its one form."""
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            raise TypedDataError("too deep or too many values")
        array = _ARRAY.match(kind)
        if array is not None:
            return self._array(array.group(1), array.group(2), value, depth)
        if kind in self.types:
            return self.struct(kind, value, depth)
        return _elementary(kind, value)

    def _array(self, kind: str, size: str | None, value: JSONValue, depth: int) -> tuple[bytes, JSONValue]:
        if not isinstance(value, list) or (size is not None and len(value) != int(size)):
            raise TypedDataError("array")
        entries = [self._value(kind, entry, depth + 1) for entry in value]
        return keccak256(b"".join(word for word, _ in entries)), [shown for _, shown in entries]


def _elementary(kind: str, value: JSONValue) -> tuple[bytes, JSONValue]:
    if kind == "bool":
        if not isinstance(value, bool):
            raise TypedDataError("bool")
        return int(value).to_bytes(WORD_BYTES, "big"), value
    if _WHOLE.match(kind) is not None:
        number = _whole(kind, value)
        return (number % 2**256).to_bytes(WORD_BYTES, "big"), str(number)
    if not isinstance(value, str):
        raise TypedDataError(kind)
    if kind == "string":
        return keccak256(value.encode("utf-8")), value
    data = _octets(value)
    if kind == "bytes":
        return keccak256(data), encode_hex(data)
    fixed = _FIXED.match(kind)
    if len(data) != (ADDRESS_BYTES if fixed is None else int(fixed.group(1))):
        raise TypedDataError("length")
    word = data.rjust(WORD_BYTES, b"\x00") if fixed is None else data.ljust(WORD_BYTES, b"\x00")
    return word, encode_hex(data)


def _whole(kind: str, value: JSONValue) -> int:
    """A JSON integer, or decimal text, or `0x` and hexadecimal digits."""
    if isinstance(value, str) and _DECIMAL.match(value) is not None:
        number = int(value)
    elif isinstance(value, str) and _HEX_NUMBER.match(value) is not None:
        number = int(value, 16)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        raise TypedDataError("whole number")
    bits = int(kind.removeprefix("u").removeprefix("int"))
    lowest, highest = (0, 2**bits - 1) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not lowest <= number <= highest:
        raise TypedDataError("range")
    return number


def _octets(text: str) -> bytes:
    """Bytes need `0x`: without it some wallets hash the characters."""
    if not text.startswith("0x"):
        raise TypedDataError("bytes")
    try:
        return decode_hex(text)
    except HexError as error:
        raise TypedDataError("bytes") from error
