"""Bitcoin messages against the libraries that wallets use: bitcoinjs-lib builds the virtual transactions of BIP-322."""

import random
from pathlib import Path
from typing import Any

import pytest
from bitcoin_cases import MAINNET, bitcoin_facts, own_script
from bitcoin_message_cases import MESSAGE, PATH, bip137_request, bip322_request
from facts_cases import ROOT_KEY, codes
from node_oracle import LONG, NodeOracle
from placet_policy.chains.bitcoin_digest import Spend

_oracle = NodeOracle(Path(__file__).parent)
_MESSAGES = 4_000 if LONG else 200
_CHANGES = 20_000 if LONG else 500
_KINDS = [Spend.P2WPKH, Spend.P2SH_P2WPKH, Spend.P2PKH, Spend.P2TR]


def _case(numbers: random.Random) -> dict[str, Any]:
    """A random message; its length is now and then at a border of the compact size."""
    length = numbers.choice([0, 1, 32, 64, 252, 253, 254, 65_535, 65_536, numbers.randrange(300)])
    return {
        "root": ROOT_KEY,
        "path": list(PATH),
        "kind": str(numbers.choice(_KINDS)),
        "tweaked": numbers.random() < 0.5,
        "message": numbers.randbytes(length).hex(),
    }


def _requests(case: dict[str, Any], answer: dict[str, Any], declared: str) -> list[dict[str, Any]]:
    """A request for each digest of the libraries."""
    spend, digests = Spend(case["kind"]), [bytes.fromhex(digest) for digest in answer["bip322"]["digests"]]
    found = [bip322_request(declared, spend, digest, tweaked=case["tweaked"]) for digest in digests]
    if spend is not Spend.P2TR:
        found.append(bip137_request(declared, bytes.fromhex(answer["bip137"]), spend))
    return found


def test_messages_that_wallets_hash_are_proven() -> None:
    """Every digest of the libraries, for every kind of address, is proven with the very message."""
    numbers = random.Random(5)
    cases = [_case(numbers) for _ in range(_MESSAGES)]

    for case, answer in zip(cases, _oracle(cases), strict=True):
        script = own_script(PATH, Spend(case["kind"]), tweaked=case["tweaked"])
        assert answer["bip322"]["address"] == MAINNET.encode(script)
        for parts in _requests(case, answer, "0x" + case["message"]):
            found = bitcoin_facts(parts)

            assert (found.status, codes(found)) == ("PROVEN", [])
            assert found.messages[0]["data"] == "0x" + case["message"]


def test_no_other_message_is_proven_by_a_digest() -> None:
    """A message with one changed byte is not proven by the digest."""
    numbers = random.Random(6)
    cases = [{**_case(numbers), "message": MESSAGE.hex()} for _ in range(_MESSAGES // 4)]
    answers = _oracle(cases)

    for _ in range(_CHANGES):
        number = numbers.randrange(len(cases))
        other = bytearray(MESSAGE)
        other[numbers.randrange(len(other))] ^= numbers.randrange(1, 256)
        for parts in _requests(cases[number], answers[number], "0x" + other.hex()):
            found = bitcoin_facts(parts)

            assert (found.status, codes(found)) == ("UNPROVABLE", ["MESSAGE_ENCODING_NOT_PROVEN"])


@pytest.mark.parametrize("kind", [Spend.P2WPKH, Spend.P2SH_P2WPKH, Spend.P2PKH, Spend.P2TR])
def test_the_digest_of_one_address_is_not_that_of_another(kind: Spend) -> None:
    """BIP-322 binds the address: the libraries' digest for one kind is refused for each other kind of the same key."""
    case = {"root": ROOT_KEY, "path": list(PATH), "kind": str(kind), "tweaked": True, "message": MESSAGE.hex()}
    (answer,) = _oracle([case])

    for digest in answer["bip322"]["digests"]:
        for other in _KINDS:
            if other is not kind:
                found = bitcoin_facts(bip322_request(MESSAGE.hex(), other, bytes.fromhex(digest)))

                assert codes(found) == ["MESSAGE_ENCODING_NOT_PROVEN"]
