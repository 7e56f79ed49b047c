"""What a decision is, and how OPA's answer becomes a part of it (design sections 1 and 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from placet_policy.errors import OpaAnswerInvalid

if TYPE_CHECKING:
    from collections.abc import Collection

    from placet_callback.strict_json import JSONValue

    from placet_policy.ledger import Receipt

ANSWER_SCHEMA = "placet.decision/v1"
_ANSWER_FIELDS = frozenset({"schema", "effect", "reasons", "rules_evaluated"})
_REASON_FIELDS = frozenset({"code", "rule", "message", "remediation"})
# A code is at most 64 bytes on the wire (placet.policy.v1, Reason.code), and names are single path segments.
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_RULE = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


class Effect(Enum):
    """The outcome of an evaluation. There is no member that could stand for "nothing decided"."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    HOLD = "HOLD"


# The only spellings OPA may use. A lookup, so that nothing but the exact text becomes an effect.
_OPA_EFFECTS = {"allow": Effect.ALLOW, "deny": Effect.DENY, "hold": Effect.HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a decision is what it is.

    Attributes:
        code: UPPER_SNAKE, at most 64 bytes.
        rule: the policy rule, or ``facts``, ``ledger`` or ``stop`` for the tier's own reasons.
        message: one sentence for people; may hold data of the request.
        remediation: what a person can do; may be empty.
    """

    code: str
    rule: str
    message: str
    remediation: str = ""

    def to_json(self) -> dict[str, JSONValue]:
        """Return the reason as the JSON object that the ledger and ``explain`` write."""
        return {"code": self.code, "rule": self.rule, "message": self.message, "remediation": self.remediation}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaDecision:
    """OPA's answer, strictly parsed. It is one voice in a decision, not yet a decision.

    Attributes:
        effect: what the policy says.
        reasons: why; empty exactly when the effect is ALLOW.
        rules_evaluated: the rules that ran, each once.
    """

    effect: Effect
    reasons: tuple[Reason, ...]
    rules_evaluated: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One recorded decision: only an evaluation whose record is durable has one.

    Attributes:
        decision_id: UUID of this evaluation, made before anything else.
        request_id: the node's, read from the token.
        token_sha256: SHA-256 of the compact token, 32 bytes.
        effect: the outcome.
        reasons: why, most important first; empty only for ALLOW.
        revision: ``sha256:<hex>`` of the bundle that was active; empty when the stop switch held the request
            while no bundle was active.
        version: version of the TUF targets metadata; 0 while releases are unsigned.
        expires_at: the end of the lease, Unix seconds; None while releases are unsigned.
        receipt: where the record is.
    """

    decision_id: str
    request_id: str
    token_sha256: bytes
    effect: Effect
    reasons: tuple[Reason, ...]
    revision: str
    version: int
    expires_at: int | None
    receipt: Receipt


def parse_answer(result: JSONValue, *, profile: Collection[str]) -> OpaDecision:
    """Read OPA's answer; anything but the exact shape of design section 5 is no answer.

    Args:
        result: the value of ``result`` in OPA's response.
        profile: names of the rules that must have run for this request; empty means that nothing may be allowed.

    Raises:
        OpaAnswerInvalid: a missing, extra or mistyped field, an unknown effect, a reason with an allow or none with
            anything else, or an allow that did not run every rule of the profile.
    """
    answer = _fields(result, _ANSWER_FIELDS, "result")
    if answer["schema"] != ANSWER_SCHEMA:
        raise OpaAnswerInvalid("result.schema is unknown")
    effect = _effect(answer["effect"])
    reasons = tuple(_reason(item) for item in _items(answer["reasons"], "result.reasons"))
    ran = _items(answer["rules_evaluated"], "result.rules_evaluated")
    rules = tuple(_match(item, _RULE, "result.rules_evaluated[]") for item in ran)
    if len(set(rules)) != len(rules):
        raise OpaAnswerInvalid("result.rules_evaluated names a rule twice")
    if (effect == Effect.ALLOW) == bool(reasons):
        raise OpaAnswerInvalid("an allow has no reasons, everything else has at least one")
    if effect == Effect.ALLOW and not (profile and set(profile) <= set(rules)):
        raise OpaAnswerInvalid("an allow without every rule of the profile")
    return OpaDecision(effect=effect, reasons=reasons, rules_evaluated=rules)


def _effect(value: JSONValue) -> Effect:
    effect = _OPA_EFFECTS.get(value) if isinstance(value, str) else None
    if effect is None:
        raise OpaAnswerInvalid("result.effect is unknown")
    return effect


def _reason(value: JSONValue) -> Reason:
    fields = _fields(value, _REASON_FIELDS, "result.reasons[]")
    return Reason(
        code=_match(fields["code"], _CODE, "code"),
        rule=_match(fields["rule"], _RULE, "rule"),
        message=_text(fields["message"], "message"),
        remediation=_text(fields["remediation"], "remediation"),
    )


def _fields(value: JSONValue, names: frozenset[str], path: str) -> dict[str, JSONValue]:
    if not isinstance(value, dict) or value.keys() != names:
        raise OpaAnswerInvalid(f"{path} is not an object with exactly the fields {sorted(names)}")
    return value


def _items(value: JSONValue, path: str) -> list[JSONValue]:
    if not isinstance(value, list):
        raise OpaAnswerInvalid(f"{path} is not an array")
    return value


def _match(value: JSONValue, pattern: re.Pattern[str], path: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise OpaAnswerInvalid(f"{path} is not a name of the agreed form")
    return value


def _text(value: JSONValue, path: str) -> str:
    if not isinstance(value, str):
        raise OpaAnswerInvalid(f"{path} is not a text")
    return value
