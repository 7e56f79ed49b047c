"""TRON payments: random honest ones that tronweb builds, their changes, and what tronweb reads in them."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tron_oracle as oracle
from account_mutations import HASHES, OUTPUT, RAW, declared_changed, octets, swapped, units
from facts_cases import registry, registry_data, sample
from mutation import Change, changed, damaged, get
from node_oracle import NodeOracle
from placet_policy.chains.addresses import TRON_FORM
from placet_policy.chains.amounts import from_base_units
from placet_policy.chains.tron import NotCanonicalError, decode_unsigned

OWNER = "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93"
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
MAX_SAFE = 2**53 - 1
"""tronweb keeps times, limits and amounts of TRX in JavaScript numbers, which are exact up to here."""
ask = NodeOracle(Path(__file__).parents[1] / "differential" / "tron")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A payment, what tronweb built of it, and the request that declares it."""

    payment: dict[str, Any]
    built: dict[str, Any]
    request: dict[str, Any]


def payment(numbers: random.Random) -> dict[str, Any]:
    """A random honest payment, as a wallet would be asked for it."""
    token = numbers.random() < 0.5
    amount = numbers.choice([1, numbers.getrandbits(20) + 1, numbers.getrandbits(52) + 1])
    return {
        "owner": OWNER,
        "contract": USDT if token else None,
        "to": TRON_FORM.encode(b"\x41" + numbers.randbytes(20)),
        "amount": str(numbers.getrandbits(255)) if token and numbers.random() < 0.2 else str(amount),
        "ref_block_bytes": numbers.randbytes(2).hex(),
        "ref_block_hash": numbers.randbytes(8).hex(),
        "expiration": numbers.randrange(1, MAX_SAFE),
        "timestamp": numbers.randrange(1, MAX_SAFE),
        "fee_limit": numbers.randrange(1, 10**10) if token or numbers.random() < 0.2 else 0,
        "memo": numbers.choice([None, None, "4711", "Rechnung nº 7"]),
    }


def build(payments: Sequence[dict[str, Any]]) -> list[Case]:
    """The payments as tronweb builds them, with honest declarations."""
    asked = [one if one["contract"] else {**one, "amount": int(one["amount"])} for one in payments]
    return [
        Case(payment=one, built=built, request=_request(one, built))
        for one, built in zip(payments, ask(asked), strict=True)
    ]


def _request(one: dict[str, Any], built: dict[str, Any]) -> dict[str, Any]:
    _, detail, extra = sample("keysign_trc20_transfer" if one["contract"] else "keysign_tron_transfer")
    transaction = extra["transaction"]
    transaction["raw_tx_info"]["unsigned_raw_tx"] = "0x" + built["raw"]
    transaction["destination"]["account_output"].update(
        {"address": one["to"], "amount": from_base_units(int(one["amount"]), 6), "memo": one["memo"] or ""}
    )
    detail["msg_hash_list"] = [built["hash"]]
    return {"detail": detail, "extra": extra}


class TronPayments:
    """TRX and TRC-20 payments."""

    request_type = 2
    registry = registry(registry_data())
    exact = True

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random payments."""
        return build([payment(numbers) for _ in range(count)])

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """Damaged bytes, with their own hash more often than with that of before."""
        name, raw = damaged(bytes.fromhex(one.built["raw"]), bytes.fromhex(other.built["raw"]), numbers)
        hashes = {HASHES: ["0x" + hashlib.sha256(raw).hexdigest()]} if numbers.random() < 0.8 else {}
        return changed(name, one.request, {RAW: "0x" + raw.hex(), **hashes})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        tokens, chains = ("TRON", "TRON_USDT", "TRON_NEW", "SOL", "ETH_USDT"), ("TRON", "ETH", "SOL", "TRX")
        return declared_changed(one.request, numbers, tokens=tokens, chains=chains)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        return swapped(one.request, other.request, numbers)

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether tronweb reads the declared payment in the bytes."""
        asked = [_question(change.request) for change in changes]
        return [_agrees(change.request, read) for change, read in zip(changes, ask(asked), strict=True)]


def _question(request: dict[str, Any]) -> dict[str, Any]:
    raw = octets(get(request, RAW)) or b""
    kind = "TransferContract" if get(request, "extra.transaction.token_id") == "TRON" else "TriggerSmartContract"
    return {"read": raw.hex(), "type": kind, "address": get(request, f"{OUTPUT}.address")}


def _agrees(request: dict[str, Any], read: dict[str, Any]) -> bool:
    """Whether the one hash is that of the bytes, and tronweb reads the declared payment in bytes as it writes them."""
    raw, transaction = octets(get(request, RAW)), request["extra"]["transaction"]
    token, output = transaction.get("token_id"), transaction["destination"]["account_output"]
    if (
        "refused" in read
        or not raw
        or [octets(text) for text in request["detail"]["msg_hash_list"]] != [hashlib.sha256(raw).digest()]
        or token not in ("TRON", "TRON_USDT")
        or (transaction.get("chain_id") or "TRON") != "TRON"
        or not (read["canonical"] or not is_exact(raw))
        or (read["contracts"], read["permission"]) != (1, 0)
        or (read["value"], read["token"]) != ("0", "0/0")
        or read["owner"].lower() != TRON_FORM.decode(OWNER).hex()
        or bytes.fromhex(read["memo"]) != (output.get("memo") or "").encode()
    ):
        return False
    amount, to = units(output, 6), read["declared"]
    if amount is None or not 0 <= amount < 2**256 or to is None:
        return False
    if token == "TRON":
        return (read["to"].lower(), read["amount"]) == (to.lower(), str(amount))
    data = oracle.calldata(bytes.fromhex(to), amount).hex()
    return (read["to"].lower(), read["data"].lower()) == (TRON_FORM.decode(USDT).hex(), data)


def is_exact(raw: bytes) -> bool:
    """Whether tronweb can hold the numbers of the bytes; where it rounds one it would write other bytes."""
    try:
        found = decode_unsigned(raw)
    except NotCanonicalError:
        return True
    return max(found.expiration, found.timestamp, found.fee_limit) <= MAX_SAFE
