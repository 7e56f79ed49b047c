"""The requests whose facts are measured as they usually are: one of each kind."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import solana_calls
import tron_calls
from bitcoin_message_cases import MESSAGE, bip137_request, bip322_request
from evm_requests import SPENDER, calldata
from facts_cases import put, request, sample
from placet_callback.envelope import CallbackRequest
from placet_policy.chains.eip712 import read_typed_data

DESTINATION = "extra.transaction.destination"


def changed_sample(name: str, changes: dict[str, Any]) -> CallbackRequest:
    """A sample after changes by path."""
    request_type, detail, extra = sample(name)
    parts = {"detail": detail, "extra": extra}
    for path, value in changes.items():
        put(parts, path, value)
    return request(request_type, parts["detail"], parts["extra"])


def typed_data(structured: dict[str, Any]) -> CallbackRequest:
    """A message of EIP-712 that is signed as it is declared."""
    return changed_sample(
        "keysign_message_eip191",
        {
            DESTINATION: {
                "destination_type": "EVM_EIP_712_Signature",
                "structured_data": structured,
                "raw_structured_data": json.dumps(structured, separators=(",", ":")),
            },
            "detail.msg_hash_list.0": "0x" + read_typed_data(structured).digest.hex(),
        },
    )


def _official_typed_data() -> CallbackRequest:
    """The sample's Safe transaction under the samples' own key, since the sample's own key does not fit its path."""
    _, _, extra = sample("keysign_message_eip712")
    return typed_data(json.loads(extra["transaction"]["destination"]["raw_structured_data"]))


def _bitcoin_message(parts: dict[str, Any]) -> CallbackRequest:
    return request(2, parts["detail"], parts["extra"])


USUAL: dict[str, Callable[[], CallbackRequest]] = {
    "EVM native": partial(changed_sample, "keysign_eth_legacy_transfer", {}),
    "ERC-20": partial(changed_sample, "keysign_eth_erc20_transfer", {}),
    "contract call": partial(changed_sample, "keysign_evm_contract_call", {}),
    "EIP-191": partial(changed_sample, "keysign_message_eip191", {}),
    "EIP-712": _official_typed_data,
    "TRON": partial(changed_sample, "keysign_tron_transfer", {}),
    "TRC-20": partial(changed_sample, "keysign_trc20_transfer", {}),
    "TRON call": lambda: request(*tron_calls.call_parts(calldata("approve(address,uint256)", SPENDER, 7))),
    "SOL": partial(changed_sample, "keysign_sol_transfer", {}),
    "SPL": partial(changed_sample, "keysign_spl_transfer", {}),
    "Solana call": lambda: request(*solana_calls.call_parts(solana_calls.run())),
    "BTC": partial(changed_sample, "keysign_btc_segwit_2in", {}),
    "BIP-137": lambda: _bitcoin_message(bip137_request(MESSAGE.hex())),
    "BIP-322": lambda: _bitcoin_message(bip322_request(MESSAGE.hex())),
    "KeyGen": partial(changed_sample, "keygen_secp256k1", {}),
    "KeyReshare": partial(changed_sample, "keyreshare_new_signing_group", {}),
    "KeyShareSign": partial(changed_sample, "keysharesign_type5", {}),
}
"""By the name of the kind; each is proven."""
