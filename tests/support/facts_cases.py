"""Callback requests for tests of the facts: the protocol's samples, changed one statement at a time, and a registry."""

import copy
import json
from typing import Any

from placet_callback.envelope import CallbackRequest
from placet_callback.strict_json import JSONValue
from placet_cli.samples import samples
from placet_policy.facts.detail import ParsedRequest, parse_details
from placet_policy.facts.prove import Facts, prove
from placet_policy.ledger.history import Window, first_history
from placet_policy.ledger.reservations import reservation_of
from placet_policy.registry import Registry

ROOT_KEY = (
    "xpub661MyMwAqRbcFgFKF74hKwpNJrjqPxQSAsV8fAjLrw1uDY3Rp2QUGA2BP1exudcPnH7mVA2DfWv8bRKeHHvz4XqZJYNnN5K7w3RSgKgRZ9g"
)
FOREIGN_KEY = (
    "xpub661MyMwAqRbcFQasehvUTDu2vZpGru3BCrTCfEbxrtFpnXDz4w1QvKbhfcT1ArzCTYrx5GAGU1c33pohrrfFGXu8BVMwXM96TXs3sDAKnzj"
)
CPUB = "cpubGCmTMqXYTnzkczCpgb7yh9zKc5r7csjBDYX8Pyd7t44WmvoxesQ5KPeabCuwCNPjjnQm8Uu9kUQv5cvk5F88N8yHEnbGYSBg2ccBu6PFKbM"
ADDRESS = "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5"
WALLET = "9f2b6f4e-2d4b-4f36-8e37-5b6d5c7f1a10"


def registry_data() -> dict[str, Any]:
    """A registry like the shipped one with the samples' root keys pinned; the caller may change it."""
    return {
        "chains": {
            "ETH": {"kind": "evm", "chain_id": "1", "testnet": False, "native_token": "ETH"},
            "SETH": {"kind": "evm", "chain_id": "11155111", "testnet": True, "native_token": "SETH"},
            "TRON": {
                "kind": "tron",
                "testnet": False,
                "native_token": "TRON",
                "tron_prices": {"byte": 1000, "new_account": 1100000, "memo": 1000000},
            },
            "SOL": {"kind": "solana", "testnet": False, "native_token": "SOL"},
            "BTC": {"kind": "bitcoin", "testnet": False, "native_token": "BTC"},
            "SIGNET_BTC": {"kind": "bitcoin", "testnet": True, "native_token": "SIGNET_BTC"},
        },
        "tokens": {
            "ETH": {"chain": "ETH", "kind": "native", "contract": None, "decimals": 18, "symbol": "ETH"},
            "ETH_USDT": {
                "chain": "ETH",
                "kind": "erc20",
                "contract": "0xdac17f958d2ee523a2206206994597c13d831ec7",
                "decimals": 6,
                "symbol": "USDT",
            },
            "SETH": {"chain": "SETH", "kind": "native", "contract": None, "decimals": 18, "symbol": "ETH"},
            "TRON": {"chain": "TRON", "kind": "native", "contract": None, "decimals": 6, "symbol": "TRX"},
            "TRON_USDT": {
                "chain": "TRON",
                "kind": "trc20",
                "contract": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "decimals": 6,
                "symbol": "USDT",
            },
            "SOL": {"chain": "SOL", "kind": "native", "contract": None, "decimals": 9, "symbol": "SOL"},
            "SOL_USDC": {
                "chain": "SOL",
                "kind": "spl",
                "contract": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
                "decimals": 6,
                "symbol": "USDC",
            },
            "BTC": {"chain": "BTC", "kind": "native", "contract": None, "decimals": 8, "symbol": "BTC"},
            "SIGNET_BTC": {
                "chain": "SIGNET_BTC",
                "kind": "native",
                "contract": None,
                "decimals": 8,
                "symbol": "sBTC",
            },
        },
        "keys": {
            ROOT_KEY: {
                "curve": "secp256k1",
                "vault": "treasury",
                "group": "hot",
                "group_ids": ["mMedDioOKhTlhGyQRzMv"],
                "wallets": [WALLET],
                "paths": ["m/44/60/1/0/*", "m/44/195/1/0/*", "m/44/0/1/0/*", "m/44/0/1/1/*"],
            },
            CPUB: {
                "curve": "ed25519",
                "vault": "treasury",
                "group": "hot",
                "group_ids": ["OoQGkknsPdPjLCmSuuSf"],
                "wallets": [WALLET],
                "paths": ["m/44/501/1/0/*"],
            },
        },
        "abis": {},
    }


def registry(data: dict[str, Any] | None = None) -> Registry:
    """The registry of `registry_data`, or of changed data."""
    return Registry.from_data({"registry": registry_data() if data is None else data})


def sample(name: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """A sample's request type, request_detail and extra_info; the caller may change both."""
    request = next(found.request for found in samples() if found.id == name)
    return request["request_type"], json.loads(request["request_detail"]), json.loads(request["extra_info"])


def request(request_type: int, detail: object, extra: object) -> CallbackRequest:
    """A callback request; texts go in as they are, everything else as JSON."""
    return CallbackRequest(
        request_id="case-1", request_type=request_type, request_detail=_text(detail), extra_info=_text(extra)
    )


def parsed(request_type: int, detail: object, extra: object) -> ParsedRequest:
    """The parsed form of `request`."""
    return parse_details(request(request_type, detail, extra))


def facts(request_type: int, detail: object, extra: object, data: dict[str, Any] | None = None) -> Facts:
    """The facts about a request, with `registry_data` or changed data."""
    return prove(parsed(request_type, detail, extra), registry(data))


def sample_facts(name: str) -> Facts:
    """The facts about an unchanged sample."""
    return facts(*sample(name))


def first_history_of(request: ParsedRequest, found: Facts) -> JSONValue:
    """What an empty ledger says about a request, in one window of a day."""
    reservation = reservation_of(request.kind, found)
    day = (Window(name="day", seconds=86400),)
    return None if reservation is None else first_history(reservation, windows=day, now=1785542460).to_json()


def changed(name: str, changes: dict[str, Any]) -> Facts:
    """The facts about a sample after changes by path, e.g. {"extra.transaction.token_id": "ETH"}; `ABSENT` removes."""
    return facts(*changed_sample(name, changes))


def changed_sample(name: str, changes: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """A sample's request type, request_detail and extra_info after the changes of `changed`."""
    request_type, detail, extra = sample(name)
    parts = {"detail": detail, "extra": extra}
    for path, value in changes.items():
        put(parts, path, value)
    return request_type, parts["detail"], parts["extra"]


ABSENT = object()


def put(root: Any, path: str, value: Any) -> None:
    """Set or remove what stands at a dotted path; numbers are list indexes."""
    *steps, last = path.split(".")
    for step in steps:
        root = root[int(step)] if isinstance(root, list) else root.setdefault(step, {})
    key: Any = int(last) if isinstance(root, list) else last
    if value is ABSENT:
        del root[key]
    else:
        root[key] = copy.deepcopy(value)


def codes(found: Facts) -> list[str]:
    """Each code once, contradictions first, in the order found."""
    noted = [one.code for one in found.contradictions] + [one.code for one in found.missing]
    return list(dict.fromkeys(map(str, noted)))


def _text(part: object) -> str:
    return part if isinstance(part, str) else json.dumps(part)
