"""Solana calls against the library that wallets use: whatever @solana/web3.js builds of instructions is proven."""

import random
from collections.abc import Callable

from facts_cases import codes, parsed
from mutation_counts import COUNTS
from placet_policy.facts.prove import prove
from solana_call_mutations import SolanaCalls, build, call

_HONEST = COUNTS["solana_call"].honest


def test_what_wallets_build_of_instructions_is_proven(tell: Callable[..., None]) -> None:
    """Web3.js merges the flags of the declared accounts, and adds nonce and compute budget; nothing contradicts."""
    numbers = random.Random(6)

    for case in build([call(numbers) for _ in range(_HONEST)], numbers):
        found = prove(parsed(2, case.request["detail"], case.request["extra"]), SolanaCalls.registry)

        assert (found.status, codes(found)) == ("PROVEN", []), case.call
        named = [fact["to"] for fact in found.calls if fact["method"] != "System.AdvanceNonceAccount"]
        assert named == [step["program_id"] for step in case.call["instructions"]]
    tell(f"solana calls: {_HONEST:,} honest calls of web3.js PROVEN instruction by instruction", honest=_HONEST)
