"""EVM transactions against the library that wallets use: whatever ethers builds of random wishes is proven.

How many is in tests/support/mutation_counts.py. Needs Node.js; the library is installed as locked.
"""

import random
from collections.abc import Callable
from typing import Any

from ethers_oracle import ask, keep
from evm_honest import DATA, NETWORKS, REGISTRY, SIGNER, TOKENS, request, wish
from facts_cases import ROOT_KEY, codes, parsed
from mutation_counts import COUNTS
from placet_policy.facts.prove import Facts, prove

_HONEST = COUNTS["evm"].honest
_KEY_SIGN = 2


def _facts(asked: dict[str, Any]) -> Facts:
    return prove(parsed(_KEY_SIGN, asked["detail"], asked["extra"]), REGISTRY)


def _coin(chain: str) -> dict[str, Any]:
    return {"kind": "native", "contract": None, "token": DATA["chains"][chain]["native_token"], "chain": chain}


def _moved(wished: dict[str, Any]) -> list[tuple[dict[str, Any], str, str]]:
    """The transfers of a wish: asset, recipient and base units."""
    token, transaction = TOKENS[wished["token_id"]], wished["transaction"]
    if wished["kind"] == "token" and wished["replaced"] != "Drop":
        asset = {"kind": "erc20", "contract": token["contract"], "token": wished["token_id"], "chain": token["chain"]}
        return [(asset, wished["to"], wished["amount"])]
    plain = wished["call"] is None and wished["data"] == "0x" and transaction["to"] is not None
    if plain or transaction["value"] != "0":
        return [(_coin(token["chain"]), transaction["to"], transaction["value"])]
    return []


def test_honest_requests_are_proven_and_say_the_same(tell: Callable[..., None]) -> None:
    """Whatever ethers builds is proven with its declaration; hash, network, moves, calls and fee agree."""
    numbers = random.Random(20261122)
    wishes = [wish(numbers) for _ in range(_HONEST)]

    for wished, built in zip(wishes, keep(ask(wishes)), strict=True):
        found = _facts(request(wished, built, numbers))

        assert (found.status, codes(found)) == ("PROVEN", []), (wished, found)
        chain, transaction = TOKENS[wished["token_id"]]["chain"], wished["transaction"]
        assert [(one["hash"], one["path"]) for one in found.hashes] == [(built["hash"], "m/44/60/1/0/0")]
        assert found.chain is not None
        assert (found.chain["id"], found.chain["network"]) == (chain, str(NETWORKS[chain]))
        assert found.chain["transaction_type"] == ("legacy", "eip2930", "eip1559")[transaction["type"]]
        assert found.signer is not None
        assert (found.signer["root_key"], found.signer["address"]) == (ROOT_KEY, SIGNER)
        assert [(one["asset"], one["to"], one["amount"]) for one in found.transfers] == _moved(wished)
        assert {one["from"] for one in found.transfers} <= {SIGNER}
        assert found.fee == {"max": built["fee"], "asset": _coin(chain), "source": "bytes"}
        _compare_calls(found, wished, built)
    tell(f"evm: {_HONEST:,} honest transactions of ethers PROVEN field by field", honest=_HONEST)


def _compare_calls(found: Facts, wished: dict[str, Any], built: dict[str, Any]) -> None:
    """A contract call is one call with the bytes' contract, calldata, value, selector and arguments."""
    transaction = wished["transaction"]
    creates = transaction["to"] is None
    if wished["kind"] != "call" or (built["data"] == "0x" and not creates):
        assert found.calls == ()
        return
    calls: Any = found.calls
    (call,) = calls
    assert (call["from"], call["to"], call["data"]) == (SIGNER, transaction["to"], built["data"])
    assert (call["value"], call["operation"]) == (transaction["value"], "create" if creates else "call")
    assert call["selector"] == (None if creates or len(built["data"]) < 10 else built["data"][:10])
    if wished["call"] is None or creates:
        return
    method, to, amount = (wished["call"][name] for name in ("name", "to", "amount"))
    assert call["method"] == f"{method}(address,uint256)"
    assert [one["value"] for one in call["args"]] == [to, amount]
    if method == "approve":
        assert (call["approval"]["spender"], call["approval"]["amount"]) == (to, amount)
