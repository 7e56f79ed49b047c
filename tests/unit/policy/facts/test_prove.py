"""The outcome of proving: status, completeness and defects of the decoder itself."""

import pytest
from eth_oracle import encode_unsigned
from facts_cases import ADDRESS, changed, codes, parsed, registry, registry_data, sample
from placet_policy.facts import prove as facts_module
from placet_policy.facts.detail import RequestKind
from placet_policy.facts.findings import Findings
from placet_policy.facts.proof import Proof
from placet_policy.facts.prove import prove
from placet_policy.registry import Registry


def _failing(_request: object, _registry: Registry, _findings: Findings) -> Proof:
    raise IndexError("secret content")


def _ending_early(_request: object, _registry: Registry, _findings: Findings) -> Proof:
    return Proof()


def test_a_defect_of_the_decoder_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error inside the decoder is a missing code that names the error's type and no content."""
    monkeypatch.setitem(facts_module._PROVERS, RequestKind.KEY_SIGN, _failing)
    found = prove(parsed(*sample("keysign_eth_legacy_transfer")), registry())

    assert found.status == "UNPROVABLE"
    assert [one.to_json() for one in found.missing] == [{"code": "DECODER_FAILED", "path": "IndexError"}]


def test_a_prover_that_ends_early_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """PROVEN needs a finished proof, not just an absence of findings."""
    monkeypatch.setitem(facts_module._PROVERS, RequestKind.KEY_SIGN, _ending_early)
    found = prove(parsed(*sample("keysign_eth_legacy_transfer")), registry())

    assert (found.status, codes(found)) == ("UNPROVABLE", ["DECODER_FAILED"])


def _raw(to: str, *, data: bytes = b"", value: int = 0, access_list: list[object] | None = None) -> dict[str, object]:
    """Changes that put a matching transaction and its hash into a sample."""
    fields = {
        "type": 2,
        "chainId": 1,
        "nonce": 0,
        "gas": 21000,
        "maxFeePerGas": 2,
        "maxPriorityFeePerGas": 1,
        "to": bytes.fromhex(to[2:]),
        "value": value,
        "data": data,
        "accessList": access_list or [],
    }
    raw, digest = encode_unsigned(fields)
    return {
        "extra.transaction.raw_tx_info.unsigned_raw_tx": raw.hex(),
        "detail.msg_hash_list": [digest.hex()],
    }


def test_a_drop_is_a_payment_to_itself() -> None:
    """The declaration of a drop still names what it replaces; its bytes pay the source and nobody else."""
    drop = {"extra.transaction.replacement": {"replaced_type": "Drop"}}
    found = changed("keysign_eth_legacy_transfer", {**drop, **_raw(ADDRESS)})

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.summary == (
        f"Send 0 ETH to {ADDRESS} on ETH.",
        "Fee at most 0.000000000000042 ETH.",
        "Approves nothing.",
    )


def test_a_drop_with_calldata_contradicts() -> None:
    """A call to itself may run code, so it is no drop."""
    drop = {"extra.transaction.replacement": {"replaced_type": "Drop"}}
    found = changed("keysign_eth_legacy_transfer", {**drop, **_raw(ADDRESS, data=b"\x01")})

    assert codes(found) == ["DROP_NOT_SELF_SEND"]


def test_a_drop_without_a_derived_key_is_not_proven() -> None:
    """Without the signing key nobody can say what itself is."""
    drop = {"extra.transaction.replacement": {"replaced_type": "Drop"}, "detail.bip32_path_list.0": "m/44'"}
    found = changed("keysign_eth_legacy_transfer", {**drop, **_raw(ADDRESS)})

    assert (found.status, codes(found)) == ("UNPROVABLE", ["DETAIL_FIELD_INVALID"])


