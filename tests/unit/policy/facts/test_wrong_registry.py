"""A registry whose data are wrong: it is refused as a whole, or every request gets facts."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import solana_cases as sol
from bitcoin_message_cases import MESSAGE, bip137_request, bip322_request
from evm_requests import SPENDER, calldata
from facts_cases import codes, parsed, registry, registry_data
from placet_policy.facts.prove import prove
from placet_policy.registry import Registry, RegistryError
from solana_calls import APPROVE, DRAIN, run
from solana_calls import call_parts as solana_parts
from tron_calls import call_parts as tron_parts

_BITCOIN = (bip137_request(MESSAGE.hex()), bip322_request(MESSAGE.hex()))
_REQUESTS: dict[str, tuple[Any, Any]] = {
    "a TRON approval": tron_parts(calldata("approve(address,uint256)", SPENDER, 7))[1:],
    "an unknown TRON call": tron_parts(b"\x01\x02\x03\x04")[1:],
    "a Solana call": solana_parts(run(), DRAIN, sol.pay(3), APPROVE)[1:],
    **{f"a Bitcoin message {at}": (parts["detail"], parts["extra"]) for at, parts in enumerate(_BITCOIN)},
}
_WRONG: tuple[Any, ...] = (
    *(None, "", 0, -1, 2**70, True, [], {}, "x", "\ud800", 18, 100),
    *("evm", "bitcoin", "solana", "tron", "trc20", "spl", "native", "ed25519", "TRON", "SOL", "ETH_USDT"),
    *(sol.USDC, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "0xdac17f958d2ee523a2206206994597c13d831ec7"),
)


def _data() -> dict[str, Any]:
    return {**registry_data(), "abis": {"deposit(uint256)": {"args": ["amount"]}}}


def _paths(data: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in data.items():
        yield (*before, name)
        if isinstance(value, dict):
            yield from _paths(value, (*before, name))


def _taken() -> Iterator[Registry]:
    """Every registry with one wrong datum that is not refused."""
    for path in _paths(_data()):
        for value in _WRONG:
            data = copy.deepcopy(_data())
            place = data
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value
            try:
                yield registry(data)
            except RegistryError:
                continue


@pytest.mark.parametrize("name", _REQUESTS)
def test_no_wrong_datum_makes_a_prover_fail(name: str) -> None:
    """One wrong datum of the registry is never more than a request that is not proven, or not as it should be."""
    found = [prove(parsed(2, *_REQUESTS[name]), known) for known in _taken()]

    assert len(found) > 100
    assert not any("DECODER_FAILED" in codes(facts) for facts in found)
