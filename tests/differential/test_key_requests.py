"""Random honest requests of keys. No library of wallets builds any: what must agree is written down by hand."""

import random
from collections.abc import Callable

import pytest
from facts_cases import codes, parsed
from key_request_mutations import KEY_GEN, KEY_RESHARE, KEY_SHARE_SIGN, KeyRequests, Plan
from mutation_counts import COUNTS
from placet_policy.facts.prove import prove


@pytest.mark.parametrize(
    ("name", "plan"), [("key_gen", KEY_GEN), ("key_reshare", KEY_RESHARE), ("key_share_sign", KEY_SHARE_SIGN)]
)
def test_honest_requests_of_keys_are_proven(name: str, plan: Plan, tell: Callable[..., None]) -> None:
    """Whatever the ids of nodes, groups and tasks are, a request whose statements agree is proven."""
    count = COUNTS[name].honest

    for asked in KeyRequests(plan).honest(count, random.Random(20261127)):
        found = prove(parsed(plan.request_type, asked["detail"], asked["extra"]), KeyRequests.registry)
        assert (found.status, codes(found)) == ("PROVEN", []), asked
    tell(f"{name}: {count:,} honest requests PROVEN", honest=count)
