"""One changed statement at a time: each has its own code, and none of them stays PROVEN."""

from dataclasses import replace
from typing import Any

import pytest
from facts_cases import ABSENT, CPUB, FOREIGN_KEY, ROOT_KEY, changed, codes, facts, registry_data, sample
from placet_policy.chains.derivation import parse_xpub

_TX = "extra.transaction"
_OUTPUT = "extra.transaction.destination.account_output"
_OTHER = "0x66f820a414680b5bcda5eeca5dea238543f42054"
# A key at depth 255, below which BIP-32 has no child.
_DEEPEST = replace(parse_xpub(ROOT_KEY), depth=255).to_text()
_UUID = "00000000-0000-4000-8000-000000000000"

_CONTRADICTIONS: list[tuple[str, Any, str]] = [
    ("detail.msg_hash_list", [], "HASH_COUNT_MISMATCH"),
    ("detail.msg_hash_list.0", "0x" + "00" * 32, "HASH_MISMATCH"),
    ("detail.msg_hash_list.0", "0x", "HASH_MISMATCH"),
    ("detail.bip32_path_list", ["m/44/60/1/0/0", "m/44/60/1/0/1"], "PATH_COUNT_MISMATCH"),
    ("detail.tweak_list", ["0x00", "0x00"], "TWEAK_COUNT_MISMATCH"),
    ("detail.tweak_list", ["0x01"], "TWEAK_PRESENT"),
    ("detail.bip32_path_list.0", "m/44/60/1/0/1", "DERIVATION_MISMATCH"),
    ("detail.root_pub_key", FOREIGN_KEY, "ROOT_KEY_MISMATCH"),
    ("detail.root_pub_key", CPUB, "CURVE_MISMATCH"),
    ("detail.signature_type", 3, "SIGNATURE_TYPE_MISMATCH"),
    ("detail.tss_protocol", 3, "TSS_PROTOCOL_MISMATCH"),
    ("detail.group_id", "OoQGkknsPdPjLCmSuuSf", "CURVE_MISMATCH"),
    ("detail.group_id", "unknownunknownunknow", "GROUP_MISMATCH"),
    ("detail.biz_task_id", _UUID, "TASK_MISMATCH"),
    ("detail.used_node_ids.0", "coboEVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1EVi1", "NODE_IDS_MISMATCH"),
    ("detail.used_node_ids", ["coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb"] * 2, "NODE_IDS_MISMATCH"),
    ("detail.used_node_ids", ["coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb"], "THRESHOLD_MISMATCH"),
    ("extra.signer_key_share_holder_group.threshold", 3, "THRESHOLD_MISMATCH"),
    ("extra.signer_key_share_holder_group.threshold", 0, "THRESHOLD_MISMATCH"),
    ("extra.signer_key_share_holder_group.tss_key_share_groups.0.root_pubkey", FOREIGN_KEY, "ROOT_KEY_MISMATCH"),
    ("extra.signer_key_share_holder_group.tss_key_share_groups.0.curve", "ED25519", "CURVE_MISMATCH"),
    ("extra.signer_key_share_holder_group.key_share_holder_group_id", _UUID, "GROUP_MISMATCH"),
    ("extra.vault.root_pubkeys.0.root_pubkey", FOREIGN_KEY, "ROOT_KEY_MISMATCH"),
    ("extra.vault.vault_id", _UUID, "VAULT_MISMATCH"),
    ("extra.wallet.vault_id", _UUID, "VAULT_MISMATCH"),
    ("extra.wallet.wallet_id", _UUID, "WALLET_MISMATCH"),
    ("extra.source_addresses.0.path", "m/44/60/1/0/1", "DERIVATION_MISMATCH"),
    ("extra.source_addresses.0.address", _OTHER, "DERIVATION_MISMATCH"),
    ("extra.source_addresses.0.pubkey", FOREIGN_KEY, "DERIVATION_MISMATCH"),
    ("extra.source_addresses.0.pubkey", "02" + "11" * 32, "DERIVATION_MISMATCH"),
    ("extra.source_addresses.0.root_pubkey", FOREIGN_KEY, "ROOT_KEY_MISMATCH"),
    (f"{_TX}.source.address", _OTHER, "SOURCE_ADDRESS_MISMATCH"),
    (f"{_TX}.source.wallet_id", _UUID, "WALLET_MISMATCH"),
    (f"{_TX}.source.signer_key_share_holder_group_id", _UUID, "GROUP_MISMATCH"),
    (f"{_TX}.wallet_id", _UUID, "WALLET_MISMATCH"),
    (f"{_TX}.transaction_id", _UUID, "TASK_MISMATCH"),
    (f"{_TX}.chain_id", "SETH", "CHAIN_ID_MISMATCH"),
    (f"{_TX}.chain_id", "TRON", "TOKEN_CHAIN_MISMATCH"),
    (f"{_TX}.token_id", "ETH", "CALLDATA_IN_NATIVE_TRANSFER"),
    (f"{_TX}.raw_tx_info.used_nonce", 5, "NONCE_MISMATCH"),
    (f"{_TX}.replacement", {"replaced_type": "Drop"}, "DROP_NOT_SELF_SEND"),
    (f"{_OUTPUT}.address", _OTHER, "DESTINATION_MISMATCH"),
    (f"{_OUTPUT}.amount", "50.000001", "AMOUNT_MISMATCH"),
    (f"{_OUTPUT}.amount", "0", "AMOUNT_MISMATCH"),
]

