"""TRON contract calls: random honest ones that tronweb builds, their changes, and what tronweb reads in them."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tron_oracle as oracle
from account_mutations import HASHES, RAW, octets, odd_amount, one_changed, other_amount, swapped, units
from facts_cases import registry, registry_data
from mutation import Change, changed, damaged, get, mistyped
from placet_policy.chains.addresses import TRON_FORM
from placet_policy.chains.amounts import from_base_units
from tron_calls import call_parts
from tron_mutations import MAX_SAFE, OWNER, USDT, ask, is_exact

_TX = "extra.transaction"
_DESTINATION = f"{_TX}.destination"
_CHAINS = {"TRON": "TRON", "TRON_USDT": "TRON", "SOL": "SOL", "ETH_USDT": "ETH"}
_KIND = ("ContractCall", "TRON_Contract")
_SWAPS = (
    (f"{_DESTINATION}.address",),
    (f"{_DESTINATION}.calldata",),
    (f"{_DESTINATION}.value",),
    (f"{_DESTINATION}.address", f"{_DESTINATION}.calldata"),
    (_DESTINATION, RAW),
    (_DESTINATION, RAW, HASHES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A call, what tronweb built of it, and the request that declares it."""

    call: dict[str, Any]
    built: dict[str, Any]
    request: dict[str, Any]


def call(numbers: random.Random) -> dict[str, Any]:
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


def build(calls: Sequence[dict[str, Any]]) -> list[Case]:
    """The calls as tronweb builds them, with honest declarations."""
    return [
        Case(call=one, built=built, request=_request(one, built))
        for one, built in zip(calls, ask(list(calls)), strict=True)
    ]


def _request(one: dict[str, Any], built: dict[str, Any]) -> dict[str, Any]:
    _, detail, extra = call_parts(
        bytes.fromhex(built["data"]),
        to=TRON_FORM.decode(one["contract"]),
        value=from_base_units(one["call_value"], 6),
        signed=bytes.fromhex(built["raw"]),
    )
    return {"detail": detail, "extra": extra}


class TronCalls:
    """Calls of TRON contracts."""

    request_type = 2
    registry = registry(registry_data())
    exact = True

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random calls."""
        return build([call(numbers) for _ in range(count)])

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """Another transaction that differs in one field, or damaged bytes; mostly with their own hash."""
        if numbers.random() < 0.5:
            name, raw = _rewritten(one, other, numbers)
            return changed(name, one.request, _signed(raw))
        name, raw = damaged(bytes.fromhex(one.built["raw"]), bytes.fromhex(other.built["raw"]), numbers)
        return changed(name, one.request, _signed(raw) if numbers.random() < 0.8 else {RAW: "0x" + raw.hex()})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        tokens, chains = (*_CHAINS, "TRON_NEW"), ("TRON", "ETH", "SOL", "TRX")
        own = _statements(one.request, numbers)
        return one_changed(one.request, numbers, own, often="calldata", tokens=tokens, chains=chains)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        return swapped(one.request, other.request, numbers, _SWAPS)

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether tronweb reads the declared call in the bytes."""
        asked = [_question(change.request) for change in changes]
        return [_agrees(change.request, read) for change, read in zip(changes, ask(asked), strict=True)]


def _signed(raw: bytes) -> dict[str, Any]:
    return {RAW: "0x" + raw.hex(), HASHES: ["0x" + hashlib.sha256(raw).hexdigest()]}


def _statements(request: dict[str, Any], numbers: random.Random) -> dict[str, tuple[str, Any]]:
    address, calldata, value = (get(request, f"{_DESTINATION}.{name}") for name in ("address", "calldata", "value"))
    spelled = TRON_FORM.decode(address).hex()
    _, data = damaged(bytes.fromhex(calldata[2:]) or b"\x00", numbers.randbytes(100), numbers)
    replaced = ["Resend", "SpeedUp", "Drop", "", "other"]
    return {
        "address": (f"{_DESTINATION}.address", mistyped(address, numbers)),
        "odd address": (f"{_DESTINATION}.address", numbers.choice([spelled, "0x" + spelled, "0x" + spelled[2:]])),
        "calldata": (f"{_DESTINATION}.calldata", "0x" + data.hex()),
        "odd calldata": (f"{_DESTINATION}.calldata", mistyped(calldata, numbers)),
        "value": (f"{_DESTINATION}.value", other_amount(value, numbers)),
        "odd value": (f"{_DESTINATION}.value", odd_amount(value, numbers)),
        "memo": (f"{_DESTINATION}.memo", numbers.choice(["x", "", None, 7])),
        "type": (f"{_TX}.type", numbers.choice(["Withdrawal", "MessageSign", "Stake", "ContractCall"])),
        "destination type": (
            f"{_DESTINATION}.destination_type",
            numbers.choice(["EVM_Contract", "SOL_Contract", "Address", "TRON_Contract"]),
        ),
        "replacement": (f"{_TX}.replacement", {"replaced_type": numbers.choice(replaced)}),
    }


