"""What is to be signed, against its declaration and against caps (protocol g.4)."""

from __future__ import annotations

from typing import Final

from placet_policy.checks.check import Check, judged, made, unmade
from placet_policy.codes import Code

_EVM_SIGN: Final = "facts/evm/sign.py"
_EVM: Final = "facts/evm/transfer.py"
_ACCOUNT: Final = "facts/account_transfer.py"
_CASE: Final = "facts/key_sign_case.py"
_TRON: Final = "facts/tron/sign.py"
_TRON_WHAT: Final = "facts/tron/payment.py"
_SOLANA: Final = "facts/solana/compare.py"
_SOLANA_SIGN: Final = "facts/solana/sign.py"
_BITCOIN: Final = "facts/bitcoin/transfer.py"
_BITCOIN_HASHES: Final = "facts/bitcoin/hashes.py"
_ATTACKS: Final = "test_samples::test_every_attack_has_its_own_code"
_CHANGES: Final = "test_changes::test_a_changed_statement_contradicts"
_ABSENT: Final = "test_changes::test_what_is_absent_or_not_canonical_is_unprovable"
_TRON_BYTES: Final = "test_tron::test_a_deviation_of_the_bytes_has_its_own_code"
_SOLANA_BYTES: Final = "test_solana::test_whatever_else_the_bytes_do_contradicts"

