"""JSON read the same way by everybody, or not at all (RFC 8259, I-JSON RFC 7493, protocol (b)).

Parsers differ on duplicate names, on names that differ in case only (Go matches names without regard to case), on
`NaN`, on lone surrogates and on huge numbers. A text that two parsers can read in two ways is refused here, before
anything is read from it.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from enum import StrEnum
from typing import NoReturn, TypeAlias

JSONValue: TypeAlias = "dict[str, JSONValue] | list[JSONValue] | str | int | Decimal | bool | None"
"""What `loads` returns. Integers stay `int`, every other number is a `Decimal`: no binary float passes this point."""

MAX_NUMBER_CHARACTERS = 100
"""2^256 has 78 digits. Converting decimal text takes quadratic time, so longer ones are refused; a sign is free."""

MAX_EXPONENT = 400
"""Covers every binary64 number. `int(Decimal("1e999999"))` would fill the memory of whoever reads such a number."""

MAX_VALUES = 32_768
"""Values of one text, those inside others counted too, and arrays and objects twice: a megabyte holds 350,000 empty
objects, and each costs its time. A request with 512 inputs and 1,024 outputs, and twelve members of each input, output
and source address, has some 30,000."""

# Stated, because the context of the calling thread may be set to make a NaN instead of raising.
_TRAPPING = Context(traps=[InvalidOperation])
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


class Reason(StrEnum):
    """Why a text was refused: a closed list, safe to log because nothing in it comes from the text."""

    TOO_LARGE = "TOO_LARGE"
    NOT_UTF8 = "NOT_UTF8"
    BYTE_ORDER_MARK = "BYTE_ORDER_MARK"
    TOO_DEEP = "TOO_DEEP"
    TOO_MANY_VALUES = "TOO_MANY_VALUES"
    NOT_JSON = "NOT_JSON"
    NUMBER_OUT_OF_BOUNDS = "NUMBER_OUT_OF_BOUNDS"
    LONE_SURROGATE = "LONE_SURROGATE"
    DUPLICATE_NAME = "DUPLICATE_NAME"
    CASE_FOLDED_NAME = "CASE_FOLDED_NAME"


class StrictJsonError(Exception):
    """The text is not strict JSON.

    Attributes:
        reason: One of `Reason`.
        path: Where, as `$.member[index]`; a name that is not a plain identifier is shown as `?`. `$` when not known.
    """

    def __init__(self, reason: Reason, path: str = "$") -> None:
        super().__init__(reason, path)
        self.reason: str = reason.value
        self.path = path


_Parsed: TypeAlias = "_Pairs | list[_Parsed] | str | int | Decimal | bool | None"


@dataclass(frozen=True, slots=True)
class _Pairs:
    """An object's members in order, duplicates included, until they have been checked."""

    members: list[tuple[str, "_Parsed"]]


_Path: TypeAlias = "tuple[_Path, str | int] | None"
"""Where a value stands: what holds it, and its name or number there. Written out only where something is refused."""


def loads(
    data: bytes | str,
    *,
    max_bytes: int,
    max_depth: int = 32,
    max_values: int | None = MAX_VALUES,
    free_form: Collection[str] = (),
) -> JSONValue:
    """Parse strict JSON.

    Args:
        data: UTF-8 bytes, or text already decoded from them.
        max_bytes: The most bytes the UTF-8 form may have.
        max_depth: The most arrays and objects that may stand inside each other; a scalar has depth 0.
        max_values: The most values the text may have; None for texts of our own, which no requester makes longer.
        free_form: Names of members whose content is not ours (such as `structured_data`). Inside them names may be
            equal under case folding; exact duplicates are refused there too.

    Returns:
        The value; integers as `int`, other numbers as `Decimal`.

    Raises:
        StrictJsonError: For every text that is refused. Nothing else is ever raised.
    """
    text = _decode(data, max_bytes)
    # Depth and number are known before the recursive parser runs, so that no text can exhaust its stack or our time.
    _check_structure(text, max_depth, max_values)
    try:
        parsed: _Parsed = json.loads(
            text,
            object_pairs_hook=_Pairs,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_refuse_constant,
        )
    except ValueError as error:
        raise StrictJsonError(Reason.NOT_JSON) from error
    return _Checker(free_form=frozenset(free_form), escapes="\\u" in text).value(parsed, None, relaxed=False)


