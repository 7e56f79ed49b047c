"""Solana against the libraries that wallets use: whatever @solana/web3.js and @solana/spl-token build is proven.

How many is in tests/support/mutation_counts.py. `make test` brings Node.js and the locked libraries.
"""

import random
from collections.abc import Callable
from typing import Any

import solana_cases as sol
from facts_cases import codes, parsed
from mutation_counts import COUNTS
from placet_policy.facts.prove import prove
from solana_mutations import SolanaPayments, build, payment

_HONEST = COUNTS["solana"].honest


def _fee(asked: dict[str, Any], instructions: int) -> str | None:
    if asked["create"] is not None and asked["token2022"]:
        return None
    limit = min(200_000 * instructions if asked["limit"] is None else asked["limit"], 1_400_000)
    priority = -(-int(asked["price"] or 0) * limit // 1_000_000)
    return str(5_000 + priority + (2_039_280 if asked["create"] is not None else 0))


def test_what_wallets_build_is_proven_field_by_field(tell: Callable[..., None]) -> None:
    """Random honest payments are never contradicted, and every fact is what the wallet's library put in."""
    numbers = random.Random(4)

    for case in build([payment(numbers) for _ in range(_HONEST)]):
        asked, built = case.payment, case.built
        found = prove(parsed(2, case.request["detail"], case.request["extra"]), SolanaPayments.registry)

        assert (found.status, codes(found)) == ("PROVEN", []), asked
        (transfer,) = found.transfers
        assert transfer["to"] == asked["to"]
        assert transfer["from"] == sol.SIGNER
        assert transfer["amount"] == asked["amount"]
        assert transfer.get("to_account") == built["accounts"].get("destination")
        asset: Any = transfer["asset"]
        assert asset["contract"] == asked["mint"]
        instructions = 1 + sum(asked[name] is not None for name in ("nonce", "price", "limit", "create", "memo"))
        assert found.fee is not None
        assert found.fee["max"] == _fee(asked, instructions)
    tell(f"solana: {_HONEST:,} honest payments of web3.js PROVEN field by field", honest=_HONEST)
