"""Bitcoin messages, and the kinds of messages on other chains that stay unproven."""

import base64
from typing import Any

import pytest
from bitcoin_cases import MAINNET, STRANGER, bitcoin_facts, key_of, own_script
from bitcoin_message_cases import (
    MESSAGE,
    PATH,
    bip137_request,
    bip322_request,
    digests_of_bip322,
)
from compared_cases import honest_request
from facts_cases import ABSENT, changed, codes, facts, put
from hypothesis import given, settings
from hypothesis import strategies as st
from placet_policy.chains.bitcoin_addresses import schnorr_scripts, taproot_tweak
from placet_policy.chains.bitcoin_digest import Spend
from placet_policy.chains.bitcoin_messages import bip137_digest, bip322_digests, challenge_of
from placet_policy.facts.comparison import RowKey
from placet_policy.facts.prove import Facts

_TX = "extra.transaction"
_DESTINATION = f"{_TX}.destination"
_HEX = MESSAGE.hex()
_SPENDS = [Spend.P2WPKH, Spend.P2SH_P2WPKH, Spend.P2PKH, Spend.P2TR]


def _found(parts: dict[str, Any], changes: dict[str, Any] | None = None) -> Facts:
    for path, value in (changes or {}).items():
        put(parts, path, value)
    return bitcoin_facts(parts)


def _verdict(parts: dict[str, Any], changes: dict[str, Any] | None = None) -> tuple[str, list[str]]:
    found = _found(parts, changes)
    return str(found.status), codes(found)


def test_facts_of_a_message_of_bip137() -> None:
    """The same words as for a text of EIP-191, on a network that no bytes name."""
    found = _found(bip137_request(_HEX))

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.chain == {
        "kind": "bitcoin",
        "id": "BTC",
        "network": None,
        "network_proven": False,
        "valid_until": None,
        "source": "declared",
    }
    assert found.messages == (
        {
            "scheme": "bip137",
            "kind": "personal",
            "text": "Hello World",
            "data": "0x48656c6c6f20576f726c64",
            "may_be_hash": False,
            "domain": None,
            "types": None,
            "primary_type": None,
            "values": None,
            "network": None,
            "contract": None,
            "approvals": [],
            "hazards": [],
            "digest": "0xa7af0baad5ae99b97fc69b3a0d1abcf3ef17f131cc4776e1bc11933ec8550f49",
            "source": "bytes",
        },
    )
    assert found.hashes == ({"hash": found.messages[0]["digest"], "path": "m/44/0/1/0/0", "source": "bytes"},)
    assert found.summary == ('Sign the message "Hello World".',)
    assert (found.transfers, found.calls, found.fee) == ((), (), None)


@pytest.mark.parametrize("spend", [Spend.P2PKH, Spend.P2SH_P2WPKH, Spend.P2WPKH])
def test_each_address_of_a_key_signs_messages_of_bip137(spend: Spend) -> None:
    """BIP-137 has a header for each of the three; the digest is the same."""
    found = _found(bip137_request(_HEX, spend=spend))

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.signer is not None
    assert found.signer["address"] == MAINNET.encode(own_script(PATH, spend))


@pytest.mark.parametrize("spend", _SPENDS)
def test_each_address_of_a_key_signs_messages_of_bip322(spend: Spend) -> None:
    """The address that is signed for is the signer's, and every digest that BIP-322 allows for it is proven."""
    for digest in digests_of_bip322(MESSAGE, spend):
        found = _found(bip322_request(_HEX, spend, digest))

        assert (found.status, codes(found)) == ("PROVEN", [])
        assert found.signer is not None
        assert found.signer["address"] == MAINNET.encode(own_script(PATH, spend))
        assert [(one["scheme"], one["text"]) for one in found.messages] == [("bip322", "Hello World")]


def test_a_taproot_address_without_a_tweak_signs_messages() -> None:
    """The provider's kit derives such addresses (protocol d.5)."""
    assert _verdict(bip322_request(_HEX, Spend.P2TR, tweaked=False)) == ("PROVEN", [])


