"""TRON against the library that wallets use: tronweb builds honest payments and calls, and reads changed payments.

Bounded here; HYPOTHESIS_PROFILE=long makes it long. `make test` brings Node.js and the locked library.
"""

import random
from pathlib import Path
from typing import Any

import tron_oracle as oracle
from facts_cases import codes
from node_oracle import LONG, NodeOracle
from placet_policy.chains.addresses import TRON_FORM
from placet_policy.chains.amounts import from_base_units
from placet_policy.chains.strict_hex import encode_hex
from placet_policy.chains.tron import NotCanonicalError, decode_unsigned
from tron_calls import contract_call

_oracle = NodeOracle(Path(__file__).parent)
_PAYMENTS = 5_000 if LONG else 200
_CALLS = 2_000 if LONG else 100
_CHANGES = 20_000 if LONG else 600
_OWNER = "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"
_USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
_MAX_SAFE = 2**53 - 1
"""tronweb keeps times, limits and amounts of TRX in JavaScript numbers, which are exact up to here."""


def _payment(numbers: random.Random) -> dict[str, Any]:
    """A random honest payment, as a wallet would be asked for it."""
    token = numbers.random() < 0.5
    amount = numbers.choice([1, numbers.getrandbits(20) + 1, numbers.getrandbits(52) + 1])
    return {
        "owner": _OWNER,
        "contract": _USDT if token else None,
        "to": TRON_FORM.encode(b"\x41" + numbers.randbytes(20)),
        "amount": str(numbers.getrandbits(255)) if token and numbers.random() < 0.2 else str(amount),
        "ref_block_bytes": numbers.randbytes(2).hex(),
        "ref_block_hash": numbers.randbytes(8).hex(),
        "expiration": numbers.randrange(1, _MAX_SAFE),
        "timestamp": numbers.randrange(1, _MAX_SAFE),
        "fee_limit": numbers.randrange(1, 10**10) if token or numbers.random() < 0.2 else 0,
        "memo": numbers.choice([None, None, "4711", "Rechnung nº 7"]),
    }


def _request(payment: dict[str, Any]) -> dict[str, Any]:
    return payment if payment["contract"] else {**payment, "amount": int(payment["amount"])}


def _output(payment: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": payment["to"],
        "amount": from_base_units(int(payment["amount"]), 6),
        "memo": payment["memo"] or "",
    }


def test_honest_payments_are_proven_and_say_the_same() -> None:
    """Whatever tronweb builds is proven with its declaration, and facts and hash agree field by field."""
    numbers = random.Random(20261122)
    payments = [_payment(numbers) for _ in range(_PAYMENTS)]

    for payment, built in zip(payments, _oracle([_request(one) for one in payments]), strict=True):
        found = oracle.sample_with(bytes.fromhex(built["raw"]), token=bool(payment["contract"]), **_output(payment))

        assert (found.status, codes(found)) == ("PROVEN", []), payment
        (transfer,) = found.transfers
        assert (transfer["from"], transfer["to"], transfer["amount"]) == (_OWNER, payment["to"], payment["amount"])
        assert found.hashes[0]["hash"] == built["hash"]
        assert found.chain is not None
        assert found.chain["expiration"] == str(payment["expiration"])
        assert found.chain["timestamp"] == str(payment["timestamp"])
        assert found.chain["ref_block"] == {
            "bytes": "0x" + payment["ref_block_bytes"],
            "hash": "0x" + payment["ref_block_hash"],
        }


def _call(numbers: random.Random) -> dict[str, Any]:
    """A random honest call of a standard method, or of one that nobody registered."""
    address = TRON_FORM.encode(b"\x41" + numbers.randbytes(20))
    amount = {"type": "uint256", "value": str(numbers.choice([0, 7, numbers.getrandbits(256)]))}
    methods: list[tuple[str, list[dict[str, Any]]]] = [
        ("transfer(address,uint256)", [{"type": "address", "value": address}, amount]),
        ("approve(address,uint256)", [{"type": "address", "value": address}, amount]),
        ("increaseAllowance(address,uint256)", [{"type": "address", "value": address}, amount]),
        ("swap(address[],uint256)", [{"type": "address[]", "value": [address, _USDT]}, amount]),
        ("deposit()", []),
    ]
    signature, parameters = numbers.choice(methods)
    return {
        "call": signature,
        "parameters": parameters,
        "address": address,
        "owner": _OWNER,
        "contract": numbers.choice([_USDT, TRON_FORM.encode(b"\x41" + numbers.randbytes(20))]),
        "call_value": numbers.choice([0, 1, numbers.getrandbits(50)]),
        "fee_limit": numbers.randrange(1, 10**10),
        "ref_block_bytes": numbers.randbytes(2).hex(),
        "ref_block_hash": numbers.randbytes(8).hex(),
        "expiration": numbers.randrange(1, _MAX_SAFE),
        "timestamp": numbers.randrange(1, _MAX_SAFE),
    }


