"""KeySign requests of EVM contract calls and messages, made from the samples with bytes and hashes that agree."""

from typing import Any

from eth_abi import encode  # type: ignore[attr-defined]  # the package exports it without __all__
from eth_oracle import encode_unsigned
from facts_cases import changed
from placet_policy.chains.abi_methods import STANDARD
from placet_policy.chains.amounts import from_base_units
from placet_policy.facts import Facts

CONTRACT = "0x52dab98686d461bb6dac14f27640f3b6555d483f"
SPENDER = "0x66f820a414680b5bcda5eeca5dea238543f42054"
SAFE = "0x193fbef6230867a3a64012916a8710bf25e7118f"
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
NOBODY = "0x" + "00" * 20


def calldata(signature: str, *arguments: Any) -> bytes:
    """Calldata of a standard method."""
    method = next(method for method in STANDARD.values() if method.signature == signature)
    return method.selector + encode(method.types, arguments)


def exec_transaction(to: str, data: bytes, *, value: int = 0, operation: int = 0) -> bytes:
    """Calldata of a Safe's execTransaction."""
    signature = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
    return calldata(signature, to, value, data, operation, 0, 0, 0, NOBODY, NOBODY, bytes(65))


def multi_send(*calls: tuple[int, str, int, bytes]) -> bytes:
    """Calldata of Safe's multiSend; each call is operation, address, value and calldata."""
    packed = b"".join(
        bytes([operation]) + bytes.fromhex(to[2:]) + value.to_bytes(32, "big") + len(data).to_bytes(32, "big") + data
        for operation, to, value, data in calls
    )
    return calldata("multiSend(bytes)", packed)


def transaction(data: bytes, *, to: str = CONTRACT, value: int = 0, chain_id: int = 1, **more: Any) -> dict[str, Any]:
    """Changes that put matching bytes and their hash into a sample."""
    fields: dict[str, Any] = {
        "type": 2,
        "chainId": chain_id,
        "nonce": 7,
        "gas": 100_000,
        "maxFeePerGas": 2,
        "maxPriorityFeePerGas": 1,
        "to": bytes.fromhex(to[2:]),
        "value": value,
        "data": data,
        "accessList": [],
        **more,
    }
    raw, digest = encode_unsigned(fields)
    return {
        "extra.transaction.raw_tx_info.unsigned_raw_tx": "0x" + raw.hex(),
        "detail.msg_hash_list": ["0x" + digest.hex()],
    }


def contract_call(
    data: bytes, *, to: str = CONTRACT, value: int = 0, changes: dict[str, Any] | None = None, **more: Any
) -> Facts:
    """The facts about a contract call on Ethereum whose declaration agrees, after further changes."""
    return changed(
        "keysign_evm_contract_call",
        {
            "extra.transaction.chain_id": "ETH",
            "extra.transaction.token_id": "ETH",
            "extra.transaction.destination.address": to,
            "extra.transaction.destination.calldata": "0x" + data.hex(),
            "extra.transaction.destination.value": from_base_units(value, 18),
            **transaction(data, to=to, value=value, **more),
            **(changes or {}),
        },
    )
