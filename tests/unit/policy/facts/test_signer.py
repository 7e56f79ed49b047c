"""The signing keys of a KeySign on every chain: found out and compared before, and without, decoding the bytes."""

from typing import Any

import pytest
from facts_cases import ABSENT, CPUB, FOREIGN_KEY, ROOT_KEY, changed, codes, facts, put, registry_data, sample
from placet_policy.facts.prove import Facts

_OTHER_CPUB = (
    "cpubGCmTMqXYTnzkbj4boYV9RcocrSYG1bSr8QuiRnEdhspzhvURRoBwV4iU7TnBKRRbmgHSAymckcRckZoNSR8SRK13n5ztB3pneN4xJSePBvG"
)
"""Root of the provider's own derivation test."""
_SAMPLES = {
    "keysign_eth_erc20_transfer": "0x7106ffe4bd49426b9bed4052f66115d947e4d2b5",
    "keysign_trc20_transfer": "TVg5jFFfV8ohV9XTFnoJyto48drvY5zV93",
    "keysign_sol_transfer": "6xUkJpig6i3NVySoB4t9P3bZR21mUKDDGLmW2xLRiiiB",
    "keysign_btc_segwit_2in": "bc1q9fyzlgxlu82gdash006sxsk4jnh60eynl627sa",
}


def _undecoded(name: str, changes: dict[str, Any], data: dict[str, Any] | None = None) -> Facts:
    """A sample turned into a transaction that no prover knows, and changed by path."""
    request_type, detail, extra = sample(name)
    parts = {"detail": detail, "extra": extra}
    for path, value in {"extra.transaction.type": "Unheard", **changes}.items():
        put(parts, path, value)
    return facts(request_type, parts["detail"], parts["extra"], data)


@pytest.mark.parametrize(("name", "address"), _SAMPLES.items())
def test_the_key_is_a_fact_without_the_bytes(name: str, address: str) -> None:
    """Whose key signs is known for every chain, whatever it signs."""
    found = _undecoded(name, {})

    assert found.status == "UNPROVABLE"
    assert found.signer is not None
    assert found.signer["address"] == address


@pytest.mark.parametrize("name", list(_SAMPLES))
@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("detail.bip32_path_list.0", "m/44/1/1/0/9", "DERIVATION_MISMATCH"),
        ("detail.bip32_path_list.0", "m/44/1/1/0/9", "PATH_NOT_PINNED"),
        ("detail.group_id", "someone", "GROUP_MISMATCH"),
        ("detail.group_id", "someone", "GROUP_NOT_PINNED"),
        ("detail.used_node_ids", ["coboNobody", "coboNobody2"], "NODE_IDS_MISMATCH"),
        ("detail.biz_task_id", "another", "TASK_MISMATCH"),
        ("detail.bip32_path_list", ["m/44/0/1/0/0"] * 3, "PATH_COUNT_MISMATCH"),
        ("detail.tweak_list", ["0x01"] * 3, "TWEAK_COUNT_MISMATCH"),
        ("extra.wallet.wallet_id", "another", "WALLET_MISMATCH"),
        ("extra.wallet.vault_id", "another", "VAULT_MISMATCH"),
        ("extra.source_addresses.0.pubkey", FOREIGN_KEY, None),
        ("extra.source_addresses.0.address", "nothing", "DECLARATION_NOT_CANONICAL"),
        ("extra.source_addresses", ABSENT, "DECLARATION_MISSING"),
    ],
)
def test_statements_about_the_key_are_compared_on_every_chain(
    name: str, path: str, value: Any, code: str | None
) -> None:
    """What does not depend on the bytes is found even where they are not decoded."""
    found = _undecoded(name, {path: value})

    expected = code or ("DECLARATION_NOT_CANONICAL" if name == "keysign_sol_transfer" else "DERIVATION_MISMATCH")
    assert expected in codes(found)


