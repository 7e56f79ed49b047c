"""Solana against the libraries that wallets use: @solana/web3.js and @solana/spl-token build and read the messages.

Bounded here; HYPOTHESIS_PROFILE=long makes it long. `make test` brings Node.js and the locked libraries.
"""

import base64
import random
from pathlib import Path
from typing import Any

import base58
import solana_cases as sol
from facts_cases import codes, facts, registry_data, sample
from node_oracle import LONG, NodeOracle
from placet_policy.facts.prove import Facts
from solana_calls import contract_call

_oracle = NodeOracle(Path(__file__).parent)
_PAYMENTS = 4_000 if LONG else 200
_CALLS = 2_000 if LONG else 150
_CHANGES = 20_000 if LONG else 400
_DECIMALS = 6


def _address(numbers: random.Random) -> str:
    return base58.b58encode(numbers.randbytes(32)).decode()


def _payment(numbers: random.Random) -> dict[str, Any]:
    """A random honest payment, as a wallet would be asked for it."""
    token = numbers.random() < 0.6
    return {
        "signer": sol.SIGNER,
        "to": _address(numbers),
        "amount": str(numbers.choice([0, 1, numbers.getrandbits(20), numbers.getrandbits(63)])),
        "mint": sol.USDC if token else None,
        "decimals": _DECIMALS,
        "token2022": token and numbers.random() < 0.3,
        "checked": numbers.random() < 0.7,
        "create": numbers.choice([None, "create", "idempotent"]) if token else None,
        "nonce": _address(numbers) if numbers.random() < 0.3 else None,
        "price": str(numbers.getrandbits(40)) if numbers.random() < 0.5 else None,
        "limit": numbers.getrandbits(20) if numbers.random() < 0.5 else None,
        "memo": numbers.choice([None, None, "4711", "Rechnung nº 7"]),
        "memoSigned": numbers.random() < 0.5,
        "version": numbers.choice([None, 0]),
        "blockhash": _address(numbers),
    }


def _facts(body: bytes, payment: dict[str, Any]) -> Facts:
    """The facts about a message with the declaration of a payment."""
    request_type, detail, extra = sample("keysign_sol_transfer")
    transaction = extra["transaction"]
    transaction["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(body)
    transaction["token_id"] = "SOL" if payment["mint"] is None else "SOL_USDC"
    decimals = 9 if payment["mint"] is None else _DECIMALS
    digits = payment["amount"].rjust(decimals + 1, "0")
    transaction["destination"]["account_output"] = {
        "address": payment["to"],
        "amount": f"{digits[:-decimals]}.{digits[-decimals:]}",
        "memo": payment["memo"] or "",
    }
    detail["msg_hash_list"] = ["0x" + body.hex()]
    return facts(request_type, detail, extra, registry_data())


def _fee(payment: dict[str, Any], instructions: int) -> str | None:
    if payment["create"] is not None and payment["token2022"]:
        return None
    limit = min(200_000 * instructions if payment["limit"] is None else payment["limit"], 1_400_000)
    priority = -(-int(payment["price"] or 0) * limit // 1_000_000)
    return str(5_000 + priority + (2_039_280 if payment["create"] is not None else 0))


def test_what_wallets_build_is_proven_field_by_field() -> None:
    """Random honest payments are never contradicted, and every fact is what the wallet's library put in."""
    numbers = random.Random(4)
    payments = [_payment(numbers) for _ in range(_PAYMENTS)]

    for payment, built in zip(payments, _oracle(payments), strict=True):
        found = _facts(bytes.fromhex(built["message"]), payment)

        assert (found.status, codes(found)) == ("PROVEN", []), payment
        (transfer,) = found.transfers
        assert transfer["to"] == payment["to"]
        assert transfer["from"] == sol.SIGNER
        assert transfer["amount"] == payment["amount"]
        assert transfer.get("to_account") == built["accounts"].get("destination")
        asset: Any = transfer["asset"]
        assert asset["contract"] == payment["mint"]
        instructions = 1 + sum(payment[name] is not None for name in ("nonce", "price", "limit", "create", "memo"))
        assert found.fee is not None
        assert found.fee["max"] == _fee(payment, instructions)


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

    return {**_payment(numbers), "memo": None, "instructions": [step() for _ in range(numbers.randrange(1, 5))]}


def test_what_wallets_build_of_instructions_is_proven() -> None:
    """Web3.js merges the flags of the declared accounts, and adds nonce and compute budget; nothing contradicts."""
    numbers = random.Random(6)
    calls = [_call(numbers) for _ in range(_CALLS)]

    for call, built in zip(calls, _oracle(calls), strict=True):
        found = contract_call(
            body=bytes.fromhex(built["message"]),
            changes={"extra.transaction.destination.instructions": call["instructions"]},
        )

        assert (found.status, codes(found)) == ("PROVEN", []), call
        named = [fact["to"] for fact in found.calls if fact["method"] != "System.AdvanceNonceAccount"]
        assert named == [step["program_id"] for step in call["instructions"]]


def test_what_the_library_refuses_is_not_proven() -> None:
    """Changed messages that are signed too: proven only if the library reads the same one payment out of them."""
    numbers = random.Random(5)
    payments = [_payment(numbers) for _ in range(_CHANGES)]
    changed = [_changed(bytes.fromhex(built["message"]), numbers) for built in _oracle(payments)]
    proven = 0

    for payment, body, read in zip(payments, changed, _oracle([{"read": body.hex()} for body in changed]), strict=True):
        found = _facts(body, payment)
        if found.status != "PROVEN":
            continue
        proven += 1
        assert read.get("canonical") is True, (read, body.hex())
        assert read["payer"] == sol.SIGNER
        (transfer,) = read["transfers"]
        assert transfer["amount"] == payment["amount"]
        if payment["mint"] is None:
            assert transfer["to"] == payment["to"]
        else:
            assert transfer["to_account"] == found.transfers[0]["to_account"]
    # A changed block hash, price or flag pays the same: without such survivors nothing above was compared.
    assert 0 < proven < _CHANGES


def _changed(body: bytes, numbers: random.Random) -> bytes:
    """One byte changed, one inserted, one removed, or the tail cut off."""
    position = numbers.randrange(len(body))
    kind = numbers.randrange(8)
    if kind == 0:
        return body[:position] + numbers.randbytes(1) + body[position:]
    if kind == 1:
        return body[:position] + body[position + 1 :]
    if kind == 2:
        return body[:position]
    return body[:position] + bytes([body[position] ^ numbers.randrange(1, 256)]) + body[position + 1 :]
