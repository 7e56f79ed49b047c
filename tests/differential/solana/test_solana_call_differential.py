"""Solana calls against the library that wallets use: whatever @solana/web3.js builds of instructions is proven."""

import base64
import random
from collections.abc import Callable
from typing import Any

import base58
import solana_cases as sol
from facts_cases import codes
from mutation_counts import COUNTS
from solana_calls import contract_call
from solana_mutations import ask, payment

_HONEST = COUNTS["solana_call"].honest


def _address(numbers: random.Random) -> str:
    return base58.b58encode(numbers.randbytes(32)).decode()


def _call(numbers: random.Random) -> dict[str, Any]:
    """Random declared instructions over few accounts, so that flags merge; the signer may be among them."""
    pool = [sol.SIGNER, *(_address(numbers) for _ in range(4))]
    programs = [_address(numbers), _address(numbers), sol.TOKEN_2022]

    def account() -> dict[str, Any]:
        chosen = numbers.choice(pool)
        signs = chosen == sol.SIGNER and numbers.random() < 0.7
        return {"pubkey": chosen, "is_signer": signs, "is_writable": numbers.random() < 0.5}

    def step() -> dict[str, Any]:
        data = numbers.randbytes(numbers.randrange(20))
        return {
            "program_id": numbers.choice(programs),
            "accounts": [account() for _ in range(numbers.randrange(6))],
            "data": base64.b64encode(data).decode(),
        }

    return {**payment(numbers), "memo": None, "instructions": [step() for _ in range(numbers.randrange(1, 5))]}


def test_what_wallets_build_of_instructions_is_proven(tell: Callable[..., None]) -> None:
    """Web3.js merges the flags of the declared accounts, and adds nonce and compute budget; nothing contradicts."""
    numbers = random.Random(6)
    calls = [_call(numbers) for _ in range(_HONEST)]

    for call, built in zip(calls, ask(calls), strict=True):
        found = contract_call(
            body=bytes.fromhex(built["message"]),
            changes={"extra.transaction.destination.instructions": call["instructions"]},
        )

        assert (found.status, codes(found)) == ("PROVEN", []), call
        named = [fact["to"] for fact in found.calls if fact["method"] != "System.AdvanceNonceAccount"]
        assert named == [step["program_id"] for step in call["instructions"]]
    tell(f"solana calls: {_HONEST:,} honest calls of web3.js PROVEN instruction by instruction", honest=_HONEST)
