"""Calldata of EVM contracts, decoded by a method's signature (Solidity ABI specification), strictly.

Strictly means that encoding the arguments again gives the same bytes: dirty padding, a tail, a truncation or two
arguments that share one place in the bytes are not decoded, because what reads them may see something else than we do.

`eth_abi` takes half a second to import. It is imported with this module and not at the first call that is decoded: a
service that starts later is better than one that answers nobody while it imports, inside somebody's deadline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eth_abi.codec import ABICodec
from eth_abi.decoding import ContextFramesBytesIO
from eth_abi.exceptions import DecodingError, EncodingError, InsufficientDataBytes, ParseError
from eth_abi.grammar import TupleType, parse
from eth_abi.registry import registry as _types

from placet_policy.chains.evm import keccak256
from placet_policy.chains.strict_hex import encode_hex

if TYPE_CHECKING:
    from collections.abc import Callable

    from placet_callback.strict_json import JSONValue

SELECTOR_BYTES: Final = 4
MAX_SIGNATURE_CHARS: Final = 512
MAX_TYPE_DEPTH: Final = 4
"""Tuples and arrays inside each other, in the signature of one method."""

_NAME: Final = re.compile(r"\A[A-Za-z_$][A-Za-z0-9_$]{0,63}\Z")
# Without `function`, `fixed` and `ufixed`, which no standard uses, and without the aliases `uint` and `int`.
_ELEMENTARY: Final = re.compile(
    r"\A(?:address|bool|string|bytes(?:[1-9]|[12][0-9]|3[0-2])?|u?int(?:8|16|24|32|40|48|56|64|72|80|88|96|104|112|120"
    r"|128|136|144|152|160|168|176|184|192|200|208|216|224|232|240|248|256))\Z"
)
_MAX_ARRAY: Final = 64
# A canonical encoding is read once, and the library looks at heads again for each level of nesting. An encoding whose
# offsets all point at one long tail would be read a thousand times.
_READS_OF_EACH_BYTE: Final = 2**MAX_TYPE_DEPTH


class AbiError(ValueError):
    """The text is not a canonical method signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A contract's method.

    Attributes:
        signature: Canonical text, e.g. `transfer(address,uint256)`.
        selector: The first four bytes of the signature's keccak256.
        names: A name for each argument, for people.
        types: The type of each argument.
    """

    signature: str
    selector: bytes
    names: tuple[str, ...]
    types: tuple[str, ...]


def parse_method(signature: str, names: tuple[str, ...]) -> Method:
    """Read a method's signature.

    Args:
        signature: E.g. `transfer(address,uint256)`: no blanks, no argument names, no aliases.
        names: A name for each argument.

    Raises:
        AbiError: The signature is not canonical, or has another number of arguments.
    """
    name, bracket, rest = signature.partition("(")
    if len(signature) > MAX_SIGNATURE_CHARS or _NAME.match(name) is None or not bracket:
        raise AbiError("not a method's signature")
    types = _types_of(bracket + rest)
    if len(types) != len(names):
        raise AbiError("not a name for each argument")
    return Method(
        signature=signature, selector=keccak256(signature.encode("ascii"))[:SELECTOR_BYTES], names=names, types=types
    )


def decode_arguments(method: Method, data: bytes) -> tuple[Any, ...] | None:
    """Decode calldata by a method, or say None where it is not exactly a call of it.

    Args:
        method: The method whose selector the calldata starts with.
        data: Calldata, selector included.

    Returns:
        The arguments: int, bytes, bool, str (addresses as `0x` and lower case), tuples of them.
    """
    if data[:SELECTOR_BYTES] != method.selector:
        return None
    encoded = data[SELECTOR_BYTES:]
    try:
        arguments = _CODEC.decode(method.types, encoded)
        again = _CODEC.encode(method.types, arguments)
    except (DecodingError, EncodingError, OverflowError, UnicodeError):
        return None
    return arguments if again == encoded else None


def shown(value: Any, kind: str, address: Callable[[str], str]) -> JSONValue:
    """An argument as a fact: integers as decimal text, bytes as `0x` and lower case.

    Args:
        value: What `decode_arguments` gave.
        kind: Its type.
        address: How an address, given as `0x` and lower case, is written.
    """
    return _shown(value, parse(kind), address)


def _shown(value: Any, kind: Any, address: Callable[[str], str]) -> JSONValue:
    if kind.is_array:
        return [_shown(entry, kind.item_type, address) for entry in value]
    if isinstance(kind, TupleType):
        return [_shown(entry, part, address) for entry, part in zip(value, kind.components, strict=True)]
    if kind.base == "address":
        return address(value)
    if isinstance(value, bytes):
        return encode_hex(value)
    return value if isinstance(value, bool | str) else str(value)


class _BoundedStream(ContextFramesBytesIO):
    """Stops a decoding that reads far more than there is."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)  # type: ignore[no-untyped-call]  # the library's constructor has no annotations
        self._left = _READS_OF_EACH_BYTE * len(data)

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self._left -= len(found)
        if self._left < 0:
            raise InsufficientDataBytes("read too often")
        return found


class _BoundedCodec(ABICodec):
    stream_class = _BoundedStream


_CODEC: Final = _BoundedCodec(_types)


def _types_of(text: str) -> tuple[str, ...]:
    if text == "()":
        return ()
    try:
        root = parse(text)
    except (ParseError, ValueError) as error:
        raise AbiError("not a list of types") from error
    if not isinstance(root, TupleType) or root.arrlist:
        raise AbiError("not a list of types")
    _check(root, 0)
    components: tuple[Any, ...] = root.components
    types = tuple(str(component.to_type_str()) for component in components)
    if f"({','.join(types)})" != text:
        raise AbiError("not a canonical list of types")
    return types


def _check(kind: Any, depth: int) -> None:
    """Only types that take bytes: elements of no size would let a length alone make work."""
    arrays = kind.arrlist or ()
    depth += len(arrays)
    if depth > MAX_TYPE_DEPTH:
        raise AbiError("nested too deeply")
    if any(size and not 1 <= size[0] <= _MAX_ARRAY for size in arrays):
        raise AbiError("array size")
    if isinstance(kind, TupleType):
        for component in kind.components:
            _check(component, depth + 1)
    elif _ELEMENTARY.match(f"{kind.base}{kind.sub or ''}") is None:
        raise AbiError("type")