_MISSING: list[tuple[str, Any, str, str]] = [
    ("detail.new_field", 1, "DETAIL_FIELD_UNKNOWN", "request_detail.new_field"),
    ("detail.bad name", 1, "DETAIL_FIELD_UNKNOWN", "request_detail.?"),
    ("detail.msg_hash_list", ABSENT, "DETAIL_FIELD_MISSING", "request_detail.msg_hash_list"),
    ("detail.msg_hash_list", None, "DETAIL_FIELD_MISSING", "request_detail.msg_hash_list"),
    ("detail.msg_hash_list", ["0x00"] * 513, "DETAIL_TOO_LARGE", "request_detail.msg_hash_list"),
    ("detail.msg_hash_list.0", "0x" + "00" * 32768, "DETAIL_TOO_LARGE", "request_detail.msg_hash_list[0]"),
    ("detail.msg_hash_list.0", "0xabc", "DETAIL_FIELD_INVALID", "request_detail.msg_hash_list[0]"),
    ("detail.msg_hash_list.0", 7, "DETAIL_FIELD_INVALID", "request_detail.msg_hash_list[0]"),
    ("detail.used_node_ids", "all", "DETAIL_FIELD_INVALID", "request_detail.used_node_ids"),
    ("detail.group_id", "", "DETAIL_FIELD_INVALID", "request_detail.group_id"),
    ("detail.group_id", "a\x1b[2Jb", "DETAIL_FIELD_INVALID", "request_detail.group_id"),
    ("detail.group_id", "a" * 257, "DETAIL_TOO_LARGE", "request_detail.group_id"),
    ("detail.signature_type", 4, "DETAIL_VALUE_UNKNOWN", "request_detail.signature_type"),
    ("detail.signature_type", True, "DETAIL_FIELD_INVALID", "request_detail.signature_type"),
    ("detail.signature_type", "1", "DETAIL_FIELD_INVALID", "request_detail.signature_type"),
    ("detail.tss_protocol", 0, "DETAIL_VALUE_UNKNOWN", "request_detail.tss_protocol"),
    ("detail.bip32_path_list", [], "DETAIL_FIELD_INVALID", "request_detail.bip32_path_list"),
    ("detail.bip32_path_list.0", "m/44'/60/1/0/0", "DETAIL_FIELD_INVALID", "request_detail.bip32_path_list[0]"),
    ("detail.root_pub_key", "xpub1", "DETAIL_FIELD_INVALID", "request_detail.root_pub_key"),
    ("detail.tweak_list", ["0x0"], "DETAIL_FIELD_INVALID", "request_detail.tweak_list[0]"),
    ("detail.root_pub_key", _DEEPEST, "DETAIL_FIELD_INVALID", "request_detail.bip32_path_list[0]"),
    ("extra.transaction", ABSENT, "DECLARATION_MISSING", "extra_info.transaction"),
    ("extra.transaction", "all", "DECLARATION_NOT_CANONICAL", "extra_info.transaction"),
    ("extra.vault", ABSENT, "DECLARATION_MISSING", "extra_info.vault"),
    ("extra.vault.root_pubkeys", ABSENT, "DECLARATION_MISSING", "extra_info.vault.root_pubkeys"),
    ("extra.vault.root_pubkeys.0.curve", "ED25519", "DECLARATION_MISSING", "extra_info.vault.root_pubkeys"),
    ("extra.vault.root_pubkeys.0.curve", "P256", "DECLARATION_UNKNOWN", "extra_info.vault.root_pubkeys[0].curve"),
    ("extra.vault.root_pubkeys.0.root_pubkey", "x", "DECLARATION_NOT_CANONICAL", "extra_info.vault.root_pubkeys"),
    ("extra.wallet", ABSENT, "DECLARATION_MISSING", "extra_info.wallet"),
    (
        "extra.signer_key_share_holder_group",
        ABSENT,
        "DECLARATION_MISSING",
        "extra_info.signer_key_share_holder_group",
    ),
    (
        "extra.signer_key_share_holder_group.key_share_holders.0.tss_node_id",
        ABSENT,
        "DECLARATION_MISSING",
        "extra_info.signer_key_share_holder_group.key_share_holders[0].tss_node_id",
    ),
    (
        "extra.signer_key_share_holder_group.tss_key_share_groups.0.curve",
        "P256",
        "DECLARATION_UNKNOWN",
        "extra_info.signer_key_share_holder_group.tss_key_share_groups[0].curve",
    ),
    (
        "extra.signer_key_share_holder_group.tss_key_share_groups.0.curve",
        ABSENT,
        "DECLARATION_MISSING",
        "extra_info.signer_key_share_holder_group.tss_key_share_groups[0].curve",
    ),
    (
        "extra.signer_key_share_holder_group.tss_key_share_groups.0.root_pubkey",
        "x",
        "DECLARATION_NOT_CANONICAL",
        "extra_info.signer_key_share_holder_group.tss_key_share_groups[0].root_pubkey",
    ),
    ("extra.source_addresses", [], "DECLARATION_MISSING", "extra_info.source_addresses"),
    ("extra.source_addresses.0", 1, "DECLARATION_NOT_CANONICAL", "extra_info.source_addresses[0]"),
    ("extra.source_addresses.0.address", "T1", "DECLARATION_NOT_CANONICAL", "extra_info.source_addresses[0].address"),
    ("extra.source_addresses.0.pubkey", "x", "DECLARATION_NOT_CANONICAL", "extra_info.source_addresses[0].pubkey"),
    ("extra.source_addresses.0.pubkey", "0x00", "DECLARATION_NOT_CANONICAL", "extra_info.source_addresses[0].pubkey"),
    ("extra.source_addresses.0.path", ABSENT, "DECLARATION_MISSING", "extra_info.source_addresses[0].path"),
    ("extra.source_addresses.0.path", "44h", "DECLARATION_NOT_CANONICAL", "extra_info.source_addresses[0].path"),
    (f"{_TX}.source", ABSENT, "DECLARATION_MISSING", "extra_info.transaction.source"),
    (f"{_TX}.source.address", None, "DECLARATION_MISSING", "extra_info.transaction.source.address"),
    (f"{_TX}.source.address", "0x00", "DECLARATION_NOT_CANONICAL", "extra_info.transaction.source.address"),
    (f"{_TX}.source.source_type", "Main", "DECLARATION_UNKNOWN", "extra_info.transaction.source.source_type"),
    (f"{_TX}.token_id", ABSENT, "DECLARATION_MISSING", "extra_info.transaction.token_id"),
    (f"{_TX}.token_id", "ETH_SHIB", "TOKEN_UNKNOWN", "extra_info.transaction.token_id"),
    (f"{_TX}.chain_id", "MOON", "CHAIN_UNKNOWN", "extra_info.transaction.chain_id"),
    (f"{_TX}.type", "Stake", "KIND_NOT_SUPPORTED", "extra_info.transaction.destination.destination_type"),
    (f"{_TX}.type", ABSENT, "DECLARATION_MISSING", "extra_info.transaction.type"),
    (
        f"{_TX}.destination.destination_type",
        "CustodialWallet",
        "KIND_NOT_SUPPORTED",
        "extra_info.transaction.destination.destination_type",
    ),
    (f"{_TX}.destination", ABSENT, "DECLARATION_MISSING", "extra_info.transaction.destination"),
    (
        f"{_TX}.replacement",
        {"replaced_type": "Upgrade"},
        "DECLARATION_UNKNOWN",
        "extra_info.transaction.replacement.replaced_type",
    ),
    (_OUTPUT, None, "DECLARATION_MISSING", "extra_info.transaction.destination.account_output"),
    (
        f"{_OUTPUT}.address",
        "vitalik.eth",
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.destination.account_output.address",
    ),
    (
        f"{_OUTPUT}.amount",
        "5e1",
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.destination.account_output.amount",
    ),
    (
        f"{_OUTPUT}.amount",
        "50.0000001",
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.destination.account_output.amount",
    ),
    (
        f"{_OUTPUT}.amount",
        50,
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.destination.account_output.amount",
    ),
    (f"{_OUTPUT}.amount", "", "DECLARATION_MISSING", "extra_info.transaction.destination.account_output.amount"),
    (
        f"{_TX}.destination.utxo_outputs",
        [{"address": "x", "amount": "1"}],
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.destination.utxo_outputs",
    ),
    (f"{_TX}.raw_tx_info", None, "RAW_TX_MISSING", "extra_info.transaction.raw_tx_info.unsigned_raw_tx"),
    (
        f"{_TX}.raw_tx_info.unsigned_raw_tx",
        "0xf8 6a",
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.raw_tx_info.unsigned_raw_tx",
    ),
    (
        f"{_TX}.raw_tx_info.unsigned_raw_tx",
        "00" * (128 * 1024 + 2),
        "RAW_TX_TOO_LARGE",
        "extra_info.transaction.raw_tx_info.unsigned_raw_tx",
    ),
    (
        f"{_TX}.raw_tx_info.used_nonce",
        "4",
        "DECLARATION_NOT_CANONICAL",
        "extra_info.transaction.raw_tx_info.used_nonce",
    ),
]