@pytest.mark.parametrize("make", [bip137_request, bip322_request])
@pytest.mark.parametrize(
    "declared", [_HEX, "0x" + _HEX, _HEX.upper(), base64.b64encode(MESSAGE).decode(), "Hello World"]
)
def test_the_digest_says_how_a_message_is_written(make: Any, declared: str) -> None:
    """Hexadecimal is documented, base64 is EIP-191's way, wallets hand over texts; the facts show what is signed."""
    found = _found(make(declared))

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.messages[0]["data"] == "0x48656c6c6f20576f726c64"


@pytest.mark.parametrize(
    ("signed", "shown"),
    [
        (b"\xde\xad\xbe\xef", None),
        (base64.b64decode("deadbeef"), None),
        (b"deadbeef", "deadbeef"),
    ],
)
def test_a_text_with_three_readings_shows_the_one_that_is_signed(signed: bytes, shown: str | None) -> None:
    """The same declared text is proven for each digest, and never shown as another message than that."""
    found = _found(bip137_request("deadbeef", bip137_digest(signed)))

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert (found.messages[0]["data"], found.messages[0]["text"]) == ("0x" + signed.hex(), shown)


@pytest.mark.parametrize("make", [bip137_request, bip322_request])
@pytest.mark.parametrize("declared", [b"other".hex(), base64.b64encode(MESSAGE).decode().rstrip("="), "0X" + _HEX])
def test_a_message_that_no_reading_explains_is_not_proven(make: Any, declared: str) -> None:
    """It may be another message or another way to write this one, and is not shown as what is signed."""
    found = _found(make(declared))

    assert (found.status, codes(found)) == ("UNPROVABLE", ["MESSAGE_ENCODING_NOT_PROVEN"])
    assert (found.messages, found.hashes) == ((), ())


@pytest.mark.parametrize("make", [bip137_request, bip322_request])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({f"{_TX}.raw_tx_info": {"unsigned_raw_tx": "0x00"}}, "DECLARATION_NOT_CANONICAL"),
        ({"detail.msg_hash_list": ["0x" + "00" * 32]}, "MESSAGE_ENCODING_NOT_PROVEN"),
        ({"detail.msg_hash_list": []}, "HASH_COUNT_MISMATCH"),
        ({"detail.tweak_list": ["0x" + "01" * 32]}, "TWEAK_PRESENT"),
        ({"detail.signature_type": 3}, "SIGNATURE_TYPE_MISMATCH"),
        ({"detail.bip32_path_list": ["m/44/0/1/0/1"]}, "DERIVATION_MISMATCH"),
        ({f"{_TX}.source.address": STRANGER}, "SOURCE_ADDRESS_MISMATCH"),
        ({f"{_TX}.source.address": "no address"}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_DESTINATION}.message_bip137": ABSENT, f"{_DESTINATION}.message_bip322": ABSENT}, "DECLARATION_MISSING"),
        ({f"{_DESTINATION}.message_bip137": 7, f"{_DESTINATION}.message_bip322": 7}, "DECLARATION_NOT_CANONICAL"),
        ({f"{_TX}.replacement": {"replaced_type": "Resend"}}, "KIND_NOT_SUPPORTED"),
    ],
)
def test_one_wrong_statement_about_a_message(make: Any, changes: dict[str, Any], code: str) -> None:
    """Each has its own code, and none stays proven."""
    parts = make(_HEX)
    for name in ("message_bip137", "message_bip322"):
        parts["extra"]["transaction"]["destination"].setdefault(name, None)
    if code == "SIGNATURE_TYPE_MISMATCH" and make is bip322_request:
        code = "SOURCE_ADDRESS_MISMATCH"  # Schnorr signs for taproot addresses only.
    status, found = _verdict(parts, changes)

    assert code in found
    assert status in {"CONTRADICTED", "UNPROVABLE"}


