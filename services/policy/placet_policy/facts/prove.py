"""Facts: what is proven about a request (design section 5). Pure and bounded; no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from placet_policy.codes import Code
from placet_policy.facts.detail import ParsedRequest, RequestKind
from placet_policy.facts.findings import Contradiction, Findings, Missing
from placet_policy.facts.key_requests import prove_key_gen, prove_key_reshare, prove_key_share_sign
from placet_policy.facts.key_sign import prove_key_sign
from placet_policy.facts.summary import sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.proof import Proof
    from placet_policy.registry import Registry


class FactStatus(StrEnum):
    """How far the declaration is confirmed by the bytes."""

    PROVEN = "PROVEN"
    UNPROVABLE = "UNPROVABLE"
    CONTRADICTED = "CONTRADICTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts about one request; every fact states its source.

    Attributes:
        status: PROVEN only if nothing is missing, nothing contradicts and the proof is complete.
        missing: Why it is unprovable.
        contradictions: Where statements differ; not part of `to_json()`, as the input document has them beside.
        chain: The network, or None.
        transfers: Payments in the bytes.
        calls: Contract calls in the bytes that are no known payment.
        messages: Signed messages.
        fee: Upper bound of the fee, or None.
        signer: The signing key, or None while the root key is not pinned.
        hashes: What is signed, as recomputed from the bytes.
        summary: What the request does, in sentences.
    """

    status: FactStatus
    missing: tuple[Missing, ...]
    contradictions: tuple[Contradiction, ...]
    chain: dict[str, JSONValue] | None = None
    transfers: tuple[dict[str, JSONValue], ...] = ()
    calls: tuple[dict[str, JSONValue], ...] = ()
    messages: tuple[dict[str, JSONValue], ...] = ()
    fee: dict[str, JSONValue] | None = None
    signer: dict[str, JSONValue] | None = None
    hashes: tuple[dict[str, JSONValue], ...] = ()
    summary: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, JSONValue]:
        """The object `input.facts` of the input document."""
        return {
            "status": str(self.status),
            "missing": [dict(finding.to_json()) for finding in self.missing],
            "chain": self.chain,
            "transfers": list(self.transfers),
            "calls": list(self.calls),
            "messages": list(self.messages),
            "fee": self.fee,
            "signer": self.signer,
            "hashes": list(self.hashes),
            "summary": list(self.summary),
        }


def prove(request: ParsedRequest, registry: Registry) -> Facts:
    """Find out what can be proven about a request.

    Args:
        request: Parsed request of one of the four kinds.
        registry: The active bundle's registry.

    Returns:
        The facts. Bad input never raises: it is missing or contradicts. A defect of the decoder itself is
        `DECODER_FAILED`, so that it holds and does not take the service down.
    """
    findings = Findings(missing=list(request.missing))
    try:
        proof = _PROVERS[request.kind](request, registry, findings)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        findings.miss(Code.DECODER_FAILED, type(error).__name__)
        return _conclude(request.kind, findings, None, registry)
    return _conclude(request.kind, findings, proof, registry)


_PROVERS: dict[RequestKind, Callable[[ParsedRequest, Registry, Findings], Proof]] = {
    RequestKind.KEY_GEN: prove_key_gen,
    RequestKind.KEY_SIGN: prove_key_sign,
    RequestKind.KEY_RESHARE: prove_key_reshare,
    RequestKind.KEY_SHARE_SIGN: prove_key_share_sign,
}


def _conclude(kind: RequestKind, findings: Findings, proof: Proof | None, registry: Registry) -> Facts:
    if not findings.missing and not findings.contradictions and (proof is None or not proof.complete):
        # A way through the prover that ends early must say why; if it does not, the request is still not proven.
        findings.miss(Code.DECODER_FAILED, "proof")
    status = FactStatus.PROVEN
    if findings.missing:
        status = FactStatus.UNPROVABLE
    if findings.contradictions:
        status = FactStatus.CONTRADICTED
    missing, contradictions = tuple(findings.missing), tuple(findings.contradictions)
    summary = sentences(kind, proof, findings, registry)
    if proof is None:
        return Facts(status=status, missing=missing, contradictions=contradictions, summary=summary)
    return Facts(
        status=status,
        missing=missing,
        contradictions=contradictions,
        chain=proof.chain,
        transfers=tuple(proof.transfers),
        calls=tuple(proof.calls),
        messages=tuple(proof.messages),
        fee=proof.fee,
        signer=proof.signer,
        hashes=tuple(proof.hashes),
        summary=summary,
    )
