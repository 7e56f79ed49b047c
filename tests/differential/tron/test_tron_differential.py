"""TRON against the library that wallets use: whatever tronweb builds of random payments is proven.

How many is in tests/support/mutation_counts.py. `make test` brings Node.js and the locked library.
"""

import random
from collections.abc import Callable

from facts_cases import codes, parsed
from mutation_counts import COUNTS
from placet_policy.facts.prove import prove
from tron_mutations import OWNER, TronPayments, build, payment

_HONEST = COUNTS["tron"].honest


def test_honest_payments_are_proven_and_say_the_same(tell: Callable[..., None]) -> None:
    """Whatever tronweb builds is proven with its declaration, and facts and hash agree field by field."""
    numbers = random.Random(20261122)

    for case in build([payment(numbers) for _ in range(_HONEST)]):
        asked, built = case.payment, case.built
        found = prove(parsed(2, case.request["detail"], case.request["extra"]), TronPayments.registry)

        assert (found.status, codes(found)) == ("PROVEN", []), asked
        (transfer,) = found.transfers
        assert (transfer["from"], transfer["to"], transfer["amount"]) == (OWNER, asked["to"], asked["amount"])
        assert found.hashes[0]["hash"] == built["hash"]
        assert found.chain is not None
        assert found.chain["expiration"] == str(asked["expiration"])
        assert found.chain["timestamp"] == str(asked["timestamp"])
        assert found.chain["ref_block"] == {
            "bytes": "0x" + asked["ref_block_bytes"],
            "hash": "0x" + asked["ref_block_hash"],
        }
    tell(f"tron: {_HONEST:,} honest payments of tronweb PROVEN field by field", honest=_HONEST)