def test_a_message_of_two_hashes() -> None:
    """A second hash beside the message's own could be that of anything."""
    parts = bip137_request(_HEX)
    parts["detail"]["msg_hash_list"].append("0x" + "5a" * 32)

    assert _verdict(parts) == (
        "CONTRADICTED",
        ["PATH_COUNT_MISMATCH", "TWEAK_COUNT_MISMATCH", "HASH_COUNT_MISMATCH", "HASH_MISMATCH"],
    )


def test_the_digest_of_another_own_address_is_not_proven() -> None:
    """BIP-322 binds the address: a signature under another one is not what is declared."""
    other = digests_of_bip322(MESSAGE, Spend.P2PKH)[0]

    assert _verdict(bip322_request(_HEX, Spend.P2WPKH, other)) == ("UNPROVABLE", ["MESSAGE_ENCODING_NOT_PROVEN"])


def test_the_digest_of_bip137_is_for_p2pkh_alone() -> None:
    """BIP-322, "Legacy", must be restricted to P2PKH."""
    digest = bip137_digest(MESSAGE)

    assert _verdict(bip322_request(_HEX, Spend.P2PKH, digest)) == ("PROVEN", [])
    assert _verdict(bip322_request(_HEX, Spend.P2SH_P2WPKH, digest)) == ("UNPROVABLE", ["MESSAGE_ENCODING_NOT_PROVEN"])
    assert _verdict(bip322_request(_HEX, Spend.P2WPKH, digest)) == ("UNPROVABLE", ["MESSAGE_ENCODING_NOT_PROVEN"])


@pytest.mark.parametrize("make", [bip137_request, bip322_request])
def test_a_source_without_an_address_is_the_declared_one_of_the_path(make: Any) -> None:
    """On Bitcoin the source address may be absent, and source_addresses then names the address."""
    assert _verdict(make(_HEX), {f"{_TX}.source.address": ABSENT}) == ("PROVEN", [])


def test_no_address_at_all_is_missing_and_not_guessed() -> None:
    """Which of a key's addresses BIP-322 signs for is not guessed, because a wrong guess would be a false REJECT."""
    changes = {f"{_TX}.source.address": ABSENT, "extra.source_addresses": []}

    assert _verdict(bip322_request(_HEX), changes) == ("UNPROVABLE", ["DECLARATION_MISSING"])


def test_the_signers_address_is_the_one_that_is_signed_for() -> None:
    """Where the path's entry names another address of the same key, the facts say what the digest binds."""
    nested = MAINNET.encode(own_script(PATH, Spend.P2SH_P2WPKH))
    found = _found(bip322_request(_HEX), {"extra.source_addresses.0.address": nested})

    assert (found.status, codes(found)) == ("PROVEN", [])
    assert found.signer is not None
    assert found.signer["address"] == MAINNET.encode(own_script(PATH, Spend.P2WPKH))


@pytest.mark.parametrize(
    ("tweak", "expected"),
    [
        (taproot_tweak(key_of(PATH)), ("PROVEN", [])),
        (bytes(31) + b"\x01", ("UNPROVABLE", ["TWEAK_NOT_PROVEN"])),
    ],
)
def test_the_tweak_of_a_taproot_message_is_proven(tweak: bytes, expected: tuple[str, list[str]]) -> None:
    """As in a payment, only BIP-341's tweak for an empty script tree is known."""
    parts = bip322_request(_HEX, Spend.P2TR)
    parts["detail"]["tweak_list"] = ["0x" + tweak.hex()]

    assert _verdict(parts) == expected


