"""The closed list of reason codes that Python can give; Rego's codes are open and live in the rules' METADATA.

A code belongs to one kind: a contradiction (design section 5: two decoded statements about one quantity differ, or a
hash or a derivation is wrong), something missing (the request cannot be proven), or a decision of the pipeline itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class CodeKind(StrEnum):
    """What a code says about a request."""

    CONTRADICTION = "contradiction"
    MISSING = "missing"
    DECISION = "decision"


class Code(StrEnum):
    """Every reason code of the policy service itself."""

    # Contradictions between the signed bytes, the derivation and the declaration.
    HASH_MISMATCH = "HASH_MISMATCH"
    HASH_COUNT_MISMATCH = "HASH_COUNT_MISMATCH"
    PATH_COUNT_MISMATCH = "PATH_COUNT_MISMATCH"
    TWEAK_COUNT_MISMATCH = "TWEAK_COUNT_MISMATCH"
    TWEAK_PRESENT = "TWEAK_PRESENT"
    DERIVATION_MISMATCH = "DERIVATION_MISMATCH"
    SOURCE_ADDRESS_MISMATCH = "SOURCE_ADDRESS_MISMATCH"
    ROOT_KEY_MISMATCH = "ROOT_KEY_MISMATCH"
    DESTINATION_MISMATCH = "DESTINATION_MISMATCH"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    TOKEN_CONTRACT_MISMATCH = "TOKEN_CONTRACT_MISMATCH"  # noqa: S105 -- a reason code, not a credential
    CHAIN_ID_MISMATCH = "CHAIN_ID_MISMATCH"
    TOKEN_CHAIN_MISMATCH = "TOKEN_CHAIN_MISMATCH"  # noqa: S105 -- a reason code
    NONCE_MISMATCH = "NONCE_MISMATCH"
    NATIVE_VALUE_IN_TOKEN_TRANSFER = "NATIVE_VALUE_IN_TOKEN_TRANSFER"  # noqa: S105 -- a reason code
    CALLDATA_IN_NATIVE_TRANSFER = "CALLDATA_IN_NATIVE_TRANSFER"
    CONTRACT_CREATION = "CONTRACT_CREATION"
    CALLDATA_NOT_EXACT = "CALLDATA_NOT_EXACT"
    BYTES_NOT_CANONICAL = "BYTES_NOT_CANONICAL"
    ACCESS_LIST_PRESENT = "ACCESS_LIST_PRESENT"
    BLOBS_PRESENT = "BLOBS_PRESENT"
    AUTHORIZATIONS_PRESENT = "AUTHORIZATIONS_PRESENT"
    CALLDATA_MISMATCH = "CALLDATA_MISMATCH"
    STRUCTURED_DATA_MISMATCH = "STRUCTURED_DATA_MISMATCH"
    DROP_NOT_SELF_SEND = "DROP_NOT_SELF_SEND"
    SIGHASH_NOT_ALL = "SIGHASH_NOT_ALL"
    INPUT_MISMATCH = "INPUT_MISMATCH"
    CONTRACT_COUNT_MISMATCH = "CONTRACT_COUNT_MISMATCH"
    CONTRACT_TYPE_MISMATCH = "CONTRACT_TYPE_MISMATCH"
    OWNER_MISMATCH = "OWNER_MISMATCH"
    PERMISSION_PRESENT = "PERMISSION_PRESENT"
    TRC10_VALUE_PRESENT = "TRC10_VALUE_PRESENT"
    EXTRA_TRANSFER = "EXTRA_TRANSFER"
    EXTRA_INSTRUCTION = "EXTRA_INSTRUCTION"
    INSTRUCTION_MISSING = "INSTRUCTION_MISSING"
    ACCOUNTS_MISMATCH = "ACCOUNTS_MISMATCH"
    ACCOUNT_FLAGS_MISMATCH = "ACCOUNT_FLAGS_MISMATCH"
    PAYMENT_MISSING = "PAYMENT_MISSING"
    TOKEN_DECIMALS_MISMATCH = "TOKEN_DECIMALS_MISMATCH"  # noqa: S105 -- a reason code
    MEMO_MISMATCH = "MEMO_MISMATCH"
    CURVE_MISMATCH = "CURVE_MISMATCH"
    SIGNATURE_TYPE_MISMATCH = "SIGNATURE_TYPE_MISMATCH"
    TSS_PROTOCOL_MISMATCH = "TSS_PROTOCOL_MISMATCH"
    THRESHOLD_MISMATCH = "THRESHOLD_MISMATCH"
    PARTICIPANTS_MISMATCH = "PARTICIPANTS_MISMATCH"
    NODE_IDS_MISMATCH = "NODE_IDS_MISMATCH"
    GROUP_MISMATCH = "GROUP_MISMATCH"
    TASK_MISMATCH = "TASK_MISMATCH"
    TASK_TYPE_MISMATCH = "TASK_TYPE_MISMATCH"
    WALLET_MISMATCH = "WALLET_MISMATCH"
    VAULT_MISMATCH = "VAULT_MISMATCH"
    PROJECT_MISMATCH = "PROJECT_MISMATCH"

    # What is missing for a proof.
    DETAIL_NOT_JSON = "DETAIL_NOT_JSON"
    DETAIL_FIELD_UNKNOWN = "DETAIL_FIELD_UNKNOWN"
    DETAIL_FIELD_MISSING = "DETAIL_FIELD_MISSING"
    DETAIL_FIELD_INVALID = "DETAIL_FIELD_INVALID"
    DETAIL_VALUE_UNKNOWN = "DETAIL_VALUE_UNKNOWN"
    DETAIL_TOO_LARGE = "DETAIL_TOO_LARGE"
    EXTRA_NOT_JSON = "EXTRA_NOT_JSON"
    DECLARATION_MISSING = "DECLARATION_MISSING"
    DECLARATION_NOT_CANONICAL = "DECLARATION_NOT_CANONICAL"
    DECLARATION_UNKNOWN = "DECLARATION_UNKNOWN"
    RAW_TX_MISSING = "RAW_TX_MISSING"
    RAW_TX_TOO_LARGE = "RAW_TX_TOO_LARGE"
    TRANSACTION_NOT_REBUILT = "TRANSACTION_NOT_REBUILT"
    PREVOUT_NOT_PROVEN = "PREVOUT_NOT_PROVEN"
    INPUT_NOT_SIGNED = "INPUT_NOT_SIGNED"
    CHANGE_NOT_PROVEN = "CHANGE_NOT_PROVEN"
    OUTPUT_NOT_DECLARED = "OUTPUT_NOT_DECLARED"
    SCRIPT_SPEND_NOT_PROVEN = "SCRIPT_SPEND_NOT_PROVEN"
    TWEAK_NOT_PROVEN = "TWEAK_NOT_PROVEN"
    SCRIPT_TREE_NOT_PROVEN = "SCRIPT_TREE_NOT_PROVEN"
    CHAIN_UNKNOWN = "CHAIN_UNKNOWN"
    CHAIN_ID_NOT_PROVEN = "CHAIN_ID_NOT_PROVEN"
    KIND_NOT_SUPPORTED = "KIND_NOT_SUPPORTED"
    INSTRUCTION_UNKNOWN = "INSTRUCTION_UNKNOWN"
    COMPUTE_BUDGET_NOT_PROVEN = "COMPUTE_BUDGET_NOT_PROVEN"
    LOOKUP_TABLE_NOT_PROVEN = "LOOKUP_TABLE_NOT_PROVEN"
    TOKEN_ACCOUNT_NOT_PROVEN = "TOKEN_ACCOUNT_NOT_PROVEN"  # noqa: S105 -- a reason code
    CALLS_TOO_MANY = "CALLS_TOO_MANY"
    BLIND_SIGNATURE = "BLIND_SIGNATURE"
    MESSAGE_ENCODING_NOT_PROVEN = "MESSAGE_ENCODING_NOT_PROVEN"
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"  # noqa: S105 -- a reason code
    KEY_NOT_PINNED = "KEY_NOT_PINNED"
    PATH_NOT_PINNED = "PATH_NOT_PINNED"
    GROUP_NOT_PINNED = "GROUP_NOT_PINNED"
    WALLET_NOT_PINNED = "WALLET_NOT_PINNED"
    DECODER_FAILED = "DECODER_FAILED"

    # Decisions of the pipeline.
    REQUEST_TYPE_UNKNOWN = "REQUEST_TYPE_UNKNOWN"
    CONTRADICTION_ALLOWED = "CONTRADICTION_ALLOWED"
    UNPROVABLE_ALLOWED = "UNPROVABLE_ALLOWED"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    OUTPOINT_AMOUNT_DIFFERS = "OUTPOINT_AMOUNT_DIFFERS"
    STOPPED = "STOPPED"


NEVER_ACCEPTED = frozenset(
    {
        Code.DETAIL_NOT_JSON,
        Code.DETAIL_FIELD_MISSING,
        Code.DETAIL_FIELD_INVALID,
        Code.DETAIL_TOO_LARGE,
        Code.RAW_TX_MISSING,
        Code.RAW_TX_TOO_LARGE,
        Code.TRANSACTION_NOT_REBUILT,
        Code.PREVOUT_NOT_PROVEN,
        Code.SCRIPT_SPEND_NOT_PROVEN,
        Code.KEY_NOT_PINNED,
        Code.BLIND_SIGNATURE,
        Code.MESSAGE_ENCODING_NOT_PROVEN,
        Code.DECODER_FAILED,
    }
)
"""Missing-codes that no release may accept: after them not even the hashes, or the key that signs, are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeInfo:
    """What people read about a code.

    Attributes:
        title: What was found, one sentence without the values.
        remediation: What a person can do about it.
        kind: Contradiction, missing or decision.
    """

    title: str
    remediation: str
    kind: CodeKind


