"""TRON transactions written by Google's Protocol Buffers, from java-tron's field numbers: an independent encoder."""

import hashlib
from typing import Any

from facts_cases import facts, sample
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from placet_policy.facts.prove import Facts

OWNER = bytes.fromhex("41d8255f99cf82ee74e1ed7f5b310b209a107950fe")
"""The samples' address, TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93."""
SUPPLIER = bytes.fromhex("412ea8adf8a3b2f667f340268d2622ae06b8b4fde5")
"""TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer."""
USDT_SUPPLIER = bytes.fromhex("41508f34bf91b6a63a6713723f4df8c74669a28563")
"""THKAcY3fvSyfkzbYxj2aAgxC5R6YAPMJqa."""
USDT = bytes.fromhex("41a614f803b6fd780986a42c78ec9c7f77e6ded13c")
"""TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t."""
TRANSFER, TRIGGER = 1, 31

_INT, _BYTES, _TEXT = 3, 12, 9  # FieldDescriptorProto.Type
_MESSAGES = {
    "Raw": [
        ("ref_block_bytes", 1, _BYTES),
        ("ref_block_num", 3, _INT),
        ("ref_block_hash", 4, _BYTES),
        ("expiration", 8, _INT),
        ("auths", 9, _BYTES),
        ("data", 10, _BYTES),
        ("contract", 11, _BYTES),
        ("scripts", 12, _BYTES),
        ("timestamp", 14, _INT),
        ("fee_limit", 18, _INT),
    ],
    "Contract": [
        ("type", 1, _INT),
        ("parameter", 2, _BYTES),
        ("provider", 3, _BYTES),
        ("contract_name", 4, _BYTES),
        ("permission_id", 5, _INT),
    ],
    "Any": [("type_url", 1, _TEXT), ("value", 2, _BYTES)],
    "TransferContract": [("owner_address", 1, _BYTES), ("to_address", 2, _BYTES), ("amount", 3, _INT)],
    "TriggerSmartContract": [
        ("owner_address", 1, _BYTES),
        ("contract_address", 2, _BYTES),
        ("call_value", 3, _INT),
        ("data", 4, _BYTES),
        ("call_token_value", 5, _INT),
        ("token_id", 6, _INT),
    ],
}
_REPEATED = {"auths", "contract"}


def _file() -> descriptor_pb2.FileDescriptorProto:
    """Messages inside are declared as bytes, which have the same encoding."""
    file = descriptor_pb2.FileDescriptorProto(name="tron_oracle.proto", package="oracle", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            label = 3 if field in _REPEATED else 1
            message.field.add(name=field, number=number, type=kind, label=label)
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())


def encode(name: str, **fields: Any) -> bytes:
    """A message of one of the kinds above."""
    kind: Any = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"oracle.{name}"))
    return bytes(kind(**fields).SerializeToString(deterministic=True))


def contract(number: int, name: str, value: bytes, **fields: Any) -> bytes:
    """A contract whose parameter is an encoded message."""
    parameter = encode("Any", type_url=f"type.googleapis.com/protocol.{name}", value=value)
    return encode("Contract", type=number, parameter=parameter, **fields)


def transfer(to: bytes = SUPPLIER, amount: int = 25_000_000, owner: bytes = OWNER, **fields: Any) -> bytes:
    """A contract that pays TRX; the defaults are those of the sample keysign_tron_transfer."""
    value = encode("TransferContract", owner_address=owner, to_address=to, amount=amount)
    return contract(TRANSFER, "TransferContract", value, **fields)


def calldata(to: bytes = USDT_SUPPLIER, amount: int = 99_500_000, padding: bytes = bytes(12)) -> bytes:
    """transfer(address,uint256); the defaults are those of the sample keysign_trc20_transfer."""
    return bytes.fromhex("a9059cbb") + padding + to[1:] + amount.to_bytes(32, "big")


def trigger(data: bytes | None = None, to: bytes = USDT, **fields: Any) -> bytes:
    """A contract that calls; the defaults are those of the sample keysign_trc20_transfer."""
    values = {"owner_address": OWNER, "contract_address": to, "data": calldata() if data is None else data, **fields}
    return contract(TRIGGER, "TriggerSmartContract", encode("TriggerSmartContract", **values))


def raw(*contracts: bytes, **fields: Any) -> bytes:
    """The bytes that are signed."""
    defaults = {
        "ref_block_bytes": bytes.fromhex("4e6e"),
        "ref_block_hash": bytes.fromhex("25a91be86ea2bb1e"),
        "expiration": 1785546000000,
        "timestamp": 1785542400000,
    }
    return encode("Raw", contract=list(contracts), **{**defaults, **fields})


def sample_with(signed: bytes, *, token: bool = False, data: dict[str, Any] | None = None, **output: Any) -> Facts:
    """The facts about a TRON sample with other bytes, their hash, and members of the declared payment changed.

    Args:
        signed: The `raw` part of the transaction.
        token: The TRC-20 sample instead of the TRX one.
        data: Another registry.
        output: Members of account_output.
    """
    request_type, detail, extra = sample("keysign_trc20_transfer" if token else "keysign_tron_transfer")
    transaction = extra["transaction"]
    transaction["raw_tx_info"]["unsigned_raw_tx"] = "0x" + signed.hex()
    transaction["destination"]["account_output"].update(output)
    detail["msg_hash_list"] = ["0x" + hashlib.sha256(signed).hexdigest()]
    return facts(request_type, detail, extra, data)
