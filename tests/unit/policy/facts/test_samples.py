"""What is proven of every sample of the protocol, with the samples' root key pinned."""

import pytest
from facts_cases import codes, sample_facts

_PROVEN = [
    "keysign_btc_segwit_2in",
    "keygen_ed25519",
    "keygen_secp256k1",
    "keyreshare_new_signing_group",
    "keysharesign_type5",
    "keysign_eth_eip1559_transfer",
    "keysign_eth_erc20_eip1559_autosweep",
    "keysign_eth_erc20_transfer",
    "keysign_eth_legacy_transfer",
    "keysign_sol_transfer",
    "keysign_spl_transfer",
    "keysign_evm_contract_call",
    "keysign_evm_contract_creation",
    "keysign_message_eip191",
    "keysign_trc20_transfer",
    "keysign_tron_transfer",
    # Nothing contradicts a fee; the proven bound meets a cap in the policies.
    "a10_fee_drain",
]
_UNPROVABLE = {
    "a19_no_unsigned_raw_tx": ["RAW_TX_MISSING"],
    "a51_raw_message_signature": ["BLIND_SIGNATURE"],
    "a62_keysign_empty_objects": ["DETAIL_FIELD_MISSING", "DECLARATION_MISSING"],
}
_CONTRADICTED = {
    "a01_erc20_foreign_contract": ["TOKEN_CONTRACT_MISMATCH"],
    "a02_erc20_native_value": ["NATIVE_VALUE_IN_TOKEN_TRANSFER"],
    "a04_erc20_trailing_bytes": ["CALLDATA_NOT_EXACT"],
    "a06_eth_hidden_calldata": ["CALLDATA_IN_NATIVE_TRANSFER"],
    "a08_amount_mismatch": ["AMOUNT_MISMATCH"],
    "a09_destination_mismatch": ["DESTINATION_MISMATCH"],
    "a12_contract_creation_as_transfer": ["CONTRACT_CREATION", "CALLDATA_IN_NATIVE_TRANSFER", "DESTINATION_MISMATCH"],
    "a15_wrong_derivation_path": ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH"],
    "a17_foreign_root_pub_key": [
        "ROOT_KEY_MISMATCH",
        "DERIVATION_MISMATCH",
        "SOURCE_ADDRESS_MISMATCH",
        "KEY_NOT_PINNED",
    ],
    "a18_empty_hash_list": ["PATH_COUNT_MISMATCH", "HASH_COUNT_MISMATCH"],
    "a20_hash_mismatch": ["HASH_MISMATCH"],
    "a30_trc20_foreign_contract": ["TOKEN_CONTRACT_MISMATCH"],
    "a32_tron_two_contracts": ["CONTRACT_COUNT_MISMATCH", "DESTINATION_MISMATCH", "AMOUNT_MISMATCH"],
    "a34_tron_owner_mismatch": ["OWNER_MISMATCH"],
    "a36_tron_amount_mismatch": ["AMOUNT_MISMATCH"],
    "a40_sol_extra_token_instruction": ["EXTRA_TRANSFER"],
    "a42_spl_wrong_mint": ["TOKEN_CONTRACT_MISMATCH"],
    "a45_sol_amount_mismatch": ["AMOUNT_MISMATCH"],
    "a60_keygen_threshold_and_node": ["THRESHOLD_MISMATCH", "NODE_IDS_MISMATCH"],
    # Official bytes and addresses under a constructed root key: the derivation cannot agree (derivation_consistent).
    "keysign_btc_taproot_keypath_official": ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH", "PATH_NOT_PINNED"],
    "keysign_message_eip712": ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH", "PATH_NOT_PINNED"],
    "keysign_sol_transfer_official": ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH", "OWNER_MISMATCH"],
    "keysign_tron_transfer_official": ["DERIVATION_MISMATCH", "SOURCE_ADDRESS_MISMATCH", "OWNER_MISMATCH"],
}


_HIDDEN_CALL_SENTENCE = (
    "Call 0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1: transfer(to 0x66f820a414680b5bcda5eeca5dea238543f42054, "
    "amount 1000000000000000000)."
)
_KEY_GEN_SENTENCE = (
    "Make a 2-of-3 ed25519 key among coboXNCDGc4eWaWYTbbgH3Q5jmNNRpZzVatRXyanYeC2XjkJb, "
    "cobo73VA6C6WvofPg8tWYmqvdUF1cPYhd7EmGUxTexz5HCzYe, coboBTGDvjJG99pABegvPYmavrcTU3SkjTLHVdsko8dWBga4w."
)


@pytest.mark.parametrize("name", _PROVEN)
def test_what_agrees_is_proven(name: str) -> None:
    """Benign requests, and one whose only fault is a fee, are proven without findings."""
    facts = sample_facts(name)

    assert (facts.status, codes(facts)) == ("PROVEN", [])


@pytest.mark.parametrize(("name", "expected"), _UNPROVABLE.items())
def test_what_cannot_be_known_is_unprovable(name: str, expected: list[str]) -> None:
    """A request that cannot be decoded says by which code."""
    facts = sample_facts(name)

    assert (facts.status, codes(facts)) == ("UNPROVABLE", expected)


