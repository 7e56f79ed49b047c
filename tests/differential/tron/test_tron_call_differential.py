"""TRON calls against the library that wallets use: whatever tronweb builds of random calls is proven."""

import random
from collections.abc import Callable
from typing import Any

from facts_cases import codes
from mutation_counts import COUNTS
from placet_policy.chains.addresses import TRON_FORM
from placet_policy.chains.amounts import from_base_units
from placet_policy.chains.strict_hex import encode_hex
from tron_calls import contract_call
from tron_mutations import MAX_SAFE, OWNER, USDT, ask

_HONEST = COUNTS["tron_call"].honest


def _call(numbers: random.Random) -> dict[str, Any]:
    """A random honest call of a standard method, or of one that nobody registered."""
    address = TRON_FORM.encode(b"\x41" + numbers.randbytes(20))
    amount = {"type": "uint256", "value": str(numbers.choice([0, 7, numbers.getrandbits(256)]))}
    methods: list[tuple[str, list[dict[str, Any]]]] = [
        ("transfer(address,uint256)", [{"type": "address", "value": address}, amount]),
        ("approve(address,uint256)", [{"type": "address", "value": address}, amount]),
        ("increaseAllowance(address,uint256)", [{"type": "address", "value": address}, amount]),
        ("swap(address[],uint256)", [{"type": "address[]", "value": [address, USDT]}, amount]),
        ("deposit()", []),
    ]
    signature, parameters = numbers.choice(methods)
    return {
        "call": signature,
        "parameters": parameters,
        "address": address,
        "owner": OWNER,
        "contract": numbers.choice([USDT, TRON_FORM.encode(b"\x41" + numbers.randbytes(20))]),
        "call_value": numbers.choice([0, 1, numbers.getrandbits(50)]),
        "fee_limit": numbers.randrange(1, 10**10),
        "ref_block_bytes": numbers.randbytes(2).hex(),
        "ref_block_hash": numbers.randbytes(8).hex(),
        "expiration": numbers.randrange(1, MAX_SAFE),
        "timestamp": numbers.randrange(1, MAX_SAFE),
    }


def test_honest_calls_are_proven_and_say_the_same(tell: Callable[..., None]) -> None:
    """Whatever call tronweb builds is proven with its declaration; approvals and transfers name whom it named."""
    numbers = random.Random(20261124)
    calls = [_call(numbers) for _ in range(_HONEST)]

    for call, built in zip(calls, ask(calls), strict=True):
        found = contract_call(
            bytes.fromhex(built["data"]),
            to=TRON_FORM.decode(call["contract"]),
            value=from_base_units(call["call_value"], 6),
            signed=bytes.fromhex(built["raw"]),
        )

        assert (found.status, codes(found)) == ("PROVEN", []), call
        assert found.hashes[0]["hash"] == built["hash"]
        (fact,) = found.calls
        assert (fact["from"], fact["to"], fact["value"]) == (OWNER, call["contract"], str(call["call_value"]))
        assert fact["data"] == encode_hex(bytes.fromhex(built["data"]))
        known = call["call"] not in {"swap(address[],uint256)", "deposit()"}
        assert fact["method"] == (call["call"] if known else None)
        approval: Any = fact["approval"]
        spender = None if approval is None else approval["spender"]
        assert spender == (call["address"] if call["call"].startswith(("approve", "increase")) else None)
        moved = [transfer["to"] for transfer in found.transfers]
        coins = [call["contract"]] if call["call_value"] else []
        is_token = call["call"].startswith("transfer") and call["contract"] == USDT
        assert moved == coins + ([call["address"]] if is_token else [])
    tell(f"tron calls: {_HONEST:,} honest calls of tronweb PROVEN field by field", honest=_HONEST)