_HARMLESS: list[tuple[str, Any]] = [
    ("detail.task_id", ABSENT),
    ("detail.tweak_list", ABSENT),
    ("detail.tweak_list", None),
    ("detail.tweak_list", ["0x00"]),
    ("detail.bip32_path_list.0", "44/60/1/0/0"),
    ("extra.unknown_field", {"anything": 0.5}),
    ("extra.source_addresses.0.pubkey", None),
    ("extra.source_addresses.0.root_pubkey", ABSENT),
    ("extra.source_addresses.0.path", "44/60/1/0/0"),
    ("extra.source_addresses.0.address", "7106FFE4BD49426B9BED4052F66115D947E4D2B5"),
    (f"{_TX}.chain_id", ABSENT),
    (f"{_TX}.fee", {"fee_type": "EVM_Legacy", "gas_price": "1"}),
    (f"{_TX}.replacement", {"replaced_type": "SpeedUp", "replaced_transaction_id": _UUID}),
    (f"{_TX}.replacement", {"replaced_type": "Resend"}),
    (f"{_TX}.raw_tx_info.used_nonce", None),
    (f"{_TX}.destination.utxo_outputs", []),
    (f"{_OUTPUT}.amount", "50.000"),
    (f"{_OUTPUT}.address", "0x8B45b84e2cF29E5F826797dF7e1Aa93FC71a2bfd"),
]


