"""Why each reason code exists: what asks for the check behind it.

`protocol` is the dossier of the callback protocol (its section (i) numbers the provider's recommended checks BP-01 to
BP-25, its section g.2 the holes of the provider's own templates G1 to G22), `design` Placet's own.
`docs/checks.md` is generated from this, from `codes.py` and `checks/`, and from the places that name a code.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from placet_policy.codes import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Code.HASH_MISMATCH: "BP-05; EIP-155, EIP-2718",
        Code.HASH_COUNT_MISMATCH: "protocol g.2 G16",
        Code.PATH_COUNT_MISMATCH: "protocol d.2",
        Code.TWEAK_COUNT_MISMATCH: "protocol d.2",
        Code.TWEAK_PRESENT: "protocol d.5",
        Code.DERIVATION_MISMATCH: "BP-14; BIP-32",
        Code.SOURCE_ADDRESS_MISMATCH: "BP-14; BIP-32",
        Code.ROOT_KEY_MISMATCH: "protocol d.2, g.2 G18",
        Code.DESTINATION_MISMATCH: "BP-12; protocol g.2 G3",
        Code.AMOUNT_MISMATCH: "BP-12; protocol g.2 G2",
        Code.TOKEN_CONTRACT_MISMATCH: "protocol g.2 G6; EIP-20",
        Code.CHAIN_ID_MISMATCH: "BP-09; EIP-155",
        Code.TOKEN_CHAIN_MISMATCH: "design 5",
        Code.NONCE_MISMATCH: "protocol d.12",
        Code.NATIVE_VALUE_IN_TOKEN_TRANSFER: "protocol g.2 G6",
        Code.CALLDATA_IN_NATIVE_TRANSFER: "BP-10; protocol g.2 G7",
        Code.CONTRACT_CREATION: "protocol g.2 G10",
        Code.CALLDATA_NOT_EXACT: "protocol g.2 G8; EIP-20",
        Code.BYTES_NOT_CANONICAL: "protocol g.4; Yellow Paper appendix B",
        Code.ACCESS_LIST_PRESENT: "protocol g.2 G9; EIP-2930",
        Code.BLOBS_PRESENT: "EIP-4844",
        Code.AUTHORIZATIONS_PRESENT: "EIP-7702",
        Code.CALLDATA_MISMATCH: "protocol d.14",
        Code.STRUCTURED_DATA_MISMATCH: "protocol d.14; EIP-712",
        Code.DROP_NOT_SELF_SEND: "protocol d.3",
        Code.SIGHASH_NOT_ALL: "BIP-143, BIP-341",
        Code.INPUT_MISMATCH: "protocol d.12; BIP-143",
        Code.CONTRACT_COUNT_MISMATCH: "protocol g.2 G12",
        Code.CONTRACT_TYPE_MISMATCH: "protocol g.4",
        Code.OWNER_MISMATCH: "protocol g.2 G12",
        Code.PERMISSION_PRESENT: "protocol g.2 G12",
        Code.TRC10_VALUE_PRESENT: "protocol g.4",
        Code.EXTRA_TRANSFER: "protocol d.14, g.2 G13, G14",
        Code.EXTRA_INSTRUCTION: "protocol d.14, g.2 G13, G14",
        Code.INSTRUCTION_MISSING: "protocol d.14",
        Code.ACCOUNTS_MISMATCH: "protocol d.14",
        Code.ACCOUNT_FLAGS_MISMATCH: "protocol d.14",
        Code.PAYMENT_MISSING: "protocol g.4",
        Code.TOKEN_DECIMALS_MISMATCH: "protocol g.4; spl-token TransferChecked",
        Code.MEMO_MISMATCH: "protocol g.2 G12, d.14",
        Code.CURVE_MISMATCH: "protocol d.2",
        Code.SIGNATURE_TYPE_MISMATCH: "BP-15",
        Code.TSS_PROTOCOL_MISMATCH: "protocol d.19",
        Code.THRESHOLD_MISMATCH: "BP-01, BP-02; protocol d.2",
        Code.PARTICIPANTS_MISMATCH: "protocol d.2",
        Code.NODE_IDS_MISMATCH: "BP-01, BP-02; protocol d.2",
        Code.GROUP_MISMATCH: "protocol d.2",
        Code.TASK_MISMATCH: "BP-17; protocol d.2",
        Code.TASK_TYPE_MISMATCH: "protocol d.2",
        Code.WALLET_MISMATCH: "protocol d.2",
        Code.VAULT_MISMATCH: "protocol d.2",
        Code.PROJECT_MISMATCH: "protocol d.2",
        Code.DETAIL_NOT_JSON: "protocol d.0",
        Code.DETAIL_FIELD_UNKNOWN: "protocol d.7 to d.10",
        Code.DETAIL_FIELD_MISSING: "protocol d.0",
        Code.DETAIL_FIELD_INVALID: "protocol d.7 to d.10",
        Code.DETAIL_VALUE_UNKNOWN: "protocol d.19",
        Code.DETAIL_TOO_LARGE: "protocol a.1",
        Code.EXTRA_NOT_JSON: "protocol d.0",
        Code.DECLARATION_MISSING: "protocol d.0",
        Code.DECLARATION_NOT_CANONICAL: "protocol d.0",
        Code.DECLARATION_UNKNOWN: "protocol d.19",
        Code.RAW_TX_MISSING: "BP-04",
        Code.RAW_TX_TOO_LARGE: "protocol a.1",
        Code.TRANSACTION_NOT_REBUILT: "BP-04; protocol d.4",
        Code.PREVOUT_NOT_PROVEN: "protocol d.4; BIP-143, BIP-341",
        Code.INPUT_NOT_SIGNED: "protocol d.4",
        Code.CHANGE_NOT_PROVEN: "BIP-32, BIP-341",
        Code.OUTPUT_NOT_DECLARED: "protocol d.3",
        Code.SCRIPT_SPEND_NOT_PROVEN: "protocol d.4; BIP-341",
        Code.TWEAK_NOT_PROVEN: "protocol d.5; BIP-341",
        Code.SCRIPT_TREE_NOT_PROVEN: "protocol d.11; BIP-341",
        Code.CHAIN_UNKNOWN: "BP-09",
        Code.CHAIN_ID_NOT_PROVEN: "EIP-155",
        Code.KIND_NOT_SUPPORTED: "protocol d.3; EIP-2718",
        Code.INSTRUCTION_UNKNOWN: "protocol g.4",
        Code.COMPUTE_BUDGET_NOT_PROVEN: "protocol d.14",
        Code.LOOKUP_TABLE_NOT_PROVEN: "protocol g.2 G15",
        Code.TOKEN_ACCOUNT_NOT_PROVEN: "protocol g.1; spl-associated-token-account",
        Code.CALLS_TOO_MANY: "the service itself",
        Code.BLIND_SIGNATURE: "BP-21; protocol g.4",
        Code.MESSAGE_ENCODING_NOT_PROVEN: "BIP-137, BIP-322; protocol d.3",
        Code.TOKEN_UNKNOWN: "protocol g.4",
        Code.KEY_NOT_PINNED: "BP-14; protocol g.2 G18",
        Code.PATH_NOT_PINNED: "BP-14",
        Code.GROUP_NOT_PINNED: "protocol g.2 G18",
        Code.WALLET_NOT_PINNED: "protocol g.2 G18",
        Code.DECODER_FAILED: "the service itself",
        Code.REQUEST_TYPE_UNKNOWN: "protocol c.1",
        Code.CONTRADICTION_ALLOWED: "design 1, step 9",
        Code.UNPROVABLE_ALLOWED: "design 1, step 9",
        Code.REQUEST_ID_REUSED: "protocol c.4",
        Code.OUTPOINT_AMOUNT_DIFFERS: "BIP-143, BIP-341",
        Code.STOPPED: "design 8",
    }
)
"""Protocol section, BP-nn, EIP, BIP or RFC of every code; the keys are the plain strings."""

DENYING_DECISIONS: Final = frozenset({Code.REQUEST_TYPE_UNKNOWN})
"""Decisions of the pipeline that refuse for good; the others hold (design section 1)."""
