"""Bitcoin against the libraries that wallets use: bitcoinjs-lib and bip32 derive, build and hash the transactions.

How many is in tests/support/mutation_counts.py. `make test` brings Node.js and the locked libraries.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from bitcoin_mutations import BitcoinPayments
from bitcoin_wishes import Case, ask, build, wish
from facts_cases import codes, parsed
from mutation import damaged
from mutation_counts import COUNTS
from node_oracle import LONG
from placet_policy.chains.bitcoin import BitcoinError, decode_unsigned
from placet_policy.chains.derivation import path_text
from placet_policy.facts.prove import Facts, prove

_HONEST = COUNTS["bitcoin"].honest
_READ = 20_000 if LONG else 600
_PARTIAL = [0x02, 0x03, 0x81, 0x82, 0x83]


def _facts(case: Case) -> Facts:
    return prove(parsed(2, case.request["detail"], case.request["extra"]), BitcoinPayments.registry)


def test_what_wallets_build_is_proven_field_by_field(tell: Callable[..., None]) -> None:
    """Random honest payments are never contradicted, and every fact is what the wallet's library put in."""
    numbers = random.Random(4)

    for made in build([wish(numbers) for _ in range(_HONEST)]):
        case, built, found = made.asked, made.built, _facts(made)

        assert (found.status, codes(found)) == ("PROVEN", []), case
        paid = sorted((one["to"], one["amount"]) for one in found.transfers if one["change"] is None)
        kept = [(one["to"], one["amount"], one["change"]) for one in found.transfers if one["change"] is not None]
        assert paid == sorted((payment["address"], str(payment["value"])) for payment in case["payments"])
        change = case["change"]
        assert kept == ([] if change is None else [(built["change"], str(change["value"]), "proven")])
        assert [one["hash"] for one in found.hashes] == ["0x" + digest for digest in built["digests"]]
        assert [one["path"] for one in found.hashes] == [path_text(tuple(one["path"])) for one in case["inputs"]]
        assert found.fee is not None
        assert found.fee["max"] == _fee(case)
    tell(f"bitcoin: {_HONEST:,} honest payments of bitcoinjs-lib PROVEN field by field", honest=_HONEST)


def _fee(case: dict[str, Any]) -> str | None:
    if any(entry["kind"] == "p2pkh" for entry in case["inputs"]):
        return None
    change = 0 if case["change"] is None else case["change"]["value"]
    paid = sum(payment["value"] for payment in case["payments"]) + change
    return str(sum(entry["value"] for entry in case["inputs"]) - paid)


@pytest.mark.parametrize("sighash", _PARTIAL)
def test_other_sighash_types_are_recognised(sighash: int) -> None:
    """Every digest that the library makes for NONE, SINGLE and ANYONECANPAY is named, for every kind of input."""
    numbers = random.Random(sighash)
    cases = [wish(numbers, sighash) for _ in range(_HONEST // 5)]
    # BIP-341 refuses a SINGLE without its output, and the library with it.
    cases = [case for case in cases if sighash & 3 != 3 or len(case["inputs"]) <= len(case["payments"])]
    assert cases

    for made in build(cases):
        found = _facts(made)

        assert codes(found) == ["SIGHASH_NOT_ALL"], made.asked
        assert len(found.contradictions) == len(made.asked["inputs"])


def test_what_the_library_refuses_is_not_read() -> None:
    """Changed bytes are read by both as the same transaction, or we refuse them."""
    numbers = random.Random(5)
    raws = [bytes.fromhex(one["raw"]) for one in ask([wish(numbers) for _ in range(_READ // 10)])]
    changed = [damaged(raw, numbers.choice(raws), numbers)[1] for raw in raws for _ in range(10)]
    accepted = 0

    for raw, answer in zip(changed, ask([{"read": raw.hex()} for raw in changed]), strict=True):
        try:
            transaction = decode_unsigned(raw)
        except BitcoinError:
            continue
        accepted += 1
        assert answer == {"canonical": True, "signed": False}, raw.hex()
        assert transaction.serialize() == raw
    assert 0 < accepted < len(changed)
