"""For each row of the compared-fields table an honest request, and for each field a request that differs only there."""

import base64
import copy
from typing import Any

from bitcoin_cases import STRANGER, SUPPLIER, Spending
from bitcoin_message_cases import MESSAGE, bare_hash_request, bip137_request, bip322_request
from evm_requests import SPENDER, USDT, declared_call, transaction, typed_data, typed_message
from facts_cases import ABSENT, ADDRESS, changed_sample, facts, put
from placet_policy.facts.comparison import ComparedField as Field
from placet_policy.facts.comparison import RowKey
from placet_policy.facts.prove import Facts
from solana_calls import CONFIG, STATE, run
from solana_calls import call_parts as solana_parts
from tron_calls import call_parts as tron_parts

_TX = "extra.transaction"
_DESTINATION = f"{_TX}.destination"
_OUTPUT = f"{_DESTINATION}.account_output"
_INSTRUCTION = f"{_DESTINATION}.instructions.0"
_UTXO = f"{_DESTINATION}.utxo_outputs.0"
_HASH = "0x" + "5a" * 32
_PERMIT = typed_data(
    "Permit",
    {"Permit": "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline"},
    {"owner": ADDRESS, "spender": SPENDER, "value": "9", "nonce": 0, "deadline": 1},
    contract=USDT,
)
_SELF_SEND = {
    **transaction(b"", to=ADDRESS),
    f"{_TX}.raw_tx_info.used_nonce": 7,
    f"{_TX}.chain_id": "ETH",
    f"{_TX}.token_id": "ETH",
}

# Sample and changes by chain kind, transaction type, destination type and whether it is a drop.
_HONEST: dict[tuple[str, str, str, bool], tuple[str, dict[str, Any]]] = {
    ("evm", "Withdrawal", "Address", False): ("keysign_eth_erc20_transfer", {}),
    ("evm", "Withdrawal", "Address", True): ("keysign_eth_legacy_transfer", _SELF_SEND),
    ("evm", "ContractCall", "EVM_Contract", False): (
        "keysign_evm_contract_call",
        {
            **declared_call(b"\x01\x02\x03\x04"),
            **transaction(b"\x01\x02\x03\x04"),
            f"{_TX}.raw_tx_info.used_nonce": 7,
        },
    ),
    ("evm", "ContractCall", "EVM_Contract", True): ("keysign_evm_contract_call", _SELF_SEND),
    ("evm", "MessageSign", "EVM_EIP_191_Signature", False): ("keysign_message_eip191", {}),
    ("evm", "MessageSign", "EVM_EIP_712_Signature", False): ("keysign_message_eip191", typed_message(_PERMIT)),
    ("evm", "MessageSign", "Raw_Message_Signature", False): (
        "keysign_message_eip191",
        {
            _DESTINATION: {"destination_type": "Raw_Message_Signature", "msg_hash": _HASH},
            "detail.msg_hash_list": [_HASH],
        },
    ),
    ("tron", "Withdrawal", "Address", False): ("keysign_trc20_transfer", {}),
    ("solana", "Withdrawal", "Address", False): ("keysign_spl_transfer", {}),
}
_RAW = "Raw_Message_Signature"
_HONEST["tron", "MessageSign", _RAW, False] = (
    "keysign_trc20_transfer",
    {
        f"{_TX}.type": "MessageSign",
        f"{_TX}.raw_tx_info": None,
        _DESTINATION: {"destination_type": _RAW, "msg_hash": _HASH},
        "detail.msg_hash_list": [_HASH],
    },
)
# Ed25519 signs the message itself, of any length.
_HONEST["solana", "MessageSign", _RAW, False] = (
    "keysign_spl_transfer",
    {
        f"{_TX}.type": "MessageSign",
        f"{_TX}.raw_tx_info": None,
        _DESTINATION: {"destination_type": _RAW, "msg_hash": "0x0102030405"},
        "detail.msg_hash_list": ["0x0102030405"],
    },
)
_BITCOIN_MESSAGES: dict[str, dict[str, Any]] = {
    "BTC_BIP_137_Signature": bip137_request(MESSAGE.hex()),
    "BTC_BIP_322_Signature": bip322_request(MESSAGE.hex()),
    _RAW: bare_hash_request(bytes.fromhex(_HASH[2:])),
}
_CALLS = {
    "tron": tron_parts(b"\x01\x02\x03\x04"),
    "solana": solana_parts(run()),
}
_BITCOIN: dict[tuple[str, bool], tuple[Spending, dict[str, Any]]] = {
    ("Withdrawal", False): (Spending(), {}),
    ("Withdrawal", True): (
        Spending(payments=[]),
        {
            f"{_DESTINATION}.utxo_outputs": [{"address": SUPPLIER, "amount": "1"}],
            f"{_DESTINATION}.change_address": ABSENT,
        },
    ),
    **{
        (kind, False): (
            Spending(),
            {
                f"{_TX}.type": kind,
                f"{_DESTINATION}.utxo_outputs": None,
                _OUTPUT: {"address": SUPPLIER, "amount": "0"},
            },
        )
        for kind in ("Stake", "Unstake")
    },
}