@pytest.mark.parametrize("name", list(_SAMPLES))
def test_a_foreign_root_key_is_found_on_every_chain(name: str) -> None:
    """Not the declared vault's, not the group's, not the source's, and nobody's that we know."""
    foreign = _OTHER_CPUB if name == "keysign_sol_transfer" else FOREIGN_KEY
    found = _undecoded(name, {"detail.root_pub_key": foreign})

    assert {"ROOT_KEY_MISMATCH", "DERIVATION_MISMATCH", "KEY_NOT_PINNED"} <= set(codes(found))
    assert found.signer is None


@pytest.mark.parametrize(("name", "key"), [("keysign_sol_transfer", ROOT_KEY), ("keysign_trc20_transfer", CPUB)])
def test_a_key_of_the_other_curve_contradicts(name: str, key: str) -> None:
    """Solana signs with ed25519 keys and the others with secp256k1 keys."""
    assert "CURVE_MISMATCH" in codes(changed(name, {"detail.root_pub_key": key}))


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("keysign_sol_transfer", {"detail.signature_type": 1}, "SIGNATURE_TYPE_MISMATCH"),
        ("keysign_sol_transfer", {"detail.tss_protocol": 1}, "TSS_PROTOCOL_MISMATCH"),
        ("keysign_trc20_transfer", {"detail.signature_type": 3}, "SIGNATURE_TYPE_MISMATCH"),
        ("keysign_btc_segwit_2in", {"detail.signature_type": 2}, "SIGNATURE_TYPE_MISMATCH"),
        ("keysign_btc_segwit_2in", {"detail.tss_protocol": 3}, "TSS_PROTOCOL_MISMATCH"),
        ("keysign_btc_segwit_2in", {"detail.tweak_list": ["0x00", "0x01"]}, "TWEAK_PRESENT"),
        ("keysign_sol_transfer", {"detail.msg_hash_list": []}, "HASH_COUNT_MISMATCH"),
    ],
)
def test_the_way_of_signing_fits_the_chain(name: str, changes: dict[str, Any], code: str) -> None:
    """Signature type, protocol, tweaks and the number of signatures are the chain's."""
    assert code in codes(_undecoded(name, changes))


def test_every_input_of_a_bitcoin_transaction_has_its_own_key() -> None:
    """The second path is compared like the first."""
    found = _undecoded("keysign_btc_segwit_2in", {"detail.bip32_path_list.1": "m/44/0/1/0/7"})

    assert codes(found)[0] == "DERIVATION_MISMATCH"
    path = {"extra.source_addresses.1.address": "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"}
    assert "DERIVATION_MISMATCH" in codes(_undecoded("keysign_btc_segwit_2in", path))


def test_the_declared_one_of_a_keys_addresses_is_the_signers() -> None:
    """One key controls several kinds of output; people are shown the one that is declared."""
    _, detail, _ = sample("keysign_btc_segwit_2in")
    found = _undecoded("keysign_btc_segwit_2in", {"detail.bip32_path_list": detail["bip32_path_list"][::-1]})

    assert found.signer is not None
    assert found.signer["address"] == "3Cfymb5qTXu61nVeNYJVtRxqKrEYzy3U34"


def test_the_number_of_derived_keys_is_bounded() -> None:
    """Paths of one wallet share their beginnings; a request for thousands of different ones is not looked into."""
    shared = [f"m/44/0/1/0/{index}" for index in range(512)]
    apart = [f"m/{index}/0/1" for index in range(192)]

    for paths in (shared, apart):  # 576 keys are those of the second list.
        assert "DETAIL_TOO_LARGE" not in codes(_undecoded("keysign_btc_segwit_2in", {"detail.bip32_path_list": paths}))
    found = _undecoded("keysign_btc_segwit_2in", {"detail.bip32_path_list": [*apart, "m/192"]})
    assert "DETAIL_TOO_LARGE" in codes(found)
    assert found.signer is None


def test_an_unpinned_key_of_every_chain_is_missing() -> None:
    """Empty means no: without pinned keys nothing is anybody's."""
    data = registry_data()
    data["keys"] = {}
    for name in _SAMPLES:
        found = _undecoded(name, {}, data)
        assert "KEY_NOT_PINNED" in codes(found)
        assert found.signer is None