def test_honest_calls_are_proven_and_say_the_same() -> None:
    """Whatever call tronweb builds is proven with its declaration; approvals and transfers name whom it named."""
    numbers = random.Random(20261124)
    calls = [_call(numbers) for _ in range(_CALLS)]

    for call, built in zip(calls, _oracle(calls), strict=True):
        found = contract_call(
            bytes.fromhex(built["data"]),
            to=TRON_FORM.decode(call["contract"]),
            value=from_base_units(call["call_value"], 6),
            signed=bytes.fromhex(built["raw"]),
        )

        assert (found.status, codes(found)) == ("PROVEN", []), call
        assert found.hashes[0]["hash"] == built["hash"]
        (fact,) = found.calls
        assert (fact["from"], fact["to"], fact["value"]) == (_OWNER, call["contract"], str(call["call_value"]))
        assert fact["data"] == encode_hex(bytes.fromhex(built["data"]))
        known = call["call"] not in {"swap(address[],uint256)", "deposit()"}
        assert fact["method"] == (call["call"] if known else None)
        approval: Any = fact["approval"]
        spender = None if approval is None else approval["spender"]
        assert spender == (call["address"] if call["call"].startswith(("approve", "increase")) else None)
        moved = [transfer["to"] for transfer in found.transfers]
        coins = [call["contract"]] if call["call_value"] else []
        is_token = call["call"].startswith("transfer") and call["contract"] == _USDT
        assert moved == coins + ([call["address"]] if is_token else [])


def _changed(raw: bytes, other: bytes, numbers: random.Random) -> bytes:
    """One byte flipped, put in or taken out, or a part of another payment put in its place."""
    position = numbers.randrange(len(raw))
    kind = numbers.randrange(4)
    if kind == 0:
        return raw[:position] + bytes([raw[position] ^ numbers.randrange(1, 256)]) + raw[position + 1 :]
    if kind == 1:
        return raw[:position] + numbers.randbytes(1) + raw[position:]
    if kind == 2:
        return raw[:position] + raw[position + 1 :]
    end = position + numbers.randrange(1, 40)
    return raw[:position] + other[position:end] + raw[end:]


def _is_exact(raw: bytes) -> bool:
    """Whether tronweb can hold the numbers of the bytes."""
    try:
        found = decode_unsigned(raw)
    except NotCanonicalError:
        return True
    return max(found.expiration, found.timestamp, found.fee_limit) <= _MAX_SAFE


def _means_the_same(read: dict[str, Any], payment: dict[str, Any], *, exact: bool) -> bool:
    """Whether tronweb reads the declared payment, and nothing else, in bytes that it would write itself.

    Args:
        read: What tronweb says.
        payment: What is declared.
        exact: False where tronweb rounds a number, so that it would write other bytes.
    """
    token = bool(payment["contract"])
    to = oracle.calldata(TRON_FORM.decode(payment["to"]), int(payment["amount"])).hex() if token else payment["to"]
    return (
        "refused" not in read
        and (read["canonical"] or not exact)
        and (read["contracts"], read["permission"]) == (1, 0)
        and read["owner"].lower() == TRON_FORM.decode(_OWNER).hex()
        and read["to"].lower() == TRON_FORM.decode(_USDT if token else to).hex()
        and (read["data"].lower() == to if token else read["amount"] == payment["amount"])
        and bytes.fromhex(read["memo"]).decode("utf-8", "replace") == (payment["memo"] or "")
    )


def test_changed_bytes_are_proven_only_where_they_mean_the_same() -> None:
    """With the changed bytes hashed again, we prove exactly what tronweb reads as the declared payment."""
    numbers = random.Random(20261123)
    payments = [_payment(numbers) for _ in range(50)]
    raws = [bytes.fromhex(built["raw"]) for built in _oracle([_request(one) for one in payments])]
    changes = []
    for _ in range(_CHANGES):
        index = numbers.randrange(len(payments))
        changed = _changed(raws[index], numbers.choice(raws), numbers)
        if changed != raws[index]:
            changes.append((payments[index], changed))
    types = {True: "TriggerSmartContract", False: "TransferContract"}
    reads = _oracle([{"read": raw.hex(), "type": types[bool(one["contract"])]} for one, raw in changes])

    survivors, proven = [], 0
    for (payment, raw), read in zip(changes, reads, strict=True):
        found = oracle.sample_with(raw, token=bool(payment["contract"]), **_output(payment))
        proven += found.status == "PROVEN"
        if (found.status == "PROVEN") != _means_the_same(read, payment, exact=_is_exact(raw)):
            survivors.append((found.status, codes(found), read, payment, raw.hex()))

    assert survivors == []
    # Reference block, life time and fee limit may differ: both sides of the comparison must have happened.
    assert 0 < proven < len(changes) // 2
