"""Strict parse of the two JSON texts inside a callback request (design step 7, protocol d).

`request_detail` is what the node will do, so it is read whole: an unknown field or value makes the request unprovable.
`extra_info` is context that the wallet provider may extend, so its unknown fields are carried along and not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_callback import strict_json
from placet_callback.envelope import RequestType

from placet_policy.codes import Code
from placet_policy.facts import detail_fields
from placet_policy.facts.detail_fields import Field, FieldError
from placet_policy.facts.findings import MAX_PER_CODE, Findings, Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.envelope import CallbackRequest
    from placet_callback.strict_json import JSONValue

MAX_TEXT_BYTES: Final = 1024 * 1024
"""Longest request_detail or extra_info; the token around both is at most 1 MiB."""
FREE_FORM: Final = ("structured_data",)
"""EIP-712 data is the signer's own JSON: its names may differ by case alone."""


class RequestKind(StrEnum):
    """The request types that carry something to decide (protocol d.19), by the names used in policies."""

    KEY_GEN = "KEY_GEN"
    KEY_SIGN = "KEY_SIGN"
    KEY_RESHARE = "KEY_RESHARE"
    KEY_SHARE_SIGN = "KEY_SHARE_SIGN"


_KINDS: Final[Mapping[int, RequestKind]] = MappingProxyType(
    {
        RequestType.KEY_GEN: RequestKind.KEY_GEN,
        RequestType.KEY_SIGN: RequestKind.KEY_SIGN,
        RequestType.KEY_RESHARE: RequestKind.KEY_RESHARE,
        RequestType.KEY_SHARE_SIGN: RequestKind.KEY_SHARE_SIGN,
    }
)
_FIELDS: Final[Mapping[RequestKind, Mapping[str, Field]]] = MappingProxyType(
    {
        RequestKind.KEY_GEN: detail_fields.KEY_GEN,
        RequestKind.KEY_SIGN: detail_fields.KEY_SIGN,
        RequestKind.KEY_RESHARE: detail_fields.KEY_RESHARE,
        RequestKind.KEY_SHARE_SIGN: detail_fields.KEY_SHARE_SIGN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A callback request of a known type with its two texts parsed.

    Attributes:
        request_id: As in the envelope.
        kind: The request type.
        detail: The known fields of request_detail that are well-formed; nothing else.
        extra: extra_info as declared, without nulls (null equals absent).
        missing: What could not be read; empty means that detail is complete and well-formed.
    """

    request_id: str
    kind: RequestKind
    detail: dict[str, JSONValue]
    extra: dict[str, JSONValue]
    missing: tuple[Missing, ...]

    @property
    def readable(self) -> bool:
        """Whether every required field of request_detail is there and well-formed."""
        return all(name in self.detail for name, field in _FIELDS[self.kind].items() if field.required)


def kind_of(request_type: int) -> RequestKind | None:
    """The kind of a request type, or None for a ping and for integers the protocol does not assign."""
    return _KINDS.get(request_type)


def parse_details(request: CallbackRequest) -> ParsedRequest:
    """Parse request_detail and extra_info.

    Never raises for their content: whatever is wrong becomes a missing code.

    Args:
        request: A callback request of a known type.

    Returns:
        The parsed request.

    Raises:
        ValueError: The request type is not one of the four kinds; the caller denies those without facts.
    """
    kind = kind_of(request.request_type)
    if kind is None:
        raise ValueError("no details are known for this request type")
    findings = Findings()
    declared = _object(request.request_detail, path="request_detail", code=Code.DETAIL_NOT_JSON, findings=findings)
    detail = {} if declared is None else _read_fields(declared, _FIELDS[kind], findings)
    extra = _object(request.extra_info, path="extra_info", code=Code.EXTRA_NOT_JSON, findings=findings)
    return ParsedRequest(
        request_id=request.request_id, kind=kind, detail=detail, extra=extra or {}, missing=tuple(findings.missing)
    )


def _object(text: str, *, path: str, code: Code, findings: Findings) -> dict[str, JSONValue] | None:
    try:
        value = strict_json.loads(text, max_bytes=MAX_TEXT_BYTES, free_form=FREE_FORM)
    except strict_json.StrictJsonError:
        findings.miss(code, path)
        return None
    if not isinstance(value, dict):
        findings.miss(code, path)
        return None
    return {name: _without_nulls(member, name) for name, member in value.items() if member is not None}


def _without_nulls(value: JSONValue, name: str) -> JSONValue:
    """Drop null members, because null equals absent; free-form parts stay as they were signed."""
    if name in FREE_FORM:
        return value
    if isinstance(value, dict):
        return {
            key: _without_nulls(member, key) if isinstance(member, (dict, list)) else member
            for key, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [_without_nulls(member, "") for member in value]
    return value


def _read_fields(
    declared: dict[str, JSONValue], fields: Mapping[str, Field], findings: Findings
) -> dict[str, JSONValue]:
    unknown = [name for name in declared if name not in fields]
    for name in unknown[:MAX_PER_CODE]:
        findings.miss(Code.DETAIL_FIELD_UNKNOWN, f"request_detail.{strict_json.shown_name(name)}")
    detail: dict[str, JSONValue] = {}
    for name, field in fields.items():
        if name not in declared:
            if field.required:
                findings.miss(Code.DETAIL_FIELD_MISSING, f"request_detail.{name}")
            continue
        try:
            detail[name] = field.read(declared[name])
        except FieldError as error:
            findings.miss(error.code, f"request_detail.{name}{error.suffix}")
    return detail
