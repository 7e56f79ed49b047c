"""Solana payments: random honest ones that web3.js and spl-token build, their changes, and what the libraries read."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import base58
import solana_cases as sol
from account_mutations import HASHES, OUTPUT, RAW, declared_changed, octets, swapped, units
from facts_cases import registry, registry_data, sample
from mutation import Change, changed, damaged, get
from node_oracle import NodeOracle

DECIMALS = 6
ask = NodeOracle(Path(__file__).parents[1] / "differential" / "solana")
_MINTS = {"SOL": None, "SOL_USDC": sol.USDC}
_ONCE = {"SetComputeUnitLimit", "SetComputeUnitPrice", "memo", "create", "nonce"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A payment, what the libraries built of it, and the request that declares it."""

    payment: dict[str, Any]
    built: dict[str, Any]
    request: dict[str, Any]


def _address(numbers: random.Random) -> str:
    return base58.b58encode(numbers.randbytes(32)).decode()


def payment(numbers: random.Random) -> dict[str, Any]:
    """A random honest payment, as a wallet would be asked for it."""
    token = numbers.random() < 0.6
    return {
        "signer": sol.SIGNER,
        "to": _address(numbers),
        "amount": str(numbers.choice([0, 1, numbers.getrandbits(20), numbers.getrandbits(63)])),
        "mint": sol.USDC if token else None,
        "decimals": DECIMALS,
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


def build(payments: Sequence[dict[str, Any]]) -> list[Case]:
    """The payments as the libraries build them, with honest declarations."""
    return [
        Case(payment=one, built=built, request=_request(one, bytes.fromhex(built["message"])))
        for one, built in zip(payments, ask(list(payments)), strict=True)
    ]


def _request(one: dict[str, Any], body: bytes) -> dict[str, Any]:
    _, detail, extra = sample("keysign_sol_transfer")
    transaction = extra["transaction"]
    transaction["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(body)
    transaction["token_id"] = "SOL" if one["mint"] is None else "SOL_USDC"
    decimals = 9 if one["mint"] is None else DECIMALS
    digits = one["amount"].rjust(decimals + 1, "0")
    transaction["destination"]["account_output"] = {
        "address": one["to"],
        "amount": f"{digits[:-decimals]}.{digits[-decimals:]}",
        "memo": one["memo"] or "",
    }
    detail["msg_hash_list"] = ["0x" + body.hex()]
    return {"detail": detail, "extra": extra}


class SolanaPayments:
    """SOL, SPL Token and Token-2022 payments."""

    request_type = 2
    registry = registry(registry_data())
    # The libraries do not look at the sysvars and programs that a nonce advance and an account creation name; we hold
    # those where another one is named (INSTRUCTION_UNKNOWN).
    exact = False

    def honest(self, count: int, numbers: random.Random) -> Sequence[Case]:
        """Random payments."""
        return build([payment(numbers) for _ in range(count)])

    def changed_bytes(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A damaged message, signed too more often than not; what is signed is the message itself."""
        name, body = damaged(bytes.fromhex(one.built["message"]), bytes.fromhex(other.built["message"]), numbers)
        hashes = {HASHES: ["0x" + body.hex()]} if numbers.random() < 0.8 else {}
        return changed(name, one.request, {RAW: sol.wrapped(body), **hashes})

    def declared(self, one: Case, _other: Case, numbers: random.Random) -> Change:
        """One statement changed."""
        tokens, chains = ("SOL", "SOL_USDC", "SOL_NEW", "TRON"), ("SOL", "TRON", "ETH", "SOLANA")
        return declared_changed(one.request, numbers, tokens=tokens, chains=chains)

    def swap(self, one: Case, other: Case, numbers: random.Random) -> Change:
        """A part of the other request."""
        return swapped(one.request, other.request, numbers)

    def same(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Whether the libraries read the declared payment in the message."""
        asked = [_question(change.request) for change in changes]
        return [_agrees(change.request, read) for change, read in zip(changes, ask(asked), strict=True)]


def _question(request: dict[str, Any]) -> dict[str, Any]:
    owner, token = get(request, f"{OUTPUT}.address"), get(request, "extra.transaction.token_id")
    body = signed_message(request)
    return {
        "read": "" if body is None else body.hex(),
        "payer": sol.SIGNER,
        "owner": owner if isinstance(owner, str) else "",
        "mint": _MINTS.get(str(token)),
    }


def signed_message(request: dict[str, Any]) -> bytes | None:
    """The one message that is signed, if it is the one that is shown."""
    hashes = [octets(text) for text in request["detail"]["msg_hash_list"]]
    (body, *more) = hashes or [None]
    shown = octets(get(request, RAW))
    return body if body and not more and shown == octets(sol.wrapped(body)) else None


def _agrees(request: dict[str, Any], read: dict[str, Any]) -> bool:
    """Whether the message is the declared payment by the signer, with nothing beside it that moves anything."""
    transaction = request["extra"]["transaction"]
    token, output = transaction.get("token_id"), transaction["destination"]["account_output"]
    if (
        "refused" in read
        or not read["canonical"]
        or read["payer"] != sol.SIGNER
        or token not in _MINTS
        or (transaction.get("chain_id") or "SOL") != "SOL"
    ):
        return False
    effects = read["effects"]
    payments = [one for one in effects if one["kind"] in ("coins", "token")]
    others = [one for one in effects if one["kind"] not in ("coins", "token")]
    kinds = [one["kind"] for one in others]
    memo = "".join(one["text"] for one in others if one["kind"] == "memo")
    return (
        len(payments) == 1
        and _pays(payments[0], output, token, read["accounts"])
        and set(kinds) <= _ONCE
        and len(set(kinds)) == len(kinds)
        and bytes.fromhex(memo) == (output.get("memo") or "").encode()
        and all(_belongs(one, payments[0], output) for one in others)
    )


def _pays(paid: Mapping[str, Any], output: Mapping[str, Any], token: str, accounts: Mapping[str, list[str]]) -> bool:
    mint = _MINTS[token]
    amount = units(output, 9 if mint is None else DECIMALS)
    if paid["by"] != sol.SIGNER or paid["amount"] != str(amount):
        return False
    if mint is None:
        return (paid["kind"], paid["to"]) == ("coins", output.get("address"))
    return (
        paid["kind"] == "token"
        and [paid["source"], paid["to"]] == accounts[paid["program"]]
        and paid["mint"] in (None, mint)
        and paid["decimals"] in (None, DECIMALS)
        and paid["signers"] == 0
    )


def _belongs(one: Mapping[str, Any], paid: Mapping[str, Any], output: Mapping[str, Any]) -> bool:
    """A nonce of the signer's, a memo of nobody else, and at most the account that is paid, at the signer's cost."""
    if one["kind"] == "create":
        made = (one["payer"], one["account"], one["owner"], one["mint"], one["program"])
        return paid["kind"] == "token" and made == (
            sol.SIGNER,
            paid["to"],
            output.get("address"),
            sol.USDC,
            paid["program"],
        )
    if one["kind"] == "memo":
        return set(one["by"]) <= {sol.SIGNER}
    return bool(one["kind"] != "nonce" or one["by"] == sol.SIGNER)
