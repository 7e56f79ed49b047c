"""Approvals that a call gives: who may spend what afterwards."""

import pytest
from evm_requests import CONTRACT, SAFE, SPENDER, USDT, calldata, contract_call

_UNLIMITED = 2**256 - 1
_APPROVE = calldata("approve(address,uint256)", SPENDER, 5)


def _approve_all(*, given: bool) -> bytes:
    return calldata("setApprovalForAll(address,bool)", SPENDER, given)


@pytest.mark.parametrize(
    ("data", "amount", "unlimited"),
    [
        (_APPROVE, "5", False),
        (calldata("approve(address,uint256)", SPENDER, 0), "0", False),
        (calldata("approve(address,uint256)", SPENDER, _UNLIMITED), str(_UNLIMITED), True),
        (calldata("approve(address,uint256)", SPENDER, 2**96 - 1), str(2**96 - 1), True),
        (calldata("approve(address,uint256)", SPENDER, 2**96), str(2**96), False),
        (calldata("increaseAllowance(address,uint256)", SPENDER, 2**160 - 1), str(2**160 - 1), True),
        (calldata("increaseApproval(address,uint256)", SPENDER, 5), "5", False),
        (calldata("allow(address,bool)", SPENDER, True), None, True),  # noqa: FBT003 -- an ABI argument
        (calldata("allow(address,bool)", SPENDER, False), "0", False),  # noqa: FBT003 -- an ABI argument
        (_approve_all(given=True), None, True),
        (_approve_all(given=False), "0", False),
        (
            calldata(
                "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
                SAFE,
                SPENDER,
                9,
                1,
                27,
                bytes(32),
                bytes(32),
            ),
            "9",
            False,
        ),
        (
            calldata(
                "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)",
                *(SAFE, SPENDER, 1, 1, True, 27, bytes(32), bytes(32)),
            ),
            None,
            True,
        ),
    ],
)
def test_approvals_say_who_may_spend_what(data: bytes, amount: str | None, unlimited: bool) -> None:  # noqa: FBT001 -- a table's column
    """Whatever the standard, the spender, the amount and whether anything is left out are facts."""
    (call,) = contract_call(data).calls

    assert call["approval"] == {"token": CONTRACT, "spender": SPENDER, "amount": amount, "unlimited": unlimited}


def test_an_approval_of_permit2_is_about_the_token() -> None:
    """Permit2 is called, and the token is an argument."""
    found = contract_call(calldata("approve(address,address,uint160,uint48)", USDT, SPENDER, 2**160 - 1, 1))

    assert found.calls[0]["approval"] == {
        "token": USDT,
        "spender": SPENDER,
        "amount": str(2**160 - 1),
        "unlimited": True,
    }
    assert f"Approves {SPENDER} to spend unlimited USDT ({USDT})." in found.summary


def test_an_approval_by_hash_is_a_hazard() -> None:
    """An owner who approves a hash on the chain signs what nobody can see, and a tail behind it changes nothing."""
    exact = calldata("approveHash(bytes32)", bytes(32))
    (found,), (longer,) = contract_call(exact, to=SAFE).calls, contract_call(exact + b"\x00", to=SAFE).calls

    assert exact[:4].hex() == "d4d9bdcd"
    assert (found["method"], found["hazards"]) == ("approveHash(bytes32)", ["BLIND_APPROVAL"])
    assert longer["hazards"] == ["BLIND_APPROVAL", "INEXACT_CALLDATA"]
