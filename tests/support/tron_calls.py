"""KeySign requests of TRON contract calls, made from the TRC-20 sample with bytes and hash that agree."""

import hashlib
from typing import Any

import tron_oracle as oracle
from facts_cases import facts, put, sample
from placet_policy.chains.addresses import TRON_FORM
from placet_policy.facts.prove import Facts


def call_parts(
    data: bytes, *, to: bytes = oracle.USDT, value: str = "0", signed: bytes | None = None, **more: Any
) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Type, detail and extra of a contract call whose declaration agrees with its bytes.

    Args:
        data: Calldata.
        to: The contract.
        value: Declared coins.
        signed: Other bytes than the declared call's, with their hash.
        more: Fields of TriggerSmartContract.
    """
    request_type, detail, extra = sample("keysign_trc20_transfer")
    raw = oracle.raw(oracle.trigger(data, to=to, **more), fee_limit=40_000_000) if signed is None else signed
    transaction = extra["transaction"]
    transaction.update(type="ContractCall", token_id="TRON", chain_id="TRON")
    transaction["raw_tx_info"]["unsigned_raw_tx"] = "0x" + raw.hex()
    transaction["destination"] = {
        "destination_type": "TRON_Contract",
        "address": TRON_FORM.encode(to),
        "calldata": "0x" + data.hex(),
        "value": value,
    }
    detail["msg_hash_list"] = ["0x" + hashlib.sha256(raw).hexdigest()]
    return request_type, detail, extra


def contract_call(
    calldata: bytes,
    *,
    changes: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    **call: Any,
) -> Facts:
    """The facts about a contract call, after changes by path and with another registry.

    Args:
        calldata: Calldata.
        changes: By dotted path.
        data: Another registry.
        call: As `call_parts` takes it.
    """
    request_type, detail, extra = call_parts(calldata, **call)
    parts = {"detail": detail, "extra": extra}
    for path, value in (changes or {}).items():
        put(parts, path, value)
    return facts(request_type, parts["detail"], parts["extra"], data)
