"""EVM messages against the library that wallets use: ethers hashes random messages and typed data, honest and changed.

Bounded here; HYPOTHESIS_PROFILE=long makes it long. Needs Node.js; the library is installed as locked.
"""

import base64
import json
import os
import random
from typing import Any

from ethers_oracle import ask, keep
from evm_honest import NETWORKS, REGISTRY
from facts_cases import codes, parsed, sample
from placet_policy.chains.eip712 import TypedDataError, read_typed_data
from placet_policy.facts.prove import Facts, prove
from typed_data_random import Typed, changed, typed_data

_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
_HONEST = 2_000 if _LONG else 100
_CHANGES = 4_000 if _LONG else 250


def _message(destination: dict[str, Any], digest: str) -> Facts:
    request_type, detail, extra = sample("keysign_message_eip191")
    detail["msg_hash_list"] = [digest]
    extra["transaction"]["destination"] = destination
    return prove(parsed(request_type, detail, extra), REGISTRY)


def _personal(message: bytes, digest: str) -> Facts:
    text = base64.b64encode(message).decode()
    return _message({"destination_type": "EVM_EIP_191_Signature", "message": text}, digest)


def _typed(data: Any, digest: str, raw: str | None) -> Facts:
    destination = {"destination_type": "EVM_EIP_712_Signature", "structured_data": data, "raw_structured_data": raw}
    return _message(destination, digest)


def _random_message(numbers: random.Random) -> bytes:
    length = numbers.choice([1, 9, 10, 32, 64, 99, 100, numbers.randrange(1, 1_500)])
    return numbers.choice([numbers.randbytes(length), numbers.randbytes(length).hex().encode(), "nº 7".encode()])


def test_personal_messages_are_hashed_alike() -> None:
    """EIP-191: random bytes and texts are proven with the digest of ethers, and with no other."""
    numbers = random.Random(20261124)
    messages = [_random_message(numbers) for _ in range(_HONEST)]
    digests = keep(ask([{"ask": "personal", "message": message.hex()} for message in messages]))

    for index, (message, answer) in enumerate(zip(messages, digests, strict=True)):
        found = _personal(message, answer["digest"])
        assert (found.status, codes(found)) == ("PROVEN", []), message
        assert (found.hashes[0]["hash"], found.messages[0]["data"]) == (answer["digest"], "0x" + message.hex())
        foreign = digests[index - 1]["digest"]
        found = _personal(message, foreign)
        assert codes(found) == ([] if foreign == answer["digest"] else ["HASH_MISMATCH"])


def test_typed_data_is_hashed_alike() -> None:
    """EIP-712: random structs and arrays in any spelling are proven with the digest and the halves of ethers."""
    numbers = random.Random(20261125)
    cases = [typed_data(numbers) for _ in range(_HONEST)]

    for case, answer in zip(cases, keep(ask([{"ask": "typed", "data": one.asked} for one in cases])), strict=True):
        raw = numbers.choice([None, json.dumps(case.asked), json.dumps(case.declared, ensure_ascii=False)])
        found = _typed(case.declared, answer["digest"], raw)

        assert (found.status, codes(found)) == ("PROVEN", []), case
        assert found.hashes[0]["hash"] == answer["digest"] == answer["whole"]
        (message,) = found.messages
        assert (message["domain"], message["values"]) == (case.shown["domain"], case.shown["values"])
        assert message["primary_type"] == case.asked["primaryType"]
        read = read_typed_data(case.declared)
        assert "0x" + read.domain_separator.hex() == answer["domain"]
        assert "0x" + read.struct_hash.hex() == answer["struct"]
        _compare_network(found, case)


def _compare_network(found: Facts, case: Typed) -> None:
    """The network is the one that the domain names."""
    network = case.asked["domain"].get("chainId")
    assert found.chain is not None
    assert (found.chain["network"], found.chain["network_proven"]) == (network, network is not None)
    assert network not in map(str, NETWORKS.values()) or found.chain["id"] is not None


def _digest(data: dict[str, Any]) -> str | None:
    try:
        return "0x" + read_typed_data(data).digest.hex()
    except TypedDataError:
        return None


def test_changed_typed_data_is_proven_only_where_it_is_hashed_alike() -> None:
    """Whatever we read has the digest of ethers; under the old digest only data that means the same is proven."""
    numbers = random.Random(20261126)
    cases = [typed_data(numbers) for _ in range(_CHANGES)]
    changes = [changed(case.asked, numbers) for case in cases]
    before = keep(ask([{"ask": "typed", "data": case.asked} for case in cases]))
    survivors, proven, read = [], 0, 0

    for case, old, data, new in zip(
        cases, before, changes, ask([{"ask": "typed", "data": data} for data in changes]), strict=True
    ):
        digest = _digest(data)
        read += digest is not None
        found = _typed(data, old["digest"], None)
        stale = _typed(data, digest or old["digest"], json.dumps(case.asked))
        proven += found.status == "PROVEN"
        same = new.get("digest") == old["digest"]
        if (
            (digest is not None and digest != new.get("digest"))
            or (found.status == "PROVEN" and not same)
            or (stale.status == "PROVEN" and not same)
        ):
            survivors.append((found.status, stale.status, digest, old, new, case.asked, data))

    for survivor in survivors:
        print(survivor)  # noqa: T201 -- shown where the test fails
    assert survivors == []
    # Other spellings mean the same, and changed values are read too: both must have happened.
    assert 0 < proven < read < _CHANGES