def _rewritten(one: Case, other: Case, numbers: random.Random) -> tuple[str, bytes]:
    """The call written by Google's Protocol Buffers, with one field otherwise; some mean the same."""
    asked, foreign = one.call, other.call
    value: dict[str, Any] = {
        "owner_address": TRON_FORM.decode(asked["owner"]),
        "contract_address": TRON_FORM.decode(asked["contract"]),
        "call_value": asked["call_value"],
        "data": bytes.fromhex(one.built["data"]),
    }
    around: dict[str, Any] = {
        **{name: asked[name] for name in ("expiration", "timestamp", "fee_limit")},
        **{name: bytes.fromhex(asked[name]) for name in ("ref_block_bytes", "ref_block_hash")},
    }
    others: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
        "nothing": ({}, {}, {}),
        "owner": ({"owner_address": TRON_FORM.decode(foreign["address"])}, {}, {}),
        "contract": ({"contract_address": TRON_FORM.decode(foreign["contract"])}, {}, {}),
        "value": ({"call_value": foreign["call_value"] + 1}, {}, {}),
        "data": ({"data": bytes.fromhex(other.built["data"])}, {}, {}),
        "token": ({"call_token_value": 1, "token_id": 1_000_001}, {}, {}),
        "token id": ({"token_id": 1_000_001}, {}, {}),
        "permission": ({}, {"permission_id": 2}, {}),
        "contract type": ({}, {"number": numbers.choice([0, 1, 2, 30, 46])}, {}),
        "times": ({}, {}, {"expiration": foreign["expiration"], "timestamp": foreign["timestamp"]}),
        "fee limit": ({}, {}, {"fee_limit": foreign["fee_limit"]}),
        "memo": ({}, {}, {"data": b"4711"}),
        "twice": ({}, {}, {"times": 2}),
    }
    name = numbers.choice(list(others))
    in_value, in_contract, in_raw = others[name]
    return f"rewritten: {name}", _written({**value, **in_value}, in_contract, {**around, **in_raw})


def _written(value: dict[str, Any], contract: dict[str, Any], around: dict[str, Any]) -> bytes:
    number, times = contract.pop("number", oracle.TRIGGER), around.pop("times", 1)
    called = oracle.encode("TriggerSmartContract", **value)
    return oracle.raw(*[oracle.contract(number, "TriggerSmartContract", called, **contract)] * times, **around)


def _question(request: dict[str, Any]) -> dict[str, Any]:
    raw = octets(get(request, RAW)) or b""
    return {"read": raw.hex(), "type": "TriggerSmartContract", "address": get(request, f"{_DESTINATION}.address")}


def _agrees(request: dict[str, Any], read: dict[str, Any]) -> bool:
    """Whether the one hash is that of the bytes, and tronweb reads the declared call in bytes as it writes them."""
    raw, transaction = octets(get(request, RAW)), request["extra"]["transaction"]
    destination, replacement = transaction["destination"], transaction.get("replacement") or {}
    if (
        "refused" in read
        or not raw
        or [octets(text) for text in request["detail"]["msg_hash_list"]] != [hashlib.sha256(raw).digest()]
        or (transaction.get("type"), destination.get("destination_type")) != _KIND
        or (replacement.get("replaced_type") or "Resend") != "Resend"
        or not _is_on_tron(transaction)
        or not (read["canonical"] or not is_exact(raw))
        or (read["contracts"], read["permission"]) != (1, 0)
        or read["owner"].lower() != TRON_FORM.decode(OWNER).hex()
        or (read["token"], read["memo"]) != ("0/0", "")
        or destination.get("memo") not in (None, "")
        or read["declared"] is None
    ):
        return False
    text, data = destination.get("value") or "0", octets(destination.get("calldata"))
    value = units({"amount": text}, 6) if isinstance(text, str) else None
    called = (read["to"].lower(), read["data"].lower(), read["value"])
    return data is not None and called == (read["declared"].lower(), data.hex(), str(value))


def _is_on_tron(transaction: dict[str, Any]) -> bool:
    """The chain, or the token's where no chain is named; where both say one they agree."""
    chain, of_token = transaction.get("chain_id") or None, _CHAINS.get(transaction.get("token_id") or "")
    return (chain or of_token) == "TRON" and of_token in (None, "TRON")
