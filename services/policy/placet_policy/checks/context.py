"""What extra_info says around a request, against request_detail (protocol d.2, and d.10 for KeyShareSign)."""

from __future__ import annotations

from typing import Final

from placet_policy.checks.check import Check, made, unmade
from placet_policy.codes import Code

_GROUPS: Final = "facts/key_groups.py"
_REQUESTS: Final = "facts/key_requests.py"
_CONTEXT: Final = "facts/signer_context.py"
_SIGNER: Final = "facts/signer.py"
_SOURCES: Final = "facts/source_addresses.py"
_KEY_GEN: Final = "test_key_requests::test_a_changed_key_gen_is_not_proven"
_RESHARE: Final = "test_key_requests::test_a_changed_key_reshare_is_not_proven"
_SHARE_SIGN: Final = "test_key_requests::test_a_changed_key_share_sign_is_not_proven"
_SIGN: Final = "test_changes::test_a_changed_statement_contradicts"

CONTEXT: Final[tuple[Check, ...]] = (
    made(
        "d.2 KeyGen threshold",
        "The threshold is the target group's and the project's, and no more than the nodes.",
        f"{_GROUPS} {_REQUESTS}",
        (Code.THRESHOLD_MISMATCH,),
        f"{_KEY_GEN} test_key_requests::test_a_threshold_that_no_signature_can_reach",
        "KEY_GROUP_NOT_ALLOWED",
    ),
    made(
        "d.2 KeyReshare threshold",
        "The old and the new threshold are those of the source and the target group.",
        f"{_GROUPS} {_REQUESTS}",
        (Code.THRESHOLD_MISMATCH,),
        _RESHARE,
        "KEY_GROUP_NOT_ALLOWED",
    ),
    made(
        "d.2 KeyGen nodes",
        "The node ids are exactly the target group's, none twice, as many as participants.",
        _GROUPS,
        (Code.NODE_IDS_MISMATCH, Code.PARTICIPANTS_MISMATCH),
        _KEY_GEN,
        "KEY_GROUP_NOT_ALLOWED",
    ),
    made(
        "d.2 KeySign nodes",
        "The nodes that sign are of the signer group, none twice, at least as many as its threshold.",
        _GROUPS,
        (Code.NODE_IDS_MISMATCH, Code.THRESHOLD_MISMATCH),
        _SIGN,
    ),
    made(
        "d.2 KeyReshare nodes",
        "The nodes that take part are of the source group and those of the TSS request; the new ones are the target's.",
        f"{_GROUPS} {_REQUESTS}",
        (Code.NODE_IDS_MISMATCH, Code.THRESHOLD_MISMATCH),
        _RESHARE,
        "KEY_GROUP_NOT_ALLOWED",
    ),
    made(
        "d.2 KeyGen curve / key",
        "The curve is one that the target group names, where it names any.",
        _REQUESTS,
        (Code.CURVE_MISMATCH,),
        _KEY_GEN,
    ),
    made(
        "d.2 KeySign curve / key",
        "The root key is the vault's of the chain's curve, the key share group's, the source addresses', and pinned.",
        f"{_GROUPS} {_SIGNER}",
        (Code.ROOT_KEY_MISMATCH, Code.CURVE_MISMATCH, Code.KEY_NOT_PINNED),
        f"{_SIGN} test_signer::test_a_key_of_the_other_curve_contradicts",
        "ROOT_KEY_NOT_PINNED",
    ),
    made(
        "d.2 KeyReshare curve / key",
        "Root key and curve are the source group's and the vault's.",
        f"{_GROUPS} {_REQUESTS}",
        (Code.ROOT_KEY_MISMATCH, Code.CURVE_MISMATCH),
        _RESHARE,
    ),
    made(
        "d.2 KeySign group id",
        "The key share group is one of the signer group's, and the transaction's source names that signer group.",
        f"{_GROUPS} {_CONTEXT} {_SIGNER}",
        (Code.GROUP_MISMATCH, Code.GROUP_NOT_PINNED),
        f"{_SIGN} test_changes::test_a_pinned_key_signs_only_for_what_is_pinned_with_it",
    ),
    made(
        "d.2 KeyReshare group id",
        "The old key share group is one of the source group's; source and target are those of the TSS request.",
        f"{_GROUPS} {_REQUESTS}",
        (Code.GROUP_MISMATCH,),
        _RESHARE,
    ),
    made(
        "d.2 KeyGen business id",
        "biz_task_id is the TSS request's id, unless it is a number, as in the provider's own example.",
        _REQUESTS,
        (Code.TASK_MISMATCH,),
        "test_key_requests::test_the_business_task_is_the_tss_request",
    ),
    made(
        "d.2 KeySign business id",
        "biz_task_id is the transaction's id.",
        _CONTEXT,
        (Code.TASK_MISMATCH,),
        _SIGN,
    ),
    made(
        "d.2 KeyReshare business id",
        "biz_task_id is the TSS request's id, unless it is a number, as in the provider's own example.",
        _REQUESTS,
        (Code.TASK_MISMATCH,),
        "test_key_requests::test_the_business_task_is_the_tss_request",
    ),
    made(
        "d.2 KeyGen request type",
        "The TSS request is a KeyGen.",
        _REQUESTS,
        (Code.TASK_TYPE_MISMATCH, Code.DECLARATION_UNKNOWN),
        _KEY_GEN,
    ),
    made(
        "d.2 KeySign request type",
        "Transaction type, destination type and replacement are a combination that is decoded.",
        "facts/key_sign.py",
        (Code.KIND_NOT_SUPPORTED, Code.DECLARATION_UNKNOWN),
        "test_changes::test_what_is_absent_or_not_canonical_is_unprovable",
    ),
    made(
        "d.2 KeyReshare request type",
        "The TSS request is a KeyGenFromKeyGroup or a Recovery.",
        _REQUESTS,
        (Code.TASK_TYPE_MISMATCH,),
        _RESHARE,
    ),
    made(
        "d.2 KeyGen wallet",
        "The vault's project is the declared one.",
        _REQUESTS,
        (Code.PROJECT_MISMATCH,),
        _KEY_GEN,
    ),
    made(
        "d.2 KeySign wallet",
        "Wallet, transaction and source name one wallet, wallet and vault one vault; the wallet is pinned.",
        f"{_CONTEXT} {_SIGNER}",
        (Code.WALLET_MISMATCH, Code.VAULT_MISMATCH, Code.WALLET_NOT_PINNED),
        f"{_SIGN} test_changes::test_a_pinned_key_signs_only_for_what_is_pinned_with_it",
    ),
    made(
        "d.2 KeyReshare wallet",
        "The vault's project is the declared one.",
        _REQUESTS,
        (Code.PROJECT_MISMATCH,),
        _RESHARE,
    ),
    made(
        "d.2 KeySign path / address",
        "Each path is a source address's, and the key derived along it has that address.",
        _SOURCES,
        (Code.DERIVATION_MISMATCH, Code.SOURCE_ADDRESS_MISMATCH, Code.SCRIPT_TREE_NOT_PROVEN),
        f"{_SIGN} test_bitcoin_keys::test_a_source_address_with_a_script_tree_is_not_proven",
    ),
    made(
        "d.2 KeySign lists",
        "One path and, where any is given, one tweak for each hash.",
        _SIGNER,
        (Code.PATH_COUNT_MISMATCH, Code.TWEAK_COUNT_MISMATCH),
        _SIGN,
    ),
    made(
        "d.10 KeyShareSign groups and nodes",
        "Each key share group is one of the declared groups', and the node that is asked holds a share of it.",
        _REQUESTS,
        (Code.GROUP_MISMATCH, Code.NODE_IDS_MISMATCH),
        _SHARE_SIGN,
        "KEY_SHARE_SIGN_NOT_ALLOWED",
    ),
    made(
        "d.10 KeyShareSign wallet",
        "The wallet's vault is the declared one.",
        _REQUESTS,
        (Code.VAULT_MISMATCH,),
        _SHARE_SIGN,
    ),
    unmade(
        "d.10 KeyShareSign business id",
        "biz_task_id is the id of the key share sign request.",
        "extra_info has no such id, so there is nothing to compare it with.",
    ),
)