@pytest.mark.parametrize(("name", "expected"), _CONTRADICTED.items())
def test_every_attack_has_its_own_code(name: str, expected: list[str]) -> None:
    """An attack on bytes, derivation or groups contradicts by the codes of exactly what it does."""
    facts = sample_facts(name)

    assert (facts.status, codes(facts)) == ("CONTRADICTED", expected)


def test_facts_of_a_token_transfer() -> None:
    """Every fact of a proven token transfer comes from the bytes or the derivation."""
    facts = sample_facts("keysign_eth_erc20_transfer")

    asset = {
        "kind": "erc20",
        "contract": "0xdac17f958d2ee523a2206206994597c13d831ec7",
        "token": "ETH_USDT",
        "chain": "ETH",
    }
    assert facts.to_json() == {
        "status": "PROVEN",
        "missing": [],
        "chain": {
            "kind": "evm",
            "id": "ETH",
            "network": "1",
            "network_proven": True,
            "valid_until": None,
            "transaction_type": "legacy",
            "nonce": "4",
            "blob_hashes": [],
            "authorizations": [],
            "source": "bytes",
        },
        "transfers": [
            {
                "asset": asset,
                "from": "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5",
                "from_declared": "0x7106fFe4bd49426B9beD4052F66115d947E4d2B5",
                "to": "0x8b45b84e2cf29e5f826797df7e1aa93fc71a2bfd",
                "to_declared": "0x8b45b84e2cf29e5f826797df7e1aa93fc71a2bfd",
                "amount": "50000000",
                "source": "bytes",
            }
        ],
        "calls": [],
        "messages": [],
        "fee": {
            "max": "466923781078806",
            "asset": {"kind": "native", "contract": None, "token": "ETH", "chain": "ETH"},
            "source": "bytes",
        },
        "signer": {
            "root_key": "xpub661MyMwAqRbcFgFKF74hKwpNJrjqPxQSAsV8fAjLrw1uDY3Rp2QUGA2BP1exudcPnH7mVA2DfWv8bRKeHHvz4XqZJ"
            "YNnN5K7w3RSgKgRZ9g",
            "vault": "treasury",
            "group": "hot",
            "path": "m/44/60/1/0/0",
            "address": "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5",
            "curve": "secp256k1",
            "source": "derived",
        },
        "hashes": [
            {
                "hash": "0xf8d61123554ede2f342c56b4da018ec640c7ded1574a7417f0a0396aba664007",
                "path": "m/44/60/1/0/0",
                "source": "bytes",
            }
        ],
        "summary": [
            "Send 50 USDT to 0x8b45b84e2cf29e5f826797df7e1aa93fc71a2bfd on ETH.",
            "Fee at most 0.000466923781078806 ETH.",
            "Approves nothing.",
        ],
    }


def test_facts_follow_the_bytes_and_not_the_declaration() -> None:
    """A token transfer on a foreign contract is reported with that contract, without a token name."""
    facts = sample_facts("a01_erc20_foreign_contract")

    (transfer,) = facts.transfers
    assert transfer["asset"] == {
        "kind": "erc20",
        "contract": "0x66f820a414680b5bcda5eeca5dea238543f42054",
        "token": None,
        "chain": "ETH",
    }


def test_coins_beside_a_token_transfer_are_a_transfer_of_their_own() -> None:
    """Both movements of one transaction are facts, so that both meet limits and lists."""
    facts = sample_facts("a02_erc20_native_value")

    assert [(transfer["to"], transfer["amount"]) for transfer in facts.transfers] == [
        ("0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1", "1000000"),
        ("0xdac17f958d2ee523a2206206994597c13d831ec7", "5000000000000000000"),
    ]


def test_an_unpinned_key_has_no_signer() -> None:
    """Nothing is said about whose key signs until the registry pins it."""
    facts = sample_facts("a17_foreign_root_pub_key")

    assert facts.signer is None
    assert [transfer["from"] for transfer in facts.transfers] == [None]


def test_a_contract_creation_is_a_call_without_recipient() -> None:
    """The creation and its endowment are facts."""
    facts = sample_facts("a12_contract_creation_as_transfer")

    assert [(transfer["to"], transfer["amount"]) for transfer in facts.transfers] == [(None, "1000000000000000000")]
    assert facts.calls == (
        {
            "from": "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5",
            "to": None,
            "to_declared": None,
            "selector": None,
            "method": None,
            "args": [],
            "data": "0x600a600c600039600a6000f3",
            "value": "1000000000000000000",
            "operation": "create",
            "approval": None,
            "hazards": [],
            "depth": 0,
            "source": "bytes",
        },
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "keysign_eth_eip1559_transfer",
            "Send 1.5 ETH to 0x2aa2bcb4cf33ea97e6da1c7a0a2ffd1ebdc2a2b1 on ETH.",
        ),
        (
            "keygen_ed25519",
            _KEY_GEN_SENTENCE,
        ),
        ("a19_no_unsigned_raw_tx", "Sign something that cannot be decoded."),
        ("keysign_tron_transfer", "Send 25 TRX to TEDv9wo5epcVi7pW3rEZUa7wbtPuAKZCer on TRON."),
        (
            "a06_eth_hidden_calldata",
            _HIDDEN_CALL_SENTENCE,
        ),
    ],
)
def test_summaries_say_what_the_request_does(name: str, sentence: str) -> None:
    """People read in words what would be signed."""
    assert sample_facts(name).summary[0] == sentence