def test_a_taproot_address_under_a_script_tree_is_not_proven() -> None:
    """Its output key cannot be derived, so the message is shown and whose address it is stays open."""
    _, stranger = schnorr_scripts(key_of((44, 0, 1, 0, 9)))
    challenge = challenge_of(stranger, key_of(PATH))
    assert challenge is not None
    parts = bip322_request(_HEX, Spend.P2TR, bip322_digests(MESSAGE, challenge)[0])
    entry = parts["extra"]["source_addresses"][0]
    entry.update(address=MAINNET.encode(stranger), taproot_script_tree_hash="ab" * 32)
    parts["extra"]["transaction"]["source"]["address"] = MAINNET.encode(stranger)
    found = _found(parts)

    assert (found.status, codes(found)) == ("UNPROVABLE", ["SCRIPT_TREE_NOT_PROVEN"])
    assert [one["text"] for one in found.messages] == ["Hello World"]
    assert found.signer is not None
    assert found.signer["address"] != MAINNET.encode(stranger)

    parts["detail"]["signature_type"] = 1
    assert codes(_found(parts)) == ["SIGNATURE_TYPE_MISMATCH", "SCRIPT_TREE_NOT_PROVEN"]


@pytest.mark.parametrize("message", [b"\x5a" * 32, b"5a" * 32, b"0x" + b"5A" * 32])
def test_a_message_that_may_be_a_hash_is_flagged(message: bytes) -> None:
    """As on EVM: 32 bytes or their hexadecimal text."""
    found = _found(bip137_request(message.hex(), bip137_digest(message)))

    assert (found.status, found.messages[0]["may_be_hash"]) == ("PROVEN", True)
    assert found.summary[1] == "It may be the hash of a transaction."


def test_a_test_network_is_not_believed() -> None:
    """A message is valid on every Bitcoin network, so the one with value applies unless the key is a test key."""
    parts = bip137_request(_HEX)
    testnet = "mnoFVrTvHTvdZ7GjiL8ZyQ3gcBwHPRgSTp"
    parts["extra"]["transaction"].update(chain_id="SIGNET_BTC", token_id="SIGNET_BTC")
    parts["extra"]["transaction"]["source"]["address"] = testnet
    found = _found(parts)

    assert found.chain is not None
    assert found.chain["id"] == "BTC"


@pytest.mark.parametrize("kind", ["bitcoin", "tron", "solana"])
def test_a_bare_hash_of_any_chain_is_shown_and_never_proven(kind: str) -> None:
    """The rule message_signing refuses it by its scheme, so it is a fact and not an unknown kind."""
    found = facts(*honest_request(RowKey(kind, "MessageSign", "Raw_Message_Signature", None)))

    assert (found.status, codes(found)) == ("UNPROVABLE", ["BLIND_SIGNATURE"])
    assert [(one["scheme"], one["kind"], one["may_be_hash"], one["source"]) for one in found.messages] == [
        ("raw", "raw", True, "declared")
    ]
    assert found.chain is not None
    assert (found.chain["kind"], found.chain["network_proven"]) == (kind, False)


@pytest.mark.parametrize(
    ("kind", "digest", "expected"),
    [
        ("bitcoin", "0x0102", ["BLIND_SIGNATURE", "DECLARATION_NOT_CANONICAL"]),
        ("tron", "0x0102", ["BLIND_SIGNATURE", "DECLARATION_NOT_CANONICAL"]),
        ("solana", "0x", ["BLIND_SIGNATURE", "DECLARATION_NOT_CANONICAL"]),
        ("solana", "0x0102", ["HASH_MISMATCH", "BLIND_SIGNATURE"]),
        ("solana", "no hash", ["BLIND_SIGNATURE", "DECLARATION_NOT_CANONICAL"]),
    ],
)
def test_what_a_bare_hash_may_be(kind: str, digest: str, expected: list[str]) -> None:
    """32 bytes, and any bytes where Ed25519 signs the message itself."""
    request_type, detail, extra = honest_request(RowKey(kind, "MessageSign", "Raw_Message_Signature", None))
    extra["transaction"]["destination"]["msg_hash"] = digest

    assert codes(facts(request_type, detail, extra)) == expected


