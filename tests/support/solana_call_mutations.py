"""Declared Solana instructions: random honest ones that web3.js builds, and their changes."""

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import base58
import solana_cases as sol
from account_mutations import HASHES, RAW, one_changed, swapped
from facts_cases import registry, registry_data
from mutation import Change, changed, damaged, mistyped
from solana_call_verdict import CHAINS, agrees, question
from solana_calls import APPROVE, DRAIN, HEAP, call_parts, declare
from solana_mutations import ask, payment

_TX = "extra.transaction"
_DESTINATION = f"{_TX}.destination"
_STEPS = f"{_DESTINATION}.instructions"
_SWAPS = (
    (_STEPS,),
    (f"{_STEPS}.0",),
    (f"{_STEPS}.0.accounts",),
    (f"{_STEPS}.0.data",),
    (_DESTINATION, RAW),
    (_DESTINATION, RAW, HASHES),
)
_PUT_IN = (DRAIN, APPROVE, HEAP, sol.pay(7), sol.memo("x"), sol.limit(9), sol.price(9), sol.advance())
"""What somebody could put beside the declared instructions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A call, the message that web3.js built of it, the request that declares it, and a message that differs."""

    call: dict[str, Any]
    body: bytes
    request: dict[str, Any]
    twin: str
    twin_body: bytes


def call(numbers: random.Random) -> dict[str, Any]:
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


def build(calls: Sequence[dict[str, Any]], numbers: random.Random) -> list[Case]:
    """The calls as web3.js builds them, with honest declarations, and beside each a message that differs."""
    twins = [_twin(one, numbers) for one in calls]
    answers = [bytes.fromhex(built["message"]) for built in ask([*calls, *(twin for _, twin in twins)])]
    bodies = zip(answers[: len(calls)], answers[len(calls) :], strict=True)
    return [
        Case(call=one, body=body, request=_request(one, body), twin=name, twin_body=twin_body)
        for one, (name, _), (body, twin_body) in zip(calls, twins, bodies, strict=True)
    ]


def _request(one: dict[str, Any], body: bytes) -> dict[str, Any]:
    _, detail, extra = call_parts(body=body)
    extra["transaction"]["destination"]["instructions"] = one["instructions"]
    return {"detail": detail, "extra": extra}


class SolanaCalls:
    """Declared instructions."""

    request_type = 2
    registry = registry(registry_data())
    exact = True

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random instructions."""
        return build([call(numbers) for _ in range(count)], numbers)

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """The message that differs, or a damaged one, signed too more often than not."""
        if numbers.random() < 0.5:
            return changed(one.twin, one.request, _signed(one.twin_body))
        name, body = damaged(one.body, other.body, numbers)
        return changed(name, one.request, _signed(body) if numbers.random() < 0.8 else {RAW: sol.wrapped(body)})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        tokens, chains = (*CHAINS, "SOL_NEW"), ("SOL", "TRON", "ETH", "SOLANA")
        own = _statements(one, numbers)
        return one_changed(one.request, numbers, own, often=numbers.choice([*own]), tokens=tokens, chains=chains)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        return swapped(one.request, other.request, numbers, _SWAPS)

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether web3.js reads the declared instructions in the message."""
        asked = [question(change.request) for change in changes]
        return [agrees(change.request, read) for change, read in zip(changes, ask(asked), strict=True)]


def _address(numbers: random.Random) -> str:
    return base58.b58encode(numbers.randbytes(32)).decode()


def _signed(body: bytes) -> dict[str, Any]:
    return {RAW: sol.wrapped(body), HASHES: ["0x" + body.hex()]}


def _twin(one: dict[str, Any], numbers: random.Random) -> tuple[str, dict[str, Any]]:
    """The call with one thing otherwise; what surrounds the instructions may differ and means the same."""
    if numbers.random() < 0.2:
        around = payment(numbers)
        name = numbers.choice(["nonce", "price", "limit", "version", "blockhash"])
        return f"twin: {name}", {**one, name: around[name]}
    name, steps = _other_steps(one["instructions"], numbers)
    return f"twin: {name}", {**one, "instructions": steps}