_OTHER_HASH: tuple[dict[str, Any], str] = ({f"{_DESTINATION}.msg_hash": "0x" + "5b" * 32}, "HASH_MISMATCH")
# What differs and the code for it, by chain kind.
_PAYMENT: dict[str, dict[Field, tuple[dict[str, Any], str]]] = {
    "evm": {
        Field.CHAIN: ({f"{_TX}.chain_id": "SETH"}, "CHAIN_ID_MISMATCH"),
        Field.TOKEN: ({f"{_TX}.token_id": "ETH"}, "CALLDATA_IN_NATIVE_TRANSFER"),
        Field.DESTINATION: ({f"{_OUTPUT}.address": SPENDER}, "DESTINATION_MISMATCH"),
        Field.AMOUNT: ({f"{_OUTPUT}.amount": "0.5"}, "AMOUNT_MISMATCH"),
        Field.NONCE: ({f"{_TX}.raw_tx_info.used_nonce": 999}, "NONCE_MISMATCH"),
        Field.CONTRACT: ({f"{_DESTINATION}.address": SPENDER}, "DESTINATION_MISMATCH"),
        Field.CALLDATA: ({f"{_DESTINATION}.calldata": "0x01020305"}, "CALLDATA_MISMATCH"),
        Field.VALUE: ({f"{_DESTINATION}.value": "1"}, "AMOUNT_MISMATCH"),
        Field.MESSAGE: ({f"{_DESTINATION}.message": base64.b64encode(b"other").decode()}, "HASH_MISMATCH"),
        Field.STRUCTURED_DATA: (
            {f"{_DESTINATION}.structured_data.message.value": "10", f"{_DESTINATION}.raw_structured_data": ABSENT},
            "HASH_MISMATCH",
        ),
        Field.MESSAGE_HASH: _OTHER_HASH,
    },
    "bitcoin": {
        Field.CHAIN: ({f"{_TX}.chain_id": "SIGNET_BTC"}, "TOKEN_CHAIN_MISMATCH"),
        Field.TOKEN: ({f"{_TX}.token_id": "BTC_RUNE"}, "TOKEN_UNKNOWN"),
        Field.DESTINATION: ({f"{_UTXO}.address": STRANGER}, "DESTINATION_MISMATCH"),
        Field.AMOUNT: ({f"{_UTXO}.amount": "0.5"}, "AMOUNT_MISMATCH"),
        Field.MESSAGE_BIP137: ({f"{_DESTINATION}.message_bip137": b"other".hex()}, "MESSAGE_ENCODING_NOT_PROVEN"),
        Field.MESSAGE_BIP322: ({f"{_DESTINATION}.message_bip322": b"other".hex()}, "MESSAGE_ENCODING_NOT_PROVEN"),
        Field.MESSAGE_HASH: _OTHER_HASH,
    },
    "tron": {
        Field.CHAIN: ({f"{_TX}.chain_id": "SOL"}, "TOKEN_CHAIN_MISMATCH"),
        Field.TOKEN: ({f"{_TX}.token_id": "TRON"}, "CONTRACT_TYPE_MISMATCH"),
        Field.DESTINATION: ({f"{_OUTPUT}.address": "TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer"}, "DESTINATION_MISMATCH"),
        Field.AMOUNT: ({f"{_OUTPUT}.amount": "0.5"}, "AMOUNT_MISMATCH"),
        Field.MEMO: ({f"{_OUTPUT}.memo": "order 7"}, "MEMO_MISMATCH"),
        Field.MESSAGE_HASH: _OTHER_HASH,
        Field.CONTRACT: ({f"{_DESTINATION}.address": "TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer"}, "DESTINATION_MISMATCH"),
        Field.CALLDATA: ({f"{_DESTINATION}.calldata": "0x01020305"}, "CALLDATA_MISMATCH"),
        Field.VALUE: ({f"{_DESTINATION}.value": "1"}, "AMOUNT_MISMATCH"),
    },
    "solana": {
        Field.CHAIN: ({f"{_TX}.chain_id": "TRON"}, "TOKEN_CHAIN_MISMATCH"),
        Field.TOKEN: ({f"{_TX}.token_id": "SOL"}, "PAYMENT_MISSING"),
        Field.DESTINATION: (
            {f"{_OUTPUT}.address": "C63eMJhWSxGhKEFFCSxnF7spphcPgsTnbYsZKjcwJ8Vp"},
            "TOKEN_ACCOUNT_NOT_PROVEN",
        ),
        Field.AMOUNT: ({f"{_OUTPUT}.amount": "0.5"}, "AMOUNT_MISMATCH"),
        Field.MEMO: ({f"{_OUTPUT}.memo": "order 7"}, "MEMO_MISMATCH"),
        Field.MESSAGE_HASH: _OTHER_HASH,
        Field.PROGRAM: ({f"{_INSTRUCTION}.program_id": STATE}, "DESTINATION_MISMATCH"),
        Field.ACCOUNTS: ({f"{_INSTRUCTION}.accounts.1.pubkey": CONFIG}, "ACCOUNTS_MISMATCH"),
        Field.ACCOUNT_FLAGS: ({f"{_INSTRUCTION}.accounts.1.is_writable": False}, "ACCOUNT_FLAGS_MISMATCH"),
        Field.INSTRUCTION_DATA: ({f"{_INSTRUCTION}.data": "AQIE"}, "CALLDATA_MISMATCH"),
    },
}
# A call has no place for a memo.
_OF_A_TRON_CALL = {Field.MEMO: ({f"{_DESTINATION}.memo": "order 7"}, "MEMO_MISMATCH")}
# A stake declares one address, and an unknown output of it contradicts nothing.
_OF_A_STAKE = {
    Field.DESTINATION: ({f"{_OUTPUT}.address": STRANGER}, "OUTPUT_NOT_DECLARED"),
    Field.AMOUNT: ({f"{_OUTPUT}.amount": "0.5"}, ""),
}


