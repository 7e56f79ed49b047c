"""The provider's recommended checks of a signature, BP-04 to BP-21 (protocol (i))."""

from __future__ import annotations

from typing import Final

from placet_policy.checks.check import Check, judged, made, unmade
from placet_policy.codes import Code

_CASE: Final = "facts/key_sign_case.py"
_EVM_SIGN: Final = "facts/evm/sign.py"
_EVM: Final = "facts/evm/transfer.py"
_ACCOUNT: Final = "facts/account_transfer.py"
_CHANGES: Final = "test_changes::test_a_changed_statement_contradicts"
_SAMPLES: Final = "test_samples::test_what_cannot_be_known_is_unprovable"
_ATTACKS: Final = "test_samples::test_every_attack_has_its_own_code"

RECOMMENDED: Final[tuple[Check, ...]] = (
    made(
        "BP-04",
        "The bytes are those of raw_tx_info; a Bitcoin transaction that is not there is rebuilt from its parts.",
        f"{_CASE} facts/bitcoin/sign.py",
        (Code.RAW_TX_MISSING, Code.TRANSACTION_NOT_REBUILT),
        f"{_SAMPLES} test_bitcoin::test_what_cannot_be_rebuilt_is_unprovable",
    ),
    made(
        "BP-05",
        "Every hash of msg_hash_list is the bytes' own, by the chain's rules.",
        f"{_CASE} facts/bitcoin/hashes.py",
        (Code.HASH_MISMATCH, Code.HASH_COUNT_MISMATCH),
        f"{_CHANGES} {_ATTACKS}",
    ),
    judged("BP-06", "The most that the fee can be is within the cap.", "FEE_ABOVE_LIMIT", "FEE_NOT_BOUNDED"),
    judged("BP-07", "Every proven recipient is on the list of its chain.", "DESTINATION_NOT_ALLOWED"),
    judged("BP-08", "Every proven amount is within the token's limit.", "AMOUNT_ABOVE_LIMIT"),
    made(
        "BP-09",
        "The network in the bytes is the declared chain's, and the chain is allowed. TRON, Solana and Bitcoin bytes "
        "name none: there the network with value applies, unless the key is pinned to a test network.",
        f"{_EVM_SIGN} facts/key_sign.py",
        (Code.CHAIN_ID_MISMATCH, Code.CHAIN_ID_NOT_PROVEN, Code.CHAIN_UNKNOWN),
        f"{_CHANGES} test_prove::test_the_network_follows_the_bytes",
        "CHAIN_NOT_ALLOWED",
        "TRANSACTION_TYPE_DENIED",
    ),
    made(
        "BP-10",
        "Calldata is exactly the declared payment's or call's, and every call in it is listed.",
        f"{_EVM} facts/declared_call.py facts/solana/instructions.py",
        (Code.CALLDATA_IN_NATIVE_TRANSFER, Code.CALLDATA_NOT_EXACT, Code.CALLDATA_MISMATCH),
        f"{_ATTACKS} test_contract_calls::test_every_statement_of_a_contract_call_is_compared "
        "test_tron_calls::test_every_statement_of_a_call_is_compared "
        "test_solana_calls::test_every_statement_of_a_call_is_compared",
        "CONTRACT_CALLS_NOT_CONFIGURED",
        "CONTRACT_CALL_DENIED",
    ),
    made(
        "BP-11",
        "Nonce, access list, blobs, authorizations, TRON permission and memo, Solana instructions, Bitcoin sighash.",
        f"{_EVM_SIGN} {_EVM} {_ACCOUNT} facts/tron/sign.py facts/solana/compare.py "
        "facts/solana/instructions.py facts/bitcoin/hashes.py",
        (
            Code.NONCE_MISMATCH,
            Code.ACCESS_LIST_PRESENT,
            Code.BLOBS_PRESENT,
            Code.AUTHORIZATIONS_PRESENT,
            Code.PERMISSION_PRESENT,
            Code.MEMO_MISMATCH,
            Code.EXTRA_INSTRUCTION,
            Code.SIGHASH_NOT_ALL,
        ),
        "test_prove::test_an_access_list_is_shown_and_contradicts "
        "test_contract_calls::test_a_payment_carries_nothing_beside "
        "test_tron::test_a_deviation_of_the_bytes_has_its_own_code "
        "test_solana::test_whatever_else_the_bytes_do_contradicts",
        "TRANSACTION_TYPE_DENIED",
    ),
    made(
        "BP-12",
        "What the bytes do is what extra_info.transaction declares, field by field as facts/comparison.py lists them.",
        f"{_ACCOUNT} facts/evm/contract.py facts/bitcoin/transfer.py",
        (Code.DESTINATION_MISMATCH, Code.AMOUNT_MISMATCH),
        f"{_CHANGES} test_contract_calls::test_every_statement_of_a_contract_call_is_compared",
    ),
    unmade(
        "BP-13",
        "The transaction is the one that was created through the provider's API.",
        "The service has no store of intents and reaches no network while it decides; the request_id of the "
        "transaction is in the input for a rule over a team's own data.",
    ),
    made(
        "BP-14",
        "The key derived from root key, path and tweak is the source address's, and the root key, path, group and "
        "wallet are pinned.",
        "facts/signer.py facts/source_addresses.py facts/bitcoin/hashes.py",
        (
            Code.DERIVATION_MISMATCH,
            Code.SOURCE_ADDRESS_MISMATCH,
            Code.KEY_NOT_PINNED,
            Code.PATH_NOT_PINNED,
            Code.TWEAK_PRESENT,
            Code.TWEAK_NOT_PROVEN,
        ),
        f"{_CHANGES} test_signer::test_a_foreign_root_key_is_found_on_every_chain "
        "test_bitcoin_keys::test_another_tweak_is_not_proven",
        "ROOT_KEY_NOT_PINNED",
    ),
    made(
        "BP-15",
        "Signature type and signing protocol fit the chain and the inputs.",
        "facts/signer.py facts/bitcoin/hashes.py",
        (Code.SIGNATURE_TYPE_MISMATCH, Code.TSS_PROTOCOL_MISMATCH),
        f"{_CHANGES} test_signer::test_the_way_of_signing_fits_the_chain",
    ),
    judged(
        "BP-16",
        "An auto-sweep is judged like every payment: hash, wallet, chain and token are proven, its destination listed.",
        "DESTINATION_NOT_ALLOWED",
        unmade="No list of its own: the category that marks a sweep is the provider's word, and opens nothing.",
    ),
    made(
        "BP-17",
        "request_detail is compared with extra_info: the lines d.2 above.",
        "facts/signer_context.py facts/key_requests.py",
        (Code.TASK_MISMATCH, Code.GROUP_MISMATCH, Code.VAULT_MISMATCH),
        f"{_CHANGES} test_key_requests::test_a_changed_key_gen_is_not_proven",
    ),
    unmade(
        "BP-18",
        "The node's embedded rules are used beside the callback.",
        "It is a setting of the node, which no request shows.",
    ),
    unmade(
        "BP-19",
        "Several callback servers with different rules are asked.",
        "It is a setting of the node: a second installation, in another trust domain, is a second server.",
    ),
    unmade(
        "BP-20",
        "The server's key is RSA-4096, and public keys are exchanged out of band.",
        "It is no property of a request: `placet keys` makes such keys, and docs/configure-a-node.md exchanges them.",
    ),
    made(
        "BP-21",
        "Raw_Message_Signature is never proven, and refused.",
        "facts/messages/bare_hash.py",
        (Code.BLIND_SIGNATURE,),
        "test_messages::test_a_bare_hash_is_never_proven",
        "MESSAGE_DENIED",
    ),
)
