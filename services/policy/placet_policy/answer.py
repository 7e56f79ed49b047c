"""OPA's answer, strictly parsed (design section 5): exactly one shape is an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from placet_policy.decision import Effect, Reason
from placet_policy.errors import OpaAnswerInvalid

if TYPE_CHECKING:
    from collections.abc import Collection

    from placet_callback.strict_json import JSONValue

ANSWER_SCHEMA: Final = "placet.decision/v1"
_ANSWER_FIELDS: Final = frozenset({"schema", "effect", "reasons", "rules_evaluated"})
_REASON_FIELDS: Final = frozenset({"code", "rule", "message", "remediation"})
# A code is at most 64 bytes on the wire (placet.policy.v1, Reason.code), and names are single path segments.
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_RULE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
# The only spellings OPA may use. A lookup, so that nothing but the exact text becomes an effect.
_EFFECTS: Final = {"allow": Effect.ALLOW, "deny": Effect.DENY, "hold": Effect.HOLD}


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
    effect = _EFFECTS.get(value) if isinstance(value, str) else None
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
