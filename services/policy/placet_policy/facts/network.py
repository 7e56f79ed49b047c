"""Which network applies where the bytes name none: TRON, Solana and Bitcoin (design section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_policy.facts.key_sign_case import KeySignCase
    from placet_policy.registry import Chain


def applicable_chain(case: KeySignCase) -> Chain | None:
    """The chain whose rules apply to bytes that are valid on every network of their kind.

    A declared test network is only believed for a root key that is pinned to one; otherwise the same signature would
    move coins of value, so the network with value applies.

    Returns:
        The declared chain, or the one network with value of its kind, or None if the registry has none or several.
    """
    if not case.chain.testnet or _is_test_key(case):
        return case.chain
    valuable = [chain for chain in case.registry.chains.values() if chain.kind == case.chain.kind and not chain.testnet]
    return valuable[0] if len(valuable) == 1 else None


def _is_test_key(case: KeySignCase) -> bool:
    signer = case.key.signer
    return signer is not None and case.registry.keys[signer.root_key].test_network