def test_an_access_list_is_shown_and_contradicts() -> None:
    """A plain transfer needs no access list, and it raises the fee."""
    entry = {"address": ADDRESS, "storageKeys": []}
    to = "0x0f76f604fd7762bd94b48ca2523f69ab9665c97f"
    found = changed("keysign_eth_legacy_transfer", _raw(to, value=10**14, access_list=[entry]))

    assert codes(found) == ["ACCESS_LIST_PRESENT"]
    assert found.summary[1] == "It carries an access list of 1 addresses."


def test_bytes_that_are_not_canonical_contradict() -> None:
    """Under a Withdrawal the signed bytes must be the one encoding of a transaction."""
    found = changed("keysign_eth_legacy_transfer", {"extra.transaction.raw_tx_info.unsigned_raw_tx": "0xe9"})

    assert codes(found) == ["HASH_MISMATCH", "BYTES_NOT_CANONICAL"]


def test_a_transaction_without_a_chain_id_is_called_so() -> None:
    """EIP-155: the type is a fact that a rule can refuse, and nothing else is said of bytes that fit every network."""
    found = changed(
        "keysign_eth_legacy_transfer", {"extra.transaction.raw_tx_info.unsigned_raw_tx": "0xc6010203800580"}
    )

    assert found.chain == {
        "kind": "evm",
        "id": None,
        "network": None,
        "network_proven": False,
        "valid_until": None,
        "transaction_type": "unprotected",
        "nonce": None,
        "blob_hashes": [],
        "authorizations": [],
        "source": "bytes",
    }
    assert (found.transfers, found.calls, found.fee) == ((), (), None)
    assert found.summary == (
        "Sign a transaction that names no network, so that it is valid on every one (EIP-155).",
        "Declared otherwise: hash mismatch.",
        "Not all is proven: chain id not proven.",
    )


@pytest.mark.parametrize(
    ("raw", "digest", "code"),
    [
        ("0x05c0", "0x00", "KIND_NOT_SUPPORTED"),
        ("0xc6010203800580", "0x00", "CHAIN_ID_NOT_PROVEN"),
        ("0x02" + "f92711" + "01" * 10001, "0x00", "RAW_TX_TOO_LARGE"),
    ],
)
def test_bytes_that_cannot_be_decoded_are_unprovable(raw: str, digest: str, code: str) -> None:
    """Other types, networks that are not named and endless items each have their code."""
    found = changed(
        "keysign_eth_legacy_transfer",
        {"extra.transaction.raw_tx_info.unsigned_raw_tx": raw, "detail.msg_hash_list.0": digest},
    )

    assert code in codes(found)


def test_the_network_follows_the_bytes() -> None:
    """Bytes for a network that the registry does not know are reported with its number and without a name."""
    data = registry_data()
    data["chains"]["ETH"]["chain_id"] = "5"
    request_type, detail, extra = sample("keysign_eth_legacy_transfer")
    found = prove(parsed(request_type, detail, extra), registry(data))

    assert codes(found) == ["CHAIN_ID_MISMATCH"]
    assert found.chain is not None
    assert (found.chain["id"], found.chain["network"], found.chain["network_proven"]) == (None, "1", True)
    assert found.fee == {
        "max": None,
        "asset": {"kind": "native", "contract": None, "token": None, "chain": None},
        "source": "bytes",
    }
    to = "0x0f76f604fd7762bd94b48ca2523f69ab9665c97f"
    assert found.summary == (
        f"Send 100000000000000 base units of the native coin to {to} on EVM network 1.",
        "Fee not bounded by the bytes.",
        "Declared otherwise: chain id mismatch.",
    )


def test_a_call_with_value_is_a_call_and_a_transfer() -> None:
    """Coins that travel with unknown calldata are counted as a payment too."""
    found = changed("keysign_eth_legacy_transfer", _raw(ADDRESS, data=b"\x01\x02\x03\x04\x05", value=7))

    assert [(call["selector"], call["value"]) for call in found.calls] == [("0x01020304", "7")]
    assert [(transfer["to"], transfer["amount"]) for transfer in found.transfers] == [(ADDRESS, "7")]
