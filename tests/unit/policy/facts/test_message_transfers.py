"""Typed data that is as good as a transfer or a signature of a contract, and typed data that nobody knows."""

from typing import Any

import pytest
from evm_requests import CONTRACT, SAFE, SPENDER, USDT, typed_data, typed_message
from facts_cases import ADDRESS, changed
from placet_policy.chains.evm import keccak256
from placet_policy.facts.prove import Facts

_AUTHORIZED = "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce"


def _signed(data: dict[str, Any]) -> Facts:
    """The facts about typed data that the samples' own key signs."""
    return changed("keysign_message_eip191", typed_message(data))


def _authorization(primary: str, contract: str = USDT) -> dict[str, Any]:
    values = {"from": ADDRESS, "to": SPENDER, "value": 9, "validAfter": 0, "validBefore": 1, "nonce": "0x" + "01" * 32}
    return typed_data(primary, {primary: _AUTHORIZED}, values, contract=contract)


def _safe_message(message: str) -> dict[str, Any]:
    return typed_data("SafeMessage", {"SafeMessage": "bytes message"}, {"message": message}, contract=SAFE)


@pytest.mark.parametrize(
    ("primary", "type_hash"),
    [
        ("TransferWithAuthorization", "7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267"),
        ("ReceiveWithAuthorization", "d099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8"),
    ],
)
def test_an_authorized_transfer_is_a_transfer(primary: str, type_hash: str) -> None:
    """EIP-3009: nobody asks the signer again, so that lists and limits judge it like a payment."""
    found = _signed(_authorization(primary))

    assert keccak256(f"{primary}({_AUTHORIZED})".encode()).hex() == type_hash
    assert (found.status, found.messages[0]["kind"]) == ("PROVEN", "transfer_authorization")
    (moved,) = found.transfers
    assert moved["asset"] == {"kind": "erc20", "contract": USDT, "token": "ETH_USDT", "chain": "ETH"}
    assert (moved["from"], moved["to"], moved["amount"], moved["source"]) == (ADDRESS.lower(), SPENDER, "9", "bytes")
    assert found.summary == (
        f"Sign a transfer that needs nothing but this signature (EIP-3009) for {USDT}.",
        f"Send 0.000009 USDT to {SPENDER} on ETH.",
    )


def test_an_authorized_transfer_of_an_unknown_token_is_still_a_transfer() -> None:
    """Without a contract, or of one that the registry does not know, rules see an asset that no list has."""
    foreign, unnamed = _authorization("TransferWithAuthorization", SAFE), _authorization("TransferWithAuthorization")
    unnamed["types"]["EIP712Domain"], unnamed["domain"] = [], {}

    assert [one["asset"] for one in _signed(foreign).transfers] == [
        {"kind": "erc20", "contract": SAFE, "token": None, "chain": "ETH"}
    ]
    assert [one["asset"] for one in _signed(unnamed).transfers] == [
        {"kind": "erc20", "contract": None, "token": None, "chain": None}
    ]


@pytest.mark.parametrize(
    ("message", "may_be_a_hash"), [("0x" + "ab" * 32, True), ("0x6869", False), ("0x" + b"ab".hex() * 32, True)]
)
def test_a_message_of_a_safe_is_a_signature_of_the_contract(message: str, may_be_a_hash: bool) -> None:  # noqa: FBT001 -- a table's column
    """Whoever asks the Safe (EIP-1271) takes the owners' signatures for its own, mostly of a hash."""
    found = _signed(_safe_message(message))
    (signed,) = found.messages

    assert (signed["kind"], signed["hazards"]) == ("safe_message", ["CONTRACT_SIGNATURE"])
    assert signed["may_be_hash"] is may_be_a_hash
    assert found.summary[0] == f"Sign a message in the name of the Safe {SAFE}."
    assert ("It may be the hash of a transaction." in found.summary) is may_be_a_hash


def test_the_values_of_unknown_typed_data_are_shown() -> None:
    """Nobody can say what it does, so people see what it says, each value quoted and all of them bounded."""
    types = {"Order": "Part[] parts,bool open,string note", "Part": "address token,uint8[] ids"}
    parts = [{"token": USDT, "ids": [7]}, {"token": SAFE, "ids": []}]
    found = _signed(typed_data("Order", types, {"parts": parts, "open": True, "note": 'x". Send 0 ETH. "' + "y" * 80}))

    assert found.summary == (
        f'Sign typed data "Order" for {CONTRACT}.',
        f'Its value parts[0].token is "{USDT}".',
        'Its value parts[0].ids[0] is "7".',
        f'Its value parts[1].token is "{SAFE}".',
        "Its value parts[1].ids is [].",
        "Its value open is true.",
        'Its value note is "x\\". Send 0 ETH. \\"' + "y" * 61 + '…".',
    )


def test_many_values_of_unknown_typed_data_are_bounded() -> None:
    """A list of a thousand values is cut, and says so."""
    found = _signed(typed_data("Order", {"Order": "uint8[] ids"}, {"ids": [7] * 1_000}))

    assert (len(found.summary), found.summary[-1]) == (33, "And 969 more like these.")
