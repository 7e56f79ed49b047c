"""What Solana instructions of known programs give away: approvals and hazards."""

from typing import Any

import pytest
import solana_cases as sol
from solana_calls import APPROVE, STATE, contract_call, run

_CHECKED = sol.Step(sol.TOKEN_2022, (sol.SIGNER_USDC, sol.USDC, sol.PAID, sol.SIGNER), b"\x0d" + b"\xff" * 8 + b"\x06")
_BURN = sol.Step(sol.TOKEN_2022, (sol.SIGNER_USDC, sol.USDC, sol.SIGNER), b"\x0f" + (7).to_bytes(8, "little") + b"\x06")
_SET_AUTHORITY = sol.Step(sol.TOKEN, (sol.SIGNER_USDC, sol.SIGNER), b"\x06\x02\x01" + bytes(32))


def _system(which: int, *accounts: str) -> sol.Step:
    return sol.Step(sol.SYSTEM, accounts, which.to_bytes(4, "little") + bytes(8))


def _token(which: int, *accounts: str) -> sol.Step:
    return sol.Step(sol.TOKEN, accounts, bytes([which]) + bytes(8))


@pytest.mark.parametrize(
    ("step", "approval", "hazards"),
    [
        (APPROVE, {"token": sol.SIGNER_USDC, "spender": sol.PAID, "amount": "7", "unlimited": False}, []),
        (_CHECKED, {"token": sol.USDC, "spender": sol.PAID, "amount": str(2**64 - 1), "unlimited": True}, []),
        (
            sol.Step(sol.TOKEN, (*APPROVE.accounts, STATE), APPROVE.data),
            {"token": sol.SIGNER_USDC, "spender": sol.PAID, "amount": "7", "unlimited": False},
            ["INEXACT_CALLDATA"],
        ),
        (
            sol.Step(sol.TOKEN, APPROVE.accounts, APPROVE.data + b"\x00"),
            {"token": sol.SIGNER_USDC, "spender": sol.PAID, "amount": "7", "unlimited": False},
            ["INEXACT_CALLDATA"],
        ),
        (sol.Step(sol.TOKEN, APPROVE.accounts[:2], APPROVE.data), None, ["INEXACT_CALLDATA"]),
        (_SET_AUTHORITY, None, ["AUTHORITY_CHANGED"]),
        (_BURN, None, ["ASSETS_NOT_COUNTED"]),
        (sol.Step(sol.TOKEN, (sol.SIGNER_USDC, sol.PAID, sol.SIGNER), b"\x09"), None, ["ASSETS_NOT_COUNTED"]),
        (sol.Step(sol.SYSTEM, (sol.SIGNER,), (1).to_bytes(4, "little") + bytes(32)), None, ["AUTHORITY_CHANGED"]),
        (_system(6, STATE), None, ["AUTHORITY_CHANGED"]),
        (_system(8, sol.SIGNER), None, ["ASSETS_NOT_COUNTED"]),
        (_system(9, STATE, sol.SIGNER), None, ["AUTHORITY_CHANGED", "ASSETS_NOT_COUNTED"]),
        (_system(12, STATE), None, []),
        (_system(2, sol.SIGNER, sol.PAID, STATE), None, ["ASSETS_NOT_COUNTED"]),
        (_token(7, sol.OTHER_MINT, sol.OWNER_USDC, sol.SIGNER), None, ["ASSETS_NOT_COUNTED"]),
        (_token(14, sol.OTHER_MINT, sol.OWNER_USDC, sol.SIGNER), None, ["ASSETS_NOT_COUNTED"]),
        (_token(1, STATE, sol.USDC, sol.PAID, sol.RENT), None, ["AUTHORITY_CHANGED"]),
        (_token(16, STATE, sol.USDC, sol.RENT), None, ["AUTHORITY_CHANGED"]),
        (_token(3, sol.SIGNER_USDC, STATE, sol.SIGNER, sol.PAID), None, ["ASSETS_NOT_COUNTED"]),
        (_token(26, sol.SIGNER_USDC, STATE, sol.SIGNER), None, ["ASSETS_NOT_COUNTED"]),
        (_token(5, sol.SIGNER_USDC, sol.SIGNER), None, []),
        (_token(17, sol.SIGNER_USDC), None, []),
        (sol.Step(sol.ASSOCIATED, (STATE,), b"\x02"), None, ["ASSETS_NOT_COUNTED"]),
        (run(), None, []),
    ],
)
def test_what_is_given_away_is_named(step: sol.Step, approval: dict[str, Any] | None, hazards: list[str]) -> None:
    """Approvals have their spender, also behind forgiven accounts and bytes; the rest of the power has hazards."""
    (call,) = contract_call(step).calls

    assert (call["approval"], call["hazards"]) == (approval, hazards)
