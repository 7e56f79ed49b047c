"""KeySign requests of declared Solana instructions, made from the SOL sample with a message that agrees."""

import base64
from typing import Any

import base58
import solana_cases as sol
from facts_cases import facts, put, sample
from placet_policy.facts.prove import Facts

PROGRAM = "JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"
"""A program that nothing here knows."""
STATE = "7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5"
CONFIG = "SysvarC1ock11111111111111111111111111111111"
WRITABLE = frozenset({sol.SIGNER, STATE, sol.SIGNER_USDC, sol.OWNER_USDC, sol.PAID, sol.OTHER_MINT})
"""What the instructions of these tests write to; everything else is read-only."""

APPROVE = sol.Step(sol.TOKEN, (sol.SIGNER_USDC, sol.PAID, sol.SIGNER), b"\x04" + (7).to_bytes(8, "little"))
"""7 base units of the signer's USDC for a delegate."""
DRAIN = sol.pay_token(5, to=sol.OWNER_USDC)
"""What somebody would put beside a call."""
HEAP = sol.Step(sol.COMPUTE, (), b"\x01" + (64).to_bytes(4, "little"))
"""RequestHeapFrame, of which nothing is known here."""


def run(data: bytes = b"\x01\x02\x03", *, accounts: tuple[str, ...] = (sol.SIGNER, STATE, CONFIG)) -> sol.Step:
    """An instruction of the unknown program."""
    return sol.Step(PROGRAM, accounts, data)


def declare(step: sol.Step) -> dict[str, Any]:
    """An instruction as the provider declares it (protocol d.14)."""
    accounts = [
        {"pubkey": account, "is_signer": account == sol.SIGNER, "is_writable": account in WRITABLE}
        for account in step.accounts
    ]
    return {"program_id": step.program, "accounts": accounts, "data": base64.b64encode(step.data).decode()}


def built(*steps: sol.Step, signers: tuple[str, ...] = (sol.SIGNER,), writable: frozenset[str] = WRITABLE) -> bytes:
    """A message as wallets compile it: signers, then accounts that are written to, then all that are only read."""
    used = list(dict.fromkeys(key for step in steps for key in (*step.accounts, step.program) if key not in signers))
    written = [key for key in used if key in writable]
    return sol.message(
        *steps,
        extras=sol.Extras(signers=signers, keys=tuple(written), header=(len(signers), 0, len(used) - len(written))),
    )


def call_parts(
    *steps: sol.Step, declared: tuple[sol.Step, ...] | None = None, body: bytes | None = None
) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Type, detail and extra of a contract call.

    Args:
        steps: What the message holds.
        declared: What is declared, if something else.
        body: Another message.
    """
    request_type, detail, extra = sample("keysign_sol_transfer")
    signed = built(*steps) if body is None else body
    transaction = extra["transaction"]
    transaction["type"] = "ContractCall"
    transaction["raw_tx_info"]["unsigned_raw_tx"] = sol.wrapped(signed)
    transaction["destination"] = {
        "destination_type": "SOL_Contract",
        "instructions": [declare(step) for step in (steps if declared is None else declared)],
    }
    detail["msg_hash_list"] = ["0x" + signed.hex()]
    return request_type, detail, extra


def contract_call(
    *steps: sol.Step,
    declared: tuple[sol.Step, ...] | None = None,
    body: bytes | None = None,
    changes: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> Facts:
    """The facts about a contract call, after changes by path and with another registry."""
    request_type, detail, extra = call_parts(*steps, declared=declared, body=body)
    parts = {"detail": detail, "extra": extra}
    for path, value in (changes or {}).items():
        put(parts, path, value)
    return facts(request_type, parts["detail"], parts["extra"], data)


def key(number: int) -> str:
    """An address of which nothing is known."""
    return base58.b58encode(number.to_bytes(32, "big")).decode()
