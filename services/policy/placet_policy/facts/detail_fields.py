"""The fields of `request_detail` for each request type, as data (protocol d.7 to d.10), and how each is read."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_callback.strict_json import shown_name

from placet_policy.chains.strict_hex import HexError, decode_hex
from placet_policy.codes import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from placet_callback.strict_json import JSONValue

MAX_LIST: Final = 512
"""Entries of one list. A Bitcoin transaction signs one hash for each input, and few have more than a hundred."""
MAX_TEXT: Final = 256
"""Characters of an id, a path or a key."""
MAX_HEX: Final = 65_536
"""Characters of a hash or message; Ed25519 chains put the whole message there (protocol d.4)."""
_MAX_COUNT: Final = 10_000

CURVES: Final = MappingProxyType({0: "secp256k1", 2: "ed25519"})
"""TSSCurve (protocol d.19)."""
ECDSA, EDDSA, SCHNORR = 1, 2, 3
"""TSSSignatureType (protocol d.19)."""
GG18, LINDELL, EDDSA_TSS = 1, 2, 3
"""TSSProtocol (protocol d.19)."""


class FieldError(Exception):
    """A value that is not what its field holds.

    Attributes:
        code: The code to report.
        suffix: What to add to the field's path, e.g. `[3]`.
    """

    def __init__(self, code: Code, suffix: str = "") -> None:
        super().__init__(code, suffix)
        self.code = code
        self.suffix = suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a request_detail.

    Attributes:
        read: Returns the value, or raises `FieldError`.
        required: Absent or null makes the request unprovable.
    """

    read: Callable[[JSONValue], JSONValue]
    required: bool = True


def _text(value: JSONValue) -> JSONValue:
    # Ids are shown to people: control and format characters could make a terminal show something else.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise FieldError(Code.DETAIL_FIELD_INVALID)
    if len(value) > MAX_TEXT:
        raise FieldError(Code.DETAIL_TOO_LARGE)
    return value


def _hex(value: JSONValue) -> JSONValue:
    if not isinstance(value, str):
        raise FieldError(Code.DETAIL_FIELD_INVALID)
    if len(value) > MAX_HEX:
        raise FieldError(Code.DETAIL_TOO_LARGE)
    try:
        decode_hex(value)
    except HexError as error:
        raise FieldError(Code.DETAIL_FIELD_INVALID) from error
    return value


def _message(value: JSONValue) -> JSONValue:
    if _hex(value) in ("", "0x"):
        raise FieldError(Code.DETAIL_FIELD_INVALID)
    return value


def _count(value: JSONValue) -> JSONValue:
    # bool is an int to Python; JSON's true is no number.
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_COUNT:
        raise FieldError(Code.DETAIL_FIELD_INVALID)
    return value


def _choice(*known: int) -> Callable[[JSONValue], JSONValue]:
    def read(value: JSONValue) -> JSONValue:
        if isinstance(value, bool) or not isinstance(value, int):
            raise FieldError(Code.DETAIL_FIELD_INVALID)
        if value not in known:
            raise FieldError(Code.DETAIL_VALUE_UNKNOWN)
        return value

    return read


def _list_of(read: Callable[[JSONValue], JSONValue]) -> Callable[[JSONValue], JSONValue]:
    def read_list(value: JSONValue) -> JSONValue:
        if not isinstance(value, list):
            raise FieldError(Code.DETAIL_FIELD_INVALID)
        if len(value) > MAX_LIST:
            raise FieldError(Code.DETAIL_TOO_LARGE)
        return [_entry(read, entry, index) for index, entry in enumerate(value)]

    return read_list


def _entry(read: Callable[[JSONValue], JSONValue], value: JSONValue, index: int) -> JSONValue:
    try:
        return read(value)
    except FieldError as error:
        raise FieldError(error.code, f"[{index}]{error.suffix}") from error


def _record(fields: Mapping[str, Field]) -> Callable[[JSONValue], JSONValue]:
    """An object inside a list; its first problem refuses it as a whole."""

    def read_record(value: JSONValue) -> JSONValue:
        if not isinstance(value, dict):
            raise FieldError(Code.DETAIL_FIELD_INVALID)
        for name in value:
            if name not in fields:
                raise FieldError(Code.DETAIL_FIELD_UNKNOWN, f".{shown_name(name)}")
        return {name: _member(field, value.get(name), name) for name, field in fields.items()}

    return read_record


def _member(field: Field, value: JSONValue, name: str) -> JSONValue:
    if value is None:
        raise FieldError(Code.DETAIL_FIELD_MISSING, f".{name}")
    try:
        return field.read(value)
    except FieldError as error:
        raise FieldError(error.code, f".{name}{error.suffix}") from error


_TEXT = Field(read=_text)
_OPTIONAL_TEXT = Field(read=_text, required=False)
_TEXTS = Field(read=_list_of(_text))
_COUNT = Field(read=_count)
_CURVE = Field(read=_choice(*CURVES))

# task_id is the node's own number of the task; nothing is compared with it, so its absence proves nothing less.
KEY_GEN: Final[Mapping[str, Field]] = MappingProxyType(
    {"threshold": _COUNT, "node_ids": _TEXTS, "curve": _CURVE, "task_id": _OPTIONAL_TEXT, "biz_task_id": _OPTIONAL_TEXT}
)
KEY_SIGN: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "group_id": _TEXT,
        "root_pub_key": _TEXT,
        "used_node_ids": _TEXTS,
        "bip32_path_list": _TEXTS,
        "msg_hash_list": Field(read=_list_of(_hex)),
        "tweak_list": Field(read=_list_of(_hex), required=False),
        "signature_type": Field(read=_choice(ECDSA, EDDSA, SCHNORR)),
        "tss_protocol": Field(read=_choice(GG18, LINDELL, EDDSA_TSS)),
        "task_id": _OPTIONAL_TEXT,
        "biz_task_id": _TEXT,
    }
)
KEY_RESHARE: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "old_group_id": _TEXT,
        "root_pub_key": _TEXT,
        "curve": _CURVE,
        "used_node_ids": _TEXTS,
        "old_threshold": _COUNT,
        "new_threshold": _COUNT,
        "new_node_ids": _TEXTS,
        "task_id": _OPTIONAL_TEXT,
        "biz_task_id": _OPTIONAL_TEXT,
    }
)
KEY_SHARE_SIGN: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "node_id": _TEXT,
        "task_id": _OPTIONAL_TEXT,
        "details": Field(read=_list_of(_record({"group_id": _TEXT, "message": Field(read=_message)}))),
        "biz_task_id": _OPTIONAL_TEXT,
    }
)
