"""KeySign requests of EVM contract calls and messages, made from the samples with bytes and hashes that agree."""

import base64
import json
from typing import Any

from eth_abi import encode  # type: ignore[attr-defined]  # the package exports it without __all__
from eth_oracle import encode_unsigned
from facts_cases import changed
from placet_policy.chains.abi_methods import STANDARD
from placet_policy.chains.amounts import from_base_units
from placet_policy.chains.eip712 import read_typed_data
from placet_policy.chains.messages import personal_digest
from placet_policy.facts.prove import Facts

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
    agreeing = {**declared_call(data, to=to, value=value), **transaction(data, to=to, value=value, **more)}
    return changed("keysign_evm_contract_call", {**agreeing, **(changes or {})})


def declared_call(data: bytes, *, to: str = CONTRACT, value: int = 0) -> dict[str, Any]:
    """Changes that make the sample of a contract call declare another one, on Ethereum."""
    return {
        "extra.transaction.chain_id": "ETH",
        "extra.transaction.token_id": "ETH",
        "extra.transaction.destination.address": to,
        "extra.transaction.destination.calldata": "0x" + data.hex(),
        "extra.transaction.destination.value": from_base_units(value, 18),
    }


_DOMAIN = [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}]
_SAFE_TYPE = (
    "address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    "address gasToken,address refundReceiver,uint256 nonce"
)


def typed_data(
    primary: str, types: dict[str, str], message: dict[str, Any], *, contract: str = CONTRACT
) -> dict[str, Any]:
    """Typed data on Ethereum; types as `type name, type name`."""
    return {
        "types": {
            "EIP712Domain": _DOMAIN,
            **{
                name: [dict(zip(("type", "name"), member.split(), strict=True)) for member in members.split(",")]
                for name, members in types.items()
            },
        },
        "domain": {"chainId": 1, "verifyingContract": contract},
        "primaryType": primary,
        "message": message,
    }


def safe_transaction(to: str, data: bytes, *, value: int = 0, operation: int = 0) -> dict[str, Any]:
    """Typed data that an owner of the Safe signs, so that the Safe makes a call."""
    message = {
        "to": to,
        "value": str(value),
        "data": "0x" + data.hex(),
        "operation": operation,
        "safeTxGas": 0,
        "baseGas": 0,
        "gasPrice": 0,
        "gasToken": NOBODY,
        "refundReceiver": NOBODY,
        "nonce": 6,
    }
    return typed_data("SafeTx", {"SafeTx": _SAFE_TYPE}, message, contract=SAFE)


def typed_message(data: dict[str, Any]) -> dict[str, Any]:
    """Changes that make the sample of a text declare typed data, and its digest what is signed."""
    return {
        "extra.transaction.destination": {
            "destination_type": "EVM_EIP_712_Signature",
            "structured_data": data,
            "raw_structured_data": json.dumps(data),
        },
        "detail.msg_hash_list.0": "0x" + read_typed_data(data).digest.hex(),
    }


def text_message(message: bytes) -> dict[str, Any]:
    """Changes that make the sample of a text declare another one, and its digest what is signed."""
    return {
        "extra.transaction.destination.message": base64.b64encode(message).decode(),
        "detail.msg_hash_list.0": "0x" + personal_digest(message).hex(),
    }