# The remediation of most contradictions is the same: somebody must find out who changed the request.
_INVESTIGATE = (
    "Treat it as an attack or a defect at the requester: compare the ledger's evidence with what was asked for."
)
_REQUESTER = (
    "Ask the wallet provider why this part of the request is absent or different; without it nothing is proven."
)
_REGISTRY = "If it is yours, add it to the registry and release the policies; otherwise refuse the request."


def _contradiction(title: str, remediation: str = _INVESTIGATE) -> CodeInfo:
    return CodeInfo(title=title, remediation=remediation, kind=CodeKind.CONTRADICTION)


def _missing(title: str, remediation: str = _REQUESTER) -> CodeInfo:
    return CodeInfo(title=title, remediation=remediation, kind=CodeKind.MISSING)


def _decision(title: str, remediation: str) -> CodeInfo:
    return CodeInfo(title=title, remediation=remediation, kind=CodeKind.DECISION)


CODES: Mapping[str, CodeInfo] = MappingProxyType(
    {
        Code.HASH_MISMATCH: _contradiction("The hash to be signed is not the hash of the declared transaction."),
        Code.HASH_COUNT_MISMATCH: _contradiction(
            "The number of hashes to be signed is not the number of signatures the transaction needs."
        ),
        Code.PATH_COUNT_MISMATCH: _contradiction("The number of derivation paths is not the number of hashes."),
        Code.TWEAK_COUNT_MISMATCH: _contradiction("The number of tweaks is not the number of hashes."),
        Code.TWEAK_PRESENT: _contradiction("A tweak would make another key sign than the derived one."),
        Code.DERIVATION_MISMATCH: _contradiction(
            "The signing key derived from root key and path is not the declared source address's key."
        ),
        Code.SOURCE_ADDRESS_MISMATCH: _contradiction(
            "The signing key's address is not the transaction's source address."
        ),
        Code.ROOT_KEY_MISMATCH: _contradiction("The root public key is not the declared vault's or group's."),
        Code.DESTINATION_MISMATCH: _contradiction("The bytes pay another address than the declared destination."),
        Code.AMOUNT_MISMATCH: _contradiction("The bytes move another amount than declared."),
        Code.TOKEN_CONTRACT_MISMATCH: _contradiction("The bytes call another contract than the declared token's."),
        Code.CHAIN_ID_MISMATCH: _contradiction("The bytes are for another network than the declared chain."),
        Code.TOKEN_CHAIN_MISMATCH: _contradiction(
            "The registry knows the declared token on another chain than the declared one.",
            "Compare the registry with the provider's token list; if the registry is right, treat it as an attack.",
        ),
        Code.NONCE_MISMATCH: _contradiction("The bytes use another nonce than declared."),
        Code.NATIVE_VALUE_IN_TOKEN_TRANSFER: _contradiction("A token transfer also carries native coins."),
        Code.CALLDATA_IN_NATIVE_TRANSFER: _contradiction("A transfer of native coins carries calldata."),
        Code.CONTRACT_CREATION: _contradiction("The bytes create a contract where a payment is declared."),
        Code.CALLDATA_NOT_EXACT: _contradiction("The calldata is not exactly one token transfer."),
        Code.BYTES_NOT_CANONICAL: _contradiction("The signed bytes are not the canonical encoding of a transaction."),
        Code.ACCESS_LIST_PRESENT: _contradiction("A plain transfer carries an access list."),
        Code.BLOBS_PRESENT: _contradiction("A plain transfer carries blobs."),
        Code.AUTHORIZATIONS_PRESENT: _contradiction("A plain transfer hands accounts over to a contract's code."),
        Code.CALLDATA_MISMATCH: _contradiction("The bytes call the contract with other calldata than declared."),
        Code.STRUCTURED_DATA_MISMATCH: _contradiction("The two declarations of the typed data differ."),
        Code.DROP_NOT_SELF_SEND: _contradiction(
            "A drop replaces a transaction by something else than a payment to itself."
        ),
        Code.SIGHASH_NOT_ALL: _contradiction(
            "A signature would leave inputs or outputs of the transaction open to change."
        ),
        Code.INPUT_MISMATCH: _contradiction("The declared inputs are not those of the transaction."),
        Code.CONTRACT_COUNT_MISMATCH: _contradiction("The bytes do another number of things than one."),
        Code.CONTRACT_TYPE_MISMATCH: _contradiction(
            "The bytes do another kind of thing than the declared payment or call."
        ),
        Code.OWNER_MISMATCH: _contradiction("The bytes move the assets of another account than the signing key's."),
        Code.PERMISSION_PRESENT: _contradiction("The bytes are signed under another permission than the owner's."),
        Code.TRC10_VALUE_PRESENT: _contradiction("A token transfer or call also carries TRC-10 tokens."),
        Code.EXTRA_TRANSFER: _contradiction("The bytes make another transfer beside what is declared."),
        Code.EXTRA_INSTRUCTION: _contradiction(
            "The bytes do something that is not declared, and that the declared payment does not need."
        ),
        Code.INSTRUCTION_MISSING: _contradiction("The bytes lack an instruction that is declared."),
        Code.ACCOUNTS_MISMATCH: _contradiction("The bytes run a program on other accounts than declared."),
        Code.ACCOUNT_FLAGS_MISMATCH: _contradiction(
            "The bytes let programs do more, or less, with an account than declared."
        ),
        Code.PAYMENT_MISSING: _contradiction("The bytes make no payment of the declared token."),
        Code.TOKEN_DECIMALS_MISMATCH: _contradiction("The bytes state other decimals than the declared token's."),
        Code.MEMO_MISMATCH: _contradiction("The bytes carry another memo than declared."),
        Code.CURVE_MISMATCH: _contradiction("The declared curves differ."),
        Code.SIGNATURE_TYPE_MISMATCH: _contradiction("The signature type does not fit the chain."),
        Code.TSS_PROTOCOL_MISMATCH: _contradiction("The signing protocol does not fit the signature type."),
        Code.THRESHOLD_MISMATCH: _contradiction("The thresholds differ, or fewer nodes take part than the threshold."),
        Code.PARTICIPANTS_MISMATCH: _contradiction("The number of nodes is not the group's number of participants."),
        Code.NODE_IDS_MISMATCH: _contradiction("The node ids are not those of the declared group."),
        Code.GROUP_MISMATCH: _contradiction("The key share group is not one of the declared group's."),
        Code.TASK_MISMATCH: _contradiction("The business task is not the declared transaction or TSS request."),
        Code.TASK_TYPE_MISMATCH: _contradiction("The declared TSS request is of another type than the callback."),
        Code.WALLET_MISMATCH: _contradiction("The declared wallet ids differ."),
        Code.VAULT_MISMATCH: _contradiction("The declared vault ids differ."),
        Code.PROJECT_MISMATCH: _contradiction("The declared project ids differ."),
        Code.DETAIL_NOT_JSON: _missing("request_detail is not a strict JSON object."),
        Code.DETAIL_FIELD_UNKNOWN: _missing("request_detail has a field this version does not know."),
        Code.DETAIL_FIELD_MISSING: _missing("request_detail lacks a field."),
        Code.DETAIL_FIELD_INVALID: _missing("A field of request_detail has the wrong type or form."),
        Code.DETAIL_VALUE_UNKNOWN: _missing(
            "A field of request_detail has an enumeration value this version does not know."
        ),
        Code.DETAIL_TOO_LARGE: _missing("A list or text of request_detail is longer than the limit."),
        Code.EXTRA_NOT_JSON: _missing("extra_info is not a strict JSON object."),
        Code.DECLARATION_MISSING: _missing("extra_info lacks a statement that must be compared."),
        Code.DECLARATION_NOT_CANONICAL: _missing("A statement of extra_info is not written canonically."),
        Code.DECLARATION_UNKNOWN: _missing("A statement of extra_info has a value this version does not know."),
        Code.RAW_TX_MISSING: _missing("The unsigned transaction is not in the request, so its hash cannot be checked."),
        Code.RAW_TX_TOO_LARGE: _missing("The unsigned transaction is longer than the limit."),
        Code.TRANSACTION_NOT_REBUILT: _missing(
            "The unsigned transaction is not in the request, and no transaction of the declared parts has its hash."
        ),
        Code.PREVOUT_NOT_PROVEN: _missing(
            "The digest of an input cannot be made, because what it spends is not declared or not understood."
        ),
        Code.INPUT_NOT_SIGNED: _missing("The request signs only some of the transaction's inputs."),
        Code.CHANGE_NOT_PROVEN: _missing(
            "An output is no declared payment, and its key was not found among the wallet's own.",
            "Never sign it unless the address is the wallet's; then ask for its path, or pin its branch.",
        ),
        Code.OUTPUT_NOT_DECLARED: _missing(
            "An output is declared by nothing that can be read, or a stake does not pay what it names."
        ),
        Code.SCRIPT_SPEND_NOT_PROVEN: _missing(
            "An input is, or in an unstake may be, spent by a script, so the request does not show what is signed.",
            "Decide by hand: ask for the spent output and its script, and make the digest from them.",
        ),
        Code.TWEAK_NOT_PROVEN: _missing("A tweak is not the one that belongs to the input's taproot address."),
        Code.SCRIPT_TREE_NOT_PROVEN: _missing(
            "A source address has a script tree, and nothing in the request shows what it lets others do.",
            "Ask for the script tree and compare it by hand, or move the coins to an address without one.",
        ),
        Code.CHAIN_UNKNOWN: _missing("The chain is not in the registry.", _REGISTRY),
        Code.CHAIN_ID_NOT_PROVEN: _missing(
            "The bytes name no network, so they are valid on every one.", "Ask for an EIP-155 transaction."
        ),
        Code.KIND_NOT_SUPPORTED: _missing(
            "This version cannot decode this kind of transaction or message.",
            "Wait for a release that can, or decide by hand.",
        ),
        Code.INSTRUCTION_UNKNOWN: _missing(
            "The bytes call a program, or in a way, that this version does not know.",
            "Wait for a release that does, or decide by hand.",
        ),
        Code.COMPUTE_BUDGET_NOT_PROVEN: _missing(
            "A declared compute budget instruction is not in the bytes; the provider may have set its own.",
            "Compare the proven bound of the fee with what was asked for.",
        ),
        Code.LOOKUP_TABLE_NOT_PROVEN: _missing(
            "Accounts stand in address lookup tables, whose content is not in the request.",
            "Ask for a transaction without lookup tables, or decide by hand.",
        ),
        Code.TOKEN_ACCOUNT_NOT_PROVEN: _missing(
            "A token account is not derived from its owner, so the bytes do not prove whose it is.",
            "Look the account up on the chain, or ask for a payment between associated token accounts.",
        ),
        Code.CALLS_TOO_MANY: _missing(
            "The call holds more calls, or more calldata, inside each other than is looked at.",
            "Split the batch; what is not looked at is not proven.",
        ),
        Code.BLIND_SIGNATURE: _missing(
            "A bare hash is to be signed, and nothing in the request says of what.",
            "Refuse it, and ask for the message or the transaction itself.",
        ),
        Code.MESSAGE_ENCODING_NOT_PROVEN: _missing(
            "No known way to write the declared message gives the hash to be signed, so it may be another message.",
            "Refuse it, unless the requester shows how the message is written and the hash is made by hand.",
        ),
        Code.TOKEN_UNKNOWN: _missing("The token is not in the registry.", _REGISTRY),
        Code.KEY_NOT_PINNED: _missing("The root public key is not pinned in the registry.", _REGISTRY),
        Code.PATH_NOT_PINNED: _missing("The derivation path fits none of the pinned key's patterns.", _REGISTRY),
        Code.GROUP_NOT_PINNED: _missing("The key share group is not one of the pinned key's.", _REGISTRY),
        Code.WALLET_NOT_PINNED: _missing("The wallet is not one of the pinned key's.", _REGISTRY),
        Code.DECODER_FAILED: _missing(
            "The decoder could not finish.", "Report it with the decision id; the ledger has the evidence."
        ),
        Code.REQUEST_TYPE_UNKNOWN: _decision(
            "The request type is not one of the protocol's.", "Ask the wallet provider what it is."
        ),
        Code.CONTRADICTION_ALLOWED: _decision(
            "The policies allowed a request whose statements contradict each other.",
            "Repair the policies: a contradiction is never allowed.",
        ),
        Code.UNPROVABLE_ALLOWED: _decision(
            "The policies allowed a request that could not be proven.",
            "Accept the missing codes by name in accept_unprovable, or repair the policies.",
        ),
        Code.REQUEST_ID_REUSED: _decision(
            "The request id was used before for another content.",
            "Compare the earlier record in the ledger with this request.",
        ),
        Code.OUTPOINT_AMOUNT_DIFFERS: _decision(
            "An earlier ALLOW stated another amount for an output that this transaction spends.",
            "Look both up on the chain: one of them is false, and signatures of both could make one transaction with a "
            "fee that neither shows. Treat the false one as an attack.",
        ),
        Code.STOPPED: _decision("Deciding is stopped by hand.", "Remove the stop file when it is safe."),
    }
)
"""Title and remediation of every code; the keys are the plain strings."""