@pytest.mark.parametrize(("path", "value", "code"), _CONTRADICTIONS)
def test_a_changed_statement_contradicts(path: str, value: Any, code: str) -> None:
    """A statement that differs from the bytes, the derivation or another statement has its own contradiction."""
    found = changed("keysign_eth_erc20_transfer", {path: value})

    assert found.status == "CONTRADICTED"
    assert code in [one.code for one in found.contradictions]


@pytest.mark.parametrize(("path", "value", "code", "where"), _MISSING)
def test_what_is_absent_or_not_canonical_is_unprovable(path: str, value: Any, code: str, where: str) -> None:
    """A statement that cannot be read is missing by its own code and path, and never proven."""
    found = changed("keysign_eth_erc20_transfer", {path: value})

    assert (code, where) in [(one.code, one.path) for one in found.missing]
    assert found.status != "PROVEN"


@pytest.mark.parametrize(("path", "value"), _HARMLESS)
def test_another_way_to_say_the_same_stays_proven(path: str, value: Any) -> None:
    """Honest traffic varies in case, prefixes, trailing zeros and optional fields; bytes are compared, not text."""
    found = changed("keysign_eth_erc20_transfer", {path: value})

    assert (found.status, codes(found)) == ("PROVEN", [])


def test_a_second_copy_of_the_right_hash_contradicts() -> None:
    """Two equal hashes would be signed with two keys."""
    _, detail, _ = sample("keysign_eth_erc20_transfer")
    found = changed("keysign_eth_erc20_transfer", {"detail.msg_hash_list": detail["msg_hash_list"] * 2})

    assert codes(found) == ["PATH_COUNT_MISMATCH", "HASH_COUNT_MISMATCH"]


