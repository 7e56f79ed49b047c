"""Facts and OPA's answer combined into one effect (design step 9): deny before hold before allow.

This is the only place that can make an ALLOW, and it says so with one return statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placet_policy.codes import CODES, Code
from placet_policy.decision import Effect, Reason
from placet_policy.errors import Inconsistent
from placet_policy.facts.prove import FactStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from placet_policy.answer import OpaDecision
    from placet_policy.facts.findings import Contradiction, Missing
    from placet_policy.facts.prove import Facts

FACTS_RULE = "facts"


def combine(
    facts: Facts, opa: OpaDecision, *, accept_unprovable: Collection[str], denying: Collection[str] = ()
) -> tuple[Effect, tuple[Reason, ...]]:
    """Combine what is proven with what the policy says.

    ALLOW needs both: OPA's allow, and facts that are PROVEN, or UNPROVABLE for codes only that this release accepts by
    name. A contradiction is never allowed, whatever OPA says.

    Args:
        facts: what the bytes, the derivation and the registry say.
        opa: OPA's answer, already strictly parsed.
        accept_unprovable: missing-codes that the release accepts.
        denying: contradiction-codes that the release denies; they order the reasons of a DENY and decide nothing.

    Returns:
        The effect and the reasons, the facts' being one a code. DENY: the facts that deny, then the policy's reasons,
        then the facts that merely hold. HOLD: the facts', then the policy's. ALLOW: none.

    Raises:
        Inconsistent: the status of the facts is not what their findings say.
    """
    _require_consistent(facts)
    if opa.effect == Effect.DENY:
        return Effect.DENY, _denial(tuple(_fact_reasons(facts)), opa.reasons, denying)
    if opa.effect == Effect.HOLD:
        return Effect.HOLD, (*_fact_reasons(facts), *opa.reasons)
    if facts.contradictions:
        return Effect.HOLD, (pipeline_reason(Code.CONTRADICTION_ALLOWED), *_fact_reasons(facts))
    if any(missing.code not in accept_unprovable for missing in facts.missing):
        return Effect.HOLD, (pipeline_reason(Code.UNPROVABLE_ALLOWED), *_fact_reasons(facts))
    return Effect.ALLOW, ()


def pipeline_reason(code: Code, *, rule: str = FACTS_RULE, detail: str = "") -> Reason:
    """Return a reason of the tier's own, worded by the closed list of codes.

    Args:
        code: one of ``codes.CODES``.
        rule: ``facts``, ``ledger`` or ``stop``.
        detail: what it is about in this request; empty for nothing.
    """
    info = CODES[code]
    message = f"{info.title} ({detail})" if detail else info.title
    return Reason(code=str(code), rule=rule, message=message, remediation=info.remediation)


def _denial(found: Sequence[Reason], said: Sequence[Reason], denying: Collection[str]) -> tuple[Reason, ...]:
    """Put what denies first. Whoever reads a rejection reads its first reasons, and the requester chooses the rest."""
    denials = [reason for reason in found if reason.code in denying]
    others = [reason for reason in found if reason.code not in denying]
    return (*denials, *said, *others)


def _require_consistent(facts: Facts) -> None:
    if facts.contradictions:
        status = FactStatus.CONTRADICTED
    elif facts.missing:
        status = FactStatus.UNPROVABLE
    else:
        status = FactStatus.PROVEN
    if facts.status != status:
        raise Inconsistent(f"facts are {facts.status} with findings of {status}")


def _fact_reasons(facts: Facts) -> Iterator[Reason]:
    """One reason a code, contradictions first: a thousand wrong hashes are one reason."""
    details: dict[Code, list[str]] = {}
    for contradiction in facts.contradictions:
        details.setdefault(contradiction.code, []).append(_contradiction(contradiction))
    for missing in facts.missing:
        details.setdefault(missing.code, []).append(_missing(missing))
    return (pipeline_reason(code, detail=_first_of(found)) for code, found in details.items())


def _contradiction(found: Contradiction) -> str:
    return f"{found.path}: declared {found.declared}, proven {found.proven}"


def _missing(found: Missing) -> str:
    return found.path


def _first_of(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else f"{found[0]}; {len(found) - 1} more"
