"""The requests whose facts are measured: a usual one of each kind, and the worst ones known.

Every request here is of a size that a token can carry; what is larger is refused before its facts are looked at.
"""

import json
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import solana_cases as sol
from bitcoin_cases import Spending
from evm_requests import CONTRACT, SPENDER, calldata, multi_send, transaction
from facts_cases import put, request, sample
from placet_callback.envelope import CallbackRequest
from placet_policy.chains.bitcoin import TxOutput
from placet_policy.chains.bitcoin_addresses import BITCOIN_FORMS
from placet_policy.chains.bitcoin_digest import Spend, SpentOutput
from placet_policy.chains.eip712 import read_typed_data

_DESTINATION = "extra.transaction.destination"
_INPUTS = 512
_KEY_SIGN = 2


class _Spending(Spending):
    """Derives what it spends once; the tests' class does so whenever it is asked, which takes minutes for 512."""

    @cached_property
    def spent(self) -> list[SpentOutput]:
        return super().spent


def _changed(name: str, changes: dict[str, Any]) -> CallbackRequest:
    request_type, detail, extra = sample(name)
    parts = {"detail": detail, "extra": extra}
    for path, value in changes.items():
        put(parts, path, value)
    return request(request_type, parts["detail"], parts["extra"])


def _typed_data(structured: dict[str, Any]) -> CallbackRequest:
    return _changed(
        "keysign_message_eip191",
        {
            _DESTINATION: {
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
    return _typed_data(json.loads(extra["transaction"]["destination"]["raw_structured_data"]))


def _contract_call(data: bytes) -> CallbackRequest:
    return _changed(
        "keysign_evm_contract_call",
        {
            "extra.transaction.chain_id": "ETH",
            "extra.transaction.token_id": "ETH",
            f"{_DESTINATION}.address": CONTRACT,
            f"{_DESTINATION}.calldata": "0x" + data.hex(),
            f"{_DESTINATION}.value": "0",
            **transaction(data),
        },
    )


def _nested_multicall(size: int, depth: int) -> CallbackRequest:
    """Each level's calldata holds the next one's whole."""
    data = bytes(4) + bytes(size)
    for _ in range(depth):
        data = calldata("multicall(bytes[])", [data])
    return _contract_call(data)


def _wide_batch(size: int, calls: int) -> CallbackRequest:
    return _contract_call(multi_send(*[(0, SPENDER, 0, bytes(size))] * calls))


def _spending(spend: Spend, *, payments: int, more_outputs: int) -> CallbackRequest:
    """512 inputs of 512 paths; the payments are declared, in another order, and the other outputs are not."""
    encode = BITCOIN_FORMS[False].encode
    scripts = [b"\x51\x20" + (number + 1).to_bytes(32, "big") for number in range(payments + more_outputs)]
    spending = _Spending(
        inputs=[(spend, 100_000)] * _INPUTS,
        payments=[(encode(script), 1_000) for script in scripts[:payments]],
        extra_outputs=[TxOutput(1_000, script) for script in scripts[payments:]],
    )
    parts = spending.parts()
    parts["extra"]["transaction"]["destination"]["utxo_outputs"].reverse()
    return request(_KEY_SIGN, parts["detail"], parts["extra"])


def _hostile_solana() -> CallbackRequest:
    """As many instructions as a message holds, each moving something by a program that is decoded."""
    steps: list[sol.Step] = []
    while len(sol.message(*steps, sol.pay(1))) <= _SOLANA_BYTES:
        steps.append(sol.pay(1))
    body = sol.message(*steps)
    return _changed(
        "keysign_sol_transfer",
        {
            "extra.transaction.raw_tx_info.unsigned_raw_tx": sol.wrapped(body),
            "detail.msg_hash_list": ["0x" + body.hex()],
        },
    )


def _empty_solana() -> CallbackRequest:
    """As many instructions as a message holds, each of three bytes."""
    empty = sol.Step(sol.MEMO, (), b"")
    steps = [sol.pay(1)]
    while len(sol.message(*steps, empty)) <= _SOLANA_BYTES:
        steps.append(empty)
    body = sol.message(*steps)
    return _changed(
        "keysign_sol_transfer",
        {
            "extra.transaction.raw_tx_info.unsigned_raw_tx": sol.wrapped(body),
            "detail.msg_hash_list": ["0x" + body.hex()],
        },
    )


_SOLANA_BYTES = 1167


def _deep_typed_data() -> CallbackRequest:
    """Sixteen levels and two thousand values."""
    kind = "uint256" + "[]" * 13
    value: Any = [1] * 2000
    for _ in range(12):
        value = [value]
    types = {"EIP712Domain": [], "Deep": [{"name": "values", "type": kind}]}
    return _typed_data({"types": types, "domain": {}, "primaryType": "Deep", "message": {"values": value}})


def _entangled_typed_data() -> CallbackRequest:
    """Sixty-two types, each of which uses all others, with as many members as are read (eip712.MAX_ALL_MEMBERS)."""
    names = [f"Type{number}" for number in range(62)]
    fields = [f"field{number}" for number in range(6)]
    types: dict[str, Any] = {"EIP712Domain": []}
    for number, name in enumerate(names):
        following = names[(number + 1) % len(names)]
        members = [{"name": field, "type": "bool"} for field in fields]
        types[name] = [*members, {"name": "next", "type": f"{following}[]"}]
    types["Main"] = [{"name": name.lower(), "type": name} for name in names]
    value: dict[str, Any] = {**dict.fromkeys(fields, True), "next": []}
    message = {name.lower(): value for name in names}
    return _typed_data({"types": types, "domain": {}, "primaryType": "Main", "message": message})


USUAL: dict[str, Callable[[], CallbackRequest]] = {
    "EVM native": partial(_changed, "keysign_eth_legacy_transfer", {}),
    "ERC-20": partial(_changed, "keysign_eth_erc20_transfer", {}),
    "contract call": partial(_changed, "keysign_evm_contract_call", {}),
    "EIP-191": partial(_changed, "keysign_message_eip191", {}),
    "EIP-712": _official_typed_data,
    "TRON": partial(_changed, "keysign_tron_transfer", {}),
    "TRC-20": partial(_changed, "keysign_trc20_transfer", {}),
    "SOL": partial(_changed, "keysign_sol_transfer", {}),
    "SPL": partial(_changed, "keysign_spl_transfer", {}),
    "BTC": partial(_changed, "keysign_btc_segwit_2in", {}),
    "KeyGen": partial(_changed, "keygen_secp256k1", {}),
    "KeyReshare": partial(_changed, "keyreshare_new_signing_group", {}),
    "KeyShareSign": partial(_changed, "keysharesign_type5", {}),
}
"""By the name of the kind; each is proven."""

WORST: dict[str, Callable[[], CallbackRequest]] = {
    "BTC, 512 signer paths, P2PKH": partial(_spending, Spend.P2PKH, payments=1, more_outputs=0),
    "BTC, 512 signer paths, nested": partial(_spending, Spend.P2SH_P2WPKH, payments=1, more_outputs=0),
    "BTC, 512 taproot in, 1000 out": partial(_spending, Spend.P2TR, payments=500, more_outputs=499),
    "EVM, 128 KiB multicall, 8 deep": partial(_nested_multicall, 126_000, 8),
    "EVM, 128 KiB batch, 63 calls": partial(_wide_batch, 1_900, 63),
    "Solana, payments only": _hostile_solana,
    "Solana, empty instructions": _empty_solana,
    "EIP-712, 16 deep, 2000 values": _deep_typed_data,
    "EIP-712, 62 entangled types": _entangled_typed_data,
}
"""By what is much in it."""
