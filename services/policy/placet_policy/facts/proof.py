"""What a prover gathers while it goes through a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue


@dataclass(slots=True, kw_only=True)
class Proof:
    """The parts of the facts, in the form of the input document (design section 5).

    Attributes:
        complete: Set as the last step of a prover, when every comparison of this kind of request has been made.
        chain: {kind, id, network, network_proven, source}.
        transfers: [{asset, from, from_declared, to, to_declared, amount, source}].
        calls: [{from, to, selector, method, args, data, value, operation, approval, depth, source}].
        messages: [{scheme, kind, …, digest, source}].
        fee: {max, asset, source}.
        signer: {root_key, vault, group, path, address, curve, source}.
        hashes: [{hash, path, source}].
        summary: Sentences about what no other fact says; `summary.py` makes the rest.
    """

    complete: bool = False
    chain: dict[str, JSONValue] | None = None
    transfers: list[dict[str, JSONValue]] = field(default_factory=list)
    calls: list[dict[str, JSONValue]] = field(default_factory=list)
    messages: list[dict[str, JSONValue]] = field(default_factory=list)
    fee: dict[str, JSONValue] | None = None
    signer: dict[str, JSONValue] | None = None
    hashes: list[dict[str, JSONValue]] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
