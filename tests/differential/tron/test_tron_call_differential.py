"""TRON calls against the library that wallets use: whatever tronweb builds of random calls is proven."""

import random
from collections.abc import Callable
from typing import Any

from facts_cases import codes, parsed
from mutation_counts import COUNTS
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.facts.prove import prove
from tron_call_mutations import TronCalls, build, call
from tron_mutations import OWNER, USDT

_HONEST = COUNTS["tron_call"].honest


def test_honest_calls_are_proven_and_say_the_same(tell: Callable[..., None]) -> None:
    """Whatever call tronweb builds is proven with its declaration; approvals and transfers name whom it named."""
    numbers = random.Random(20261124)

    for case in build([call(numbers) for _ in range(_HONEST)]):
        asked, built = case.call, case.built
        found = prove(parsed(2, case.request["detail"], case.request["extra"]), TronCalls.registry)

        assert (found.status, codes(found)) == ("PROVEN", []), asked
        assert found.hashes[0]["hash"] == built["hash"]
        (fact,) = found.calls
        assert (fact["from"], fact["to"], fact["value"]) == (OWNER, asked["contract"], str(asked["call_value"]))
        assert fact["data"] == encode_hex(bytes.fromhex(built["data"]))
        known = asked["call"] not in {"swap(address[],uint256)", "deposit()"}
        assert fact["method"] == (asked["call"] if known else None)
        approval: Any = fact["approval"]
        spender = None if approval is None else approval["spender"]
        assert spender == (asked["address"] if asked["call"].startswith(("approve", "increase")) else None)
        moved = [transfer["to"] for transfer in found.transfers]
        coins = [asked["contract"]] if asked["call_value"] else []
        is_token = asked["call"].startswith("transfer") and asked["contract"] == USDT
        assert moved == coins + ([asked["address"]] if is_token else [])
    tell(f"tron calls: {_HONEST:,} honest calls of tronweb PROVEN field by field", honest=_HONEST)
