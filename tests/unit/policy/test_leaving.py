"""What leaves by a request is added up by asset; what returns does not leave."""

from typing import Any

from placet_policy.leaving import leaving


def transfer(amount: str, *, to: str = "b", **more: Any) -> dict[str, Any]:
    """A transfer of ETH from a."""
    asset = {"kind": "native", "contract": None, "token": "ETH", "chain": "ETH"}
    return {"asset": asset, "from": "a", "to": to, "amount": amount, **more}


def test_transfers_of_one_asset_are_added_up() -> None:
    """Base units, of any size."""
    assert leaving({"transfers": [transfer("1"), transfer("9" * 30)]}) == {"ETH": 10**30}


def test_what_returns_does_not_leave() -> None:
    """Change to an own key, and a payment to the payer itself."""
    assert leaving({"transfers": [transfer("1", to_path="m/0"), transfer("2", to="a")]}) == {}


def test_what_pays_no_own_key_leaves() -> None:
    """Bitcoin facts say so with a path that is null."""
    assert leaving({"transfers": [transfer("1", to_path=None)]}) == {"ETH": 1}


def test_an_asset_that_nobody_registered_is_named_by_the_bytes() -> None:
    """By chain and contract, or by what kind it is of."""
    erc20 = transfer("5") | {"asset": {"kind": "erc20", "contract": "0xaa", "token": None, "chain": "ETH"}}
    native = transfer("6") | {"asset": {"kind": "native", "contract": None, "token": None, "chain": None}}
    assert leaving({"transfers": [erc20, native]}) == {"ETH 0xaa": 5, "unknown chain native": 6}


def test_a_request_without_transfers_moves_nothing() -> None:
    """As for the making of keys, and where there are no facts."""
    assert leaving({}) == leaving({"transfers": []}) == {}