def test_a_long_raw_message_of_solana_is_cut_in_its_sentence() -> None:
    """Ed25519 signs bytes of any length, and a person sees how many."""
    request_type, detail, extra = honest_request(RowKey("solana", "MessageSign", "Raw_Message_Signature", None))
    extra["transaction"]["destination"]["msg_hash"] = "0x" + "ab" * 500
    detail["msg_hash_list"] = ["0x" + "ab" * 500]
    found = facts(request_type, detail, extra)

    assert codes(found) == ["BLIND_SIGNATURE"]
    assert found.summary[0] == f"Sign 500 bare bytes 0x{'ab' * 39}…; nobody can see of what."


# BTC_EIP_191_Signature is in one old SDK only, and no document says what it hashes; no chain of Cosmos is decoded, and
# TRON and Solana have no scheme of their own in the protocol (d.3).
@pytest.mark.parametrize(
    ("name", "destination"),
    [
        ("keysign_btc_segwit_2in", {"destination_type": "BTC_EIP_191_Signature", "message": "SGVsbG8="}),
        ("keysign_btc_segwit_2in", {"destination_type": "COSMOS_ADR_36_Signature", "message_cosmos_adr36": "00"}),
        ("keysign_btc_segwit_2in", {"destination_type": "EVM_EIP_191_Signature", "message": "SGVsbG8="}),
        ("keysign_message_eip191", {"destination_type": "BTC_BIP_137_Signature", "message_bip137": "00"}),
        ("keysign_message_eip191", {"destination_type": "COSMOS_ADR_36_Signature", "message_cosmos_adr36": "00"}),
        ("keysign_trc20_transfer", {"destination_type": "EVM_EIP_191_Signature", "message": "SGVsbG8="}),
        ("keysign_spl_transfer", {"destination_type": "EVM_EIP_191_Signature", "message": "SGVsbG8="}),
    ],
)
def test_kinds_of_messages_that_are_not_decoded(name: str, destination: dict[str, Any]) -> None:
    """They are named as such, whatever their digest, and no message is shown."""
    found = changed(name, {f"{_TX}.type": "MessageSign", f"{_TX}.raw_tx_info": None, _DESTINATION: destination})

    assert (found.status, codes(found)) == ("UNPROVABLE", ["KIND_NOT_SUPPORTED"])
    assert found.messages == ()


_VALUES = st.one_of(
    st.none(), st.text(max_size=80), st.binary(max_size=80).map(bytes.hex), st.integers(), st.just([]), st.just({})
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([bip137_request, bip322_request]), st.sampled_from(_SPENDS), _VALUES, _VALUES, _VALUES)
def test_no_declaration_raises_and_only_the_signed_message_is_proven(
    make: Any, spend: Spend, message: Any, address: Any, digest: Any
) -> None:
    """Any message, address and hash: what is proven is the message whose digest is signed."""
    parts = make(_HEX, spend=spend)
    destination = parts["extra"]["transaction"]["destination"]
    name = "message_bip137" if "message_bip137" in destination else "message_bip322"
    destination[name] = message
    parts["extra"]["transaction"]["source"]["address"] = address
    parts["detail"]["msg_hash_list"] = [digest]
    found = bitcoin_facts(parts)

    if found.status == "PROVEN":
        assert found.messages[0]["digest"] == digest


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(_SPENDS))
def test_every_message_is_proven_by_its_own_digest(message: bytes, spend: Spend) -> None:
    """Random bytes, as hexadecimal and as base64: the facts show exactly them."""
    for declared in ("0x" + message.hex(), base64.b64encode(message).decode()):
        if not declared:
            continue
        signed = [bip322_request(declared, spend, digest) for digest in digests_of_bip322(message, spend)]
        if spend is not Spend.P2TR:
            signed.append(bip137_request(declared, bip137_digest(message), spend))
        for parts in signed:
            found = _found(parts)

            assert (found.status, codes(found)) == ("PROVEN", [])
            assert found.messages[0]["data"] == "0x" + message.hex()