def test_without_chain_and_token_nothing_is_decoded() -> None:
    """The chain is taken from chain_id or token_id; with neither known it is missing."""
    found = changed("keysign_eth_erc20_transfer", {f"{_TX}.chain_id": ABSENT, f"{_TX}.token_id": ABSENT})

    assert codes(found) == ["DECLARATION_MISSING"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"paths": ["m/44/195/1/0/*"]}, "PATH_NOT_PINNED"),
        ({"paths": ["m/44/60/1/0"]}, "PATH_NOT_PINNED"),
        ({"paths": []}, "PATH_NOT_PINNED"),
        ({"group_ids": []}, "GROUP_NOT_PINNED"),
        ({"wallets": []}, "WALLET_NOT_PINNED"),
    ],
)
def test_a_pinned_key_signs_only_for_what_is_pinned_with_it(change: dict[str, Any], code: str) -> None:
    """Paths, groups and wallets come with the key, and an empty list means none."""
    data = registry_data()
    next(iter(data["keys"].values())).update(change)
    found = facts(*sample("keysign_eth_erc20_transfer"), data)

    assert (found.status, codes(found)) == ("UNPROVABLE", [code])


def test_every_wallet_of_a_key_can_be_pinned_at_once() -> None:
    """A star among the wallets stands for all of them."""
    data = registry_data()
    next(iter(data["keys"].values()))["wallets"] = ["*"]

    assert facts(*sample("keysign_eth_erc20_transfer"), data).status == "PROVEN"


def test_without_pinned_keys_nothing_is_proven() -> None:
    """The shipped registry pins no key, so every KeySign is unprovable."""
    data = registry_data()
    data["keys"] = {}
    found = facts(*sample("keysign_eth_erc20_transfer"), data)

    assert (found.status, codes(found), found.signer) == ("UNPROVABLE", ["KEY_NOT_PINNED"], None)


def test_a_fee_that_the_bytes_do_not_bound_is_null() -> None:
    """A rollup charges more than gas, so its registry entry says that there is no bound."""
    data = registry_data()
    data["chains"]["ETH"]["fee_outside_bytes"] = True
    found = facts(*sample("keysign_eth_erc20_transfer"), data)

    assert found.status == "PROVEN"
    assert found.fee is not None
    assert found.fee["max"] is None


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "{}{}", '{"a":1,"a":2}', '{"a":1,"A":2}'])
def test_details_that_are_no_strict_object_are_unprovable(text: str) -> None:
    """Duplicate names and everything but one object are refused before a field is read."""
    _, detail, extra = sample("keysign_eth_erc20_transfer")

    assert "DETAIL_NOT_JSON" in codes(facts(2, text, extra))
    assert "EXTRA_NOT_JSON" in codes(facts(2, detail, text))