TRANSACTIONS: Final[tuple[Check, ...]] = (
    made(
        "g.4 strict hex",
        "Hashes, tweaks and bytes are hexadecimal digits of even number, with 0x or without.",
        f"facts/detail_fields.py {_CASE}",
        (Code.DETAIL_FIELD_INVALID, Code.DECLARATION_NOT_CANONICAL),
        _ABSENT,
    ),
    made(
        "g.4 every hash",
        "Each hash is recomputed: as many as signatures, one by one equal, on Bitcoin one for each input in any order.",
        f"{_CASE} {_BITCOIN_HASHES}",
        (Code.HASH_MISMATCH, Code.HASH_COUNT_MISMATCH),
        f"{_CHANGES} test_changes::test_a_second_copy_of_the_right_hash_contradicts "
        "test_bitcoin::test_a_hash_signs_only_one_input",
    ),
    made(
        "g.4 canonical encoding",
        "Encoding what was decoded gives the same bytes.",
        f"{_EVM_SIGN} {_TRON} {_SOLANA_SIGN} facts/bitcoin/sign.py",
        (Code.BYTES_NOT_CANONICAL,),
        "test_prove::test_bytes_that_are_not_canonical_contradict test_tron::test_what_cannot_be_read_is_not_proven "
        "test_solana::test_bytes_that_are_not_canonical_contradict test_bitcoin::test_one_changed_statement",
    ),
    made(
        "g.4 EVM chain id",
        "The bytes name the declared chain's network.",
        _EVM_SIGN,
        (Code.CHAIN_ID_MISMATCH, Code.CHAIN_ID_NOT_PROVEN),
        f"{_CHANGES} test_prove::test_a_transaction_without_a_chain_id_is_called_so",
        "TRANSACTION_TYPE_DENIED",
    ),
    made("g.4 EVM recipient", "A payment creates no contract.", _EVM, (Code.CONTRACT_CREATION,), _ATTACKS),
    made(
        "g.4 EVM native calldata",
        "A payment of coins has no calldata.",
        _EVM,
        (Code.CALLDATA_IN_NATIVE_TRANSFER,),
        _ATTACKS,
    ),
    made(
        "g.4 EVM token calldata",
        "A payment of tokens is exactly 68 bytes of transfer(address,uint256) with clean padding.",
        _EVM,
        (Code.CALLDATA_NOT_EXACT,),
        _ATTACKS,
    ),
    made(
        "g.4 EVM token value",
        "A payment of tokens sends no coins along.",
        _EVM,
        (Code.NATIVE_VALUE_IN_TOKEN_TRANSFER,),
        _ATTACKS,
    ),
    made(
        "g.4 EVM token contract",
        "The contract that is called is the registry's for the declared token.",
        f"{_EVM} {_ACCOUNT}",
        (Code.TOKEN_CONTRACT_MISMATCH, Code.TOKEN_UNKNOWN),
        f"{_ATTACKS} {_ABSENT}",
    ),
    made(
        "g.4 EVM amount",
        "The declared amount, times ten to the token's decimals, is exactly the one in the bytes.",
        _ACCOUNT,
        (Code.AMOUNT_MISMATCH, Code.DECLARATION_NOT_CANONICAL),
        f"{_CHANGES} {_ABSENT}",
    ),
    judged("g.4 EVM fee cap", "The most that the bytes let the fee be is within the cap.", "FEE_ABOVE_LIMIT"),
    unmade(
        "g.4 EVM declared fee",
        "The fee is the declared one.",
        "A declared fee is an estimate, and honest ones differ from the bytes; the proven bound meets the cap instead.",
    ),
    made(
        "g.4 TRON one contract",
        "The transaction holds exactly one contract, of the declared payment's or call's type.",
        f"{_TRON} {_TRON_WHAT} facts/tron/call.py",
        (Code.CONTRACT_COUNT_MISMATCH, Code.CONTRACT_TYPE_MISMATCH),
        _TRON_BYTES,
    ),
    made("g.4 TRON permission", "It is signed as the owner.", _TRON, (Code.PERMISSION_PRESENT,), _TRON_BYTES),
    made("g.4 TRON owner", "The owner is the derived key's account.", _TRON, (Code.OWNER_MISMATCH,), _TRON_BYTES),
    made(
        "g.4 TRON call value and tokens",
        "A payment of tokens sends neither TRX nor TRC-10 tokens along.",
        _TRON_WHAT,
        (Code.NATIVE_VALUE_IN_TOKEN_TRANSFER, Code.TRC10_VALUE_PRESENT),
        _TRON_BYTES,
    ),
    judged("g.4 TRON fee limit", "fee_limit and the network's prices bound the fee within the cap.", "FEE_ABOVE_LIMIT"),
    unmade(
        "g.4 TRON expiration",
        "The transaction expires within reason.",
        "facts.chain.expiration and .timestamp say it for a rule; no rule that ships judges it, because how long a "
        "node may ask again is the team's choice.",
    ),
    made(
        "g.4 Solana programs",
        "Every instruction is known, and one that a payment needs.",
        _SOLANA,
        (Code.INSTRUCTION_UNKNOWN, Code.EXTRA_INSTRUCTION),
        f"{_SOLANA_BYTES} test_solana::test_what_the_bytes_do_not_say_is_unprovable",
        "CONTRACT_CALLS_NOT_CONFIGURED",
    ),
    made(
        "g.4 Solana one transfer",
        "There is one transfer, of the declared token.",
        _SOLANA,
        (Code.EXTRA_TRANSFER, Code.PAYMENT_MISSING),
        _SOLANA_BYTES,
    ),
    made(
        "g.4 Solana compute budget",
        "Unit limit and price are set at most once each, and the fee that they allow is within the cap.",
        _SOLANA,
        (Code.EXTRA_INSTRUCTION,),
        _SOLANA_BYTES,
        "FEE_ABOVE_LIMIT",
    ),
    made(
        "g.4 Solana account creation",
        "A token account is created only for the payment's recipient and at the signer's cost.",
        _SOLANA,
        (Code.EXTRA_INSTRUCTION,),
        _SOLANA_BYTES,
    ),
    made(
        "g.4 Solana fee payer",
        "The derived key is the only signer, so that it pays the fee.",
        _SOLANA_SIGN,
        (Code.OWNER_MISMATCH, Code.KIND_NOT_SUPPORTED),
        "test_solana::test_the_samples test_solana::test_what_the_bytes_do_not_say_is_unprovable",
    ),
    made(
        "g.4 Solana nonce advance",
        "A durable nonce is advanced by the signer in the first instruction only; whether it may be is policy.",
        _SOLANA,
        (Code.EXTRA_INSTRUCTION,),
        _SOLANA_BYTES,
        "CONTRACT_CALLS_NOT_CONFIGURED",
    ),
    made(
        "d.14 TRON contract call",
        "Contract, calldata and coins are the declared ones, and neither memo nor TRC-10 tokens go along.",
        f"facts/declared_call.py {_ACCOUNT} {_TRON_WHAT}",
        (Code.DESTINATION_MISMATCH, Code.CALLDATA_MISMATCH, Code.AMOUNT_MISMATCH, Code.TRC10_VALUE_PRESENT),
        "test_tron_calls::test_a_deviation_of_the_bytes_has_its_own_code",
        "CONTRACT_CALLS_NOT_CONFIGURED",
        "CONTRACT_CALL_DENIED",
    ),
    made(
        "d.14 Solana instructions",
        "Every instruction is the declared one, in order, with its program, accounts, their flags and data; beside "
        "them only a compute budget and a nonce in front.",
        "facts/solana/instructions.py",
        (
            Code.EXTRA_INSTRUCTION,
            Code.EXTRA_TRANSFER,
            Code.INSTRUCTION_MISSING,
            Code.DESTINATION_MISMATCH,
            Code.ACCOUNTS_MISMATCH,
            Code.ACCOUNT_FLAGS_MISMATCH,
            Code.CALLDATA_MISMATCH,
            Code.COMPUTE_BUDGET_NOT_PROVEN,
        ),
        "test_solana_calls::test_whatever_else_the_bytes_do_contradicts "
        "test_solana_calls::test_what_the_bytes_do_not_say_is_unprovable",
        "CONTRACT_CALLS_NOT_CONFIGURED",
        "CONTRACT_CALL_HELD",
    ),
    made(
        "g.4 Bitcoin outputs",
        "Every output is a declared payment or pays an own key that was found by derivation.",
        _BITCOIN,
        (Code.DESTINATION_MISMATCH, Code.AMOUNT_MISMATCH, Code.CHANGE_NOT_PROVEN),
        "test_bitcoin_outputs::test_an_output_that_nobody_declared "
        "test_bitcoin_outputs::test_change_that_is_only_declared_is_unprovable",
    ),
    made(
        "d.4 Bitcoin script spends",
        "A digest of an unstake that no key-path spend has is left to people, and never proven.",
        f"{_BITCOIN_HASHES} facts/bitcoin/sign.py facts/bitcoin/declared.py",
        (Code.SCRIPT_SPEND_NOT_PROVEN,),
        "test_bitcoin::test_one_changed_statement",
    ),
    judged(
        "g.4 Bitcoin fee",
        "Inputs less outputs, where the signatures bind every amount, are within the cap.",
        "FEE_ABOVE_LIMIT",
        "FEE_NOT_BOUNDED",
    ),
    made(
        "g.4 Bitcoin sighash",
        "Every hash binds all inputs and outputs (ALL or DEFAULT).",
        _BITCOIN_HASHES,
        (Code.SIGHASH_NOT_ALL,),
        "test_bitcoin::test_another_sighash_type_contradicts",
    ),
    judged(
        "g.4 message domains",
        "Typed data is for a listed contract and purpose.",
        "MESSAGES_NOT_CONFIGURED",
    ),
    judged(
        "g.4 message approvals",
        "Permit, Permit2 and their like are refused or held unless the spender is listed and the amount bounded.",
        "MESSAGE_DENIED",
        "MESSAGE_HELD",
    ),
    judged(
        "g.4 Safe delegatecall",
        "A Safe transaction is opened, and a delegatecall in it is refused unless its code is listed.",
        "CONTRACT_CALL_DENIED",
    ),
    made(
        "g.4 raw message signature",
        "A bare hash is never proven.",
        "facts/messages/bare_hash.py",
        (Code.BLIND_SIGNATURE,),
        "test_messages::test_a_bare_hash_is_never_proven",
        "MESSAGE_DENIED",
    ),
    judged(
        "g.4 message that is a hash",
        "A text of 32 bytes, or of their hexadecimal digits, may be a transaction's hash, and is held.",
        "MESSAGE_HELD",
    ),
)