def _other_steps(before: Sequence[dict[str, Any]], numbers: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """Instructions with one put in, left out, moved, repeated, or otherwise in one part."""
    steps, place = list(before), numbers.randrange(len(before))
    several = ["left out", "moved"] if len(steps) > 1 else []
    name = numbers.choice(["put in", "put in", "repeated", "program", "data", "account", "flag", *several])
    if name == "put in":
        steps.insert(numbers.randrange(len(steps) + 1), declare(numbers.choice(_PUT_IN)))
    elif name == "left out":
        del steps[place]
    elif name == "moved":
        steps.insert(numbers.randrange(len(steps)), steps.pop(place))
    elif name == "repeated":
        steps.insert(place, steps[place])
    else:
        steps[place] = _other_step(steps[place], name, numbers)
    return name, steps


def _other_step(step: dict[str, Any], part: str, numbers: random.Random) -> dict[str, Any]:
    accounts = list(step["accounts"])
    place = numbers.randrange(len(accounts)) if accounts else 0
    if part == "program":
        return {**step, "program_id": _address(numbers)}
    if part == "data":
        _, data = damaged(base64.b64decode(step["data"]) or b"\x00", numbers.randbytes(40), numbers)
        return {**step, "data": base64.b64encode(data).decode()}
    if part == "account" or not accounts:
        new = {"pubkey": _address(numbers), "is_signer": False, "is_writable": True}
        accounts[place : place + numbers.randrange(2)] = [new]
        return {**step, "accounts": accounts}
    flag = numbers.choice(["is_signer", "is_writable"])
    accounts[place] = {**accounts[place], flag: not accounts[place][flag]}
    return {**step, "accounts": accounts}


def _statements(one: Case, numbers: random.Random) -> dict[str, tuple[str, Any]]:
    steps = one.call["instructions"]
    name, others = _other_steps(steps, numbers)
    place = numbers.randrange(len(steps))
    at, step = f"{_STEPS}.{place}", steps[place]
    raw = base64.b64decode(step["data"])
    spelled = [
        raw.hex(),
        "0x" + raw.hex(),
        base58.b58encode(raw).decode(),
        step["data"].rstrip("="),
        step["data"] + "=",
    ]
    accounts = step["accounts"]
    number = numbers.randrange(len(accounts)) if accounts else 0
    account = accounts[number] if accounts else declare(DRAIN)["accounts"][0]
    flag = numbers.choice(["is_signer", "is_writable"])
    flags = [not account[flag], str(account[flag]).lower(), int(account[flag]), None]
    listed = [list(reversed(accounts)), accounts[:-1], [*accounts, account], [], None, "", {}]
    return {
        f"instructions: {name}": (_STEPS, others),
        "odd instructions": (_STEPS, numbers.choice([[], None, "", {}, [None], [{}], [*steps, None]])),
        "program": (f"{at}.program_id", mistyped(step["program_id"], numbers)),
        "data": (f"{at}.data", mistyped(step["data"], numbers)),
        "odd data": (f"{at}.data", numbers.choice([*spelled, step["data"] + "\n"])),
        "accounts": (f"{at}.accounts", numbers.choice(listed)),
        "account": (
            f"{at}.accounts",
            _put(accounts, number, {**account, "pubkey": mistyped(account["pubkey"], numbers)}),
        ),
        "flag": (f"{at}.accounts", _put(accounts, number, {**account, flag: numbers.choice(flags)})),
        "note": (f"{at}.later", numbers.choice([1, None, "x"])),
        "memo": (f"{_DESTINATION}.memo", "x"),
        "type": (f"{_TX}.type", numbers.choice(["Withdrawal", "MessageSign", "Stake", "ContractCall"])),
        "destination type": (
            f"{_DESTINATION}.destination_type",
            numbers.choice(["EVM_Contract", "TRON_Contract", "Address", "SOL_Contract"]),
        ),
        "replacement": (
            f"{_TX}.replacement",
            {"replaced_type": numbers.choice(["Resend", "SpeedUp", "Drop", "other"])},
        ),
    }


def _put(accounts: Sequence[Any], number: int, account: dict[str, Any]) -> list[Any]:
    return [*accounts[:number], account, *accounts[number + 1 :]]
