"""Types of EVM transactions that are refused as the rules ship, sent through the real gate, OPA and rules."""

import json
from pathlib import Path
from typing import Any

from evm_requests import SPENDER, USDT, calldata, declared_call, transaction
from facts_cases import changed_sample
from pipeline import running_pipeline
from placet_callback.envelope import encode_request
from placet_policy.chains.evm import keccak256

_LISTED = "0x0f76f604fd7762bd94b48ca2523f69ab9665c97f"
_PAYMENT = calldata("transfer(address,uint256)", _LISTED, 5)
_BLOBS: dict[str, Any] = {"type": 3, "maxFeePerBlobGas": 5, "blobVersionedHashes": [b"\x01" * 32]}
_AUTHORIZATION = {"chainId": 1, "address": bytes.fromhex(SPENDER[2:]), "nonce": 9, "yParity": 1, "r": 1, "s": 1}
_HANDED_OVER: dict[str, Any] = {"type": 4, "authorizationList": [_AUTHORIZATION]}
_UNPROTECTED = bytes.fromhex("c6010203800580")
"""Nonce 1, gas price 2, gas limit 3, no recipient, value 5, no calldata; no chain id."""


def _call(**more: Any) -> tuple[int, dict[str, Any], dict[str, Any]]:
    changes = {**declared_call(_PAYMENT, to=USDT), **transaction(_PAYMENT, to=USDT, **more)}
    return changed_sample("keysign_evm_contract_call", {**changes, "extra.source_addresses.0.chain_id": "ETH"})


_REQUESTS = {
    "blobs": _call(**_BLOBS),
    "authorizations": _call(**_HANDED_OVER),
    "unprotected": changed_sample(
        "keysign_eth_legacy_transfer",
        {
            "extra.transaction.raw_tx_info.unsigned_raw_tx": "0x" + _UNPROTECTED.hex(),
            "detail.msg_hash_list.0": "0x" + keccak256(_UNPROTECTED).hex(),
        },
    ),
    "legacy": changed_sample("keysign_eth_legacy_transfer", {}),
}


async def test_dangerous_types_are_denied_and_an_ordinary_one_is_not(tmp_path: Path) -> None:
    """Blobs (EIP-4844), a hand-over (EIP-7702) and a missing chain id (EIP-155) are refused for good."""
    answers = {}
    async with running_pipeline(tmp_path) as pipeline:
        for name, (request_type, detail, extra) in _REQUESTS.items():
            package = encode_request(name, request_type, json.dumps(detail), json.dumps(extra))
            decision = await pipeline.send_package(package)
            answers[name] = (decision.effect.value, sorted({reason.code for reason in decision.reasons}))

    assert answers == {
        "blobs": ("DENY", ["TRANSACTION_TYPE_DENIED"]),
        "authorizations": ("DENY", ["TRANSACTION_TYPE_DENIED"]),
        "unprotected": ("DENY", ["CHAIN_ID_NOT_PROVEN", "TRANSACTION_TYPE_DENIED"]),
        "legacy": ("ALLOW", []),
    }
