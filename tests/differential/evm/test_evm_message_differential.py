"""EVM messages against the library that wallets use: ethers hashes random messages and typed data.

How many is in tests/support/mutation_counts.py. Needs Node.js; the library is installed as locked.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from ethers_oracle import ask, keep
from evm_honest import NETWORKS, REGISTRY
from facts_cases import codes, parsed
from message_mutations import personal_digests, personal_request, random_message, typed_request
from mutation_counts import COUNTS
from placet_policy.chains.eip712 import read_typed_data
from placet_policy.facts.prove import Facts, prove
from typed_data_random import Typed, typed_data

_PERSONAL, _TYPED = COUNTS["eip191"].honest, COUNTS["eip712"].honest


def _facts(asked: dict[str, Any]) -> Facts:
    return prove(parsed(2, asked["detail"], asked["extra"]), REGISTRY)


def test_personal_messages_are_hashed_alike(tell: Callable[..., None]) -> None:
    """EIP-191: random bytes and texts are proven with the digest of ethers."""
    numbers = random.Random(20261124)
    messages = [random_message(numbers) for _ in range(_PERSONAL)]

    for message, digest in zip(messages, personal_digests(messages), strict=True):
        found = _facts(personal_request(message, digest))
        assert (found.status, codes(found)) == ("PROVEN", []), message
        assert (found.hashes[0]["hash"], found.messages[0]["data"]) == (digest, "0x" + message.hex())
    tell(f"eip191: {_PERSONAL:,} honest messages PROVEN with the digest of ethers", honest=_PERSONAL)


def test_typed_data_is_hashed_alike(tell: Callable[..., None]) -> None:
    """EIP-712: random structs and arrays in any spelling are proven with the digest and the halves of ethers."""
    numbers = random.Random(20261125)
    cases = [typed_data(numbers) for _ in range(_TYPED)]

    for case, answer in zip(cases, keep(ask([{"ask": "typed", "data": one.asked} for one in cases])), strict=True):
        raw = numbers.choice([None, json.dumps(case.asked), json.dumps(case.declared, ensure_ascii=False)])
        found = _facts(typed_request(case.declared, answer["digest"], raw))

        assert (found.status, codes(found)) == ("PROVEN", []), case
        assert found.hashes[0]["hash"] == answer["digest"] == answer["whole"]
        (message,) = found.messages
        assert (message["domain"], message["values"]) == (case.shown["domain"], case.shown["values"])
        assert message["primary_type"] == case.asked["primaryType"]
        read = read_typed_data(case.declared)
        assert "0x" + read.domain_separator.hex() == answer["domain"]
        assert "0x" + read.struct_hash.hex() == answer["struct"]
        _compare_network(found, case)
    tell(f"eip712: {_TYPED:,} honest messages PROVEN with digest and halves of ethers", honest=_TYPED)


def _compare_network(found: Facts, case: Typed) -> None:
    """The network is the one that the domain names."""
    network = case.asked["domain"].get("chainId")
    assert found.chain is not None
    assert (found.chain["network"], found.chain["network_proven"]) == (network, network is not None)
    assert network not in map(str, NETWORKS.values()) or found.chain["id"] is not None
