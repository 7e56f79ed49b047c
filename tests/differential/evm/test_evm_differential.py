"""EVM transactions against the library that wallets use: ethers builds honest ones and reads changed ones.

Bounded here; HYPOTHESIS_PROFILE=long makes it long. Needs Node.js; the library is installed as locked.
"""

import dataclasses
import os
import random
from collections import Counter
from typing import Any

from ethers_oracle import ask, keep
from evm_honest import DATA, NETWORKS, REGISTRY, SIGNER, TOKENS, request, wish
from evm_mutations import Change, bytes_changed, declared_changed, swapped, twin_changed, twin_wish
from evm_verdict import agrees, questions
from facts_cases import ROOT_KEY, codes, parsed
from placet_policy.facts.prove import Facts, prove

_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
_HONEST = 5_000 if _LONG else 300
_CHANGES = 20_000 if _LONG else 1_000
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


def test_honest_requests_are_proven_and_say_the_same() -> None:
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


def _changes(numbers: random.Random) -> list[Change]:
    """Changes of every kind, of random honest requests."""
    wishes = [wish(numbers) for _ in range(_CHANGES // 4)]
    built = keep(ask(wishes))
    honest = [request(wished, one, numbers) for wished, one in zip(wishes, built, strict=True)]
    twins = [twin_wish(wished, one, numbers) for wished, one in zip(wishes, built, strict=True)]
    changes: list[Change] = []
    for index, (twin, twin_built) in enumerate(zip(twins, ask(twins), strict=True)):
        one, other = honest[index], numbers.choice(honest)
        changes += [bytes_changed(one, other, numbers), declared_changed(one, numbers), swapped(one, other, numbers)]
        # A twin that ethers cannot build, e.g. with coins for a value above all there are, is replaced.
        refused = "refused" in twin_built
        changes.append(declared_changed(one, numbers) if refused else twin_changed(one, twin, twin_built))
    return [_rehashed(change) for change in changes]


def _rehashed(change: Change) -> Change:
    """With the hash of the changed bytes, where it is asked for; it is compared with that of ethers later."""
    if not change.rehash:
        return change
    (found,) = _facts(change.request).hashes
    detail = {**change.request["detail"], "msg_hash_list": [found["hash"]]}
    return dataclasses.replace(change, request={**change.request, "detail": detail})


def test_changed_requests_are_proven_only_where_they_mean_the_same() -> None:
    """We prove exactly those changed requests of which ethers reads in the bytes what is declared."""
    changes = _changes(random.Random(20261123))
    answers = iter(ask([question for change in changes for question in questions(change.request)]))
    survivors, proven = [], Counter[str]()

    for change in changes:
        read = [next(answers) for _ in range(3)]
        found = _facts(change.request)
        same = agrees(change.request, read) and not change.never
        proven[change.name] += found.status == "PROVEN"
        if (found.status == "PROVEN") != same and not (change.odd and same):
            survivors.append((change.name, found.status, codes(found), read, change.request))

    for survivor in survivors:
        print(survivor)  # noqa: T201 -- shown where the test fails
    assert [survivor[:3] for survivor in survivors] == []
    # A changed fee, other spellings and swaps of equals mean the same: both sides must have happened.
    assert 0 < proven.total() < len(changes) // 2
    assert {name.partition(":")[0] for name, count in proven.items() if count} >= {"bytes", "twin", "swap", "amount"}