def honest_request(key: RowKey) -> tuple[int, Any, Any]:
    """Type, detail and extra of an honest request of a row; KeyError for a row that has none here."""
    drop = key.replacement == "Drop"
    changes: dict[str, Any] = {}
    if key.chain_kind == "bitcoin" and key.transaction_type == "MessageSign":
        parts = copy.deepcopy(_BITCOIN_MESSAGES[key.destination_type])
    elif key.chain_kind == "bitcoin":
        spending, changes = _BITCOIN[key.transaction_type, drop]
        parts = spending.parts()
    elif (key.chain_kind, key.transaction_type) in {("tron", "ContractCall"), ("solana", "ContractCall")}:
        _, detail, extra = copy.deepcopy(_CALLS[key.chain_kind])
        parts = {"detail": detail, "extra": extra}
    else:
        name, changes = _HONEST[key.chain_kind, key.transaction_type, key.destination_type, drop]
        _, detail, extra = changed_sample(name, {})
        parts = {"detail": detail, "extra": extra}
    for path, value in changes.items():
        put(parts, path, value)
    if key.replacement is not None:
        put(parts, f"{_TX}.replacement", {"replaced_type": key.replacement})
    return 2, parts["detail"], parts["extra"]


def differing(key: RowKey, field: Field) -> tuple[Facts, str]:
    """The facts about the row's honest request with one statement changed, and the code for it."""
    changes, code = _PAYMENT[key.chain_kind][field]
    if (key.chain_kind, key.transaction_type) == ("tron", "ContractCall"):
        changes, code = _OF_A_TRON_CALL.get(field, (changes, code))
    if key.transaction_type in {"Stake", "Unstake"}:
        changes, code = _OF_A_STAKE.get(field, (changes, code))
    request_type, detail, extra = copy.deepcopy(honest_request(key))
    parts = {"detail": detail, "extra": extra}
    for path, value in changes.items():
        put(parts, path, value)
    return facts(request_type, parts["detail"], parts["extra"]), code
