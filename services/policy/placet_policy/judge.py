"""Steps 7 to 9 of the design for one request and one release: prove, ask OPA, combine.

The evaluator and ``explain`` both call this, so what people try out is what decides.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from placet_policy.answer import parse_answer
from placet_policy.combine import combine
from placet_policy.errors import RevisionMismatch
from placet_policy.facts.detail import parse_details
from placet_policy.facts.prove import prove
from placet_policy.input_document import build_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.envelope import CallbackRequest
    from placet_callback.strict_json import JSONValue

    from placet_policy.decision import Effect, Reason
    from placet_policy.facts.detail import ParsedRequest
    from placet_policy.facts.prove import Facts
    from placet_policy.gate import ActiveBundle
    from placet_policy.opa import OpaResult
    from placet_policy.registry import Registry


# The samples' requests have 3,000 to 10,000 characters.
_SMALL_CHARACTERS: Final = 16 * 1024


class DecidesInput(Protocol):
    """What answers the policy question: the OPA in the pod."""

    async def decide(self, document: Mapping[str, JSONValue]) -> OpaResult:
        """Return OPA's answer on one input document."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Which decision this is, and whose request.

    Attributes:
        decision_id: UUID of the evaluation.
        unix: its time, Unix seconds.
        node: name of the node whose key signed the token.
        key_id: that key's fingerprint, hexadecimal.
    """

    decision_id: str
    unix: int
    node: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What facts and policy came to; a decision only once it is recorded.

    Attributes:
        effect: the outcome.
        reasons: why; empty only for ALLOW.
        document: the input document that OPA saw.
        opa_version: the OPA that answered.
    """

    effect: Effect
    reasons: tuple[Reason, ...]
    document: dict[str, JSONValue]
    opa_version: str


async def prove_request(request: CallbackRequest, registry: Registry) -> tuple[ParsedRequest, Facts]:
    """Step 7: parse the request's two texts and prove what can be proven.

    A large request goes to a thread: it may hold hundreds of hashes, each with a derivation, and the event loop must
    go on answering health checks and watching other requests' deadlines meanwhile. For one of the usual size a thread
    costs a fifth of the proof itself (measured: 0.15 ms beside 0.75 ms) and frees no core, as the work holds the GIL.
    """
    if len(request.request_detail) + len(request.extra_info) <= _SMALL_CHARACTERS:
        return _prove(request, registry)
    return await asyncio.to_thread(_prove, request, registry)


async def judge(
    parsed: ParsedRequest,
    facts: Facts,
    *,
    history: JSONValue,
    occasion: Occasion,
    bundle: ActiveBundle,
    opa: DecidesInput,
) -> Judgement:
    """Steps 8 and 9: ask OPA, read its answer strictly, combine it with the facts.

    Args:
        parsed: the request.
        facts: what is proven about it, with this bundle's registry.
        history: what the ledger knows about the signing key, as the input document has it; None where none is proven.
        occasion: goes into the input document.
        bundle: the release; OPA must answer under exactly this one.
        opa: answers.

    Raises:
        RevisionMismatch: OPA answered under another release than the facts were made with.
        Indeterminate: there is no usable answer.
    """
    document = build_input(
        decision_id=occasion.decision_id,
        unix=occasion.unix,
        node=occasion.node,
        key_id=occasion.key_id,
        request=parsed,
        facts=facts,
        history=history,
    )
    answer = await opa.decide(document)
    if answer.revision != bundle.revision:
        raise RevisionMismatch(f"OPA decided under {answer.revision}, the facts are of {bundle.revision}")
    profile = bundle.profiles.rules(kind=parsed.kind, group=_group(facts))
    effect, reasons = combine(
        facts,
        parse_answer(answer.result, profile=profile),
        accept_unprovable=bundle.accept_unprovable,
        denying=bundle.denying,
    )
    return Judgement(effect=effect, reasons=reasons, document=document, opa_version=answer.version)


def _prove(request: CallbackRequest, registry: Registry) -> tuple[ParsedRequest, Facts]:
    parsed = parse_details(request)
    return parsed, prove(parsed, registry)


def _group(facts: Facts) -> str | None:
    """The group of the proven signing key; a declared group chooses no profile."""
    group = facts.signer.get("group") if facts.signer is not None else None
    return group if isinstance(group, str) else None