def _decode(data: bytes | str, max_bytes: int) -> str:
    """The text of `data`, bounded, UTF-8 in either direction and without a byte order mark."""
    if len(data) > max_bytes:  # A text has at least as many bytes as characters.
        raise StrictJsonError(Reason.TOO_LARGE)
    try:
        raw = data.encode("utf-8") if isinstance(data, str) else data
        text = raw.decode("utf-8")
    except UnicodeError as error:
        raise StrictJsonError(Reason.NOT_UTF8) from error
    if len(raw) > max_bytes:
        raise StrictJsonError(Reason.TOO_LARGE)
    if text.startswith("\ufeff"):
        raise StrictJsonError(Reason.BYTE_ORDER_MARK)
    return text


def _check_structure(text: str, max_depth: int, max_values: int | None) -> None:
    """Refuse a text that nests deeper than `max_depth` or has more values than `max_values`.

    The parser goes no further than the first character that is not JSON, and up to there this sees exactly the strings,
    brackets and commas that the parser sees. An unfinished string swallows the rest of the text, which keeps the search
    linear. Every value but the outermost follows a comma or an opening bracket, so these are what is counted.
    """
    bare = _STRING.sub("", text)
    if max_values is not None and 1 + sum(map(bare.count, ",[{")) > max_values:
        raise StrictJsonError(Reason.TOO_MANY_VALUES)
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > max_depth:
            raise StrictJsonError(Reason.TOO_DEEP)


def _check_length(digits: str) -> None:
    if len(digits.removeprefix("-")) > MAX_NUMBER_CHARACTERS:
        raise StrictJsonError(Reason.NUMBER_OUT_OF_BOUNDS)


def _integer(digits: str) -> int:
    _check_length(digits)
    return int(digits)


def _decimal(digits: str) -> Decimal:
    _check_length(digits)
    try:
        number = Decimal(digits, _TRAPPING)
    except InvalidOperation as error:  # The exponent is beyond what a Decimal can hold.
        raise StrictJsonError(Reason.NUMBER_OUT_OF_BOUNDS) from error
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise StrictJsonError(Reason.NUMBER_OUT_OF_BOUNDS)
    return number


def _refuse_constant(_name: str) -> NoReturn:
    raise StrictJsonError(Reason.NOT_JSON)  # NaN, Infinity and -Infinity are Python's, not JSON's.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checker:
    """Checks the names of every object and all texts; its recursion is bounded by the depth checked before.

    Attributes:
        free_form: As given to `loads`.
        escapes: Whether the text has escapes that can make half a surrogate pair; UTF-8 itself cannot.
    """

    free_form: frozenset[str]
    escapes: bool

    def value(self, value: _Parsed, path: _Path, *, relaxed: bool) -> JSONValue:
        if isinstance(value, _Pairs):
            return self._object(value, path, relaxed=relaxed)
        if isinstance(value, list):
            return [self.value(item, (path, index), relaxed=relaxed) for index, item in enumerate(value)]
        if self.escapes and isinstance(value, str):
            _check_text(value, path)
        return value

    def _object(self, pairs: _Pairs, path: _Path, *, relaxed: bool) -> dict[str, JSONValue]:
        members: dict[str, JSONValue] = {}
        folded: set[str] = set()
        for name, value in pairs.members:
            inner = (path, name)
            if self.escapes:
                _check_text(name, inner)
            if name in members:
                raise StrictJsonError(Reason.DUPLICATE_NAME, _shown_path(inner))
            if not relaxed:
                alike = name.casefold()
                if alike in folded:
                    raise StrictJsonError(Reason.CASE_FOLDED_NAME, _shown_path(inner))
                folded.add(alike)
            if self.escapes or isinstance(value, (_Pairs, list)):
                members[name] = self.value(value, inner, relaxed=relaxed or name in self.free_form)
            else:
                members[name] = value
        return members


def _check_text(text: str, path: _Path) -> None:
    """Refuse a text of which an escape made half a surrogate pair, which has no UTF-8 form (RFC 8259 section 8.2)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise StrictJsonError(Reason.LONE_SURROGATE, _shown_path(path)) from error


def _shown_path(path: _Path) -> str:
    """`$.member[index]`; nested no deeper than the text."""
    if path is None:
        return "$"
    outer, step = path
    return _shown_path(outer) + (f"[{step}]" if isinstance(step, int) else f".{shown_name(step)}")


def shown_name(name: str) -> str:
    """A sender's name as it may stand in a log: itself when it is a plain identifier, else `?`."""
    return name if _PLAIN_NAME.fullmatch(name) else "?"
